//! Any service that takes a commit's id by HTTP. Knows nothing of git or of the outbox.

mod call;
mod client;
mod encoding;
mod name;
mod preset;
mod problem;
mod template;

pub use call::{Body, Call};
pub use client::Client;
pub use encoding::Encoding;
pub use name::{NotATriggerName, TriggerName};
pub use preset::{JOB, Preset};
pub use template::{Known, Name, Secrets, Template, TemplateError, Values};
