//! Integers of all sizes.

use super::{Reader, Record, Shape, Slots, Writer};

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

            #[inline]
            fn read_slot(text: &'a str, slots: &Slots<'a, '_>) -> Option<Self> {
                // An integer of JSON is one of Rust, which has `+1`, too.
                text.parse().ok().or_else(|| slots.read(text))
            }

            #[inline]
            fn write(&self, out: &mut Writer) {
                out.$write(*self as $wide);
            }
        }
    )*};
}

integers!(natural as u64: u8 u16 u32 u64 usize);
integers!(integer as i64: i8 i16 i32 i64 isize);

/// The integer that was written with a fraction or an exponent, or with more digits than any type has.
#[cold]
pub(super) fn whole(digits: &str) -> Option<i128> {
    let (negative, rest) = digits.strip_prefix('-').map_or((false, digits), |rest| (true, rest));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let significant = [before, after].concat();
    let significant = significant.trim_start_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    let zeros = significant.len() - significant.trim_end_matches('0').len();
    let significant = &significant[..significant.len() - zeros];
    // How many zeros stand behind them.
    let scale = exponent.parse::<i64>().ok()?.checked_sub(after.len() as i64)?.checked_add(zeros as i64)?;
    let scale = u32::try_from(scale).ok().filter(|scale| *scale < 39)?;
    let value = significant.parse::<i128>().ok()?.checked_mul(10_i128.pow(scale))?;
    Some(if negative { -value } else { value })
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
