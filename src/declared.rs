//! What a repository declares at a commit: its port documents read into a desired state.

use std::fmt;

use crate::catalog::{DesiredState, Entity, Undetermined, file_references};
use crate::check::{Checked, FileTexts, NoText, RepositoryFiles, Standing};
use crate::committed::{Committed, Listed};
use crate::document::{Kind, Kinds, Limits, ProblemKind, Source, Stream, load};
use crate::git::{Blob, CommitId, DocumentPaths, ObjectStore, ReadError, TreeDocument};

/// The desired state at a commit, as far as it can be told.
#[derive(Debug)]
pub struct Declared {
    /// The state; where a single file can't be read, nothing is known.
    pub state: Result<DesiredState, Undetermined>,
    /// `file://` values that could not be read: their properties are left as Port has them.
    pub unresolved: Vec<Unresolved>,
}

/// A `file://` value that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// The file that holds it.
    pub file: String,
    /// The property.
    pub property: String,
    /// Why, in words.
    pub reason: String,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            property,
            reason,
        } = self;
        write!(
            f,
            "{file}: property `{property}` stays as Port has it: {reason}"
        )
    }
}

impl DocumentPaths for Kinds {
    fn is_document(&self, path: &str) -> bool {
        self.of_path(path).is_some()
    }

    fn is_in_the_way(&self, path: &str) -> bool {
        self.of_folder(path).is_some()
    }

    fn is_own_folder(&self, path: &str) -> bool {
        self.of_own_folder(path).is_some()
    }

    fn may_contain(&self, folder: &str) -> bool {
        Kinds::may_contain(self, folder)
    }

    fn names_at_the_top(&self) -> Option<Vec<&str>> {
        Kinds::names_at_the_top(self)
    }
}

/// Reads the desired state at a commit.
///
/// # Errors
/// An object that can't be read. What is wrong with the documents themselves makes the state
/// [`Undetermined`].
pub fn declared(
    store: &dyn ObjectStore,
    commit: &CommitId,
    kinds: &Kinds,
    limits: &Limits,
) -> Result<Declared, ReadError> {
    declared_in(
        &Committed::new(store, commit, kinds, Listed::Nothing),
        limits,
    )
}

/// Reads the desired state out of the files of a commit, whoever reads them.
///
/// # Errors
/// A file that can't be read. What is wrong with the documents themselves makes the state
/// [`Undetermined`].
pub fn declared_in<F: RepositoryFiles>(files: &F, limits: &Limits) -> Result<Declared, F::Error> {
    let mut declared = Declared {
        state: Ok(DesiredState::default()),
        unresolved: Vec::new(),
    };
    let mut state = DesiredState::default();
    for path in files.documents(&Kind::Port)? {
        if let Err(undetermined) = add(files, &path, limits, &mut state)? {
            declared.state = Err(undetermined);
            return Ok(declared);
        }
    }
    resolve_files(files, limits, &mut state, &mut declared.unresolved)?;
    declared.state = Ok(state);
    Ok(declared)
}

fn add<F: RepositoryFiles>(
    files: &F,
    path: &str,
    limits: &Limits,
    state: &mut DesiredState,
) -> Result<Result<(), Undetermined>, F::Error> {
    let undetermined = |reason: &str| Undetermined {
        file: path.to_owned(),
        reason: reason.to_owned(),
    };
    let bytes = match files.at(path, limits.bytes as u64)? {
        Standing::File(bytes) => bytes,
        Standing::LargeFile { .. } => {
            return Ok(Err(undetermined("it is too large to be read")));
        }
        // It was listed: whatever has become of it, its entities are not gone.
        Standing::Nothing => return Ok(Err(undetermined("it was there and is not any more"))),
        Standing::Symlink | Standing::Submodule | Standing::Folder => {
            return Ok(Err(undetermined("it is no plain file")));
        }
    };
    let Ok(source) = Source::decode(path, &bytes, limits) else {
        return Ok(Err(undetermined("its text cannot be read")));
    };
    let stream = load(&source, limits);
    if let Some(reason) = doubt(&stream) {
        return Ok(Err(undetermined(reason)));
    }
    Ok(stream
        .documents
        .iter()
        .try_for_each(|yaml| state.add(path, yaml.to_json())))
}

