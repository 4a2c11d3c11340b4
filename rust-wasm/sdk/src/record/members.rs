//! Objects of known names: what `#[derive(Record)]` makes of a struct.

use super::explain::quoted;
use super::{Reader, Record, Shape, Writer};
use crate::Failure;

/// Whether a name was one of an object's.
pub enum Taken {
    /// It was, and its value was read.
    Yes,
    /// It was not, and nothing was read.
    No,
}

/// A struct whose fields are members of an object.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no members that could stand among those of another struct",
    label = "expected a struct with `#[derive(Record)]`, or a map",
    note = "a `BTreeMap<String, T>` takes the members that are left, as the last field with `flatten`",
    note = "in the place of an `Option` of a struct, make the fields of that struct `Option`s"
)]
pub trait Members<'a>: Record<'a> {
    /// The fields that were read so far.
    type Partial: Default;

    /// Reads the value of a member, if its name is known. None if it cannot be, or if it was read before.
    fn member(partial: &mut Self::Partial, name: &str, reader: &mut Reader<'a>) -> Option<Taken>;

    /// The struct. None if a member is missing.
    fn finish(partial: Self::Partial) -> Option<Self>;

    /// Writes the members, each with a comma in front.
    fn write_members(&self, out: &mut Writer);

    /// A name that it has beside those of an object in which it is flat, and that the object has itself.
    fn again(&self, _object: &Shape) -> Option<&str> {
        None
    }
}

/// Reads an object; members with unknown names are passed over if it is open.
#[inline]
pub fn read_object<'a, T: Members<'a>>(reader: &mut Reader<'a>, open: bool) -> Option<T> {
    let mut partial = T::Partial::default();
    reader.object(&mut |reader, name| match T::member(&mut partial, &name, reader)? {
        Taken::Yes => Some(()),
        Taken::No if open => reader.skip(),
        Taken::No => None,
    })?;
    T::finish(partial)
}

/// Refuses to write a member twice.
pub fn write_once<'a, T: Members<'a>>(value: &T, out: &mut Writer) {
    if let Some(name) = value.again(&T::SHAPE) {
        let message = [
            "the output has the property ",
            &quoted(name),
            " twice: in a field, and in a map with `flatten`",
        ];
        out.refuse(Failure::new("duplicate", wasmrecords_json::joined(&message)));
    }
}

/// Writes an object.
#[inline]
pub fn write_object<'a, T: Members<'a>>(value: &T, out: &mut Writer) {
    out.object(|out| value.write_members(out));
}
