//! Bitbucket Pipelines with AWS and DuploCloud: the role's trust, secured variables, a pipeline to begin
//! with, and the update of a service.

mod cloud;
mod duplo;
mod identity;
mod pipeline;
mod policy;
mod token;
mod trust;
mod variable;

pub use cloud::{Cloud, CloudSettings};
pub use duplo::{Duplo, DuploSettings, Running, ServiceImage};
pub use identity::{
    Account, IdentityError, Partition, Provider, RepositoryId, Slug, SubjectPattern, WorkspaceId,
};
pub use pipeline::{Deploy, ImageBuild, PipelineError, PipelineFile};
pub use policy::{Expected, inspect_policy};
pub use token::{Claims, TokenError};
pub use trust::TrustPolicy;
pub use variable::{Change, Scope, VariableKey, VariableKeyError};
