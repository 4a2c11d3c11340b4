//! Rust types as records: read from JSON text without a tree of values, and written the same way.

mod bytes;
mod collections;
mod explain;
mod flat;
mod integers;
#[cfg(feature = "serde")]
mod json;
mod members;
mod raw;
mod reader;
mod room;
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
pub use flat::{closed, flattened};
#[cfg(feature = "serde")]
pub use json::Json;
pub use members::{Members, Taken, read_object, write_object, write_once};
pub use raw::Raw;
pub use reader::Reader;
pub use room::Room;
pub use shape::Shape;
pub use slots::{PlainMembers, PlainValue, Slots};
pub(crate) use slots::{paths, rule};
pub use writer::Writer;

use crate::Failure;

/// Reads what is left of a text as one value.
#[inline(never)]
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
        .or_else(|| reader.refusal())
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
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no type of a record",
    label = "neither read from JSON nor written as JSON",
    note = "a struct with named fields, or an enum without fields, is one with `#[derive(Record)]`",
    note = "others are `bool`, integers of up to 64 bits, `f64`, `f32`, `String`, `&str`, `Cow<str>`, `Option`, `Vec`, \
            arrays, tuples of up to 8, `BTreeMap` with names that are strings, `Box`, `Bytes`, `Value` and `Raw`",
    note = "`Json<T>` is one of any type of serde, with the crate's feature `serde`"
)]
pub trait Record<'a>: Sized {
    /// What its text looks like.
    const SHAPE: Shape;

    /// Whether a member with it may be missing: then [`Record::absent`] has a value for it.
    const OPTIONAL: bool = false;

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
    fn read_plain(value: PlainValue<'a, '_>) -> Option<Self> {
        value.read()
    }

    /// The next member's value, which may be missing.
    #[doc(hidden)]
    #[inline(always)]
    #[allow(clippy::option_option, reason = "two things may be missing")]
    fn next(slots: &mut Slots<'a, '_>) -> Option<Option<Self>> {
        slots.member()
    }

    /// The same where all are plain.
    #[doc(hidden)]
    #[inline(always)]
    #[allow(clippy::option_option, reason = "two things may be missing")]
    fn next_plain<const ESCAPES: bool>(members: &mut PlainMembers<'a, '_, ESCAPES>) -> Option<Option<Self>> {
        members.member()
    }

    /// The same of one that must be there.
    #[doc(hidden)]
    #[inline(always)]
    fn next_required<const ESCAPES: bool>(members: &mut PlainMembers<'a, '_, ESCAPES>) -> Option<Self> {
        members.required()
    }

    /// The value of a member that is not there. None if it must be there.
    fn absent() -> Option<Self> {
        None
    }

    /// Writes the value.
    fn write(&self, out: &mut Writer);

    /// Whether [`Record::put`] writes most values.
    #[doc(hidden)]
    const PUTS: bool = false;

    /// Bytes of room that [`Record::put`] needs, at most.
    #[doc(hidden)]
    #[inline(always)]
    fn most(&self) -> usize {
        0
    }

    /// Writes the value in one go where there is room for it, as [`Record::write`] does. None if it is one that this way
    /// cannot write.
    #[doc(hidden)]
    #[inline(always)]
    fn put(&self, _room: &mut Room<'_>) -> Option<()> {
        None
    }
}
