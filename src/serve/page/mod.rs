//! The status page: HTML made here, with nothing from anywhere else. Every text that is shown goes
//! through [`shown`] and maud's own escaping.

mod layout;
mod login;
mod overview;
mod push;
mod words;

use std::borrow::Cow;

use crate::visible::visible;

pub(super) use layout::{Notice, STYLE, Viewer, message};
pub(super) use login::login;
pub(super) use overview::{Outbox, overview};
pub(super) use push::push;

/// Text from outside, with control characters and what hides or reorders others made visible.
fn shown(text: &str) -> Cow<'_, str> {
    visible(text)
}
