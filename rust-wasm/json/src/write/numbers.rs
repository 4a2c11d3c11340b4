//! From numbers to JSON text.

/// Appends an integer.
pub(super) fn write_integer(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    write_natural(value.unsigned_abs(), out);
}

/// Appends an integer that is not negative.
pub fn write_natural(value: u64, out: &mut Vec<u8>) {
    with_room(out, |text| natural(value, text));
}

/// Writes an integer that is not negative where there is room: how many bytes.
#[inline(always)]
pub fn put_natural(value: u64, room: &mut [u8; ROOM]) -> usize {
    natural(value, room)
}

/// Writes a float without its sign, as [`write_float`] does, if it is one of those that people write: how many bytes.
#[inline(always)]
pub fn put_float(float: f64, room: &mut [u8; ROOM]) -> Option<usize> {
    short_float(float).map(|(whole, part)| decimal(whole, part, room))
}

/// More than any number has digits for which it is used.
pub const ROOM: usize = 32;

/// Lets `write` write behind a text: how many bytes, it says. As many as there may be are made in one go, and taken
/// back.
#[inline(always)]
fn with_room(out: &mut Vec<u8>, write: impl FnOnce(&mut [u8; ROOM]) -> usize) {
    let start = out.len();
    out.extend_from_slice(&[0; ROOM]);
    let length = out.last_chunk_mut().map_or(0, write);
    out.truncate(start + length);
}

/// More has an integer of more than eight digits.
const EIGHT: u64 = 100_000_000;

/// Writes the digits of an integer: how many.
#[inline(always)]
fn natural(value: u64, digits: &mut [u8; ROOM]) -> usize {
    if value < EIGHT { first(value as u32, digits) } else { large(value, digits) }
}

#[inline(never)]
fn large(value: u64, digits: &mut [u8; ROOM]) -> usize {
    let (upper, lower) = (value / EIGHT, (value % EIGHT) as u32);
    let length = natural(upper, digits);
    digits[length..length + 8].copy_from_slice(&text(eight(lower)));
    length + 8
}

/// Writes the digits of an integer of up to eight: how many.
#[inline(always)]
fn first(value: u32, digits: &mut [u8; ROOM]) -> usize {
    let all = eight(value);
    let zeros = (all.trailing_zeros() / 8).min(7);
    digits[..8].copy_from_slice(&(u64::from_le_bytes(text(all)) >> (zeros * 8)).to_le_bytes());
    8 - zeros as usize
}

/// The eight decimal digits of an integer, each in a byte, the first one lowest: all at once, by halves.
#[inline(always)]
fn eight(value: u32) -> u64 {
    let fours = u64::from(value / 10_000) | u64::from(value % 10_000) << 32;
    // By 100 and by 10: for numbers so small it is the same.
    let upper = ((fours * 10_486) >> 20) & 0x7f_0000_007f;
    let twos = (fours - 100 * upper) << 16 | upper;
    let upper = ((twos * 103) >> 10) & 0x0f_000f_000f_000f;
    (twos - 10 * upper) << 8 | upper
}

/// Digits as characters.
#[inline(always)]
fn text(digits: u64) -> [u8; 8] {
    (digits | 0x3030_3030_3030_3030).to_le_bytes()
}

/// What stands before the dot of a float with up to six decimals that is not too small or too large for that, and these
/// six. A number of up to fifteen digits is the shortest one for its float, if its float is the one.
#[inline(always)]
fn short_float(float: f64) -> Option<(u32, u32)> {
    const UNITS: f64 = 1e6;
    let magnitude = float.abs();
    if !(1e-4..1e9).contains(&magnitude) && magnitude != 0.0 {
        return None;
    }
    let units = (magnitude * UNITS).round_ties_even();
    if units / UNITS != magnitude {
        return None;
    }
    // The float is the nearest one to the number, and as near to it as to no integer that it is not.
    let whole = magnitude as i32;
    Some((whole as u32, (units - f64::from(whole) * UNITS) as i32 as u32))
}

/// Writes a number by what stands before its dot, and by six digits behind it: how long it is.
#[inline(always)]
fn decimal(whole: u32, part: u32, digits: &mut [u8; ROOM]) -> usize {
    let length = natural(whole.into(), digits);
    // Those at the end that are zeros go, and the dot with all of them: without a branch, for who knows?
    let behind = eight(part) >> 16;
    digits[length] = b'.';
    digits[length + 1..length + 9].copy_from_slice(&text(behind));
    let some = (64 + 7 - behind.leading_zeros() as usize) / 8;
    length + some + usize::from(some > 0)
}

/// Appends a float as jq writes what it computed: the shortest digits that say the same float, `3` for 3.0, and an
/// exponent only for the very small and the very large. `null` for what is no number, the largest float for an
/// infinity.
pub fn write_float(float: f64, out: &mut Vec<u8>) {
    match short_float(float) {
        Some((whole, part)) => {
            if float.is_sign_negative() {
                out.push(b'-');
            }
            with_room(out, |text| decimal(whole, part, text));
        }
        None => write_any_float(float, out),
    }
}

