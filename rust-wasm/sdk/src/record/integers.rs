//! Integers of all sizes.

use super::room::NUMBER;
use super::{PlainValue, Reader, Record, Room, Shape, Writer};

/// Digits of an integer that is written with an exponent, at most.
const MOST: i64 = 38;

macro_rules! integers {
    ($write:ident as $wide:ty: $($type:ty)*) => {$(
        impl<'a> Record<'a> for $type {
            const SHAPE: Shape = Shape::Integer { least: <$type>::MIN as i64, most: <$type>::MAX as u64 };

            #[inline]
            fn read(reader: &mut Reader<'a>) -> Option<Self> {
                let digits = reader.number()?;
                match digits.parse() {
                    Ok(value) => Some(value),
                    Err(_) => whole(digits)?.parse().ok(),
                }
            }

            #[inline(always)]
            fn read_plain(value: PlainValue<'a, '_>) -> Option<Self> {
                if const { <$type>::BITS < 64 } {
                    // The engine has seen that it is an integer in the range.
                    return Some(value.integer() as Self);
                }
                let (digits, decimals) = value.number();
                if decimals > 0 { value.read() } else { digits.try_into().ok() }
            }

            #[inline]
            fn write(&self, out: &mut Writer) {
                out.$write(*self as $wide);
            }

            const PUTS: bool = true;

            #[inline(always)]
            fn most(&self) -> usize {
                NUMBER
            }

            #[inline(always)]
            fn put(&self, room: &mut Room<'_>) -> Option<()> {
                room.$write(*self as $wide)
            }
        }
    )*};
}

integers!(natural as u64: u8 u16 u32 u64 usize);
integers!(integer as i64: i8 i16 i32 i64 isize);

/// The digits of an integer that was written with a fraction or an exponent, or with more than any type has: only so many
/// that it is out of every range.
#[cold]
pub(super) fn whole(digits: &str) -> Option<String> {
    let mut text = digits.bytes();
    let (mut value, mut after, mut fraction) = (Vec::new(), 0_i64, false);
    for byte in text.by_ref() {
        match byte {
            b'.' => fraction = true,
            b'e' | b'E' => break,
            b'-' => {}
            _ => {
                after += i64::from(fraction);
                if byte != b'0' || !value.is_empty() {
                    value.push(byte);
                }
            }
        }
    }
    if value.is_empty() {
        return Some("0".to_owned());
    }
    let (mut exponent, mut negative) = (0_i64, false);
    for byte in text {
        match byte {
            b'+' | b'-' => negative = byte == b'-',
            // No text is so long that more would matter.
            _ => exponent = (exponent * 10 + i64::from(byte - b'0')).min(1 << 40),
        }
    }
    let mut scale = if negative { -exponent } else { exponent } - after;
    while scale < 0 {
        value.pop_if(|last| *last == b'0')?;
        scale += 1;
    }
    value.resize((value.len() as i64 + scale).min(MOST + 1) as usize, b'0');
    if digits.starts_with('-') {
        value.insert(0, b'-');
    }
    String::from_utf8(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_many_forms() {
        for (digits, value) in [
            ("1.0", Some(1)),
            ("1e2", Some(100)),
            ("-1.50e1", Some(-15)),
            ("-0", Some(0)),
            ("0e999999999999999999999", Some(0)),
            ("120e-1", Some(12)),
            ("18446744073709551615", Some(u64::MAX.into())),
            ("1.5", None),
            ("1e-1", None),
            ("1e30", Some(10_i128.pow(30))),
            ("1e-99999999999999999999", None),
        ] {
            assert_eq!(whole(digits), value.map(|value: i128| value.to_string()), "{digits}");
        }
        for (digits, start) in
            [("1e400", "100"), ("-1.5e99999999999999999999", "-150"), (&"7".repeat(99), "777")]
        {
            let value = whole(digits).unwrap();
            assert!(value.starts_with(start) && value.len() > 38, "{value}");
        }
    }
}
