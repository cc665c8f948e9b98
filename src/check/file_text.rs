//! The text that a `file://` value stands for: written once for the findings and the delivery.

use std::collections::HashMap;
use std::rc::Rc;

use crate::document::{Limits, NoPath};

use super::repository::{RepositoryFiles, Standing};

/// What a pointer of Git LFS begins with (the specification's `version` line).
const LFS_POINTER: &[u8] = b"version https://git-lfs";

/// Why a `file://` value stands for no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoText {
    /// It names no file of the repository.
    NoPath(NoPath),
    /// Nothing stands there.
    Missing,
    /// A symbolic link stands there.
    Symlink,
    /// A submodule stands there.
    Submodule,
    /// A folder stands there.
    Folder,
    /// The file alone has more bytes than one request to Port may hold.
    TooLarge {
        /// Its bytes.
        bytes: u64,
    },
    /// It would be one too many: the files of the document are too large together.
    TooLargeTogether,
    /// It is a pointer to Git LFS, not the file itself.
    LfsPointer,
    /// It holds a NUL byte.
    Binary,
    /// It is text in another encoding.
    NotUtf8,
}

impl NoText {
    /// In words, for a log: what is the matter with the value, whose `path` it may have.
    #[must_use]
    pub fn reason(self, value: &str, path: Option<&str>, limits: &Limits) -> String {
        let path = path.unwrap_or(value);
        match self {
            Self::NoPath(NoPath::Empty) => format!("`{value}` names no file"),
            Self::NoPath(NoPath::Backslash) => format!("`{value}` is no path of a repository"),
            Self::NoPath(NoPath::Absolute | NoPath::Above) => {
                format!("`{value}` leaves the repository")
            }
            Self::Missing => format!("there is no file `{path}`"),
            Self::Symlink | Self::Submodule | Self::Folder => format!("`{path}` is no plain file"),
            Self::TooLarge { bytes } => format!(
                "`{path}` has {bytes} bytes, Port takes {} at most",
                limits.bytes
            ),
            Self::TooLargeTogether => format!(
                "with `{path}` the file's `file://` values would hold more than {} bytes together",
                limits.named_files
            ),
            Self::LfsPointer => format!("`{path}` is a pointer to Git LFS, not the file itself"),
            Self::Binary => format!("`{path}` is no text"),
            Self::NotUtf8 => format!("`{path}` is no UTF-8 text"),
        }
    }
}

/// Reads the files that the values of one document name, each once.
pub struct FileTexts<'a, F> {
    files: &'a F,
    limit: u64,
    left: u64,
    known: HashMap<String, Result<Rc<str>, NoText>>,
}

impl<'a, F: RepositoryFiles> FileTexts<'a, F> {
    /// Ready to read for one document.
    #[must_use]
    pub fn new(files: &'a F, limits: &Limits) -> Self {
        Self {
            files,
            limit: limits.bytes as u64,
            left: limits.named_files as u64,
            known: HashMap::new(),
        }
    }

    /// The text of the file at `path`, or why there is none.
    ///
    /// # Errors
    /// What stands there can't be read.
    pub fn text(&mut self, path: &str) -> Result<Result<Rc<str>, NoText>, F::Error> {
        let text = match self.known.get(path) {
            Some(known) => known.clone(),
            None => {
                let standing = self.files.at(path, self.limit.min(self.left))?;
                let text = text_of(standing, self.limit);
                self.known.insert(path.to_owned(), text.clone());
                text
            }
        };
        // Every use is sent to Port, so that every use counts.
        Ok(
            text.and_then(|text| match self.left.checked_sub(text.len() as u64) {
                Some(left) => {
                    self.left = left;
                    Ok(text)
                }
                None => Err(NoText::TooLargeTogether),
            }),
        )
    }
}

fn text_of(standing: Standing, limit: u64) -> Result<Rc<str>, NoText> {
    match standing {
        Standing::Nothing => Err(NoText::Missing),
        Standing::Symlink => Err(NoText::Symlink),
        Standing::Submodule => Err(NoText::Submodule),
        Standing::Folder => Err(NoText::Folder),
        Standing::LargeFile { bytes } if bytes > limit => Err(NoText::TooLarge { bytes }),
        Standing::LargeFile { .. } => Err(NoText::TooLargeTogether),
        Standing::File(bytes) if bytes.starts_with(LFS_POINTER) => Err(NoText::LfsPointer),
        Standing::File(bytes) if memchr::memchr(0, &bytes).is_some() => Err(NoText::Binary),
        Standing::File(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(text.into()),
            Err(_) => Err(NoText::NotUtf8),
        },
    }
}
