//! What a program wants to know of a value, in a form that the learned tier answers while it passes.

use crate::program::{Compare, Constant};
use crate::rule::Short;
use crate::shape::CHUNK;

/// Decimals that a number of fifteen digits may have, and one more for none.
const DECIMALS: usize = 16;

/// One question about the value of a place.
#[repr(C)]
pub(crate) struct Watch {
    /// For numbers: from here on, for each number of decimals, ...
    low: [i64; DECIMALS],
    /// ... and up to so many more.
    width: [u64; DECIMALS],
    /// For strings: what has to stand there, with the closing quote behind it.
    text: [u8; CHUNK],
    mask: [u8; CHUNK],
    length: usize,
    /// The bits to set if it holds, and if not.
    pub yes: u64,
    pub no: u64,
}

/// No number.
const EMPTY: (i64, u64) = (i64::MAX, 0);

impl Watch {
    fn new(bit: usize, negated: bool) -> Watch {
        let bit = 1 << bit;
        let (yes, no) = if negated { (0, bit) } else { (bit, 0) };
        let ((low, width), text) = (EMPTY, [0; CHUNK]);
        Watch { low: [low; DECIMALS], width: [width; DECIMALS], text, mask: text, length: 0, yes, no }
    }

    /// A comparison of numbers with a constant of up to fifteen digits; none if it is another one.
    pub fn number(op: Compare, constant: &Constant, bit: usize) -> Option<Watch> {
        let Constant::Number(_, text) = constant else { return None };
        let Short { digits, places: decimals } = Short::read(text)?;
        let negated = matches!(op, Compare::Unequal | Compare::Less | Compare::AtMost);
        let mut watch = Watch::new(bit, negated);
        for places in 0..DECIMALS {
            // What the constant is in units of so many decimals: exactly, or between two.
            let (scaled, divisor) =
                (i128::from(digits) * 10_i128.pow(places as u32), 10_i128.pow(decimals as u32));
            let (floor, exact) = (scaled.div_euclid(divisor), scaled.rem_euclid(divisor) == 0);
            let least = match op {
                Compare::Equal | Compare::Unequal if exact => floor,
                Compare::Equal | Compare::Unequal => continue,
                Compare::AtLeast | Compare::Less => floor + i128::from(!exact),
                Compare::Greater | Compare::AtMost => floor + 1,
            };
            let exactly = matches!(op, Compare::Equal | Compare::Unequal);
            // A number has less than sixteen digits, so a bound beyond that is one that none reaches, or that all do.
            let Ok(least) = i64::try_from(least) else {
                if least < 0 && !exactly {
                    (watch.low[places], watch.width[places]) = (i64::MIN, u64::MAX);
                }
                continue;
            };
            let width = if exactly { 0 } else { i64::MAX.abs_diff(least) };
            (watch.low[places], watch.width[places]) = (least, width);
        }
        Some(watch)
    }

    /// A comparison of strings with a short constant, for being the same or not; none if it is another one.
    pub fn string(op: Compare, constant: &Constant, bit: usize) -> Option<Watch> {
        let Constant::String(constant) = constant else { return None };
        let bytes = constant.plain().as_bytes();
        let plain = bytes.iter().all(|byte| !matches!(byte, 0..=0x1f | b'"' | b'\\' | 0x7f));
        let negated = match op {
            Compare::Equal => false,
            Compare::Unequal => true,
            _ => return None,
        };
        if !plain || bytes.len() > CHUNK {
            return None;
        }
        let mut watch = Watch::new(bit, negated);
        watch.text[..bytes.len()].copy_from_slice(bytes);
        watch.mask[..bytes.len()].fill(255);
        watch.length = bytes.len();
        Some(watch)
    }

    /// What is known of a boolean when its value is.
    pub fn boolean(yes: bool, no: bool, bit: usize) -> Watch {
        Watch { yes: u64::from(yes) << bit, no: u64::from(no) << bit, ..Watch::new(bit, false) }
    }

    /// All that is asked of a boolean, as one question.
    pub fn together(watches: Vec<Watch>) -> Vec<Watch> {
        let join =
            |one: Watch, other: Watch| Watch { yes: one.yes | other.yes, no: one.no | other.no, ..one };
        watches.into_iter().reduce(join).into_iter().collect()
    }

    /// The bits for a number of this many decimals, less than sixteen.
    #[inline(always)]
    pub fn of_number(&self, digits: i64, decimals: usize) -> u64 {
        let decimals = decimals % DECIMALS;
        let within = digits.wrapping_sub(self.low[decimals]) as u64 <= self.width[decimals];
        if within { self.yes } else { self.no }
    }

    /// The constant as it has to stand in the text before its closing quote: bytes, ones for each, and how many.
    #[inline(always)]
    pub fn text(&self) -> (&[u8; CHUNK], &[u8; CHUNK], usize) {
        (&self.text, &self.mask, self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::{Compare, Constant, Watch};
    use wasmrecords_json::parse;

    #[test]
    fn a_number_is_compared_with_a_constant_whatever_their_decimals_are() {
        let ops = [
            Compare::Equal,
            Compare::Unequal,
            Compare::Less,
            Compare::AtMost,
            Compare::Greater,
            Compare::AtLeast,
        ];
        let constants = [
            ("0", 0, 0),
            ("1.5", 15, 1),
            ("-1.50", -150, 2),
            ("-0.0000000001", -1, 10),
            ("1000000", 1_000_000, 0),
            ("-10000000", -10_000_000, 0),
            ("999999999999999", 999_999_999_999_999, 0),
            ("-99999999999999", -99_999_999_999_999, 0),
        ];
        let numbers: [i64; 9] = [0, 1, -1, 15, -15, 150, 10_000_000, -10_000_000, 999_999_999_999_999];
        for (text, digits, decimals) in constants {
            let constant = Constant::new(&parse(text.as_bytes(), 1).unwrap()).unwrap();
            for op in ops {
                let watch = Watch::number(op, &constant, 3).unwrap();
                for number in numbers {
                    for places in 0..14_u32 {
                        let ten = |power| 10_i128.pow(power);
                        let order = (i128::from(number) * ten(decimals)).cmp(&(digits * ten(places)));
                        let bits = u64::from(op.holds(order)) << 3;
                        let found = watch.of_number(number, places as usize);
                        assert_eq!(found, bits, "{number}e-{places} {op:?} {text}");
                    }
                }
            }
        }
    }
}
