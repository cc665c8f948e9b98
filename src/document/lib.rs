//! From bytes to a tree in which every key and value knows its place.
//!
//! The parser behind it appears in this folder only: [`load()`] is the one way in.

mod budget;
mod file_pattern;
mod file_value;
mod kind;
mod kinds;
mod limits;
mod load;
mod merge;
mod older;
mod operator_kind;
mod pointer;
mod problem;
mod scalar;
mod source;
mod span;
mod syntax;
mod tag;
mod template;
mod tree;

pub use file_value::{NoPath, file_value};
pub use kind::Kind;
pub use kinds::Kinds;
pub use limits::Limits;
pub use load::{Stream, load, pasted_diff};
pub use older::{Older, older};
pub use operator_kind::{KindsError, OperatorKind};
pub use pointer::Pointer;
pub use problem::{Cause, Problem, ProblemKind, Problems};
pub use scalar::{Scalar, ScalarValue, Style, resolve};
pub use source::{Encoding, Source, Undecodable};
pub use span::{Location, Position, Span};
pub use tree::{Document, Entry, Node, NodeId, NodeKind, Place, Tag, Use};
