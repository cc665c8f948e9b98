//! What Bitbucket says in a webhook: `repo:refs_changed` (facts: Bitbucket §3).

use serde::Deserialize;

use crate::git::{CommitId, ObjectId};
use crate::repository::RepositoryName;
use crate::visible::one_line;

/// The refs of a repository were moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Announcement {
    /// The repository.
    pub repository: RepositoryName,
    /// Who moved them, as Bitbucket names the user; untrusted text.
    pub pusher: Option<String>,
    /// The branches that stand at another commit now, each once.
    pub moved: Vec<Moved>,
    /// Changes that bring no commit of a branch: tags, deletions.
    pub others: usize,
}

/// A branch that stands at another commit now.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, Deserialize)]
pub struct Moved {
    /// The branch's short name.
    pub branch: String,
    /// The commit before; none of a new branch.
    pub old: Option<CommitId>,
    /// The commit now.
    pub new: CommitId,
}

/// The body of a webhook that is none.
#[derive(Debug, thiserror::Error)]
#[error("the body is no `repo:refs_changed` of Bitbucket Server: {0}")]
pub struct Malformed(String);

#[derive(Deserialize)]
struct Body {
    actor: Option<Actor>,
    repository: Repository,
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Actor {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Repository {
    slug: String,
    project: Project,
}

#[derive(Deserialize)]
struct Project {
    key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    #[serde(rename = "ref")]
    of: Option<Ref>,
    ref_id: String,
    from_hash: String,
    to_hash: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Ref {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// So much of what the library says is told: it repeats the text that it did not expect.
fn told(error: &serde_json::Error) -> String {
    one_line(&error.to_string(), 200)
}

impl Announcement {
    /// Reads the body of a `repo:refs_changed`. What newer servers add is passed over.
    ///
    /// # Errors
    /// What is no such body.
    pub fn read(body: &[u8]) -> Result<Self, Malformed> {
        let body: Body = serde_json::from_slice(body).map_err(|error| Malformed(told(&error)))?;
        let repository = format!("{}/{}", body.repository.project.key, body.repository.slug)
            .parse()
            .map_err(|error: crate::repository::NotARepositoryName| Malformed(error.to_string()))?;
        let mut announcement = Self {
            repository,
            pusher: body.actor.and_then(|actor| actor.name),
            moved: Vec::new(),
            others: 0,
        };
        for change in body.changes {
            match change.moved()? {
                Some(moved) if !announcement.moved.contains(&moved) => {
                    announcement.moved.push(moved);
                }
                _ => announcement.others += 1,
            }
        }
        Ok(announcement)
    }
}

impl Change {
    /// The branch that this moves; none for a tag, and none where it goes away.
    fn moved(self) -> Result<Option<Moved>, Malformed> {
        let is_tag = self
            .of
            .and_then(|of| of.kind)
            .is_some_and(|kind| kind == "TAG");
        // A deletion may name a commit that it leads to.
        if is_tag || self.kind == "DELETE" {
            return Ok(None);
        }
        let Some(branch) = self.ref_id.strip_prefix("refs/heads/") else {
            return Ok(None);
        };
        let Some(new) = commit(&self.to_hash)? else {
            return Ok(None);
        };
        Ok(Some(Moved {
            branch: branch.to_owned(),
            old: commit(&self.from_hash)?,
            new,
        }))
    }
}

/// The commit; none of the id that stands for nothing.
fn commit(hash: &str) -> Result<Option<CommitId>, Malformed> {
    if matches!(hash.len(), 40 | 64) && hash.bytes().all(|byte| byte == b'0') {
        return Ok(None);
    }
    let id: ObjectId = hash
        .parse()
        .map_err(|error: crate::git::NotAnObjectId| Malformed(error.to_string()))?;
    Ok(Some(CommitId(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZERO: &str = "0000000000000000000000000000000000000000";
    const ONE: &str = "1111111111111111111111111111111111111111";
    const TWO: &str = "2222222222222222222222222222222222222222";

    fn change(name: &str, kind: &str, from: &str, to: &str, what: &str) -> serde_json::Value {
        serde_json::json!({
            "ref": {"id": name, "displayId": "x", "type": kind},
            "refId": name, "fromHash": from, "toHash": to, "type": what,
        })
    }

    fn body(changes: &[serde_json::Value]) -> Vec<u8> {
        serde_json::json!({
            "eventKey": "repo:refs_changed", "date": "2026-01-01T00:00:00+0000",
            "actor": {"name": "ada", "id": 1, "type": "NORMAL"},
            "repository": {"slug": "hello", "id": 1, "name": "Hello",
                "project": {"key": "PRJ", "id": 1}, "public": false},
            "changes": changes, "commits": [], "toCommit": {"id": ONE},
        })
        .to_string()
        .into_bytes()
    }

    #[test]
    fn branches_that_moved_are_told_from_everything_else() {
        let main = change("refs/heads/main", "BRANCH", ONE, TWO, "UPDATE");
        let read = Announcement::read(&body(&[
            main.clone(),
            main,
            change("refs/heads/a/b", "BRANCH", ZERO, ONE, "ADD"),
            change("refs/heads/gone", "BRANCH", ONE, TWO, "DELETE"),
            change("refs/heads/none", "BRANCH", ONE, ZERO, "UPDATE"),
            change("refs/tags/v1", "TAG", ZERO, ONE, "ADD"),
            change("refs/pull-requests/1/from", "BRANCH", ZERO, ONE, "ADD"),
        ]))
        .unwrap();
        let id = |text: &str| CommitId(text.parse().unwrap());
        let moved = |branch: &str, old: Option<&str>, new: &str| Moved {
            branch: branch.to_owned(),
            old: old.map(id),
            new: id(new),
        };
        assert_eq!(read.repository.as_str(), "PRJ/hello");
        assert_eq!(read.pusher.as_deref(), Some("ada"));
        assert_eq!(
            read.moved,
            [moved("main", Some(ONE), TWO), moved("a/b", None, ONE)]
        );
        assert_eq!(read.others, 5);
    }

    #[test]
    fn what_is_no_such_body_is_refused_in_words() {
        let bad_hash = body(&[change("refs/heads/main", "BRANCH", ZERO, "../../x", "ADD")]);
        let bad_name = String::from_utf8(body(&[]))
            .unwrap()
            .replace("PRJ", "P/R J");
        for bad in [
            &b""[..],
            b"{}",
            b"[]",
            b"nonsense",
            &bad_hash,
            bad_name.as_bytes(),
        ] {
            let error = Announcement::read(bad).unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with("the body is no `repo:refs_changed`")
            );
        }
    }
}
