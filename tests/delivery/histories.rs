//! Random histories of files, delivered now and then: Port ends where the last tip that could be read
//! says, whatever came before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use proptest::prelude::*;
use pushgate::catalog::{DesiredState, Entity, Undetermined};
use pushgate::delivery::{self, Deadline, Tip, Tips};
use pushgate::outbox::{CatalogJob, Delivery, Job};
use pushgate::repository::RepositoryName;
use serde_json::{Value, json};
use standin::Fault;

use crate::bench::{Bench, commit, no_branches, repository, settings};

const FILES: [&str; 2] = ["port.yaml", "b/port.yaml"];
const BLUEPRINTS: [&str; 2] = ["a", "b"];

/// What is done to the files, and what becomes of it.
#[derive(Clone, Debug)]
enum Step {
    /// Adds or edits an entity of a file: its properties, by number.
    Put(usize, usize, u8, BTreeMap<u8, u8>),
    /// Moves an entity to the other file.
    Move(u8),
    /// Gives an entity another name.
    Rename(u8, u8),
    Delete(u8),
    /// The tip can't be read, until it is mended.
    Break,
    Mend,
    /// What the files hold is pushed.
    Push,
    /// The worker comes round, and some of its calls fail.
    Deliver(Vec<u8>),
}

fn step() -> impl Strategy<Value = Step> {
    let properties = prop::collection::btree_map(0..4u8, 0..3u8, 0..4);
    prop_oneof![
        4 => (0..2usize, 0..2usize, 0..6u8, properties)
            .prop_map(|(file, blueprint, name, set)| Step::Put(file, blueprint, name, set)),
        1 => (0..6u8).prop_map(Step::Move),
        1 => (0..6u8, 0..6u8).prop_map(|(from, to)| Step::Rename(from, to)),
        2 => (0..6u8).prop_map(Step::Delete),
        1 => Just(Step::Break),
        1 => Just(Step::Mend),
        5 => Just(Step::Push),
        2 => prop::collection::vec(0..8u8, 0..4).prop_map(Step::Deliver),
    ]
}

/// Entities by file; of a name there is one.
type Files = BTreeMap<usize, BTreeMap<u8, (usize, BTreeMap<u8, u8>)>>;

fn change(files: &mut Files, step: &Step) {
    let place = |files: &Files, name: u8| {
        let mut found = files
            .iter()
            .filter(|(_, entities)| entities.contains_key(&name));
        found.next().map(|(file, _)| *file)
    };
    let take = |files: &mut Files, name: u8| {
        let file = place(files, name)?;
        Some((file, files.get_mut(&file)?.remove(&name)?))
    };
    match step {
        Step::Put(file, blueprint, name, properties) => {
            take(files, *name);
            let entities = files.entry(*file).or_default();
            entities.insert(*name, (*blueprint, properties.clone()));
        }
        Step::Move(name) => {
            if let Some((file, entity)) = take(files, *name) {
                files.entry(1 - file).or_default().insert(*name, entity);
            }
        }
        Step::Rename(from, to) if place(files, *to).is_none() => {
            if let Some((file, entity)) = take(files, *from) {
                files.entry(file).or_default().insert(*to, entity);
            }
        }
        Step::Delete(name) => {
            take(files, *name);
        }
        _ => {}
    }
}

fn entities(files: &Files) -> Vec<Entity> {
    let mut state = DesiredState::default();
    for (file, entities) in files {
        for (name, (blueprint, properties)) in entities {
            let set = properties
                .iter()
                .map(|(key, value)| (format!("p{key}"), Value::from(*value)));
            let entity = json!({
                "blueprint": BLUEPRINTS[*blueprint],
                "identifier": format!("e{name}"),
                "title": format!("T{name}"),
                "properties": set.collect::<serde_json::Map<_, _>>(),
            });
            state.add(FILES[*file], entity).unwrap();
        }
    }
    state.into_entities().collect()
}

/// The branch as it stands.
struct Branch(Mutex<Result<Vec<Entity>, Undetermined>>);

impl Tips for Branch {
    fn read(&self, _repository: &RepositoryName, _job: &CatalogJob) -> Tip {
        match &*self.0.lock().unwrap() {
            Ok(entities) => Tip::Declares(entities.clone()),
            Err(undetermined) => Tip::Undetermined(undetermined.clone()),
        }
    }
}

fn fault(number: u8) -> Option<Fault> {
    Some(match number {
        0 => Fault::status(500),
        1 => Fault::CloseBeforeApply,
        2 => Fault::CloseAfterApply,
        3 => Fault::Partly,
        _ => return None,
    })
}

