//! Write record transforms that run in a WebAssembly sandbox.
//!
//! A module is one type that implements [`Transform`] and one call of [`export!`]:
//!
//! ```
//! use wasmrecords::{Failure, Opening, Output, Transform};
//!
//! struct Shout;
//!
//! impl Transform for Shout {
//!     fn open(_opening: &Opening) -> Result<Self, Failure> {
//!         Ok(Shout)
//!     }
//!
//!     fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure> {
//!         out.emit(&record.to_ascii_uppercase())
//!     }
//! }
//!
//! wasmrecords::export!(Shout, manifest: r#"{"abi": 1, "name": "shout", "version": "1.0.0"}"#);
//! # fn main() {}
//! ```
//!
//! The host hands over one batch of records at a time; what it reads back is the reply block, which
//! stays true while the module works: see `docs/abi.md`.

// The macros name this crate as everyone else does.
extern crate self as wasmrecords;

mod abi;
mod aggregate;
mod command;
mod config;
mod entries;
mod failure;
mod failures;
mod lines;
mod manifest;
#[cfg(any(all(feature = "allocator", target_family = "wasm", not(target_feature = "atomics")), test))]
mod memory;
mod named;
mod opening;
mod output;
mod outputs;
mod reason;
pub mod record;
mod reply;
mod session;
mod system;
mod table;
pub mod testing;
mod typed;

#[doc(hidden)]
pub use abi::__private;
pub use aggregate::Aggregate;
pub use command::main;
pub use config::{Config, NoConfig};
pub use failure::Failure;
#[doc(hidden)]
pub use failures::{Failing, Told};
#[doc(hidden)]
pub use lines::Fails;
pub use lines::Lines;
pub use named::NamedOutputs;
pub use opening::{Encoding, Limits, Opening};
pub use output::Output;
pub use outputs::{One, Outputs};
#[cfg(feature = "serde")]
pub use record::Json;
pub use record::{Bytes, Raw, Record};
pub use session::Transform;
pub use typed::Ctx;
pub use wasmrecords_json::{Number, Object, Segment, Text, Value, read_path};
pub use wasmrecords_macros::{Config, Record, aggregate, function, transform};

/// The examples of the page about the SDK.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/sdk.md")]
struct Page;

/// All that a transform is usually written with.
pub mod prelude {
    #[cfg(feature = "serde")]
    pub use crate::Json;
    pub use crate::{
        Aggregate, Bytes, Config, Ctx, Failure, NoConfig, One, Outputs, Raw, Record, Value, aggregate,
        function, transform,
    };
}
