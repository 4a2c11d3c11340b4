//! The two languages of a recipe, run on records: jq and JSON Schema.

mod cut;
#[cfg(target_family = "wasm")]
mod entropy;
pub mod jq;
mod nearest;
pub mod recipe;
pub mod schema;
