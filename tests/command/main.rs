//! The built binary, used as people and servers use it: real git, real pushes, real pre-commit.

// The lints allow these in test functions only, not in what they share.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod agreement;
mod blueprints;
mod charts;
mod check;
mod delivery_log;
mod explain;
mod fix;
mod folders;
mod gimlet_folder;
mod init;
mod kill;
mod new_branch;
mod outbox;
mod ownership;
mod plan;
mod post_receive;
mod pre_commit;
mod pre_receive;
mod repository;
mod scripts;
mod server;
mod symbolic_branch;
mod triggers;
