//! What `wasmrecords new` writes compiles, and its tests pass, which are run here with those of the SDK.

#[path = "../../../src/wasmrecords/authoring/templates/aggregate/src/lib.rs"]
mod aggregate;
#[path = "../../../src/wasmrecords/authoring/templates/filter/src/lib.rs"]
mod filter;
#[path = "../../../src/wasmrecords/authoring/templates/flat-map/src/lib.rs"]
mod flat_map;
#[path = "../../../src/wasmrecords/authoring/templates/functions/src/lib.rs"]
mod functions;
#[path = "../../../src/wasmrecords/authoring/templates/map/src/lib.rs"]
mod map;
