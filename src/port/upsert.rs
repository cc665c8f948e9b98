//! Creating and changing entities.

use serde::Deserialize;

use crate::catalog::Entity;
use crate::http::{Method, Problem, segment};

use super::bulk::{Batch, LARGEST_BODY, pack};
use super::client::{Client, Context};
use super::problem::{self, EntityProblem, Report};

/// A bulk call's answer. Entries are matched by `index`, since identifiers repeat across
/// blueprints and are `unknown` for search queries.
#[derive(Deserialize)]
struct BulkAnswer {
    ok: Option<bool>,
    #[serde(default)]
    errors: Vec<BulkError>,
}

#[derive(Deserialize)]
struct BulkError {
    index: usize,
    #[serde(rename = "statusCode")]
    status: Option<u16>,
    error: Option<String>,
    message: Option<String>,
}

/// What became of the entities of a batch.
#[derive(Default)]
struct Taken<'a> {
    upserted: usize,
    failed: Vec<(&'a Entity, Problem)>,
}

impl Client {
    /// Upserts all entities. Those that lack something which another one may bring are tried again
    /// after the others, for as long as that helps.
    pub(super) fn upsert(
        &self,
        context: &Context,
        entities: &[Entity],
        report: &mut Report,
    ) -> Result<(), Problem> {
        let mut taken = self.upsert_once(context, entities.iter())?;
        report.upserted += taken.upserted;
        loop {
            let (again, failed): (Vec<_>, Vec<_>) = taken
                .failed
                .into_iter()
                .partition(|(_, problem)| problem::may_depend_on_others(problem));
            report.problems.extend(failed.into_iter().map(of_entity));
            // Nothing new has come in since they failed.
            if again.is_empty() || report.upserted == 0 {
                report.problems.extend(again.into_iter().map(of_entity));
                return Ok(());
            }
            let retried = self.upsert_once(context, again.iter().map(|(entity, _)| *entity))?;
            report.upserted += retried.upserted;
            if retried.upserted == 0 {
                report
                    .problems
                    .extend(retried.failed.into_iter().map(of_entity));
                return Ok(());
            }
            taken = retried;
        }
    }

    fn upsert_once<'a>(
        &self,
        context: &Context,
        entities: impl Iterator<Item = &'a Entity>,
    ) -> Result<Taken<'a>, Problem> {
        let packed = pack(entities).map_err(|_| problem::unwritable())?;
        let mut taken = Taken::default();
        taken
            .failed
            .extend(packed.too_large.into_iter().map(|(entity, size)| {
                let message = format!(
                    "it is {size} bytes long, and Port takes at most {LARGEST_BODY} at once"
                );
                let help = "shorten the entity: a `file://` value may have brought in a large file";
                (entity, Problem::refused(message, Some(help.to_owned())))
            }));
        for batch in packed.batches {
            self.upsert_batch(context, batch, &mut taken)?;
        }
        Ok(taken)
    }

    fn upsert_batch<'a>(
        &self,
        context: &Context,
        batch: Batch<'a>,
        taken: &mut Taken<'a>,
    ) -> Result<(), Problem> {
        let path = format!(
            "/blueprints/{}/entities/bulk?upsert=true&merge=true&create_missing_related_entities={}",
            segment(batch.blueprint),
            self.settings.create_missing_related_entities
        );
        let answer = self.call(context, Method::Post, &path, Some(&batch.body()))?;
        if answer.status() == 413 && batch.items.len() > 1 {
            for half in batch.halves() {
                self.upsert_batch(context, half, taken)?;
            }
            return Ok(());
        }
        if !answer.is_success() {
            let problem = self.problem(&answer);
            let failed = batch
                .items
                .iter()
                .map(|item| (item.entity, problem.clone()));
            taken.failed.extend(failed);
            return Ok(());
        }
        let Ok(BulkAnswer {
            ok: Some(ok),
            errors,
        }) = answer.json()
        else {
            return Err(problem::not_understood(&answer, "no list of entities"));
        };
        if !ok && errors.is_empty() {
            return Err(problem::not_understood(
                &answer,
                "`ok: false` and no reason",
            ));
        }
        let mut failed = 0;
        for error in errors {
            let Some(item) = batch.items.get(error.index) else {
                return Err(problem::not_understood(
                    &answer,
                    "an entity that was not sent",
                ));
            };
            failed += 1;
            let problem = problem::of_error(
                error.status.unwrap_or(422),
                error.error.as_deref(),
                error.message.as_deref(),
                None,
                &|text| self.hide(text),
            );
            taken.failed.push((item.entity, problem));
        }
        taken.upserted += batch.items.len().saturating_sub(failed);
        Ok(())
    }
}

fn of_entity((entity, problem): (&Entity, Problem)) -> EntityProblem {
    EntityProblem {
        entity: format!(
            "{}/{}",
            entity.blueprint,
            entity.identifier.as_deref().unwrap_or("(search query)")
        ),
        file: Some(entity.file.clone()),
        problem,
    }
}
