//! What a trigger's call carries.

use super::{Mistake, Written, template};
use crate::trigger::{Body, Encoding, Known, Preset, Template};

impl Written {
    /// The body; its type leaves the other headers.
    pub(super) fn body(
        &self,
        known: &Known,
        headers: &mut Vec<(String, Template)>,
    ) -> Result<Option<Body>, Mistake> {
        let is_type = |name: &str| name.eq_ignore_ascii_case("content-type");
        let declared = headers
            .iter()
            .position(|(name, _)| is_type(name))
            .map(|at| headers.remove(at).1);
        let place: Vec<&str> = match self.headers.keys().find(|name| is_type(name)) {
            Some(name) => vec!["headers", name],
            None => vec![],
        };
        if declared
            .as_ref()
            .is_some_and(|kind| kind.names().next().is_some())
        {
            let help = "write it out: it says how values are written in the body";
            return Err(Mistake::at(place, "the body's type has a name in it", help));
        }
        let declared = declared.map(|kind| kind.beginning().to_owned());
        if let Some(form) = &self.form {
            if self.body.is_some() {
                let help = "remove one of them";
                return Err(Mistake::at(["form"], "there is a `body` already", help));
            }
            if !place.is_empty() {
                let help = "remove it: a form has its own";
                return Err(Mistake::at(place, "`form` has a type of its own", help));
            }
            let fields = form
                .iter()
                .map(|(name, value)| {
                    let value = template(value, known, &["form", name])?;
                    Ok((name.clone(), value))
                })
                .collect::<Result<_, Mistake>>()?;
            return Ok(Some(Body::Form(fields)));
        }
        let own = self
            .preset
            .and_then(Preset::defaults)
            .and_then(|own| own.body);
        let (text, at): (String, &[&str]) = match (&self.body, own) {
            (Some(text), _) => (text.clone(), &["body"]),
            (None, Some(text)) => (self.named(text)?, &[]),
            (None, None) => return Ok(None),
        };
        let content_type = declared.unwrap_or_else(|| "application/json".to_owned());
        let Some(encoding) = encoding_of(&content_type) else {
            let message = format!("values can't be written safely into `{content_type}`");
            let help = "send JSON, XML, plain text or a `form`";
            return Err(Mistake::at(
                if place.is_empty() {
                    vec!["body"]
                } else {
                    place
                },
                message,
                help,
            ));
        };
        let template = template(&text, known, at)?;
        if encoding == Encoding::Json {
            // Outside of quotes this would be no JSON.
            let filled = template.fill(|_| "x".to_owned());
            if serde_json::from_str::<serde_json::Value>(&filled).is_err() {
                let message = "with its names filled in, the body is no JSON";
                let help = "put names into quotes: `\"${sha}\"`; for another type name it: \
                            `headers: { Content-Type: text/plain }`";
                return Err(Mistake::at(at.to_vec(), message, help));
            }
        }
        Ok(Some(Body::Text {
            template,
            content_type,
            encoding,
        }))
    }
}

fn encoding_of(content_type: &str) -> Option<Encoding> {
    let kind = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match kind.as_str() {
        "application/json" => Some(Encoding::Json),
        "application/xml" | "text/xml" => Some(Encoding::Xml),
        "text/plain" => Some(Encoding::Plain),
        "application/x-www-form-urlencoded" => Some(Encoding::Percent),
        other if other.ends_with("+json") => Some(Encoding::Json),
        other if other.ends_with("+xml") => Some(Encoding::Xml),
        _ => None,
    }
}
