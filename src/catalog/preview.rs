//! What a push changes in Port, counted for its pusher.

use super::desired::DesiredState;
use super::entity::EntityKey;

/// What happens to one entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not there before.
    New(EntityKey),
    /// It was there and differs.
    Changed(EntityKey),
    /// It left the files.
    Deleted(EntityKey),
}

/// The difference between two desired states, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Entities that appear.
    pub new: usize,
    /// Entities that differ.
    pub changed: usize,
    /// Entities that leave.
    pub deleted: usize,
}

impl Preview {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// The changes from one state to the next, in the order of their keys.
#[must_use]
pub fn changes(old: &DesiredState, new: &DesiredState) -> Vec<Change> {
    let mut changes: Vec<Change> = new
        .keys()
        .filter_map(|key| match old.get(key) {
            None => Some(Change::New(key.clone())),
            Some(before) if Some(&before.body) != new.get(key).map(|entity| &entity.body) => {
                Some(Change::Changed(key.clone()))
            }
            Some(_) => None,
        })
        .collect();
    let gone = old.keys().filter(|key| new.get(key).is_none());
    changes.extend(gone.cloned().map(Change::Deleted));
    changes
}

/// The changes counted. Entities that only Port can name count as changed where they differ.
#[must_use]
pub fn preview(old: &DesiredState, new: &DesiredState) -> Preview {
    let mut preview = Preview::default();
    for change in changes(old, new) {
        match change {
            Change::New(_) => preview.new += 1,
            Change::Changed(_) => preview.changed += 1,
            Change::Deleted(_) => preview.deleted += 1,
        }
    }
    preview.changed += new
        .queries()
        .iter()
        .filter(|entity| !old.queries().iter().any(|other| other.body == entity.body))
        .count();
    preview
}
