//! A Gimlet server that works with Bitbucket Server: its settings, and the manifest that deploys it.
//!
//! The settings are those of Gimlet's page "Self-host with Bitbucket Server"; what the page leaves
//! open is in the facts about Gimlet, §5.

mod address;
mod dotenv;
mod given;
mod judge;
mod kubernetes;
mod manifest;
mod private_key;
mod variable;
mod workload;

pub use given::{KeyAt, KeyFiles, Settings};
pub use manifest::{Deployment, ManifestError};
pub use variable::Variable;

use crate::check::{Inspected, Inspection};
use crate::document::Source;

/// The settings of this process's environment, as a text of one line a variable that findings can
/// point into. `variables` are all names and values of it.
#[must_use]
pub fn inspect_environment<'a>(
    variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    files: &dyn KeyFiles,
) -> Inspected {
    let mut inspection = Inspection::default();
    let (source, settings) = given::of_environment(variables, &mut inspection);
    judge::judge(&settings, files, &mut inspection);
    inspection.finish(source)
}

/// The settings in a dotenv file.
#[must_use]
pub fn inspect_dotenv(source: Source, files: &dyn KeyFiles) -> Inspected {
    let mut inspection = Inspection::default();
    let settings = dotenv::settings(&source, &mut inspection);
    judge::judge(&settings, files, &mut inspection);
    inspection.finish(source)
}

/// The settings of Gimlet's container in a Kubernetes manifest of one or more documents.
#[must_use]
pub fn inspect_kubernetes(source: Source) -> Inspected {
    let mut inspection = Inspection::default();
    kubernetes::inspect(&source, &mut inspection);
    inspection.finish(source)
}
