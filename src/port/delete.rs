//! Deleting entities that left the files.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::catalog::{Entity, EntityKey};
use crate::http::{Answer, Method, Problem, segment};

use super::client::{Client, Context};
use super::problem::{self, EntityProblem, Report, Work};

/// Most entities of one bulk deletion (Port's specification).
const MOST_DELETIONS: usize = 100;

impl Client {
    pub(super) fn delete(
        &self,
        context: &Context,
        work: &Work<'_>,
        report: &mut Report,
    ) -> Result<(), Problem> {
        let targets = if self.settings.create_missing_related_entities {
            relation_targets(work.upserts)
        } else {
            BTreeSet::new()
        };
        let mut left: Vec<&EntityKey> = Vec::new();
        for key in work.deletions {
            // Relations name no blueprint, so that an identifier alone has to be enough to keep it.
            if targets.contains(key.identifier.as_str()) {
                report.kept.push(key.clone());
            } else {
                left.push(key);
            }
        }
        let mut failed = self.delete_all(context, &left, report)?;
        loop {
            let (again, rest): (Vec<_>, Vec<_>) = failed
                .into_iter()
                .partition(|(_, problem)| problem::may_depend_on_others(problem));
            report.problems.extend(rest.into_iter().map(of_key));
            // What needed it may be gone by now; otherwise nothing will change.
            let before = report.deleted;
            if again.is_empty() || before == 0 {
                report.problems.extend(again.into_iter().map(of_key));
                return Ok(());
            }
            let keys: Vec<&EntityKey> = again.iter().map(|(key, _)| *key).collect();
            let retried = self.delete_all(context, &keys, report)?;
            if report.deleted == before {
                report.problems.extend(retried.into_iter().map(of_key));
                return Ok(());
            }
            failed = retried;
        }
    }

    fn delete_all<'a>(
        &self,
        context: &Context,
        keys: &[&'a EntityKey],
        report: &mut Report,
    ) -> Result<Vec<(&'a EntityKey, Problem)>, Problem> {
        let mut blueprints: BTreeMap<&str, Vec<&'a EntityKey>> = BTreeMap::new();
        for key in keys {
            blueprints.entry(&key.blueprint).or_default().push(key);
        }
        let mut failed = Vec::new();
        for (blueprint, keys) in blueprints {
            for chunk in keys.chunks(MOST_DELETIONS) {
                if chunk.len() > 1 && self.delete_together(context, blueprint, chunk)? {
                    report.deleted += chunk.len();
                    continue;
                }
                for key in chunk {
                    match self.delete_one(context, key)? {
                        Ok(()) => report.deleted += 1,
                        Err(problem) => failed.push((*key, problem)),
                    }
                }
            }
        }
        Ok(failed)
    }

    /// All of them or none: whether it was all. Where one is gone already or may not go, each has
    /// to be asked for alone.
    fn delete_together(
        &self,
        context: &Context,
        blueprint: &str,
        keys: &[&EntityKey],
    ) -> Result<bool, Problem> {
        let path = format!(
            "/blueprints/{}/bulk/entities/delete?delete_dependents={}",
            segment(blueprint),
            self.settings.delete_dependents
        );
        let identifiers: Vec<&str> = keys.iter().map(|key| key.identifier.as_str()).collect();
        let body = json!({"entities": identifiers}).to_string();
        let answer = self.call(context, Method::Post, &path, Some(body.as_bytes()))?;
        if answer.is_success() {
            confirmed(&answer)?;
        }
        Ok(answer.is_success())
    }

    fn delete_one(
        &self,
        context: &Context,
        key: &EntityKey,
    ) -> Result<Result<(), Problem>, Problem> {
        let path = format!(
            "/blueprints/{}/entities/{}?delete_dependents={}",
            segment(&key.blueprint),
            segment(&key.identifier),
            self.settings.delete_dependents
        );
        let answer = self.call(context, Method::Delete, &path, None)?;
        // What is not there needs no deletion.
        if answer.status() == 404 {
            return Ok(Ok(()));
        }
        if !answer.is_success() {
            return Ok(Err(self.problem(&answer)));
        }
        confirmed(&answer).map(Ok)
    }
}

/// Fails where a success by its status doesn't say that it is one: it is no answer of Port's then.
fn confirmed(answer: &Answer) -> Result<(), Problem> {
    let body: Value = answer.json().unwrap_or_default();
    if body.get("ok") == Some(&Value::Bool(true)) {
        Ok(())
    } else {
        Err(problem::not_understood(answer, "no confirmation"))
    }
}

/// The identifiers that relations of these entities point to.
fn relation_targets(entities: &[Entity]) -> BTreeSet<&str> {
    entities
        .iter()
        .filter_map(|entity| entity.body.get("relations")?.as_object())
        .flat_map(|relations| relations.values())
        .flat_map(|value| match value {
            Value::Array(targets) => targets.iter().collect(),
            target => vec![target],
        })
        .filter_map(Value::as_str)
        .collect()
}

fn of_key((key, problem): (&EntityKey, Problem)) -> EntityProblem {
    EntityProblem {
        entity: key.to_string(),
        file: None,
        problem,
    }
}
