//! Entities that another repository has delivered.

use std::collections::BTreeMap;

use super::checked::Checked;
use super::checker::Checker;
use super::findings::Draft;
use super::rules::duplicates::{Declared, declared_in};
use super::together::Added;
use super::words::{code, whole};
use crate::document::Kind;
use crate::finding::RuleId;

const OWNED: RuleId = RuleId::of("port/owned-elsewhere");

/// Blueprint and identifier of an entity.
pub type EntityName = (String, String);

/// Another repository, as `PROJECT/slug`, and what an entity belongs to it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// It has delivered the entity to Port.
    Delivered(String),
    /// The operator's `port.owners` names it, whoever has delivered the entity.
    Configured(String),
}

/// Who knows to which repositories entities belong.
pub trait Owners {
    /// The owners of those entities that belong to another repository than the document's. What can't
    /// be told is left out.
    fn others(&self, entities: &[EntityName]) -> BTreeMap<EntityName, Owner>;
}

/// Nobody knows.
impl Owners for () {
    fn others(&self, _entities: &[EntityName]) -> BTreeMap<EntityName, Owner> {
        BTreeMap::new()
    }
}

impl Checker {
    /// Checks whether the entities of a document belong to another repository. The owners are only
    /// asked for where the document declares any.
    pub fn owned_elsewhere(&self, checked: &Checked, owners: &dyn Owners) -> Added {
        let mut findings = self.findings_of(checked);
        let document = checked.stream.documents.first();
        let asked = document.filter(|_| checked.kind == Kind::Port && checked.stream.is_complete());
        if let Some(document) = asked
            && findings.severity(&OWNED).is_some()
        {
            let declared = declared_in(&checked.kind, &checked.path, document);
            let names: Vec<EntityName> = declared.iter().map(|one| one.key.clone()).collect();
            let owned = match names.is_empty() {
                true => BTreeMap::new(),
                false => owners.others(&names),
            };
            for declared in &declared {
                if let Some(owner) = owned.get(&declared.key) {
                    findings.add_with(&OWNED, || {
                        draft(declared, owner).at(document.number(), declared.pointer.to_string())
                    });
                }
            }
        }
        findings.finish().into()
    }
}

fn draft(declared: &Declared, owner: &Owner) -> Draft {
    let (blueprint, identifier) = &declared.key;
    let entity = format!("{blueprint}/{identifier}");
    let (repository, label, help) = match owner {
        Owner::Delivered(repository) => (
            repository,
            "delivered to Port from there",
            format!(
                "choose another identifier; if the entity is to move here, take it out of {} first, or \
                 ask whoever runs the gate for {}",
                code(repository),
                whole(&format!("pushgate outbox release {repository} {entity}"))
            ),
        ),
        Owner::Configured(repository) => (
            repository,
            "the gate's configuration says so",
            "choose another identifier; if the entity is to move here, ask whoever runs the gate to name \
             this repository in its place under `port.owners`"
                .to_owned(),
        ),
    };
    let message = format!(
        "{} belongs to the repository {}",
        code(&entity),
        code(repository)
    );
    Draft::new(OWNED, declared.span, message)
        .label(label)
        .help(help)
}
