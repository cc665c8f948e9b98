//! What git's objects say: one small parser for whatever read the bytes.

use std::fmt;

use super::id::ObjectId;
use super::read_error::{Fault, ReadError};

/// The kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// A commit.
    Commit,
    /// A folder.
    Tree,
    /// A file's content.
    Blob,
    /// An annotated tag.
    Tag,
}

impl ObjectKind {
    /// The kind by git's word for it.
    pub(super) fn from_word(word: &[u8]) -> Option<Self> {
        Some(match word {
            b"commit" => Self::Commit,
            b"tree" => Self::Tree,
            b"blob" => Self::Blob,
            b"tag" => Self::Tag,
            _ => return None,
        })
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        })
    }
}

/// An object as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its bytes, if they are not too many.
    pub content: Blob,
}

/// The content of an object, up to a limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blob {
    /// All of its bytes.
    Content(Vec<u8>),
    /// It has more bytes than were asked for; none of them were read.
    TooLarge {
        /// Its size.
        bytes: u64,
    },
}

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A file.
    File,
    /// A file with the executable bit.
    Executable,
    /// A symbolic link; its blob is the target.
    Symlink,
    /// A submodule; its id is a commit of another repository.
    Submodule,
    /// A folder.
    Folder,
}

impl EntryKind {
    /// Whether it has content of its own.
    #[must_use]
    pub fn is_file(self) -> bool {
        matches!(self, Self::File | Self::Executable)
    }

    /// By the octal mode, read as git itself reads modes that it never writes.
    fn from_mode(mode: u32) -> Self {
        match mode & 0o170_000 {
            0o100_000 if mode & 0o100 != 0 => Self::Executable,
            0o100_000 => Self::File,
            0o120_000 => Self::Symlink,
            0o040_000 => Self::Folder,
            _ => Self::Submodule,
        }
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File | Self::Executable => "file",
            Self::Symlink => "symbolic link",
            Self::Submodule => "submodule",
            Self::Folder => "folder",
        })
    }
}

/// A folder's bytes; its entries are parsed only as far as somebody looks at them.
#[derive(Clone, Debug)]
pub struct Tree {
    id: ObjectId,
    bytes: Vec<u8>,
}

impl Tree {
    pub(super) fn new(id: ObjectId, bytes: Vec<u8>) -> Self {
        Self { id, bytes }
    }

    /// How many bytes it has.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The entries in their order. After an error there is nothing more.
    pub fn entries(&self) -> Entries<'_> {
        Entries {
            id: &self.id,
            rest: &self.bytes,
        }
    }

    /// The first entry of that name.
    ///
    /// # Errors
    /// The folder's bytes make no sense.
    pub fn entry(&self, name: &[u8]) -> Result<Option<Entry<'_>>, ReadError> {
        for entry in self.entries() {
            let entry = entry?;
            if entry.name == name {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }
}

/// One entry of a folder.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'tree> {
    tree: &'tree ObjectId,
    /// Mode, name and id as they stand in the tree.
    pub(super) raw: &'tree [u8],
    name: &'tree [u8],
    kind: EntryKind,
    id: &'tree [u8],
}

impl<'tree> Entry<'tree> {
    /// The name, which need not be UTF-8.
    #[must_use]
    pub fn name(&self) -> &'tree [u8] {
        self.name
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> EntryKind {
        self.kind
    }

    /// Whether both are the same thing with the same content, whatever their names.
    pub(super) fn holds_the_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.id == other.id
    }

    /// The id.
    ///
    /// # Errors
    /// The id is all zero, which no honest tree holds.
    pub fn id(&self) -> Result<ObjectId, ReadError> {
        ObjectId::from_raw(self.id).ok_or_else(|| {
            ReadError::object(
                self.tree,
                Fault::Malformed("an entry has the id of nothing"),
            )
        })
    }
}

/// The entries of a folder.
#[derive(Clone, Debug)]
pub struct Entries<'tree> {
    id: &'tree ObjectId,
    rest: &'tree [u8],
}

