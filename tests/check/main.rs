//! Documents in, findings out.

mod corpus;
mod fixtures;
mod operator;
mod properties;
mod rendering;
