//! JSON as wasmrecords reads it: exactly RFC 8259, UTF-8 checked, nothing rounded.
//!
//! No ABI and no transform in here, so that every floor above can use it and test it natively.

mod compact;
mod error;
mod fault;
mod number;
mod object;
mod parse;
mod path;
mod pretty;
mod scan;
pub mod split;
mod string;
mod value;

pub use compact::compact;
pub use error::{ErrorKind, SyntaxError};
pub use parse::{Record, parse, parse_record};
pub use path::{Segment, locate, write_path};
pub use pretty::pretty;
pub use value::{Number, Object, Value};
