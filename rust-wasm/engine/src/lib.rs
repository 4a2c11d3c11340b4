//! What runs on the text of records, with no value made: fast, and never the last word.
//!
//! Whatever it does not answer is for the general languages, so it may be small and strict.

pub mod program;
mod quick;
mod rewrite;
pub mod rule;

pub use quick::Quick;
pub use rewrite::rewrite;
