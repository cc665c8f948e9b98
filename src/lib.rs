//! The gate at the door of a git server that keeps a company's software catalog true.
//!
//! The way of the data: bytes become [documents](document), documents are checked into
//! [findings](finding), findings become a verdict. Once a push is accepted, the documents of its
//! default branch become [entities](catalog) that are delivered to Port.

pub use document;

pub mod algorithmia;
pub mod bitbucket;
pub mod blueprint;
pub mod branch_tip;
pub mod catalog;
pub mod chart;
pub mod check;
pub mod cli;
pub mod committed;
pub mod config;
pub mod declared;
pub mod delivery;
pub mod doctor;
mod durable;
pub mod environment;
pub mod finding;
pub mod gate;
pub mod gate_status;
pub mod gimlet;
pub mod git;
pub mod hexadecimal;
pub mod hook_text;
pub mod http;
pub mod image;
pub mod io_reason;
pub mod json_text;
pub mod kept_finding;
pub mod nearest;
pub mod origin;
pub mod outbox;
pub mod pipelines;
pub mod port;
mod private_file;
pub mod pushed;
pub mod remote_commit;
mod replaced_file;
pub mod report;
pub mod repository;
pub mod rsa_key;
pub mod serve;
pub mod shell_text;
pub mod sweep;
pub mod trigger;
pub mod verdicts;
pub mod visible;
pub mod work_tree;
pub mod yaml_text;
