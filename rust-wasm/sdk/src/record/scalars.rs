//! Booleans, floats and strings.

use crate::Failure;

use super::shape::Check;
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

/// Floats of both sizes: what does not fit into the smaller one is told where it is read.
const NUMBER: Shape = Shape::Number(Check(|digits| digits.parse().is_ok_and(f64::is_finite)));

impl<'a> Record<'a> for f64 {
    const SHAPE: Shape = NUMBER;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.number()?.parse().ok().filter(|value: &f64| value.is_finite())
    }

    #[inline]
    fn read_slot(text: &'a str, _: &Slots<'a, '_>) -> Option<Self> {
        if let Some(value) = short(text) {
            return Some(value);
        }
        // A number of JSON is one of Rust. What else is one of Rust is no JSON.
        text.parse().ok().filter(|value: &f64| value.is_finite())
    }

    fn write(&self, out: &mut Writer) {
        out.float(*self);
    }
}

/// The value of few digits without an exponent: two numbers that floats hold exactly give by a division the nearest
/// float to what it stands for.
#[inline]
fn short(text: &str) -> Option<f64> {
    const POWERS: [f64; 16] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if unsigned.is_empty() || unsigned.len() > 16 {
        return None;
    }
    let (mut value, mut point) = (0_u64, unsigned.len());
    for (at, byte) in unsigned.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => value = value * 10 + u64::from(byte - b'0'),
            b'.' => point = at + 1,
            _ => return None,
        }
    }
    // Up to 15 digits beside a point, or 16 without one.
    if value > 1 << 53 {
        return None;
    }
    let value = value as f64 / POWERS[unsigned.len() - point];
    Some(if unsigned.len() < text.len() { -value } else { value })
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

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn short_numbers_are_the_nearest_floats() {
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        let mut read = 0;
        for round in 0..100_000_u64 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round);
            let digits = (bits >> 8).to_string();
            let length = 1 + (bits % 17) as usize;
            let whole = &digits[..length.min(digits.len())];
            let point = (bits >> 60) as usize % (whole.len() + 1);
            let sign = if bits & 1 << 59 == 0 { "" } else { "-" };
            for text in [
                format!("{sign}{whole}"),
                format!("{sign}{}.{}", &whole[..point], &whole[point..]),
                format!("{sign}0.{whole}"),
                format!("{sign}{whole}e2"),
            ] {
                if let Some(value) = short(&text) {
                    read += 1;
                    assert_eq!(Some(value.to_bits()), text.parse::<f64>().ok().map(f64::to_bits), "{text}");
                }
            }
        }
        assert!(read > 200_000);
        assert_eq!(short("-0").map(f64::is_sign_negative), Some(true));
        for text in ["", "-", "null", "1e2", "true", "12345678901234567"] {
            assert_eq!(short(text), None, "{text}");
        }
    }
}
