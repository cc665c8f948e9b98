//! What a sweep is for.

/// What a sweep is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To bring Port to what the repositories declare.
    Deliver,
    /// To tell what that would change.
    Plan,
    /// To check documents: nothing goes to Port.
    Check,
}

/// What becomes of entities of repositories that are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prune {
    /// They stay in Port.
    Nothing,
    /// They leave Port.
    Gone,
}
