//! Creating and changing entities.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::catalog::Upsert;
use crate::http::{Method, Problem, segment};

use super::bulk::{Batch, LARGEST_BODY, pack};
use super::client::{Client, Context};
use super::problem::{self, EntityProblem, Report};
use super::work::Progress;

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

/// Upserts under way.
pub(super) struct Upserting<'r, 'a> {
    /// Told of each entity that arrived, once the call is answered.
    pub(super) observe: &'r mut dyn FnMut(Progress<'a>),
    pub(super) report: &'r mut Report,
    /// Calls' worth of entities that arrived, the parts of one that comes once more included.
    arrived: usize,
    failed: Vec<(&'a Upsert<'a>, Problem)>,
}

impl<'r, 'a> Upserting<'r, 'a> {
    pub(super) fn new(observe: &'r mut dyn FnMut(Progress<'a>), report: &'r mut Report) -> Self {
        Self {
            observe,
            report,
            arrived: 0,
            failed: Vec::new(),
        }
    }

    fn arrived(&mut self, upsert: &'a Upsert<'a>) {
        self.arrived += 1;
        if !upsert.is_partial() {
            self.report.upserted += 1;
        }
        (self.observe)(Progress::Upserted(upsert));
    }

    fn failed(&mut self, upsert: &'a Upsert<'a>, problem: Problem) {
        // The whole one decides: what is in the way now may be there by then.
        if !upsert.is_partial() {
            self.failed.push((upsert, problem));
        }
    }

    fn give_up(&mut self, failed: impl IntoIterator<Item = (&'a Upsert<'a>, Problem)>) {
        self.report
            .problems
            .extend(failed.into_iter().map(of_entity));
    }
}

impl Client {
    /// Upserts all entities, pass by pass. Those that lack something which another one may bring
    /// are tried again after the others, for as long as that helps.
    pub(super) fn upsert<'a>(
        &self,
        context: &Context<'_>,
        upserts: &[&'a Upsert<'a>],
        run: &mut Upserting<'_, 'a>,
    ) -> Result<(), Problem> {
        for pass in upserts.chunk_by(|one, two| one.pass == two.pass) {
            self.upsert_once(context, pass, run)?;
        }
        // Nothing new has come in since they failed where nothing has come in at all.
        let mut before = 0;
        loop {
            let (again, failed): (Vec<_>, Vec<_>) = std::mem::take(&mut run.failed)
                .into_iter()
                .partition(|(_, problem)| problem::may_depend_on_others(problem));
            run.give_up(failed);
            if again.is_empty() || run.arrived == before {
                run.give_up(again);
                return Ok(());
            }
            before = run.arrived;
            let again: Vec<&'a Upsert<'a>> = again.into_iter().map(|(upsert, _)| upsert).collect();
            self.upsert_once(context, &again, run)?;
        }
    }

    fn upsert_once<'a>(
        &self,
        context: &Context<'_>,
        upserts: &[&'a Upsert<'a>],
        run: &mut Upserting<'_, 'a>,
    ) -> Result<(), Problem> {
        let packed = pack(upserts.iter().copied()).map_err(|_| problem::unwritable())?;
        for (upsert, size) in packed.too_large {
            let message =
                format!("it is {size} bytes long, and Port takes at most {LARGEST_BODY} at once");
            let help = "shorten the entity: a `file://` value may have brought in a large file";
            run.failed(upsert, Problem::refused(message, Some(help.to_owned())));
        }
        for batch in packed.batches {
            self.upsert_batch(context, batch, run)?;
        }
        Ok(())
    }

    fn upsert_batch<'a>(
        &self,
        context: &Context<'_>,
        batch: Batch<'a>,
        run: &mut Upserting<'_, 'a>,
    ) -> Result<(), Problem> {
        let path = format!(
            "/blueprints/{}/entities/bulk?upsert=true&merge=true&create_missing_related_entities={}",
            segment(batch.blueprint),
            self.settings.create_missing_related_entities
        );
        let body = batch.body().map_err(|_| problem::unwritable())?;
        let answer = self.call(context, Method::Post, &path, Some(&body))?;
        if answer.status() == 413 && batch.items.len() > 1 {
            for half in batch.halves() {
                self.upsert_batch(context, half, run)?;
            }
            return Ok(());
        }
        if !answer.is_success() {
            let problem = self.problem(&answer);
            for item in batch.items {
                run.failed(item, problem.clone());
            }
            return Ok(());
        }
        let Ok(BulkAnswer {
            ok: Some(ok),
            errors,
        }) = answer.json()
        else {
            return Err(self.not_understood(&answer, "no list of entities"));
        };
        if !ok && errors.is_empty() {
            return Err(self.not_understood(&answer, "`ok: false` and no reason"));
        }
        if errors.iter().any(|error| error.index >= batch.items.len()) {
            return Err(self.not_understood(&answer, "an entity that was not sent"));
        }
        let mut errors: BTreeMap<usize, BulkError> = errors
            .into_iter()
            .map(|error| (error.index, error))
            .collect();
        for (index, item) in batch.items.into_iter().enumerate() {
            match errors.remove(&index) {
                None => run.arrived(item),
                Some(error) => {
                    let problem = problem::of_error(
                        error.status.unwrap_or(422),
                        error.error.as_deref(),
                        error.message.as_deref(),
                        None,
                        &|text| self.hide(text),
                    );
                    run.failed(item, problem);
                }
            }
        }
        Ok(())
    }
}

fn of_entity((upsert, problem): (&Upsert<'_>, Problem)) -> EntityProblem {
    let entity = &upsert.entity;
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
