//! What of a manifest no report may show.

use super::super::given::hide;
use super::super::variable::Variable;
use super::super::workload::Datum;
use super::{Manifest, environment, text};
use crate::check::Inspection;
use crate::document::{Source, Span};

impl Manifest<'_> {
    /// Values of Secrets, and of variables that nobody knows, are shown nowhere.
    pub(super) fn hide_secrets(&self, source: &Source, inspection: &mut Inspection) {
        for object in &self.objects {
            for Datum {
                entry,
                text,
                is_plain,
            } in object.data()
            {
                let at = entry.value.at;
                let value = text.as_deref().unwrap_or_default();
                match (object.kind(), is_plain) {
                    // Of a ConfigMap only what is ours can be meant to be secret.
                    ("ConfigMap", _) if Variable::named(&entry.key).is_none() => {}
                    ("Secret", true) | ("ConfigMap", _) => {
                        hide(&entry.key, value, source.slice(at), at, inspection);
                    }
                    _ => inspection.keep_secret(at),
                }
            }
            for (container, _) in object.containers() {
                let document = container.document;
                for entry in environment(document, container.node) {
                    if let Some(value) = document.get(entry, "value") {
                        let name = text(document, entry, "name").unwrap_or_default();
                        let written = document
                            .scalar(value.value.node)
                            .map_or("", |scalar| &scalar.text);
                        let at = value.value.at;
                        hide(name, written, source.slice(at), at, inspection);
                    }
                }
            }
        }
    }
}

/// A secret that was commented out may still be in use somewhere.
pub(super) fn hide_comments(source: &Source, inspection: &mut Inspection) {
    let mut at = 0;
    for line in source.text().split_inclusive('\n') {
        let trimmed = line.trim_start();
        if let Some(sign) = trimmed
            .starts_with('#')
            .then(|| line.find([':', '=']))
            .flatten()
        {
            inspection.keep_secret(Span::new(at + sign + 1, at + line.trim_end().len()));
        }
        at += line.len();
    }
}

/// Of a text that can't be read nobody knows what is secret: only the keys are shown.
pub(super) fn hide_all(source: &Source, inspection: &mut Inspection) {
    let mut at = 0;
    for line in source.text().split_inclusive('\n') {
        let end = at + line.trim_end().len();
        let start = line.find(':').map_or(at, |sign| at + sign + 1);
        inspection.keep_secret(Span::new(start.min(end), end));
        at += line.len();
    }
}
