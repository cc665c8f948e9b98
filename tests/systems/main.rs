//! `pushgate gimlet` and `pushgate pipelines`, run as people and CI run them.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that can't go on should stop, and says so where it skips"
)]

mod ci;
mod gimlet_env;
mod gimlet_env_manifest;
mod gimlet_manifest;
mod pages;
mod pipelines_init;
mod run;
mod service_update;
mod trust_policy;
mod trust_token;
mod variables;
