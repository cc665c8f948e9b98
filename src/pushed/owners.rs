//! Which entities other repositories have delivered, as the store knows it.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use crate::catalog::EntityKey;
use crate::check::{EntityName, Owner, Owners};
use crate::config::{Config, DeliverToPort};
use crate::environment::Environment;
use crate::outbox::Store;
use crate::repository::RepositoryName;

/// Looks into the store, which is opened when the first document asks, and stays open for the others.
pub struct StoredOwners<'a> {
    environment: &'a Environment,
    config: &'a Config,
    repository: Option<&'a RepositoryName>,
    store: OnceCell<Option<RefCell<Store>>>,
}

impl<'a> StoredOwners<'a> {
    /// Of what others than this repository have delivered.
    #[must_use]
    pub fn new(
        environment: &'a Environment,
        config: &'a Config,
        repository: Option<&'a RepositoryName>,
    ) -> Self {
        Self {
            environment,
            config,
            repository,
            store: OnceCell::new(),
        }
    }
}

impl StoredOwners<'_> {
    /// The repositories of those entities that belong to another one. What can't be told is left out.
    #[must_use]
    pub fn others_of(&self, keys: &[EntityKey]) -> BTreeMap<EntityKey, RepositoryName> {
        let Some(repository) = self.repository else {
            return BTreeMap::new();
        };
        if self.config.port.deliver == DeliverToPort::Never {
            return BTreeMap::new();
        }
        let store = self.store.get_or_init(|| {
            self.config
                .delivered_elsewhere(self.environment)
                .map(RefCell::new)
        });
        let look = |store: &RefCell<Store>| {
            let mut store = store.borrow_mut();
            store.other_owners(repository, keys.iter()).ok()
        };
        // What can't be seen now is refused when it is delivered.
        let mut owners = store.as_ref().and_then(look).unwrap_or_default();
        let said = self.config.owners();
        for key in keys {
            match said.get(key) {
                Some(owner) if owner == repository => {
                    owners.remove(key);
                }
                Some(owner) => {
                    owners.insert(key.clone(), owner.clone());
                }
                None => {}
            }
        }
        owners
    }
}

impl Owners for StoredOwners<'_> {
    fn others(&self, entities: &[EntityName]) -> BTreeMap<EntityName, Owner> {
        let keys: Vec<EntityKey> = entities
            .iter()
            .map(|(blueprint, identifier)| EntityKey {
                blueprint: blueprint.clone(),
                identifier: identifier.clone(),
            })
            .collect();
        let others = self.others_of(&keys);
        let said = match others.is_empty() {
            true => BTreeMap::new(),
            false => self.config.owners(),
        };
        let owners = others.into_iter().map(|(key, owner)| {
            let by = match said.contains_key(&key) {
                true => Owner::Configured,
                false => Owner::Delivered,
            };
            ((key.blueprint, key.identifier), by(owner.to_string()))
        });
        owners.collect()
    }
}