impl<'tree> Entries<'tree> {
    /// What is left, as it stands in the tree.
    pub(super) fn bytes(&self) -> &'tree [u8] {
        self.rest
    }

    /// The next entry, without going on to it.
    pub(super) fn peek(&self) -> Option<Result<Entry<'tree>, ReadError>> {
        self.clone().next()
    }

    /// Goes on to the next entry whose name may be one of these: of a folder of thousands, most are
    /// passed over after one byte.
    pub(super) fn pass_over_all_but(&mut self, names: &FirstBytes) {
        let id = self.id.raw_length();
        while let Some(rest) = pass_over(self.rest, names, id) {
            self.rest = rest;
        }
    }

    /// Goes on by the length of an entry.
    pub(super) fn skip_bytes(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or_default();
    }
}

impl<'tree> Iterator for Entries<'tree> {
    type Item = Result<Entry<'tree>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        if let Some((entry, rest)) = parse_entry(self.id, self.rest) {
            self.rest = rest;
            return Some(Ok(entry));
        }
        self.rest = &[];
        let fault = Fault::Malformed("an entry of it is cut off or has no mode");
        Some(Err(ReadError::object(self.id, fault)))
    }
}

/// `mode SP name NUL id`, the mode in octal digits.
fn parse_entry<'tree>(
    tree: &'tree ObjectId,
    bytes: &'tree [u8],
) -> Option<(Entry<'tree>, &'tree [u8])> {
    let (mode, digits) = parse_mode(bytes)?;
    let named = bytes.get(digits + 1..)?;
    // Names are short: a plain loop is over before a vectorised search has begun.
    let length = named.iter().position(|&byte| byte == 0)?;
    let end = digits + 1 + length + 1 + tree.raw_length();
    let raw = bytes.get(..end)?;
    let entry = Entry {
        tree,
        raw,
        name: &named[..length],
        kind: EntryKind::from_mode(mode),
        id: &raw[digits + 1 + length + 1..],
    };
    Some((entry, &bytes[end..]))
}

/// The bytes with which some names begin.
pub(super) struct FirstBytes([bool; 256]);

impl FirstBytes {
    pub(super) fn of(names: &[&str]) -> Self {
        let mut bytes = [false; 256];
        for first in names.iter().filter_map(|name| name.bytes().next()) {
            bytes[usize::from(first)] = true;
        }
        Self(bytes)
    }
}

/// What follows an entry of one of the usual modes whose name begins with none of the `first`
/// bytes; none where the entry has to be looked at.
fn pass_over<'tree>(bytes: &'tree [u8], first: &FirstBytes, id: usize) -> Option<&'tree [u8]> {
    let named = bytes
        .strip_prefix(b"40000 ")
        .or_else(|| bytes.strip_prefix(b"100644 "))?;
    if first.0[usize::from(*named.first()?)] {
        return None;
    }
    let length = named.iter().position(|&byte| byte == 0)?;
    named.get(length + 1 + id..)
}

/// The mode before the first blank, and how many digits it has.
fn parse_mode(bytes: &[u8]) -> Option<(u32, usize)> {
    // Nearly every entry of a large folder has one of these two.
    if bytes.starts_with(b"100644 ") {
        return Some((0o100_644, 6));
    }
    if bytes.starts_with(b"40000 ") {
        return Some((0o040_000, 5));
    }
    let mut mode = 0;
    for (digits, byte) in bytes.iter().enumerate() {
        match byte {
            b'0'..=b'7' if digits < 7 => mode = mode * 8 + u32::from(byte - b'0'),
            b' ' if digits > 0 => return Some((mode, digits)),
            _ => return None,
        }
    }
    None
}

/// The root tree that a commit names in its first line.
pub(super) fn tree_of_commit(commit: &[u8]) -> Option<ObjectId> {
    header(commit, b"tree ")
}

/// The object that a tag names in its first line.
pub(super) fn target_of_tag(tag: &[u8]) -> Option<ObjectId> {
    header(tag, b"object ")
}

fn header(bytes: &[u8], key: &[u8]) -> Option<ObjectId> {
    let line = bytes.strip_prefix(key)?;
    let end = memchr::memchr(b'\n', line)?;
    std::str::from_utf8(&line[..end]).ok()?.parse().ok()
}