/// Adds what a checked port document declares; entries that are no entities are passed by, and say
/// why.
///
/// # Errors
/// Where nothing of the document can be told.
pub fn add_document(
    document: &Checked,
    state: &mut DesiredState,
) -> Result<Vec<Undetermined>, Undetermined> {
    let Checked { path, stream, .. } = document;
    // Not a file, too large, no text, or a diff that somebody pasted.
    let unread = !document.is_readable() && stream.documents.is_empty();
    let doubt = doubt(stream).or(unread.then_some("it cannot be read"));
    if let Some(reason) = doubt {
        return Err(Undetermined {
            file: path.to_string(),
            reason: reason.to_owned(),
        });
    }
    let declared = stream.documents.iter();
    Ok(declared
        .flat_map(|yaml| state.add_entities(path, yaml.to_json()))
        .collect())
}

/// Why what a file declares can't be told from its YAML.
fn doubt(stream: &Stream) -> Option<&'static str> {
    let doubtful = |kind: &ProblemKind| !matches!(kind, ProblemKind::UnknownTag { .. });
    let mut problems = stream.problems.kept().iter();
    if problems.any(|problem| doubtful(&problem.kind)) {
        return Some("it is no valid YAML");
    }
    // Port's script refuses such a file; taking the first document alone would delete the others'.
    (stream.documents.len() > 1).then_some("it holds several YAML documents")
}

/// Puts the content of files in place of the `file://` values that name them.
///
/// # Errors
/// A file can't be read, which is not to say that it is missing.
pub fn resolve_files<F: RepositoryFiles>(
    files: &F,
    limits: &Limits,
    state: &mut DesiredState,
    unresolved: &mut Vec<Unresolved>,
) -> Result<(), F::Error> {
    let mut entities: Vec<_> = state.entities_mut().collect();
    // The limits are those of one document.
    entities.sort_by(|one, other| one.file.cmp(&other.file));
    for entities in entities.chunk_by_mut(|one, other| one.file == other.file) {
        let mut texts = FileTexts::new(files, limits);
        for entity in entities {
            resolve_entity(entity, &mut texts, limits, unresolved)?;
        }
    }
    Ok(())
}

fn resolve_entity<F: RepositoryFiles>(
    entity: &mut Entity,
    texts: &mut FileTexts<'_, F>,
    limits: &Limits,
    unresolved: &mut Vec<Unresolved>,
) -> Result<(), F::Error> {
    for reference in file_references(entity) {
        let content = match &reference.path {
            Ok(path) => texts.text(path)?,
            Err(reason) => Err(NoText::NoPath(*reason)),
        };
        let Some(serde_json::Value::Object(properties)) = entity.body.get_mut("properties") else {
            continue;
        };
        match content {
            Ok(text) => {
                properties.insert(reference.property, (*text).into());
            }
            Err(reason) => {
                let path = reference.path.as_deref().ok();
                properties.remove(&reference.property);
                entity.unread.insert(reference.property.clone());
                unresolved.push(Unresolved {
                    file: entity.file.clone(),
                    property: reference.property,
                    reason: reason.reason(&reference.value, path, limits),
                });
            }
        }
    }
    Ok(())
}

/// The paths that `file://` values of the port documents at a commit name.
///
/// # Errors
/// An object that can't be read.
pub fn referenced_files(
    store: &dyn ObjectStore,
    document: &TreeDocument,
    limits: &Limits,
) -> Result<Vec<String>, ReadError> {
    if !document.what.is_file() {
        return Ok(Vec::new());
    }
    let Blob::Content(bytes) = store.blob(&document.id, limits.bytes as u64)? else {
        return Ok(Vec::new());
    };
    // Parsing is only worth it where a reference can be.
    if memchr::memmem::find(&bytes, b"file://").is_none() {
        return Ok(Vec::new());
    }
    let Ok(source) = Source::decode(&document.path, &bytes, limits) else {
        return Ok(Vec::new());
    };
    let mut state = DesiredState::default();
    for yaml in load(&source, limits).documents {
        // What is no entity has no properties to look at.
        let _ = state.add(&document.path, yaml.to_json());
    }
    Ok(state
        .entities()
        .flat_map(file_references)
        .filter_map(|reference| reference.path.ok())
        .collect())
}
