//! What runs on the text of records, with no value made: fast, and never the last word.
//!
//! A recipe of plain parts, a schema as [`rule::Rule`] and a program as [`program::Program`], is run by an
//! [`Engine`] in one pass over each record. Whatever it does not answer is for the general languages.
//!
//! Two tiers answer alike. The exact one reads records of any order, white space and notation. The learned one
//! knows the shapes that records have had, and passes over those that come back at the speed of comparing bytes.

/// What a recipe needs and typed records do not: where it is false, the compiler leaves it out.
pub(crate) const RECIPES: bool = cfg!(feature = "recipes");

mod bytes;
mod direct;
mod engine;
mod exact;
mod fails;
mod found;
mod hot;
mod learn;
mod lines;
mod members;
mod plan;
pub mod program;
mod reuse;
mod rewrite;
pub mod rule;
mod shape;
pub mod text;
mod vector;
mod walk;
mod watch;

pub use bytes::PAD;
pub use engine::{Counts, Engine, Stop, Why};
pub use exact::Unfit;
pub use found::{Found, Plain, PlainSlots};
pub use hot::{Ledger, Runs};
pub use reuse::reset;
pub use rewrite::rewrite;
