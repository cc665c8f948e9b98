//! Making a call.

use std::collections::BTreeMap;
use std::fs;

use percent_encoding::percent_decode_str;

use crate::http::{self, Method, Outcome, Problem, Request, Secret};
use crate::io_reason::io_reason;
use crate::visible::visible_lines;

use super::call::{Body, Call};
use super::encoding::Encoding;
use super::name::TriggerName;
use super::problem::{self, Hidden};
use super::template::{Secrets, Values};

/// What a call comes to for one commit.
struct Message {
    url: String,
    headers: Vec<(String, String)>,
    /// The text, and its type.
    body: Option<(String, String)>,
}

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
        let message = self.message(values, Secrets::Told(&secrets))?;
        let answer = self
            .http
            .send(self.request(message))
            .map_err(|failure| problem::of_failure(&self.name, failure, &hidden))?;
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

    /// The call as it would be sent, for people: placeholders stand where secrets do. Nothing is sent
    /// or read.
    ///
    /// # Errors
    /// Why the call can't be made for these values.
    pub fn shown(&self, values: &Values<'_>) -> Result<String, Problem> {
        let message = self.message(values, Secrets::Hidden)?;
        let mut text = format!("{} {}\n", self.call.method, message.url);
        for (name, value) in &message.headers {
            text.push_str(&format!("{name}: {value}\n"));
        }
        if let Some((body, content_type)) = &message.body {
            text.push_str(&format!("Content-Type: {content_type}\n\n{body}\n"));
        }
        Ok(visible_lines(&text) + "\n")
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

    fn message(&self, values: &Values<'_>, secrets: Secrets<'_>) -> Result<Message, Problem> {
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
        let body = call.body.as_ref().map(|body| match body {
            Body::Text {
                template,
                content_type,
                encoding,
            } => (fill(template, *encoding), content_type.clone()),
            Body::Form(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| {
                        let name = Encoding::Percent.encode(name);
                        let value = Encoding::Percent.encode(&fill(value, Encoding::Plain));
                        format!("{name}={value}")
                    })
                    .collect();
                (fields.join("&"), FORM.to_owned())
            }
        });
        let headers = call
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), fill(value, Encoding::Header)))
            .collect();
        Ok(Message { url, headers, body })
    }

    fn request(&self, message: Message) -> Request {
        let mut request = Request::new(self.call.method, message.url).timeout(self.call.timeout);
        match message.body {
            None if self.call.method == Method::Get => {}
            None => request = request.empty_body(),
            Some((body, content_type)) => request = request.body(body.into_bytes(), &content_type),
        }
        for (name, value) in message.headers {
            request = request.header(name, value);
        }
        request
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
