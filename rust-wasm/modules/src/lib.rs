//! The two languages of a recipe, run on records: jq and JSON Schema.

#[cfg(any(target_family = "wasm", test))]
pub mod allocator;
#[cfg(test)]
#[path = "../../json/tests/chance/mod.rs"]
mod chance;
mod clock;
mod cut;
mod explain;
pub mod jq;
pub mod recipe;
pub mod schema;
