//! What is to be read: the repositories of a server, page by page.

use std::collections::{BTreeMap, BTreeSet};

use super::projects::Projects;
use super::summary::Unlisted;
use crate::bitbucket::{Client, Problem, Repository};
use crate::outbox::{OutboxError, Read, Store};
use crate::repository::RepositoryName;

/// Repositories of which the store is asked at once.
const AT_ONCE: usize = 100;

/// One repository to be read.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its name.
    pub repository: RepositoryName,
    /// Why it can't be read, where the server says so.
    pub trouble: Option<&'static str>,
    /// How an earlier sweep read it, where that may still hold.
    pub before: Option<Read>,
}

/// What earlier sweeps know.
#[derive(Debug)]
pub struct Memory {
    /// The store; none where nothing was swept before.
    pub store: Option<Store>,
    /// The server's address.
    pub server: String,
    /// Repositories that are read anew in any case: Port has refused what they declare.
    pub refused: BTreeSet<RepositoryName>,
}

/// Lists repositories until `found` says that it is enough, and `missing` of every list that could
/// not be read to its end. Where the store fails, nothing was read before.
pub fn list(
    client: &Client,
    projects: &Projects,
    memory: &mut Memory,
    found: &mut dyn FnMut(Vec<Listed>) -> Wanted,
    missing: &mut dyn FnMut(Unlisted),
) {
    match projects {
        Projects::All => {
            for project in client.projects() {
                match project {
                    Ok(project) => {
                        if of_project(client, &project.key, memory, found, missing)
                            == Wanted::Enough
                        {
                            return;
                        }
                    }
                    Err(problem) => missing(unlisted(&problem)),
                }
            }
        }
        Projects::Only(keys) => {
            for key in keys {
                if of_project(client, key, memory, found, missing) == Wanted::Enough {
                    return;
                }
            }
        }
    }
}

/// Whether more repositories are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// They are.
    More,
    /// The sweep ends here.
    Enough,
}

fn of_project(
    client: &Client,
    key: &str,
    memory: &mut Memory,
    found: &mut dyn FnMut(Vec<Listed>) -> Wanted,
    missing: &mut dyn FnMut(Unlisted),
) -> Wanted {
    let mut page: Vec<(RepositoryName, Repository)> = Vec::new();
    for repository in client.repositories(key) {
        match repository {
            Ok(repository) => match repository.full_name() {
                Ok(name) => page.push((name, repository)),
                Err(error) => missing(Unlisted {
                    message: format!("a repository of `{key}` can't be swept: {error}"),
                    help: Some("have an administrator of Bitbucket rename or delete it".to_owned()),
                }),
            },
            // The list ends here, and what it gave so far is swept.
            Err(problem) => missing(unlisted(&problem)),
        }
        if page.len() >= AT_ONCE && found(memory.recall(&mut page)) == Wanted::Enough {
            return Wanted::Enough;
        }
    }
    if page.is_empty() {
        return Wanted::More;
    }
    found(memory.recall(&mut page))
}

impl Memory {
    fn recall(&mut self, page: &mut Vec<(RepositoryName, Repository)>) -> Vec<Listed> {
        let names: Vec<RepositoryName> = page
            .iter()
            .map(|(name, _)| name.clone())
            .filter(|name| !self.refused.contains(name))
            .collect();
        let before: Result<BTreeMap<_, _>, OutboxError> = match &mut self.store {
            Some(store) => store.read_before(&self.server, &names),
            None => Ok(BTreeMap::new()),
        };
        let mut before = before.unwrap_or_default();
        page.drain(..)
            .map(|(repository, listed)| Listed {
                trouble: listed.state.trouble(),
                before: before.remove(&repository),
                repository,
            })
            .collect()
    }
}

fn unlisted(problem: &Problem) -> Unlisted {
    Unlisted {
        message: problem.to_string(),
        help: problem.advice(),
    }
}
