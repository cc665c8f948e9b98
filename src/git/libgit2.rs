//! A repository as libgit2 reads it: the usual way, without a process of its own.

use std::cell::OnceCell;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Odb, OdbLookupFlags, Oid};

use super::directory::common_directory;
use super::environment::HookEnvironment;
use super::id::ObjectId;
use super::object::{Blob, Object, ObjectKind};
use super::read_error::{Fault, ReadError};
use super::ref_update::RefName;
use super::store::{Branch, Branches, ObjectStore};

/// Symbolic refs on one another that are followed, as many as git follows.
const SYMBOLIC_REFS: usize = 5;

/// What the file of a symbolic ref begins with.
const SYMBOLIC: &[u8; 4] = b"ref:";

/// The objects of the repository, the quarantine and the alternates; the refs when asked for.
pub(super) struct Libgit2 {
    directory: PathBuf,
    common: PathBuf,
    objects: Odb<'static>,
    /// The object folders without the quarantine's.
    settled_folders: Vec<PathBuf>,
    /// Whether there is a quarantine besides.
    quarantined: bool,
    settled: OnceCell<Option<Odb<'static>>>,
    repository: OnceCell<git2::Repository>,
}

impl Libgit2 {
    /// Opens nothing that isn't needed to read an object.
    ///
    /// # Errors
    /// In libgit2's words, why it must not read this repository: an extension that it doesn't know.
    pub(super) fn open(directory: &Path, environment: &HookEnvironment) -> Result<Self, String> {
        // index-pack has hashed what lies in the quarantine; hashing it again costs more than all
        // the rest of a push's checks.
        git2::opts::strict_hash_verification(false);
        let common = environment
            .common_directory()
            .unwrap_or_else(|| common_directory(directory));
        let repository = OnceCell::new();
        if !is_plain(&common) {
            let opened = git2::Repository::open_bare(directory).map_err(said)?;
            // Cannot be set already: the cell was made above.
            let _ = repository.set(opened);
        }
        let mut settled_folders = vec![common.join("objects")];
        settled_folders.extend(environment.alternates());
        let mut folders = settled_folders.clone();
        let pushed = environment.pushed_objects();
        let quarantined = pushed.is_some();
        folders.extend(pushed);
        Ok(Self {
            directory: directory.to_owned(),
            common,
            objects: database(&folders)?,
            settled_folders,
            quarantined,
            settled: OnceCell::new(),
            repository,
        })
    }

    fn repository(&self) -> Result<&git2::Repository, ReadError> {
        if let Some(repository) = self.repository.get() {
            return Ok(repository);
        }
        let opened = git2::Repository::open_bare(&self.directory).map_err(references)?;
        Ok(self.repository.get_or_init(|| opened))
    }

    /// Whether a ref has a file of its own that says so: among the packed refs, which may be many, there
    /// are no symbolic ones.
    fn may_be_symbolic(&self, name: &str) -> bool {
        let mut begin = [0; SYMBOLIC.len()];
        git2::Reference::is_valid_name(name)
            && File::open(self.common.join(name))
                .and_then(|mut file| file.read_exact(&mut begin))
                .is_ok_and(|()| begin == *SYMBOLIC)
    }

    /// Where a symbolic ref leads to in the end, whether that is there or not; none where it is no
    /// symbolic one.
    fn end_of(&self, reference: &git2::Reference<'_>) -> Result<Option<RefName>, ReadError> {
        let mut end = reference.symbolic_target_bytes().map(RefName::from_bytes);
        for _ in 1..SYMBOLIC_REFS {
            let Some(name) = end.as_ref().and_then(RefName::exact_str) else {
                break;
            };
            let next = match self.repository()?.find_reference(name) {
                Ok(next) => next,
                Err(error) if is_absent(&error) => break,
                Err(error) => return Err(references(error)),
            };
            match next.symbolic_target_bytes() {
                Some(target) => end = Some(RefName::from_bytes(target)),
                None => break,
            }
        }
        Ok(end)
    }
}

/// Whether the configuration says that this is a repository as git has always made them, so that
/// libgit2's slower look at it, with the configuration of system and user, can be left out.
fn is_plain(common: &Path) -> bool {
    let Ok(bytes) = std::fs::read(common.join("config")) else {
        return false;
    };
    let text = bytes.to_ascii_lowercase();
    let holds = |word: &str| memchr::memmem::find(&text, word.as_bytes()).is_some();
    holds("repositoryformatversion = 0\n") && !holds("extensions") && !holds("include")
}

/// Everything below these object folders and the alternates that they name. libgit2 itself would
/// split the environment's list at `:` inside quotes, so each folder is handed over on its own.
fn database(folders: &[PathBuf]) -> Result<Odb<'static>, String> {
    let objects = Odb::new().map_err(said)?;
    for folder in folders {
        let path = folder
            .to_str()
            .ok_or_else(|| format!("the path `{}` is no UTF-8", folder.display()))?;
        objects.add_disk_alternate(path).map_err(said)?;
    }
    Ok(objects)
}

