//! Documents of a repository, one after the other and then together, whoever reads them.

use super::checked::{Checked, NotAFile};
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
            let Some(kind) = self.kinds().of_path(path) else {
                continue;
            };
            documents.push(match files.at(path, self.limits().bytes as u64)? {
                Standing::Nothing => continue,
                Standing::File(bytes) => self.check(kind, path, &bytes),
                Standing::LargeFile { bytes } => self.oversized(kind, path, bytes),
                Standing::Symlink => {
                    self.not_a_file(kind, path, NotAFile::Symlink { target: None })
                }
                Standing::Submodule => self.not_a_file(kind, path, NotAFile::Submodule),
                Standing::Folder => self.not_a_file(kind, path, NotAFile::Folder),
            });
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
}
