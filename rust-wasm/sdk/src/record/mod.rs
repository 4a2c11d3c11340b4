//! Rust types as records: read from JSON text without a tree of values, and written the same way.

mod bytes;
mod collections;
mod explain;
mod integers;
#[cfg(feature = "serde")]
mod json;
mod members;
mod raw;
mod reader;
mod scalars;
pub mod shape;
mod slots;
pub mod text;
mod value;
mod writer;

/// What had to be decoded of a record.
pub type Arena = wasmrecords_json::Arena<String>;
pub use bytes::Bytes;
pub(crate) use bytes::base64;
pub use collections::NoArguments;
#[cfg(feature = "serde")]
pub use json::Json;
pub use members::{Members, Taken, read_object, write_object};
pub use raw::Raw;
pub use reader::Reader;
pub use shape::Shape;
pub use slots::{PlainMembers, PlainValue, Slots};
pub(crate) use slots::{paths, rule};
pub use writer::Writer;

use crate::Failure;

/// Reads what is left of a text as one value.
#[inline]
pub(crate) fn read_all<'a, T: Record<'a>>(reader: &mut Reader<'a>) -> Option<T> {
    T::read(reader).filter(|_| reader.at_end())
}

/// Reads all of a text as one value with at most so many levels.
///
/// # Errors
/// Why the text is no such value.
pub fn read<T: for<'text> Record<'text>>(text: &[u8], levels: u32) -> Result<T, Failure> {
    let arena = Arena::default();
    let mut reader = Reader::new(std::str::from_utf8(text).unwrap_or_default(), &arena, levels);
    match read_all(&mut reader) {
        Some(value) => Ok(value),
        None => Err(unread(&<T as Record<'static>>::SHAPE, text, levels, reader)),
    }
}

/// Why a text could not be read to its end as a value of this shape.
#[cold]
pub(crate) fn unread(shape: &Shape, text: &[u8], levels: u32, reader: Reader<'_>) -> Failure {
    explain::explain(shape, text, levels)
        .or_else(|| {
            let refusal = reader.refusal()?;
            let path = wasmrecords_json::path_at(text, refusal.offset).filter(|_| refusal.path == "$");
            Some(Failure { path: path.unwrap_or(refusal.path), ..refusal })
        })
        .unwrap_or_else(|| Failure::new("type", "the text cannot be read as what is expected"))
}

/// A type that is read from JSON and written as JSON. `#[derive(Record)]` makes it of a struct with named fields
/// and of an enum without any.
///
/// | Rust | JSON |
/// |---|---|
/// | `bool` | `true`, `false` |
/// | `u8` to `u64`, `usize`, `i8` to `i64`, `isize` | an integer in that range; `1.0` and `1e2` are integers, as in JSON Schema |
/// | `f64`, `f32` | a number; written only if it is finite |
/// | `String`, `&str`, `Cow<str>` | a string; a `&str` with escapes in it is decoded into memory that lives as long as the record |
/// | `Option<T>` | `T` or `null`; a member may be missing |
/// | `Vec<T>`, `[T; N]`, tuples | an array |
/// | `BTreeMap<String, T>` (or with `&str`, `Cow<str>`) | an object |
/// | `Box<T>` | `T` |
/// | a struct with `#[derive(Record)]` | an object; unknown members are passed over |
/// | [`Value`](wasmrecords_json::Value) | any value, as a tree with paths and edits; [`Raw`], any value as its text |
/// | `Json<T>` | a type of serde, with the feature `serde` |
/// | an enum of words with `#[derive(Record)]` | one of these strings |
pub trait Record<'a>: Sized {
    /// What its text looks like.
    const SHAPE: Shape;

    /// Reads a value. None if the text is not one: [`explain`] finds out why.
    fn read(reader: &mut Reader<'a>) -> Option<Self>;

    /// Makes an object of its members, each of which was found. None if they are not what they should be, or where
    /// no members can be found.
    #[doc(hidden)]
    fn from_slots(_slots: &mut Slots<'a, '_>) -> Option<Self> {
        None
    }

    /// The same of members that are all plain.
    #[doc(hidden)]
    #[inline(always)]
    fn from_plain<const ESCAPES: bool>(_members: &mut PlainMembers<'a, '_, ESCAPES>) -> Option<Self> {
        None
    }

    /// Reads a value that is plain, and matches what the engine knows of its shape.
    #[doc(hidden)]
    #[inline(always)]
    fn read_plain(value: PlainValue<'a>) -> Option<Self> {
        value.read()
    }

    /// The value of a member that is not there. None if it must be there.
    fn absent() -> Option<Self> {
        None
    }

    /// Writes the value.
    fn write(&self, out: &mut Writer);
}
