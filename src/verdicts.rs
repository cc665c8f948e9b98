//! The record of the pushes that hooks saw: one line a push in the state folder, by which
//! `pushgate bitbucket hooks status` tells whether the gate really ran. A server whose hooks are switched
//! off runs none of them and says so nowhere; a commit that stands in no record is what shows it.
//!
//! A hook appends and nothing else: no lock, no sync, no reading. It makes no state folder, and a line
//! that can't be written keeps no push from its verdict.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::private_file::log_file;
use crate::repository::RepositoryName;

/// From this size on a file is put aside, and the one that was put aside before is forgotten.
const LARGEST: u64 = 1024 * 1024;

/// Who writes a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hook {
    /// The gate, about a push that it let pass.
    PreReceive,
    /// Whoever delivers, about a push that was accepted.
    PostReceive,
}

/// A push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// Who saw it.
    pub hook: Hook,
    /// What the server calls its cause (`push`, `pull-request-merge`), where it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
    /// The ids that refs were moved to.
    pub tips: Vec<String>,
}

/// The records of a state folder.
#[derive(Clone, Debug)]
pub struct Verdicts {
    folder: PathBuf,
}

/// What is known of one repository's pushes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// When the oldest line was written; none where there is no line.
    pub since: Option<Timestamp>,
    judged: BTreeMap<String, Timestamp>,
    seen: BTreeMap<String, Option<String>>,
}

impl Verdicts {
    /// The records of this state folder; nothing is made or read.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        Self {
            folder: state.join("verdicts"),
        }
    }

    /// The folder in which they are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Appends a line, where the state folder is there.
    ///
    /// # Errors
    /// Where it can't be written; nothing depends on it.
    pub fn note(&self, repository: &RepositoryName, line: &Line) -> io::Result<()> {
        let path = self.path(repository);
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let mut file = match log_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::DirBuilder::new().mode(0o700).create(&self.folder)?;
                log_file(&path)?
            }
            file => file?,
        };
        // One write a line: two pushes at once do not mix theirs.
        file.write_all(&text)?;
        let metadata = file.metadata()?;
        // Of two pushes that find it too large, one puts it aside; the other finds another file.
        if metadata.len() > LARGEST
            && fs::metadata(&path).is_ok_and(|now| now.ino() == metadata.ino())
        {
            fs::rename(&path, aside(&path))?;
        }
        Ok(())
    }

    /// What is known of a repository's pushes. Lines that can't be read are left out: another version
    /// wrote them, or a full disk cut them.
    ///
    /// # Errors
    /// Where a file is there and can't be read.
    pub fn record(&self, repository: &RepositoryName) -> io::Result<Record> {
        let path = self.path(repository);
        let mut record = Record::default();
        for path in [aside(&path), path] {
            let text = match fs::read_to_string(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            for line in text
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
            {
                record.add(line);
            }
        }
        Ok(record)
    }

    /// One file a repository, whatever stands in its name: `+` is in no key and in no slug.
    fn path(&self, repository: &RepositoryName) -> PathBuf {
        let (project, slug) = (repository.project(), repository.slug());
        self.folder.join(format!("{project}+{slug}.log"))
    }
}

impl Record {
    fn add(&mut self, line: Line) {
        self.since.get_or_insert(line.at);
        for tip in line.tips {
            match line.hook {
                Hook::PreReceive => drop(self.judged.insert(tip, line.at)),
                Hook::PostReceive => drop(self.seen.insert(tip, line.trigger.clone())),
            }
        }
    }

    /// When the gate let this commit pass.
    #[must_use]
    pub fn judged(&self, tip: &str) -> Option<Timestamp> {
        self.judged.get(tip).copied()
    }

    /// Whether the post-receive hook saw it, and on what trigger.
    #[must_use]
    pub fn seen(&self, tip: &str) -> Option<Option<&str>> {
        self.seen.get(tip).map(Option::as_deref)
    }

    /// Whether the gate ever judged a push here.
    #[must_use]
    pub fn has_verdicts(&self) -> bool {
        !self.judged.is_empty()
    }
}

/// A trigger's name as the server gives it, where it can be one: it is untrusted text.
#[must_use]
pub fn trigger(name: Option<&str>) -> Option<String> {
    let name = name?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (name.len() <= 40 && name.chars().all(fits)).then(|| name.to_owned())
}

/// Whether a push with this trigger comes from Bitbucket itself, which merges a pull request and asks
/// no pre-receive hook with the commit (facts: its standard input is empty).
#[must_use]
pub fn is_merge(trigger: Option<&str>) -> bool {
    matches!(trigger, Some("pull-request-merge" | "merge"))
}

fn aside(path: &Path) -> PathBuf {
    path.with_extension("log.1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(hook: Hook, tips: &[&str]) -> Line {
        Line {
            at: Timestamp::UNIX_EPOCH,
            hook,
            trigger: Some("push".to_owned()),
            tips: tips.iter().map(|tip| (*tip).to_owned()).collect(),
        }
    }

    #[test]
    fn what_hooks_saw_is_known_again() {
        let state = tempfile::tempdir().unwrap();
        let verdicts = Verdicts::of(state.path());
        let name: RepositoryName = "~ada/..".parse().unwrap();
        assert_eq!(verdicts.record(&name).unwrap(), Record::default());
        verdicts
            .note(&name, &line(Hook::PreReceive, &["a", "b"]))
            .unwrap();
        verdicts
            .note(&name, &line(Hook::PostReceive, &["a"]))
            .unwrap();
        let path = state.path().join("verdicts/~ada+...log");
        let mut file = log_file(&path).unwrap();
        file.write_all(b"{\"at\":\n").unwrap();
        let record = verdicts.record(&name).unwrap();
        assert!(record.judged("a").is_some() && record.judged("b").is_some());
        assert_eq!(record.seen("a"), Some(Some("push")));
        assert_eq!((record.judged("c"), record.seen("b")), (None, None));
    }

    #[test]
    fn no_state_folder_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let verdicts = Verdicts::of(&folder.path().join("state"));
        let name = "PRJ/hello".parse().unwrap();
        assert!(
            verdicts
                .note(&name, &line(Hook::PreReceive, &["a"]))
                .is_err()
        );
        assert!(!folder.path().join("state").exists());
    }

    #[test]
    fn a_record_does_not_grow_without_end_and_keeps_the_newest() {
        let state = tempfile::tempdir().unwrap();
        let verdicts = Verdicts::of(state.path());
        let name = "PRJ/hello".parse().unwrap();
        let many: Vec<String> = (0..8000).map(|n| format!("{n:040}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for _ in 0..12 {
            verdicts
                .note(&name, &line(Hook::PreReceive, &many))
                .unwrap();
        }
        verdicts
            .note(&name, &line(Hook::PreReceive, &["newest"]))
            .unwrap();
        let size: u64 = fs::read_dir(state.path().join("verdicts"))
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().len())
            .sum();
        assert!(size < 3 * LARGEST, "{size}");
        let record = verdicts.record(&name).unwrap();
        assert!(record.judged("newest").is_some() && record.judged(many[7999]).is_some());
    }
}
