//! The built binary, used as people and servers use it: real git, real pushes, real pre-commit.

mod agreement;
mod check;
mod init;
mod post_receive;
mod pre_commit;
mod pre_receive;
mod server;
