//! The headers of a call: a preset's own, and those that are written.

use std::collections::BTreeMap;

use super::{Mistake, Written, template};
use crate::trigger::{Known, Name, Preset, Template};

/// The headers that the connection needs for itself.
const OWN_HEADERS: [&str; 4] = ["host", "content-length", "transfer-encoding", "connection"];

impl Written {
    /// All headers; what is written takes the place of the preset's.
    pub(super) fn headers(&self, known: &Known) -> Result<Vec<(String, Template)>, Mistake> {
        let own = self.preset.and_then(Preset::defaults);
        let mut all: BTreeMap<String, (String, bool)> = BTreeMap::new();
        if let Some(own) = &own {
            for (name, value) in own.headers {
                all.insert((*name).to_owned(), ((*value).to_owned(), false));
            }
            if let Some((secret, value)) = own.authorization
                && self.secrets.contains_key(secret)
            {
                all.insert("Authorization".to_owned(), (value.to_owned(), false));
            }
        }
        for (name, value) in &self.headers {
            let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
            if name.is_empty() || !name.chars().all(is_token) {
                let message = format!("`{}` is no name of a header", name.escape_debug());
                return Err(Mistake::at(
                    ["headers", name],
                    message,
                    "write it like `X-Token`",
                ));
            }
            if OWN_HEADERS.iter().any(|own| own.eq_ignore_ascii_case(name)) {
                let message = format!("`{name}` is set by pushgate itself");
                return Err(Mistake::at(["headers", name], message, "remove it"));
            }
            if value.chars().any(char::is_control) {
                let help = "write it in one line";
                return Err(Mistake::at(
                    ["headers", name],
                    "a header has no line breaks",
                    help,
                ));
            }
            all.retain(|other, _| !other.eq_ignore_ascii_case(name));
            all.insert(name.clone(), (value.clone(), true));
        }
        all.into_iter()
            .map(|(name, (value, written))| {
                let place: &[&str] = if written { &["headers", &name] } else { &[] };
                let template = template(&value, known, place)?;
                let has_secret = template.names().any(|name| matches!(name, Name::Secret(_)));
                if name.eq_ignore_ascii_case("authorization") && !has_secret {
                    let help = "put them into a file: `secrets: { token: FILE }`, and write \
                                `\"Bearer ${token}\"`";
                    let message = "the credentials stand in the configuration itself";
                    return Err(Mistake::at(place.iter().copied(), message, help));
                }
                Ok((name, template))
            })
            .collect()
    }
}
