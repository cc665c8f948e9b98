//! Documents of a repository, one after the other and then together, whoever reads them.

use super::checked::{Checked, Elsewhere, NotAFile};
use super::checker::Checker;
use super::repository::{RepositoryFiles, Standing};
use super::together::Placed;

impl Checker {
    /// Checks the documents at `paths`, by themselves and against each other and the rest of the
    /// repository. A path that is no document, or at which nothing stands, is left out.
    ///
    /// # Errors
    /// A file that can't be read: then nothing is known of the others either.
    pub fn check_all<F: RepositoryFiles>(
        &self,
        files: &F,
        paths: &[String],
    ) -> Result<Vec<Checked>, F::Error> {
        let mut documents = Vec::with_capacity(paths.len());
        for path in paths {
            documents.extend(self.check_path(files, path)?);
        }
        let placed: Vec<Placed<'_>> = documents
            .iter()
            .map(|checked| Placed {
                path: &checked.path,
                checked,
            })
            .collect();
        let added = self.together(&placed, files)?;
        for (document, added) in documents.iter_mut().zip(added) {
            document.add(added);
        }
        Ok(documents)
    }

    fn check_path<F: RepositoryFiles>(
        &self,
        files: &F,
        path: &str,
    ) -> Result<Option<Checked>, F::Error> {
        let standing = || files.at(path, self.limits().bytes as u64);
        let Some(kind) = self.kinds().of_path(path) else {
            let Some(kind) = self.kinds().of_own_folder(path) else {
                return Ok(None);
            };
            let what = elsewhere(&standing()?);
            return Ok(what.map(|what| self.not_a_folder(kind, path, &what)));
        };
        let standing = standing()?;
        if let Some(what) = elsewhere(&standing) {
            let what = NotAFile::Elsewhere(what);
            return Ok(Some(self.not_a_file(kind, path, what)));
        }
        Ok(match standing {
            Standing::File(bytes) => Some(self.check(kind, path, &bytes)),
            Standing::LargeFile { bytes } => Some(self.oversized(kind, path, bytes)),
            Standing::Folder => Some(self.not_a_file(kind, path, NotAFile::Folder)),
            Standing::Nothing | Standing::Symlink | Standing::Submodule => None,
        })
    }
}

fn elsewhere(standing: &Standing) -> Option<Elsewhere> {
    match standing {
        Standing::Symlink => Some(Elsewhere::Symlink { target: None }),
        Standing::Submodule => Some(Elsewhere::Submodule),
        Standing::Nothing | Standing::File(_) | Standing::LargeFile { .. } | Standing::Folder => {
            None
        }
    }
}
