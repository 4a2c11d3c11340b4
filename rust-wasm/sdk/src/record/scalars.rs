//! Booleans, floats and strings.

use super::{Reader, Record, Shape, Slots, Writer};
use std::borrow::Cow;

impl<'a> Record<'a> for bool {
    const SHAPE: Shape = Shape::Boolean;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let value = reader.peek()? == b't';
        reader.word(if value { "true" } else { "false" })?;
        Some(value)
    }

    fn write(&self, out: &mut Writer) {
        out.raw(if *self { "true" } else { "false" });
    }
}

impl<'a> Record<'a> for f64 {
    const SHAPE: Shape = Shape::Number;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.number()?.parse().ok().filter(|value: &f64| value.is_finite())
    }

    #[inline]
    fn read_slot(text: &'a str, _: &Slots<'a, '_>) -> Option<Self> {
        // A number of JSON is one of Rust. What else is one of Rust is no JSON.
        text.parse().ok().filter(|value: &f64| value.is_finite())
    }

    fn write(&self, out: &mut Writer) {
        out.float(*self);
    }
}

impl<'a> Record<'a> for f32 {
    const SHAPE: Shape = Shape::Number;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        // Once from the digits, and not by way of another float, which would round twice.
        reader.number()?.parse().ok().filter(|value: &f32| value.is_finite())
    }

    fn write(&self, out: &mut Writer) {
        // The shortest digits that say this float, which are not those of the next larger type.
        out.float(self.to_string().parse().unwrap_or(f64::NAN));
    }
}

impl<'a> Record<'a> for &'a str {
    const SHAPE: Shape = Shape::String;

    #[inline]
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.str()
    }

    #[inline]
    fn read_slot(text: &'a str, slots: &Slots<'a, '_>) -> Option<Self> {
        slots.str(text)
    }

    #[inline]
    fn write(&self, out: &mut Writer) {
        out.string(self);
    }
}

impl<'a> Record<'a> for String {
    const SHAPE: Shape = Shape::String;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.string().map(Cow::into_owned)
    }

    fn read_slot(text: &'a str, slots: &Slots<'a, '_>) -> Option<Self> {
        slots.str(text).map(str::to_owned)
    }

    fn write(&self, out: &mut Writer) {
        out.string(self);
    }
}

impl<'a> Record<'a> for Cow<'a, str> {
    const SHAPE: Shape = Shape::String;

    #[inline]
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.string()
    }

    #[inline]
    fn read_slot(text: &'a str, slots: &Slots<'a, '_>) -> Option<Self> {
        slots.str(text).map(Cow::Borrowed)
    }

    #[inline]
    fn write(&self, out: &mut Writer) {
        out.string(self);
    }
}
