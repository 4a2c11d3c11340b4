//! Integers of all sizes.

use super::room::NUMBER;
use super::{PlainValue, Reader, Record, Room, Shape, Writer};

macro_rules! integers {
    ($write:ident as $wide:ty: $($type:ty)*) => {$(
        impl<'a> Record<'a> for $type {
            const SHAPE: Shape = Shape::Integer { least: <$type>::MIN as i64, most: <$type>::MAX as u64 };

            #[inline]
            fn read(reader: &mut Reader<'a>) -> Option<Self> {
                let digits = reader.number()?;
                match digits.parse() {
                    Ok(value) => Some(value),
                    Err(_) => whole(digits)?.try_into().ok(),
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

/// The integer of up to 38 digits that was written with a fraction or an exponent, or with more than any type has.
#[cold]
pub(super) fn whole(digits: &str) -> Option<i128> {
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let after = mantissa.bytes().rev().position(|byte| byte == b'.').unwrap_or(0);
    let digits_of = mantissa.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0');
    let mut significant: Vec<_> = digits_of.collect();
    let all = significant.len();
    while significant.pop_if(|last| *last == b'0').is_some() {}
    if significant.is_empty() {
        return Some(0);
    }
    // How many zeros stand behind them.
    let zeros = all - significant.len();
    let scale = exponent.parse::<i64>().ok()?.checked_sub(after as i64)?.checked_add(zeros as i64)?;
    let scale = usize::try_from(scale).ok()?;
    if significant.len().checked_add(scale)? > 38 {
        return None;
    }
    significant.resize(significant.len() + scale, b'0');
    // By shifts: a product of so many bits takes a page of code.
    let value = significant
        .iter()
        .fold(0_i128, |value, digit| (value << 3) + (value << 1) + i128::from(digit - b'0'));
    Some(if mantissa.starts_with('-') { -value } else { value })
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
            ("1e400", None),
            ("1e99999999999999999999", None),
            ("100000000000000000000000000000000000000000000000", None),
        ] {
            assert_eq!(whole(digits), value, "{digits}");
        }
    }
}