/// What Port has, without what is as good as nothing.
fn held(bench: &Bench) -> BTreeMap<(String, String), Value> {
    let mut entities = bench.port.entities();
    for entity in entities.values_mut() {
        if let Some(properties) = entity["properties"].as_object_mut() {
            properties.retain(|_, value| !value.is_null());
        }
        let body = entity.as_object_mut().unwrap();
        body.remove("$datasource");
        body.remove("blueprint");
        body.remove("identifier");
    }
    entities
}

fn as_declared(entities: &[Entity]) -> BTreeMap<(String, String), Value> {
    let all = entities.iter().map(|entity| {
        let mut body = entity.body.clone();
        body.remove("identifier");
        let identifier = entity.identifier.clone().unwrap();
        ((entity.blueprint.clone(), identifier), Value::Object(body))
    });
    all.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn the_last_tip_that_could_be_read_is_what_port_has(
        steps in prop::collection::vec(step(), 1..30),
        from_jobs_alone in any::<bool>(),
    ) {
        let bench = Bench::new();
        let foreign = json!({"title": "theirs", "properties": {"p0": 9}});
        bench.port.insert("a", "foreign", foreign.clone());
        let branch = Branch(Mutex::new(Ok(Vec::new())));
        let mut tips: &dyn Tips = &branch;
        let nobody = no_branches();
        if from_jobs_alone {
            tips = &nobody;
        }
        let mut plan = settings();
        plan.plan.deletion_threshold.at_least = usize::MAX;
        // A newborn process of another test holds the courier's lock until it becomes another program.
        let deliver = |deadline| {
            let mut told = (0..1000).map(|_| {
                delivery::deliver(&bench.outbox, &bench.remotes, &plan, tips, deadline, &|_| ())
                    .unwrap()
            });
            told.find(|told| !told.busy).unwrap()
        };
        let mut files = Files::new();
        let (mut broken, mut pushed, mut commits) = (false, Ok(Vec::new()), 0);
        let end = [Step::Mend, Step::Push, Step::Break, Step::Push];
        let ends_broken = steps.len() % 3 == 0;
        let end = &end[..if ends_broken { 4 } else { 2 }];
        let mut last = Vec::new();
        for (index, step) in steps.iter().chain(end).enumerate() {
            change(&mut files, step);
            match step {
                Step::Break => {
                    // What stood before has arrived: a broken tip has nothing to say about it.
                    if index >= steps.len() {
                        bench.port.mend();
                        let summary = deliver(Deadline::after(crate::bench::PATIENCE));
                        prop_assert!(summary.is_clear(), "{:?}", summary);
                    }
                    broken = true;
                }
                Step::Mend => broken = false,
                Step::Push => {
                    let desired = if broken {
                        let (file, reason) = ("port.yaml".to_owned(), "it is no valid YAML".to_owned());
                        Err(Undetermined { file, reason })
                    } else {
                        Ok(entities(&files))
                    };
                    if let Ok(desired) = &desired {
                        last.clone_from(desired);
                    }
                    let keys = |state: &Vec<Entity>| state.iter().filter_map(Entity::key).collect();
                    let previous: BTreeSet<_> = pushed.as_ref().map(keys).unwrap_or_default();
                    *branch.0.lock().unwrap() = desired.clone();
                    let job = CatalogJob {
                        ref_name: "refs/heads/main".to_owned(),
                        old: Some(commit(commits)),
                        new: commit(commits + 1),
                        desired: desired.clone(),
                        extent: Default::default(),
                        previous: previous.into_iter().collect(),
                        delete: true,
                        git_dir: None,
                        approved: false,
                    };
                    commits += 1;
                    pushed = desired;
                    bench.outbox.put(&Delivery::new(repository(), Job::Catalog(job))).unwrap();
                }
                Step::Deliver(faults) => {
                    let mut faults = faults.clone().into_iter();
                    bench.port.fail_by(move |request| {
                        let is_token = request.path.contains("access_token");
                        if is_token { None } else { faults.next().and_then(fault) }
                    });
                    deliver(Deadline::NothingDue);
                }
                _ => {}
            }
        }
        bench.port.mend();
        let summary = deliver(Deadline::after(crate::bench::PATIENCE));
        prop_assert_eq!(summary.refused > 0, ends_broken, "{:?}", summary);
        prop_assert_eq!(summary.waiting + summary.held, 0);
        let mut there = held(&bench);
        prop_assert_eq!(there.remove(&("a".to_owned(), "foreign".to_owned())), Some(foreign));
        prop_assert_eq!(there, as_declared(&last));
    }
}
