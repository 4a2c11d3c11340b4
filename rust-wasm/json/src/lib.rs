//! JSON as wasmrecords reads it: exactly RFC 8259, UTF-8 checked, nothing rounded.
//!
//! No ABI and no transform in here, so that every floor above can use it and test it natively.

mod arena;
mod arithmetic;
mod check;
mod compact;
mod cursor;
mod digits;
mod edit;
mod error;
mod fault;
mod grammar;
#[cfg(feature = "jaq")]
mod jaq;
mod nearest;
mod number;
mod object;
mod order;
mod parse;
mod path;
mod pretty;
mod scan;
pub mod split;
mod string;
mod text;
mod value;
mod write;

pub use arena::Arena;
pub use check::{Rest, check, resume};
pub use compact::compact;
pub use cursor::{Cursor, Raw};
pub use edit::{PathError, read_path};
pub use error::{ErrorKind, SyntaxError};
#[cfg(feature = "jaq")]
pub use jaq::{described, index, no_key, not_iterable, slice};
pub use nearest::nearest;
pub use number::Number;
pub use object::Object;
pub use parse::{Parser, Record, parse};
pub use path::{
    Segment, joined, listed, locate, names_behind, path_at, push_natural, write_names, write_path,
};
pub use pretty::pretty;
pub use scan::{must_escape, string_end, value_end};
pub use string::read_escape;
pub use text::Text;
pub use value::Value;
pub use write::{
    ROOM, TooDeep, put_float, put_natural, put_string, write, write_characters, write_float, write_natural,
    write_string,
};
