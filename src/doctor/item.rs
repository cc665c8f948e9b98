//! One thing to look at.

use super::{Diagnosis, Subject};

/// One thing to look at.
#[derive(Clone, Copy)]
pub struct Item {
    /// Its name, `family.thing`: stable, for programs.
    pub id: &'static str,
    /// What it proves, in a few words.
    pub title: &'static str,
    /// Items without which looking makes no sense: where one of them is neither well nor a warning,
    /// this one is skipped.
    pub needs: &'static [&'static str],
    /// Looks. May take its time: it is left alone once that is over.
    pub look: fn(&Subject) -> Diagnosis,
}
