//! `pushgate gimlet` and `pushgate pipelines`, run as people and CI run them.

mod ci;
mod gimlet_env;
mod gimlet_manifest;
mod pages;
mod pipelines_init;
mod run;
mod service_update;
mod trust_policy;
mod variables;
