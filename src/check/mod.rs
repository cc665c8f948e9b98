//! From a document's bytes to its findings: what YAML says, what the schema says, what the rules say.
//!
//! [`Checker`] is the one way in. Adding a rule is one line in [`rules`] and the code that finds it.

mod ahead;
mod all;
mod annotation;
mod before;
mod block;
mod branch;
mod checked;
mod checker;
mod explain;
mod fault;
mod file_text;
mod findings;
mod fix;
mod ignore;
mod inspection;
mod instance;
mod level;
mod owners;
mod repository;
pub mod rules;
mod schema;
mod secrets;
mod suggest;
mod together;
mod values;
mod words;

pub use before::{Before, Unknown};
pub use checked::{Checked, Elsewhere, LeftOut, NotAFile};
pub use checker::{Checker, CheckerError, Settings};
pub use file_text::{FileTexts, NoText};
pub(crate) use findings::Draft;
pub use fix::Fixed;
pub use inspection::{Inspected, Inspection};
pub use level::{Level, LevelError};
pub use owners::{EntityName, Owner, Owners};
pub use repository::{RepositoryFiles, Standing};
pub use rules::Rule;
pub use schema::SchemaError;
pub(crate) use suggest::nearest;
pub use together::{Added, Placed};
pub(crate) use words::code;
