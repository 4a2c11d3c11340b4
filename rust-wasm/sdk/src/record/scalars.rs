//! Booleans, floats and strings.

use crate::Failure;

use super::room::NUMBER as DIGITS;
use super::shape::Check;
use super::{PlainValue, Reader, Record, Room, Shape, Writer};
use std::borrow::Cow;

impl<'a> Record<'a> for bool {
    const SHAPE: Shape = Shape::Boolean;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let value = reader.peek()? == b't';
        reader.word(if value { "true" } else { "false" })?;
        Some(value)
    }

    #[inline(always)]
    fn read_plain(value: PlainValue<'a, '_>) -> Option<Self> {
        Some(value.is_true())
    }

    fn write(&self, out: &mut Writer) {
        out.raw(if *self { "true" } else { "false" });
    }

    const PUTS: bool = true;

    #[inline(always)]
    fn most(&self) -> usize {
        5
    }

    #[inline(always)]
    fn put(&self, room: &mut Room<'_>) -> Option<()> {
        room.raw(if *self { "true" } else { "false" })
    }
}

/// Floats of both sizes: what does not fit into the smaller one is told where it is read.
const NUMBER: Shape = Shape::Number(Check(|digits| digits.parse().is_ok_and(f64::is_finite)));

impl<'a> Record<'a> for f64 {
    const SHAPE: Shape = NUMBER;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.number()?.parse().ok().filter(|value: &f64| value.is_finite())
    }

    #[inline(always)]
    fn read_plain(value: PlainValue<'a, '_>) -> Option<Self> {
        Some(value.float())
    }

    fn write(&self, out: &mut Writer) {
        out.float(*self);
    }

    const PUTS: bool = true;

    #[inline(always)]
    fn most(&self) -> usize {
        DIGITS
    }

    #[inline(always)]
    fn put(&self, room: &mut Room<'_>) -> Option<()> {
        room.float(*self)
    }
}

impl<'a> Record<'a> for f32 {
    const SHAPE: Shape = NUMBER;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        // Once from the digits, and not by way of another float, which would round twice.
        let (offset, digits) = (reader.at(), reader.number()?);
        match digits.parse() {
            Ok(value) if f32::is_finite(value) => Some(value),
            // For a larger float it would do, so no shape tells.
            _ => {
                let message = "expected a number within the range of a 32-bit float".to_owned();
                reader.refuse(Failure { offset, ..Failure::new("number", message) })
            }
        }
    }

    fn write(&self, out: &mut Writer) {
        // The shortest digits that say this float, which are not those of the next larger type.
        out.float(self.to_string().parse().unwrap_or(f64::NAN));
    }
}

/// How a text goes into a room, whoever has it.
macro_rules! puts_text {
    () => {
        const PUTS: bool = true;

        #[inline(always)]
        fn most(&self) -> usize {
            self.len() + 2
        }

        #[inline(always)]
        fn put(&self, room: &mut Room<'_>) -> Option<()> {
            room.string(self)
        }
    };
}

impl<'a> Record<'a> for &'a str {
    const SHAPE: Shape = Shape::String;

    #[inline]
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.str()
    }

    #[inline(always)]
    fn read_plain(value: PlainValue<'a, '_>) -> Option<Self> {
        Some(value.str())
    }

    #[inline]
    fn write(&self, out: &mut Writer) {
        out.string(self);
    }

    puts_text!();
}

impl<'a> Record<'a> for String {
    const SHAPE: Shape = Shape::String;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.string().map(Cow::into_owned)
    }

    #[inline(always)]
    fn read_plain(value: PlainValue<'a, '_>) -> Option<Self> {
        Some(value.str().to_owned())
    }

    fn write(&self, out: &mut Writer) {
        out.string(self);
    }

    puts_text!();
}

impl<'a> Record<'a> for Cow<'a, str> {
    const SHAPE: Shape = Shape::String;

    #[inline]
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.string()
    }

    #[inline(always)]
    fn read_plain(value: PlainValue<'a, '_>) -> Option<Self> {
        Some(Cow::Borrowed(value.str()))
    }

    #[inline]
    fn write(&self, out: &mut Writer) {
        out.string(self);
    }

    puts_text!();
}
