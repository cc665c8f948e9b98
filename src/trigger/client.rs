//! Making a call.

use std::collections::BTreeMap;
use std::fs;

use percent_encoding::percent_decode_str;

use crate::http::{self, Method, Outcome, Problem, Request, Secret};
use crate::io_reason::io_reason;

use super::call::{Body, Call};
use super::encoding::Encoding;
use super::name::TriggerName;
use super::problem::{self, Hidden};
use super::template::Values;

/// Makes the call of one trigger.
#[derive(Debug)]
pub struct Client {
    http: http::Client,
    name: TriggerName,
    call: Call,
}

impl Client {
    /// Makes a client. Nothing is sent or read.
    #[must_use]
    pub fn new(http: http::Client, name: TriggerName, call: Call) -> Self {
        Self { http, name, call }
    }

    /// Tells the service of a commit. Told twice, it builds twice.
    ///
    /// # Errors
    /// What is in the way, in words, with what it means for a retry.
    pub fn trigger(&self, values: &Values<'_>) -> Result<(), Problem> {
        let secrets = self.secrets()?;
        let hidden = Hidden::of(secrets.values());
        let request = self.request(values, &secrets)?;
        let answer = self
            .http
            .send(request)
            .map_err(|failure| problem::of_failure(&self.name, &failure, &hidden))?;
        if !self.call.success.contains(&answer.status()) {
            return Err(problem::of_answer(&self.name, &answer, &hidden));
        }
        match self.call.preset {
            // A sign-in page of something in between, not the service.
            Some(preset)
                if answer
                    .header("content-type")
                    .is_some_and(|kind| kind.starts_with("text/html")) =>
            {
                Err(problem::of_web_page(&self.name, preset))
            }
            Some(preset) if preset.started_nothing(&answer) => Err(problem::of_nothing_started(
                &self.name, preset, &answer, &hidden,
            )),
            _ => Ok(()),
        }
    }

    /// The files are read now: who mends one needs to do nothing else.
    fn secrets(&self) -> Result<BTreeMap<String, Secret>, Problem> {
        let mut secrets = BTreeMap::new();
        for (name, path) in &self.call.secrets {
            let unusable = |reason: String| Problem {
                outcome: Outcome::Retry { after: None },
                ..Problem::refused(
                    format!(
                        "{}: the secret `{name}`, {}, can't be used: {reason}",
                        self.name,
                        path.display()
                    ),
                    Some(
                        "correct the file; it is read again with the next try, which `pushgate \
                         outbox retry` brings about at once"
                            .to_owned(),
                    ),
                )
            };
            let text = fs::read_to_string(path).map_err(|error| unusable(io_reason(&error)))?;
            let text = text.trim();
            if text.is_empty() {
                return Err(unusable("it is empty".to_owned()));
            }
            secrets.insert(name.clone(), Secret::new(text));
        }
        Ok(secrets)
    }

    fn request(
        &self,
        values: &Values<'_>,
        secrets: &BTreeMap<String, Secret>,
    ) -> Result<Request, Problem> {
        let call = &self.call;
        if values.branch.is_none() && call.names_the_branch() {
            return Err(problem::of_no_branch(&self.name));
        }
        let fill =
            |template, encoding| values.fill(template, call.clone_url.as_ref(), secrets, encoding);
        let url = fill(&call.url, Encoding::Percent);
        if leads_up(&url) {
            return Err(problem::of_dots(&self.name));
        }
        let mut request = Request::new(call.method, url).timeout(call.timeout);
        match &call.body {
            None if call.method == Method::Get => {}
            None => request = request.empty_body(),
            Some(Body::Text {
                template,
                content_type,
                encoding,
            }) => {
                request = request.body(fill(template, *encoding).into_bytes(), content_type);
            }
            Some(Body::Form(fields)) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| {
                        let name = Encoding::Percent.encode(name);
                        let value = Encoding::Percent.encode(&fill(value, Encoding::Plain));
                        format!("{name}={value}")
                    })
                    .collect();
                request = request.body(fields.join("&").into_bytes(), FORM);
            }
        }
        for (name, value) in &call.headers {
            request = request.header(name.clone(), fill(value, Encoding::Header));
        }
        Ok(request)
    }
}

/// The type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// Whether a server may take a segment of the path for the way to its parent.
fn leads_up(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split('/').skip(3).any(|segment| {
        let segment = percent_decode_str(segment).decode_utf8_lossy();
        matches!(segment.as_ref(), "." | "..")
    })
}
