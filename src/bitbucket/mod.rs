//! Bitbucket Server and Data Center: repositories, their content, and what is told about commits,
//! by its REST API (facts: bitbucket.md §3; the floor is 5.6). Knows nothing of git.

mod address;
mod branch;
mod build_status;
mod call;
mod capabilities;
mod client;
mod content;
mod credentials;
mod external_hooks;
mod hook_scripts;
mod insights;
mod limited;
mod multipart;
mod pages;
mod pause;
mod problem;
mod project;
mod repository;
mod scope;
mod standing;
mod version;
mod webhook_change;
mod webhooks;

pub use address::{Address, BadAddress};
pub use branch::Branch;
pub use build_status::{BuildState, BuildStatus};
pub use client::{Client, Settings};
pub use content::{Node, NodeKind, Raw};
pub use credentials::Credentials;
pub use external_hooks::{ExternalHook, ExternalHookState};
pub use hook_scripts::{EnabledScript, HookScript, HookScriptType};
pub use insights::{
    Annotated, Annotation, InsightDatum, InsightKind, InsightReport, InsightResult,
    InsightSeverity, MOST_ANNOTATIONS,
};
pub use problem::{Problem, Reason};
pub use project::{Project, ProjectOwner};
pub use repository::{Repository, RepositoryState};
pub use scope::Scope;
pub use standing::{NewestCommit, Permission, Standing};
pub use version::{NoVersion, Version};
pub use webhook_change::{WebhookChange, WebhookStep};
pub use webhooks::{KnownBy, LastCall, PUSHED, SetSecret, WantedWebhook, Webhook};
