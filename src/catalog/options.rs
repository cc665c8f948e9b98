//! What the operator says of plans.

/// What a plan depends on besides the states.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlanOptions {
    /// Whether Port makes the entities that relations point to and that are missing.
    pub create_missing_related_entities: bool,
    /// Whether entities that left the files are deleted.
    pub delete: bool,
    /// When deletions wait for a person.
    pub deletion_threshold: DeletionThreshold,
    /// Whether a person has said that they may go.
    pub approved: bool,
}

/// Deletions wait for a person where they pass both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeletionThreshold {
    /// That many deletions.
    pub at_least: usize,
    /// More than this share of the repository's entities, from 0 to 1.
    pub more_than: f64,
}

impl Default for DeletionThreshold {
    fn default() -> Self {
        Self {
            at_least: 10,
            more_than: 0.5,
        }
    }
}

impl DeletionThreshold {
    #[expect(
        clippy::cast_precision_loss,
        reason = "no repository has that many entities"
    )]
    pub(super) fn is_passed(self, deletions: usize, of: usize) -> bool {
        deletions >= self.at_least && deletions as f64 > of as f64 * self.more_than
    }
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self {
            create_missing_related_entities: true,
            delete: true,
            deletion_threshold: DeletionThreshold::default(),
            approved: false,
        }
    }
}
