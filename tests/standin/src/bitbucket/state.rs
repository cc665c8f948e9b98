//! What the server has: projects, repositories, commits and files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::hook_scripts::{HookScripts, not_permitted};
use super::insights::{Build, Report};
use super::webhooks::Webhooks;
use crate::request::Reply;

pub(super) struct State {
    pub(super) url: String,
    pub(super) version: String,
    pub(super) largest_page: usize,
    pub(super) projects: BTreeSet<String>,
    pub(super) repositories: BTreeMap<String, Repository>,
    /// By repository, commit and key.
    pub(super) reports: BTreeMap<(String, String, String), Report>,
    /// By commit and key.
    pub(super) builds: BTreeMap<(String, String), Build>,
    pub(super) webhooks: Webhooks,
    pub(super) hook_scripts: HookScripts,
    /// What the user may do everywhere: `SYS_ADMIN`, `PROJECT_ADMIN`, `REPO_ADMIN`, `REPO_READ`, or
    /// nothing.
    pub(super) may: &'static str,
}

pub(super) struct Repository {
    pub(super) default_branch: String,
    pub(super) state: &'static str,
    pub(super) archived: bool,
    pub(super) branches: BTreeMap<String, String>,
    pub(super) commits: BTreeMap<String, Commit>,
}

#[derive(Clone)]
pub(super) struct Commit {
    pub(super) files: Arc<BTreeMap<String, File>>,
    /// When it was made, in seconds since 1970.
    pub(super) made: u64,
}

#[derive(Clone, PartialEq)]
pub(super) enum File {
    Bytes(Arc<[u8]>),
    Submodule,
}

impl Default for State {
    fn default() -> Self {
        Self {
            url: String::new(),
            version: "9.2.0".to_owned(),
            largest_page: 1000,
            projects: BTreeSet::new(),
            repositories: BTreeMap::new(),
            reports: BTreeMap::new(),
            builds: BTreeMap::new(),
            webhooks: Webhooks::default(),
            hook_scripts: HookScripts::default(),
            may: "SYS_ADMIN",
        }
    }
}

impl State {
    /// A repository that a test has added.
    pub(super) fn repository(&mut self, name: &str) -> &mut Repository {
        self.repositories
            .get_mut(name)
            .unwrap_or_else(|| panic!("there is no repository {name}"))
    }

    /// Whether the user may do what needs this permission.
    pub(super) fn may(&self, needed: &str) -> bool {
        const GROWING: [&str; 4] = ["REPO_READ", "REPO_ADMIN", "PROJECT_ADMIN", "SYS_ADMIN"];
        let rank = |word: &str| GROWING.iter().position(|other| *other == word);
        rank(self.may) >= rank(needed) && rank(self.may).is_some()
    }

    /// The refusal of what only administrators of a project or a repository may do.
    pub(super) fn refuse_unless_admin(&self, scope: &str) -> Option<Reply> {
        let needed = match scope.contains('/') {
            true => "REPO_ADMIN",
            false => "PROJECT_ADMIN",
        };
        (!self.may(needed)).then(not_permitted)
    }

    /// Whether the server is of this version or a later one.
    pub(super) fn is_at_least(&self, major: u32, minor: u32) -> bool {
        let mut components = self.version.split('.').map(|one| one.parse().unwrap_or(0));
        let own = (
            components.next().unwrap_or(0),
            components.next().unwrap_or(0),
        );
        own >= (major, minor)
    }
}

impl Default for Repository {
    fn default() -> Self {
        Self {
            default_branch: "main".to_owned(),
            state: "AVAILABLE",
            archived: false,
            branches: BTreeMap::new(),
            commits: BTreeMap::new(),
        }
    }
}

impl Repository {
    pub(super) fn commit(&mut self, branch: &str, files: &[(&str, Option<&[u8]>)]) -> String {
        let before = self
            .branches
            .get(branch)
            .and_then(|id| self.commits.get(id));
        let mut now = before.map_or_else(BTreeMap::new, |commit| (*commit.files).clone());
        for (path, content) in files {
            match content {
                Some(bytes) => now.insert((*path).to_owned(), File::Bytes((*bytes).into())),
                None => now.remove(*path),
            };
        }
        // Like an id of git, and never the same twice.
        let count = self.commits.len() as u64 + 1;
        let id = format!(
            "{:016x}{:024x}",
            count.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            count
        );
        let files = Arc::new(now);
        let made = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        self.commits.insert(id.clone(), Commit { files, made });
        self.branches.insert(branch.to_owned(), id.clone());
        id
    }

    /// The commit that an id, a branch or the default branch stands for.
    pub(super) fn find(&self, at: Option<&str>) -> Option<(&str, &Commit)> {
        let at = at.unwrap_or(&self.default_branch);
        let branch = at.strip_prefix("refs/heads/").unwrap_or(at);
        let id = self.branches.get(branch).map_or(at, String::as_str);
        self.commits
            .get_key_value(id)
            .map(|(id, commit)| (id.as_str(), commit))
    }
}

/// All that a real repository has.
pub(super) fn mirror(git_dir: &Path) -> Repository {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .arg("--git-dir")
            .arg(git_dir)
            .args(arguments)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {told}");
        output.stdout
    };
    let text = |arguments: &[&str]| String::from_utf8(git(arguments)).unwrap();
    let mut mirrored = Repository {
        default_branch: text(&["symbolic-ref", "--short", "HEAD"]).trim().to_owned(),
        ..Repository::default()
    };
    let branches = text(&[
        "for-each-ref",
        "--format=%(refname:short) %(objectname)",
        "refs/heads",
    ]);
    for line in branches.lines() {
        let (branch, id) = line.rsplit_once(' ').unwrap();
        mirrored.branches.insert(branch.to_owned(), id.to_owned());
    }
    for id in text(&["rev-list", "--all"]).lines() {
        let mut files = BTreeMap::new();
        let tree = text(&["ls-tree", "-r", "-z", id]);
        for entry in tree.split('\0').filter(|entry| !entry.is_empty()) {
            let (object, path) = entry.split_once('\t').unwrap();
            let file = match object.split(' ').collect::<Vec<_>>()[..] {
                [_, "blob", blob] => File::Bytes(git(&["cat-file", "blob", blob]).into()),
                _ => File::Submodule,
            };
            files.insert(path.to_owned(), file);
        }
        let files = Arc::new(files);
        let made = text(&["show", "-s", "--format=%ct", id])
            .trim()
            .parse()
            .unwrap();
        mirrored
            .commits
            .insert(id.to_owned(), Commit { files, made });
    }
    mirrored
}
