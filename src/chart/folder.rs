//! The folder of pulled charts: `HOST/NAME-VERSION.json`, one file a chart.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Chart;
use super::error::ChartError;
use super::reference::{ChartReference, version};

/// The form of the files.
const FORMAT: u32 = 1;
/// Bytes of a file that is read.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A folder of pulled charts.
#[derive(Clone, Debug)]
pub struct ChartFolder(PathBuf);

/// A pulled chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stored {
    format: u32,
    /// Where it came from.
    pub repository: String,
    /// The chart.
    pub chart: Chart,
}

impl ChartFolder {
    /// The charts in `path`, which need not be there yet.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The file of the newest pulled chart that a reference allows; none where there is none.
    #[must_use]
    pub fn find(&self, wanted: &ChartReference) -> Option<PathBuf> {
        let folders: Vec<PathBuf> = match &wanted.repository {
            Some(repository) => vec![self.0.join(folder_name(repository))],
            None => {
                let mut folders: Vec<PathBuf> = entries(&self.0).collect();
                folders.sort();
                folders
            }
        };
        let begins = format!("{}-", wanted.name);
        folders
            .iter()
            .flat_map(|folder| entries(folder))
            .filter_map(|path| {
                let name = path.file_name()?.to_str()?;
                let text = name.strip_prefix(&begins)?.strip_suffix(".json")?;
                let version = version(text)?;
                wanted.version.allows(&version).then_some((version, path))
            })
            .max_by(|one, other| one.0.cmp(&other.0))
            .map(|(_, path)| path)
    }

    /// Keeps a chart; gives the file.
    ///
    /// # Errors
    /// The folder can't be written.
    pub fn keep(&self, repository: &str, chart: Chart) -> Result<PathBuf, ChartError> {
        let folder = self.0.join(folder_name(repository));
        let path = folder.join(format!("{}-{}.json", chart.name, chart.version));
        let stored = Stored {
            format: FORMAT,
            repository: repository.to_owned(),
            chart,
        };
        let write = || -> io::Result<()> {
            fs::create_dir_all(&folder)?;
            let mut file = tempfile::NamedTempFile::new_in(&folder)?;
            serde_json::to_writer(&mut file, &stored)?;
            file.write_all(b"\n")?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|source| ChartError::File {
            path: path.clone(),
            source,
        })?;
        Ok(path)
    }

    /// Reads a file that [`ChartFolder::find`] found.
    ///
    /// # Errors
    /// It can't be read, or is something else.
    pub fn read(path: &Path) -> Result<Stored, ChartError> {
        let mut bytes = Vec::new();
        fs::File::open(path)
            .and_then(|file| file.take(LARGEST).read_to_end(&mut bytes))
            .map_err(|source| ChartError::File {
                path: path.to_owned(),
                source,
            })?;
        let damaged = |reason: String| ChartError::Damaged {
            path: path.to_owned(),
            reason,
        };
        let stored: Stored =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if stored.format != FORMAT {
            return Err(damaged(format!("its format is {}", stored.format)));
        }
        Ok(stored)
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}

/// One folder a repository: its address without the scheme, in letters that every system allows.
fn folder_name(repository: &str) -> String {
    let plain = repository
        .split_once("://")
        .map_or(repository, |(_, rest)| rest);
    let plain = plain.rsplit('@').next().unwrap_or_default();
    let name: String = plain
        .trim_end_matches('/')
        .chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') => c,
            _ => '_',
        })
        .collect();
    match name.trim_start_matches('.') {
        "" => "_".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_has_a_folder_of_its_own() {
        for (address, folder) in [
            ("https://chart.example.com/", "chart.example.com"),
            (
                "https://example.com:8443/charts/a",
                "example.com_8443_charts_a",
            ),
            ("https://user:secret@example.com", "example.com"),
            ("https://../..", "_.."),
            ("https://", "_"),
        ] {
            assert_eq!(folder_name(address), folder, "{address}");
        }
    }
}
