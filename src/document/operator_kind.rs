//! The operator's own kinds, and what is wrong with how they are named.

use std::path::PathBuf;

use serde::Deserialize;

/// A kind that the operator defines: `kinds:` of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OperatorKind {
    /// Its name: small letters, digits and `-`.
    pub name: String,
    /// Globs from the repository's root.
    pub files: Vec<String>,
    /// A JSON Schema of draft 4 or later, as JSON or YAML by the file's extension.
    pub schema: PathBuf,
}

/// Kinds that can't be told from one another, or globs that are none.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum KindsError {
    /// A glob that does not parse.
    #[error("`{glob}` among the files of kind `{kind}` is no glob")]
    #[diagnostic(help(
        "write a path from the repository's root; `*` stands for a part of a name, `**/` for any folders"
    ))]
    Glob {
        /// The kind's name.
        kind: String,
        /// The glob.
        glob: String,
        /// What is wrong with it.
        #[source]
        source: globset::Error,
    },
    /// A name of the built-in kinds or rule families.
    #[error("a kind of your own can't be named `{name}`: pushgate uses the name itself")]
    #[diagnostic(help("choose another name under `kinds`"))]
    Reserved {
        /// The name.
        name: String,
    },
    /// A name that can't stand in a rule's name.
    #[error("`{name}` is no name for a kind")]
    #[diagnostic(help("use small letters, digits and `-`, such as `service-level`"))]
    Name {
        /// The name.
        name: String,
    },
    /// The same name twice.
    #[error("two kinds are named `{name}`")]
    #[diagnostic(help("rename one of them, or give one of them the files of both"))]
    Twice {
        /// The name.
        name: String,
    },
}
