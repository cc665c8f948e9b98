//! The blueprints at hand, read when the first entity asks for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::blueprint::{BlueprintFile, BlueprintsError, Copied};
use crate::check::schema::Matcher;

/// The blueprints at hand.
#[derive(Debug, Default)]
pub(in crate::check) struct Copy {
    file: Option<BlueprintFile>,
    read: OnceLock<Result<Copied, BlueprintsError>>,
    patterns: Mutex<HashMap<String, Option<Arc<Matcher>>>>,
}

impl Copy {
    pub(in crate::check) fn new(file: Option<BlueprintFile>) -> Self {
        Self {
            file,
            ..Self::default()
        }
    }

    /// Whether there may be any.
    pub(super) fn is_there(&self) -> bool {
        self.file.is_some()
    }

    /// The blueprints, where they can be used.
    pub(in crate::check) fn read(&self) -> Option<&Copied> {
        let file = self.file.as_ref()?;
        self.read.get_or_init(|| file.read()).as_ref().ok()
    }

    /// What is wrong with them, where a document asked for them.
    pub(in crate::check) fn doubt(&self) -> Option<&BlueprintsError> {
        match self.read.get()? {
            Ok(copied) => copied.old.as_ref(),
            Err(error) => Some(error),
        }
    }

    /// Whether a text matches a pattern; none where the pattern can't be used or takes too long.
    pub(super) fn matches(&self, pattern: &str, text: &str) -> Option<bool> {
        let matcher = {
            let mut known = self.patterns.lock().unwrap_or_else(PoisonError::into_inner);
            let made = known
                .entry(pattern.to_owned())
                .or_insert_with(|| Matcher::new(pattern).map(Arc::new));
            made.clone()
        };
        matcher?.matches(text)
    }
}
