//! The built binary, used as people and servers use it: real git, real pushes, real pre-commit.

// The lints allow these in test functions only, not in what they share.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod agreement;
mod blueprints;
mod builds;
mod charts;
mod check;
mod compile;
mod delivery_log;
mod explain;
mod fix;
mod folders;
mod gimlet_folder;
mod init;
mod kill;
mod new_branch;
mod odd_repositories;
mod operator;
mod outbox;
mod ownership;
mod plan;
mod plan_live;
mod post_receive;
mod pre_commit;
mod pre_receive;
mod pushed_words;
mod repository;
mod scripts;
mod server;
mod site;
mod symbolic_branch;
mod triggers;
