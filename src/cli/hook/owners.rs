//! Which entities other repositories have delivered, as the store knows it.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use crate::catalog::EntityKey;
use crate::check::{EntityName, Owners};
use crate::cli::Invocation;
use crate::config::{Config, DeliverToPort};
use crate::outbox::Store;
use crate::repository::RepositoryName;

/// Looks into the store, which is opened when the first document asks, and stays open for the others.
pub(super) struct StoredOwners<'a> {
    invocation: &'a Invocation,
    config: &'a Config,
    repository: Option<&'a RepositoryName>,
    store: OnceCell<Option<RefCell<Store>>>,
}

impl<'a> StoredOwners<'a> {
    pub(super) fn new(
        invocation: &'a Invocation,
        config: &'a Config,
        repository: Option<&'a RepositoryName>,
    ) -> Self {
        Self {
            invocation,
            config,
            repository,
            store: OnceCell::new(),
        }
    }
}

impl Owners for StoredOwners<'_> {
    fn others(&self, entities: &[EntityName]) -> BTreeMap<EntityName, String> {
        let Some(repository) = self.repository else {
            return BTreeMap::new();
        };
        if self.config.port.deliver == DeliverToPort::Never {
            return BTreeMap::new();
        }
        let keys: Vec<EntityKey> = entities
            .iter()
            .map(|(blueprint, identifier)| EntityKey {
                blueprint: blueprint.clone(),
                identifier: identifier.clone(),
            })
            .collect();
        let store = self.store.get_or_init(|| {
            let environment = &self.invocation.environment;
            self.config
                .delivered_elsewhere(environment)
                .map(RefCell::new)
        });
        let look = |store: &RefCell<Store>| {
            let mut store = store.borrow_mut();
            store.other_owners(repository, keys.iter()).ok()
        };
        // What can't be seen now is refused when it is delivered.
        let mut owners = store.as_ref().and_then(look).unwrap_or_default();
        let said = self.config.owners();
        for key in &keys {
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
            .into_iter()
            .map(|(key, owner)| ((key.blueprint, key.identifier), owner.to_string()))
            .collect()
    }
}