#[inline(never)]
fn write_any_float(float: f64, out: &mut Vec<u8>) {
    if float.is_nan() {
        return out.extend_from_slice(b"null");
    }
    // JSON has no infinity; jq gives the largest number that is there.
    let mut buffer = zmij::Buffer::new();
    let short = buffer.format_finite(float.clamp(f64::MIN, f64::MAX));
    let positive = short.strip_prefix('-').unwrap_or(short);
    if positive.len() < short.len() {
        out.push(b'-');
    }
    let (mantissa, exponent) = positive.split_once('e').unwrap_or((positive, "0"));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    // All digits that count, and where the point stands among them.
    let mut digits = [0; 32];
    let (mut count, mut point) = (0, before.len() as i32 + exponent.parse::<i32>().unwrap_or(0));
    for digit in before.bytes().chain(after.bytes()) {
        if count == 0 && digit == b'0' {
            point -= 1;
        } else if count < digits.len() {
            digits[count] = digit;
            count += 1;
        }
    }
    while count > 0 && digits[count - 1] == b'0' {
        count -= 1;
    }
    if count == 0 {
        return out.push(b'0');
    }
    let digits = &digits[..count];
    let count = count as i32;
    let zeros = |out: &mut Vec<u8>, count: i32| out.extend((0..count).map(|_| b'0'));
    if point <= -4 || point > count + 15 {
        out.push(digits[0]);
        if count > 1 {
            out.push(b'.');
            out.extend_from_slice(&digits[1..]);
        }
        let exponent = point - 1;
        out.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
        zeros(out, i32::from(exponent.abs() < 10));
        write_natural(u64::from(exponent.unsigned_abs()), out);
    } else if point <= 0 {
        out.extend_from_slice(b"0.");
        zeros(out, -point);
        out.extend_from_slice(digits);
    } else if point >= count {
        out.extend_from_slice(digits);
        zeros(out, point - count);
    } else {
        let (before, after) = digits.split_at(point as usize);
        out.extend_from_slice(before);
        out.push(b'.');
        out.extend_from_slice(after);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    #[test]
    fn floats_are_written_as_jq_writes_them() {
        for (float, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (3.0, "3"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e15, "1000000000000000"),
            (1e16, "1e+16"),
            (123e15, "123000000000000000"),
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (0.0001, "0.0001"),
            (1.25e300, "1.25e+300"),
            (f64::NAN, "null"),
            (f64::INFINITY, "1.7976931348623157e+308"),
            (f64::NEG_INFINITY, "-1.7976931348623157e+308"),
        ] {
            assert_eq!(Value::from(float).to_string(), text);
        }
    }

    #[test]
    fn floats_have_the_shortest_digits() {
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        for round in 0..20_000_u64 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round);
            // Of all sizes, and of the sizes that people write.
            let decimals = |most| (bits >> 20) as f64 / 10_f64.powi((bits % most) as i32);
            for float in [f64::from_bits(bits), decimals(9), -decimals(16), (bits as i32).into()] {
                if !float.is_finite() {
                    continue;
                }
                let written = Value::from(float).to_string();
                assert_eq!(written.parse::<f64>().unwrap().to_bits(), float.to_bits(), "{written}");
                let digits = |text: &str| {
                    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
                    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
                    digits.trim_start_matches('0').trim_end_matches('0').to_owned()
                };
                // As many as there have to be. Halfway between two texts Rust takes the larger one, and jq the even.
                assert_eq!(digits(&written).len(), digits(&format!("{float:e}")).len(), "{written}");
            }
        }
        assert_eq!(Value::from(70_858_121_846_382.63).to_string(), "70858121846382.62");
    }

    #[test]
    fn short_floats_are_written_as_all_are() {
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        let mut short = 0;
        for round in 0..50_000_u64 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round);
            let (digits, decimals) = ((bits >> (14 + bits % 48)) as f64, 10_f64.powi((bits % 9) as i32));
            for float in [digits / decimals, -digits / decimals, digits * 1e-6, f64::from_bits(bits)] {
                let (mut text, mut all) = (Vec::new(), Vec::new());
                write_float(float, &mut text);
                write_any_float(float, &mut all);
                assert_eq!(text, all, "{float:?}");
                short += u32::from(short_float(float).is_some());
            }
        }
        assert!(short > 50_000, "{short}");
        for float in [0.000_099, 1e9, f64::NAN, f64::INFINITY, 0.1 + 0.2, 1.0 / 3.0] {
            assert_eq!(short_float(float), None);
        }
    }

    #[test]
    fn integers_of_all_lengths() {
        for value in (0..19)
            .flat_map(|most| [-1, 0, 1].map(|more| 10_i64.pow(most) + more))
            .chain([i64::MAX, i64::MIN])
        {
            assert_eq!(
                Value::from(-value.saturating_abs()).to_string(),
                (-value.saturating_abs()).to_string()
            );
            assert_eq!(Value::from(value).to_string(), value.to_string());
        }
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        for round in 0..20_000_u64 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(round);
            let (value, mut text) = (bits >> (round % 64), Vec::new());
            write_natural(value, &mut text);
            assert_eq!(text, value.to_string().into_bytes());
        }
    }
}
