//! Colours, each readable on a dark ground and on a light one: yellow and faint text are not.

use std::borrow::Cow;

/// What a piece of a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// As it should be, or new.
    Good,
    /// To be looked at, or changed. Magenta, as compilers show their warnings.
    Doubtful,
    /// Wrong, or gone.
    Bad,
    /// A warning's name.
    Warning,
    /// An error's name.
    Error,
    /// What the eye looks for first.
    Strong,
    /// The word before a help.
    Help,
}

impl Ink {
    /// The text in this colour, where colours may be used.
    pub(super) fn on(self, text: &str, coloured: bool) -> Cow<'_, str> {
        let code = match self {
            _ if !coloured => return Cow::Borrowed(text),
            Self::Good => "32",
            Self::Doubtful => "35",
            Self::Bad => "31",
            Self::Warning => "1;35",
            Self::Error => "1;31",
            Self::Strong => "1",
            Self::Help => "36",
        };
        Cow::Owned(format!("\u{1b}[{code}m{text}\u{1b}[0m"))
    }
}
