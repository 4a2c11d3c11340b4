//! The two languages of a recipe, run on records: jq and JSON Schema.

mod cut;
pub mod jq;
mod nearest;
pub mod recipe;
pub mod schema;
