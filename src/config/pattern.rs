//! Patterns over names.

use std::str::FromStr;

use globset::{GlobBuilder, GlobMatcher};

use crate::algorithmia::AlgorithmRef;
use crate::repository::RepositoryName;

/// A glob; `*` stays within one part, `**` does not.
#[derive(Clone, Debug)]
struct Pattern {
    text: String,
    matcher: GlobMatcher,
}

impl Pattern {
    fn new(pattern: &str, of: &str) -> Result<Self, String> {
        GlobBuilder::new(pattern)
            .literal_separator(true)
            .build()
            .map(|glob| Self {
                text: pattern.to_owned(),
                matcher: glob.compile_matcher(),
            })
            .map_err(|error| format!("`{pattern}` is no {of} pattern: {}", error.kind()))
    }
}

/// A glob over short branch names: `release/*`, `**`.
#[derive(Clone, Debug)]
pub struct BranchPattern(Pattern);

impl BranchPattern {
    /// Whether the branch of that short name is meant.
    #[must_use]
    pub fn matches(&self, branch: &str) -> bool {
        self.0.matcher.is_match(branch)
    }

    /// The one branch that it names; none where it may be several.
    #[must_use]
    pub fn only(&self) -> Option<&str> {
        let is_glob = self.0.text.contains(['*', '?', '[', '{', '\\']);
        (!is_glob).then_some(self.0.text.as_str())
    }
}

impl FromStr for BranchPattern {
    type Err = String;

    fn from_str(pattern: &str) -> Result<Self, Self::Err> {
        // A branch's ref is nobody's short name: such a pattern would be passed over in silence.
        if let Some(short) = pattern.strip_prefix("refs/heads/") {
            return Err(format!(
                "`{pattern}` matches no branch: write the short name, `{short}`"
            ));
        }
        if pattern.is_empty() {
            return Err("`` matches no branch: write for example `main` or `**`".to_owned());
        }
        Pattern::new(pattern, "branch").map(Self)
    }
}

/// A glob over repositories: `PRJ/hello`, `PRJ/*`.
#[derive(Clone, Debug)]
pub struct RepositoryPattern(Pattern);

impl RepositoryPattern {
    /// Whether the repository is meant.
    #[must_use]
    pub fn matches(&self, repository: &RepositoryName) -> bool {
        self.0.matcher.is_match(repository.as_str())
    }
}

impl FromStr for RepositoryPattern {
    type Err = String;

    fn from_str(pattern: &str) -> Result<Self, Self::Err> {
        two_parts(
            pattern,
            "repository",
            "PROJECT/slug, for example PRJ/hello or PRJ/*",
        )?;
        Pattern::new(pattern, "repository").map(Self)
    }
}

/// A glob over algorithms by name: `acme/*`.
#[derive(Clone, Debug)]
pub struct AlgorithmPattern(Pattern);

impl AlgorithmPattern {
    /// Whether the algorithm is meant.
    #[must_use]
    pub fn matches(&self, algorithm: &AlgorithmRef) -> bool {
        self.0.matcher.is_match(algorithm.to_string())
    }
}

impl FromStr for AlgorithmPattern {
    type Err = String;

    fn from_str(pattern: &str) -> Result<Self, Self::Err> {
        two_parts(
            pattern,
            "algorithm",
            "OWNER/NAME, for example acme/hello or acme/*",
        )?;
        Pattern::new(pattern, "algorithm").map(Self)
    }
}

/// `**` and braces may stand for a slash; all else that has none never matches.
fn two_parts(pattern: &str, of: &str, form: &str) -> Result<(), String> {
    if pattern.contains('/') || pattern.contains("**") {
        Ok(())
    } else {
        Err(format!("`{pattern}` matches no {of}: write it as {form}"))
    }
}