impl ObjectStore for Libgit2 {
    fn object(&self, id: &ObjectId, limit: u64) -> Result<Object, ReadError> {
        let unreadable = |error: git2::Error| ReadError::object(id, Fault::Unreadable(said(error)));
        if id.raw_length() != 20 {
            let reason = "a SHA-256 id in a SHA-1 repository".to_owned();
            return Err(ReadError::object(id, Fault::Unreadable(reason)));
        }
        let oid = Oid::from_str(id.as_str()).map_err(unreadable)?;
        let kind_of = |kind| {
            kind_of(kind).ok_or_else(|| {
                ReadError::object(id, Fault::Malformed("it is of no kind that git knows"))
            })
        };
        if limit < u64::MAX {
            let (size, kind) = self.objects.read_header(oid).map_err(unreadable)?;
            let kind = kind_of(kind)?;
            let bytes = u64::try_from(size).unwrap_or(u64::MAX);
            if bytes > limit {
                let content = Blob::TooLarge { bytes };
                return Ok(Object { kind, content });
            }
        }
        let object = self.objects.read(oid).map_err(unreadable)?;
        let kind = kind_of(object.kind())?;
        let content = Blob::Content(object.data().to_vec());
        Ok(Object { kind, content })
    }

    fn reference(&self, name: &RefName) -> Result<Option<ObjectId>, ReadError> {
        let Some(text) = name.exact_str() else {
            // libgit2's binding looks names up as text only.
            return find_among_all(self.repository()?, name);
        };
        let found = self
            .repository()?
            .find_reference(text)
            .and_then(|reference| reference.resolve());
        match found {
            Ok(reference) => target(&reference).map(Some),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(references(error)),
        }
    }

    fn branches(&self) -> Result<Branches<'_>, ReadError> {
        let found = self
            .repository()?
            .references_glob("refs/heads/*")
            .map_err(references)?;
        Ok(Box::new(found.map(|reference| {
            let reference = reference.map_err(references)?;
            let name = RefName::from_bytes(reference.name_bytes());
            let resolved = reference.resolve().map_err(references)?;
            let tip = target(&resolved)?;
            Ok(Branch { name, tip })
        })))
    }

    fn moves(&self, name: &RefName) -> Result<RefName, ReadError> {
        let Some(text) = name.exact_str() else {
            return Ok(name.clone());
        };
        if !self.may_be_symbolic(text) {
            return Ok(name.clone());
        }
        let end = match self.repository()?.find_reference(text) {
            Ok(reference) => self.end_of(&reference)?,
            Err(error) if is_absent(&error) => None,
            Err(error) => return Err(references(error)),
        };
        Ok(end.unwrap_or_else(|| name.clone()))
    }

    fn default_branch(&self) -> Result<Option<RefName>, ReadError> {
        let head = self
            .repository()?
            .find_reference("HEAD")
            .map_err(references)?;
        self.end_of(&head)
    }

    fn arrives_with_the_push(&self, id: &ObjectId) -> bool {
        if !self.quarantined {
            return false;
        }
        let settled = self
            .settled
            .get_or_init(|| database(&self.settled_folders).ok());
        match (settled, Oid::from_str(id.as_str())) {
            (Some(settled), Ok(oid)) => !settled.exists_ext(oid, OdbLookupFlags::NO_REFRESH),
            _ => false,
        }
    }
}

fn kind_of(kind: ObjectType) -> Option<ObjectKind> {
    Some(match kind {
        ObjectType::Commit => ObjectKind::Commit,
        ObjectType::Tree => ObjectKind::Tree,
        ObjectType::Blob => ObjectKind::Blob,
        ObjectType::Tag => ObjectKind::Tag,
        ObjectType::Any => return None,
    })
}

fn find_among_all(
    repository: &git2::Repository,
    name: &RefName,
) -> Result<Option<ObjectId>, ReadError> {
    for reference in repository.references().map_err(references)? {
        let reference = reference.map_err(references)?;
        if reference.name_bytes() == name.as_bytes() {
            let resolved = reference.resolve().map_err(references)?;
            return target(&resolved).map(Some);
        }
    }
    Ok(None)
}

/// What a ref that is no symbolic one points to.
fn target(reference: &git2::Reference<'_>) -> Result<ObjectId, ReadError> {
    reference
        .target()
        .and_then(|oid| ObjectId::from_raw(oid.as_bytes()))
        .ok_or_else(|| {
            let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
            ReadError::References {
                reason: format!("`{}` points to nothing", crate::visible::visible(&name)),
            }
        })
}

/// No such ref, or a name that no ref can have.
fn is_absent(error: &git2::Error) -> bool {
    matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec)
}

fn references(error: git2::Error) -> ReadError {
    ReadError::References {
        reason: said(error),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn said(error: git2::Error) -> String {
    crate::visible::visible(error.message()).into_owned()
}
