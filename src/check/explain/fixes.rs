//! Changes that certainly mend a finding, as fixes of its text.

use crate::check::rules::yaml::{as_written, quoted};
use crate::document::{NodeKind, Place, Pointer, Style};
use crate::finding::Fix;

use super::Subject;

impl Subject<'_> {
    /// Another name for the key at `pointer`, in quotes where it was; none where it is written in
    /// another place, or in a way that another name would not fit.
    pub(in crate::check) fn renamed(&self, pointer: &Pointer, name: &str) -> Option<Fix> {
        let key = pointer.last()?;
        let (_, place) = self.find(pointer);
        let span = place.key.filter(|_| is_here(place))?;
        let text = like(self.source.slice(span), key, name)?;
        Some(Fix::replace(span, text))
    }

    /// The plain scalar at `pointer` as text in quotes, with the characters that it has.
    pub(super) fn in_quotes(&self, pointer: &Pointer) -> Option<Fix> {
        let (node, place) = self.find(pointer);
        let NodeKind::Scalar(scalar) = &node.kind else {
            return None;
        };
        let is_plain =
            scalar.style == Style::Plain && self.source.slice(place.value) == scalar.text;
        let text = &scalar.text;
        (is_plain && self.is_alone(pointer) && !text.contains(['\n', '\r']))
            .then(|| Fix::replace(place.value, quoted(text)))
    }

    /// Another text for the scalar at `pointer`, which has the text `was`.
    pub(super) fn reworded(&self, pointer: &Pointer, was: &str, text: &str) -> Option<Fix> {
        let (_, place) = self.find(pointer);
        let text = like(self.source.slice(place.value), was, text)?;
        self.is_alone(pointer)
            .then(|| Fix::replace(place.value, text))
    }

    /// The scalar at `pointer` as the number or truth value that it was meant to be.
    pub(super) fn bare(&self, pointer: &Pointer, was: &str, value: &str) -> Option<Fix> {
        let (_, place) = self.find(pointer);
        like(self.source.slice(place.value), was, value)?;
        self.is_alone(pointer)
            .then(|| Fix::replace(place.value, value))
    }

    /// Whether the value is written where it is used, and nowhere else: without tag and anchor.
    fn is_alone(&self, pointer: &Pointer) -> bool {
        let (node, place) = self.find(pointer);
        let before = self.source.text().get(..place.value.start);
        let before = before.unwrap_or_default().trim_end();
        let last = before
            .rfind(|c: char| c.is_whitespace())
            .map_or(before, |at| &before[at..]);
        is_here(place) && node.tag.is_none() && !last.trim_start().starts_with('&')
    }
}

/// Whether neither an alias nor a merge key brought the value from elsewhere.
fn is_here(place: Place) -> bool {
    place.defined.is_none()
}

/// `text` in the quotes in which `was` is written; none where it is written in another way.
fn like(written: &str, was: &str, text: &str) -> Option<String> {
    let is_simple = |text: &str| !text.contains(['"', '\'', '\\', '\n', '\r']);
    if !is_simple(was) || !is_simple(text) {
        return None;
    }
    if written == was {
        return Some(as_written(text));
    }
    let inner = ['"', '\''].into_iter().find(|&quote| {
        written
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
            == Some(was)
    });
    inner.map(|quote| format!("{quote}{text}{quote}"))
}
