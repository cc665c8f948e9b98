//! Deleting entities that left the files.

use serde_json::{Value, json};

use crate::catalog::EntityKey;
use crate::http::{Answer, Method, Problem, segment};

use super::client::{Client, Context};
use super::problem::{self, EntityProblem, Report};
use super::work::Progress;

/// Most entities of one bulk deletion (Port's specification).
const MOST_DELETIONS: usize = 100;

impl Client {
    /// Deletes in this order, as far as one call for many of a blueprint leaves it.
    pub(super) fn delete<'a>(
        &self,
        context: &Context<'_>,
        keys: &[&'a EntityKey],
        observe: &mut dyn FnMut(Progress<'a>),
        report: &mut Report,
    ) -> Result<(), Problem> {
        let mut failed = self.delete_all(context, keys, observe, report)?;
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
            let retried = self.delete_all(context, &keys, observe, report)?;
            if report.deleted == before {
                report.problems.extend(retried.into_iter().map(of_key));
                return Ok(());
            }
            failed = retried;
        }
    }

    fn delete_all<'a>(
        &self,
        context: &Context<'_>,
        keys: &[&'a EntityKey],
        observe: &mut dyn FnMut(Progress<'a>),
        report: &mut Report,
    ) -> Result<Vec<(&'a EntityKey, Problem)>, Problem> {
        let mut deleted = |key| {
            report.deleted += 1;
            observe(Progress::Deleted(key));
        };
        let mut failed = Vec::new();
        let runs = keys.chunk_by(|one, two| one.blueprint == two.blueprint);
        for chunk in runs.flat_map(|run| run.chunks(MOST_DELETIONS)) {
            if chunk.len() > 1 && self.delete_together(context, chunk)? {
                chunk.iter().copied().for_each(&mut deleted);
                continue;
            }
            for key in chunk {
                match self.delete_one(context, key)? {
                    Ok(()) => deleted(key),
                    Err(problem) => failed.push((*key, problem)),
                }
            }
        }
        Ok(failed)
    }

    /// All of them or none: whether it was all. Where one is gone already or may not go, each has
    /// to be asked for alone.
    fn delete_together(&self, context: &Context<'_>, keys: &[&EntityKey]) -> Result<bool, Problem> {
        let blueprint = keys.first().map_or("", |key| key.blueprint.as_str());
        let path = format!(
            "/blueprints/{}/bulk/entities/delete?delete_dependents={}",
            segment(blueprint),
            self.settings.delete_dependents
        );
        let identifiers: Vec<&str> = keys.iter().map(|key| key.identifier.as_str()).collect();
        let body = json!({"entities": identifiers}).to_string();
        let answer = self.call(context, Method::Post, &path, Some(body.as_bytes()))?;
        if answer.is_success() {
            self.confirmed(&answer)?;
        }
        Ok(answer.is_success())
    }

    fn delete_one(
        &self,
        context: &Context<'_>,
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
        self.confirmed(&answer).map(Ok)
    }

    /// Fails where a success by its status doesn't say that it is one: it is no answer of Port's then.
    fn confirmed(&self, answer: &Answer) -> Result<(), Problem> {
        let body: Value = answer.json().unwrap_or_default();
        match body.get("ok") {
            Some(Value::Bool(true)) => Ok(()),
            _ => Err(self.not_understood(answer, "no confirmation")),
        }
    }
}

fn of_key((key, problem): (&EntityKey, Problem)) -> EntityProblem {
    EntityProblem {
        entity: key.to_string(),
        file: None,
        problem,
    }
}
