//! Write record transforms that run in a WebAssembly sandbox.

mod failure;

pub use failure::Failure;
