//! What was found where an item looked.

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Well.
    Ok,
    /// Not looked at: it is not set up, or something that it needs failed.
    Skipped,
    /// It works, but not as it should.
    Warning,
    /// It does not work.
    Failed,
}

impl State {
    /// The word that reports have for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

/// What was found. Everything but what is well has a remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    pub(super) state: State,
    pub(super) message: String,
    pub(super) remedy: Option<String>,
}

impl Diagnosis {
    /// It is well, and this is what is there.
    #[must_use]
    pub fn ok(message: impl Into<String>) -> Self {
        Self {
            state: State::Ok,
            message: message.into(),
            remedy: None,
        }
    }

    /// It works, but not as it should.
    #[must_use]
    pub fn warning(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::unwell(State::Warning, message.into(), remedy.into())
    }

    /// It does not work.
    #[must_use]
    pub fn failed(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::unwell(State::Failed, message.into(), remedy.into())
    }

    /// It was not looked at; `remedy` is what to set so that it is.
    #[must_use]
    pub fn skipped(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::unwell(State::Skipped, message.into(), remedy.into())
    }

    /// An error that stands for a failure: its text, and its own help or else `remedy`.
    pub(super) fn of_error(error: &dyn miette::Diagnostic, remedy: &str) -> Self {
        let help = error.help().map(|help| help.to_string());
        Self::failed(error.to_string(), help.unwrap_or_else(|| remedy.to_owned()))
    }

    /// Several findings of one item: the worst says how it is, and all that are not well are told.
    pub(super) fn all(found: Vec<Self>, well: impl Into<String>) -> Self {
        let worst = found.iter().map(|one| one.state).max();
        let Some(state) = worst.filter(|state| *state != State::Ok) else {
            return Self::ok(well);
        };
        let unwell: Vec<Self> = found
            .into_iter()
            .filter(|one| one.state != State::Ok)
            .collect();
        let told = |text: fn(&Self) -> Option<&str>| {
            let mut lines: Vec<&str> = unwell.iter().filter_map(text).collect();
            // One remedy may be that of several.
            lines.dedup();
            lines.join("\n")
        };
        let remedy = told(|one| one.remedy.as_deref());
        Self::unwell(state, told(|one| Some(&one.message)), remedy)
    }

    fn unwell(state: State, message: String, remedy: String) -> Self {
        Self {
            state,
            message,
            remedy: Some(remedy),
        }
    }
}
