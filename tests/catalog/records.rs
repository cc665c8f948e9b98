//! What is recorded of deliveries, as the store keeps it: row by row.

use std::collections::BTreeMap;

use pushgate::catalog::{Delivered, EntityKey, Inventory, Plan, Upsert};

/// The rows of one repository.
#[derive(Default)]
pub struct Records(pub BTreeMap<EntityKey, Delivered>);

impl From<Inventory> for Records {
    fn from(inventory: Inventory) -> Self {
        let rows = inventory.iter();
        Self(rows.map(|(key, row)| (key.clone(), row.clone())).collect())
    }
}

impl Records {
    pub fn inventory(&self) -> Inventory {
        let rows = self.0.iter();
        rows.map(|(key, row)| (key.clone(), row.clone())).collect()
    }

    /// Before anything of a plan is sent.
    pub fn begin(&mut self, plan: &Plan) {
        for (key, row) in plan.records_before(&self.inventory()) {
            match row {
                Some(row) => self.0.insert(key, row),
                None => self.0.remove(&key),
            };
        }
    }

    /// Once an upsert has arrived.
    pub fn complete(&mut self, upsert: &Upsert<'_>) {
        self.0.insert(upsert.key.clone(), upsert.delivered.clone());
    }
}
