//! What Port has of some entities: reading, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::catalog::EntityKey;
use crate::http::{Method, Problem, segment};

use super::client::{Client, Context};

/// Identifiers of one search, and the most entities of its answer: far below the 1,000 that Port
/// gives at once (Port's specification), so that a page of long entities stays readable.
const PAGE: usize = 100;

/// More pages than a search can have says that the server does not know where it is.
const MOST_PAGES: usize = PAGE + 1;

/// What Port has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stored {
    /// Entities, by key.
    pub entities: BTreeMap<EntityKey, Map<String, Value>>,
    /// Blueprints that were asked for and are not there.
    pub missing_blueprints: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Page {
    entities: Vec<Map<String, Value>>,
    next: Option<String>,
}

impl Client {
    /// What Port has of these entities; those that it does not have are left out.
    ///
    /// # Errors
    /// Port can't be reached, or refuses to tell.
    pub fn stored<'a>(
        &self,
        keys: impl IntoIterator<Item = &'a EntityKey>,
    ) -> Result<Stored, Problem> {
        let context = Context::of_nobody();
        let mut blueprints: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for key in keys {
            let identifiers = blueprints.entry(&key.blueprint).or_default();
            identifiers.push(&key.identifier);
        }
        let mut stored = Stored::default();
        for (blueprint, identifiers) in blueprints {
            for identifiers in identifiers.chunks(PAGE) {
                self.search(&context, blueprint, identifiers, &mut stored)?;
            }
        }
        Ok(stored)
    }

    fn search(
        &self,
        context: &Context<'_>,
        blueprint: &str,
        identifiers: &[&str],
        stored: &mut Stored,
    ) -> Result<(), Problem> {
        let path = format!("/blueprints/{}/entities/search", segment(blueprint));
        let rule = json!({"property": "$identifier", "operator": "in", "value": identifiers});
        let mut request = json!({
            "query": {"combinator": "and", "rules": [rule]},
            "limit": PAGE,
        });
        for _ in 0..MOST_PAGES {
            let body = request.to_string();
            let answer = self.call(context, Method::Post, &path, Some(body.as_bytes()))?;
            // A blueprint that is not there has no entities.
            if answer.status() == 404 {
                stored.missing_blueprints.insert(blueprint.to_owned());
                return Ok(());
            }
            if !answer.is_success() {
                return Err(self.problem(&answer));
            }
            let page: Page = answer
                .json()
                .map_err(|_| self.not_understood(&answer, "no list of entities"))?;
            for entity in page.entities {
                let Some(Value::String(identifier)) = entity.get("identifier") else {
                    continue;
                };
                let key = EntityKey {
                    blueprint: blueprint.to_owned(),
                    identifier: identifier.clone(),
                };
                stored.entities.insert(key, entity);
            }
            match page.next.filter(|next| !next.is_empty()) {
                Some(next) => request["from"] = next.into(),
                None => return Ok(()),
            }
        }
        Err(Problem::refused(
            "Port's answer has more pages than there can be",
            None,
        ))
    }
}
