//! What a push does to each ref, as receive-pack hands it to its hooks.

use std::fmt;

use super::id::ObjectId;
use crate::visible::{clipped_bytes, visible};

/// The full name of a ref, such as `refs/heads/main`.
///
/// Git allows any bytes but a few. [`RefName::as_str`] is text for people and for patterns, with
/// U+FFFD where the name is no UTF-8; [`RefName::as_bytes`] is what git knows it by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefName {
    text: String,
    /// Only of a name that is no UTF-8.
    exact: Option<Box<[u8]>>,
}

impl RefName {
    /// The name that git knows by these bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self {
                text: text.to_owned(),
                exact: None,
            },
            Err(_) => Self {
                text: String::from_utf8_lossy(bytes).into_owned(),
                exact: Some(bytes.into()),
            },
        }
    }

    /// The ref of the branch that is called `branch`, without `refs/heads/`.
    #[must_use]
    pub fn of_branch(branch: &str) -> Self {
        Self {
            text: format!("refs/heads/{branch}"),
            exact: None,
        }
    }

    /// The name as text, with U+FFFD where it is no UTF-8.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name as git has it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.exact.as_deref().unwrap_or(self.text.as_bytes())
    }

    /// The name as git has it where it is UTF-8.
    pub(super) fn exact_str(&self) -> Option<&str> {
        self.exact.is_none().then_some(self.text.as_str())
    }

    /// The branch's name without `refs/heads/`; `None` of a tag or anything else.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        self.text.strip_prefix("refs/heads/")
    }
}

/// For people: control characters are written out.
impl fmt::Display for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&visible(&self.text))
    }
}

/// One line of a push: what happens to one ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefUpdate {
    /// The ref is new.
    Created {
        /// The ref.
        name: RefName,
        /// What it shall point to: a commit, a tag, or anything else.
        new: ObjectId,
    },
    /// The ref goes from one object to another, forwards or not.
    Moved {
        /// The ref.
        name: RefName,
        /// What it points to before the push.
        old: ObjectId,
        /// What it shall point to.
        new: ObjectId,
    },
    /// The ref goes away.
    Deleted {
        /// The ref.
        name: RefName,
        /// What it points to before the push; `None` if there was no such ref to delete.
        old: Option<ObjectId>,
    },
}

/// A line that is no ref update.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("line {line} of standard input is no ref update: `{text}` ({fault})")]
#[diagnostic(help(
    "git hands a hook one line for each ref: the old id, a blank, the new id, a blank, the ref's full name; call pushgate from pre-receive or post-receive, or write such lines"
))]
pub struct MalformedLine {
    /// The line's number, from 1.
    pub line: usize,
    /// The line with control characters made visible, cut after 120 characters.
    pub text: String,
    /// What is wrong with it.
    pub fault: LineFault,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// Fewer than three words.
    #[error("it needs an old id, a new id and a ref, with one blank between them")]
    Words,
    /// The first word.
    #[error("the old id must be 40 or 64 lower-case hexadecimal digits")]
    OldId,
    /// The second word.
    #[error("the new id must be 40 or 64 lower-case hexadecimal digits")]
    NewId,
    /// One id of SHA-1, one of SHA-256.
    #[error("the two ids differ in length")]
    Lengths,
    /// The third word.
    #[error("the ref's name holds a blank or a control character")]
    Name,
}

/// The most characters of a malformed line that are shown.
const SHOWN: usize = 120;

impl RefUpdate {
    /// Every ref update of a hook's standard input, in its order.
    ///
    /// Empty input is an empty list. A missing last line end, CRLF and empty lines are accepted:
    /// none of them can hide a ref.
    ///
    /// # Errors
    /// The first line that is no ref update; nothing of the input counts then.
    pub fn parse_all(input: &[u8]) -> Result<Vec<Self>, MalformedLine> {
        let mut updates = Vec::new();
        for (index, line) in input.split(|byte| *byte == b'\n').enumerate() {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            updates.push(Self::parse(line).map_err(|fault| MalformedLine {
                line: index + 1,
                text: clipped_bytes(line, SHOWN),
                fault,
            })?);
        }
        Ok(updates)
    }

    fn parse(line: &[u8]) -> Result<Self, LineFault> {
        let mut words = line.splitn(3, |byte| *byte == b' ');
        let (Some(old), Some(new), Some(name)) = (words.next(), words.next(), words.next()) else {
            return Err(LineFault::Words);
        };
        if name.is_empty() {
            return Err(LineFault::Words);
        }
        if name.iter().any(|byte| *byte <= b' ' || *byte == 0x7f) {
            return Err(LineFault::Name);
        }
        let lengths = (old.len(), new.len());
        let old = id(old).ok_or(LineFault::OldId)?;
        let new = id(new).ok_or(LineFault::NewId)?;
        if lengths.0 != lengths.1 {
            return Err(LineFault::Lengths);
        }
        let name = RefName::from_bytes(name);
        Ok(match (old, new) {
            (None, Some(new)) => Self::Created { name, new },
            (Some(old), Some(new)) => Self::Moved { name, old, new },
            (old, None) => Self::Deleted { name, old },
        })
    }

    /// The ref.
    #[must_use]
    pub fn name(&self) -> &RefName {
        match self {
            Self::Created { name, .. } | Self::Moved { name, .. } | Self::Deleted { name, .. } => {
                name
            }
        }
    }

    /// The same of another ref.
    #[must_use]
    pub fn of(&self, name: RefName) -> Self {
        let mut update = self.clone();
        match &mut update {
            Self::Created { name: own, .. }
            | Self::Moved { name: own, .. }
            | Self::Deleted { name: own, .. } => *own = name,
        }
        update
    }

    /// What the ref points to before the push.
    #[must_use]
    pub fn old(&self) -> Option<&ObjectId> {
        match self {
            Self::Created { .. } => None,
            Self::Moved { old, .. } => Some(old),
            Self::Deleted { old, .. } => old.as_ref(),
        }
    }

    /// What the ref shall point to; `None` if it goes away.
    #[must_use]
    pub fn new_id(&self) -> Option<&ObjectId> {
        match self {
            Self::Created { new, .. } | Self::Moved { new, .. } => Some(new),
            Self::Deleted { .. } => None,
        }
    }
}

/// `None`: no id. `Some(None)`: the id that stands for nothing.
fn id(word: &[u8]) -> Option<Option<ObjectId>> {
    if matches!(word.len(), 40 | 64) && word.iter().all(|byte| *byte == b'0') {
        return Some(None);
    }
    let text = std::str::from_utf8(word).ok()?;
    text.parse().ok().map(Some)
}
