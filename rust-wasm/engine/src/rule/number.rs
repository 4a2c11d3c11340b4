//! What a schema asks of a number, answered from its digits.
//!
//! The validator reads 64-bit integers exactly and all else as doubles. Up to fifteen digits both are the same
//! number, so the answer here is the validator's; of longer ones only plain integers are answered.

use wasmrecords_json::Number;

use super::Types;
use crate::RECIPES;

/// A double that has this many decimal digits gives them back, and tells all such numbers apart.
const EXACT_DIGITS: usize = 15;

/// Plain integers up to here are compared as 64 bits.
const LONGEST: usize = 18;

/// All powers of ten that a double holds exactly and a number of fifteen digits may be divided by.
const POWERS: [f64; EXACT_DIGITS + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// Bounds, steps and listed numbers.
#[derive(Clone, Debug)]
pub struct NumberRule {
    pub(super) low: Bound,
    pub(super) high: Bound,
    pub(super) step: Option<Step>,
    /// Numbers that are allowed, if not all are: sorted.
    pub(super) options: Option<Vec<f64>>,
    /// `1.0` is no integer, as in draft 4.
    pub(super) written: bool,
}

/// A bound, once for integers and once for all numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    /// The last integer within it.
    pub integer: i64,
    pub float: f64,
    /// Whether the bound itself is within.
    pub inclusive: bool,
}

/// `digits / 10^places`, more than zero: what a number has to be a multiple of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub digits: i64,
    pub places: usize,
}

/// A number of up to fifteen digits without an exponent, as `digits / 10^places`.
#[derive(Clone, Copy)]
pub(crate) struct Short {
    pub digits: i64,
    pub places: usize,
}

impl NumberRule {
    pub(super) const fn any() -> NumberRule {
        NumberRule {
            low: Bound { integer: i64::MIN, float: f64::NEG_INFINITY, inclusive: true },
            high: Bound { integer: i64::MAX, float: f64::INFINITY, inclusive: true },
            step: None,
            options: None,
            written: false,
        }
    }

    /// From one integer up to another one.
    pub fn between(least: i64, most: i64) -> NumberRule {
        let bound = |integer: i64| Bound { integer, float: integer as f64, inclusive: true };
        NumberRule { low: bound(least), high: bound(most), ..NumberRule::any() }
    }

    /// What a number has to be a multiple of. Nothing asks that but schemas.
    #[inline(always)]
    fn step(&self) -> Option<Step> {
        self.step.filter(|_| RECIPES)
    }

    /// Numbers that are allowed, if not all are: likewise.
    #[inline(always)]
    fn options(&self) -> Option<&[f64]> {
        self.options.as_deref().filter(|_| RECIPES)
    }

    /// True if all numbers match.
    pub fn is_any(&self) -> bool {
        self.integer_range() == Some((i64::MIN, i64::MAX))
            && self.low.float == f64::NEG_INFINITY
            && self.high.float == f64::INFINITY
            && self.step().is_none()
    }

    /// The least and the most, if of integers without a fraction and an exponent, with up to fifteen digits, just
    /// those between them match. They need not be within fifteen digits themselves.
    pub fn integer_range(&self) -> Option<(i64, i64)> {
        let stepless = self.step().is_none_or(|step| step.is_one());
        (stepless && self.options().is_none()).then_some((self.low.integer, self.high.integer))
    }

    /// The least and the most, if of numbers with up to fifteen digits just those between them match: of integers
    /// without a fraction, as in [`Self::integer_range`], and of all others as doubles.
    pub fn range(&self) -> Option<((i64, i64), (f64, f64))> {
        let integers = self.integer_range().filter(|_| self.step().is_none())?;
        let least = if self.low.inclusive { self.low.float } else { self.low.float.next_up() };
        let most = if self.high.inclusive { self.high.float } else { self.high.float.next_down() };
        Some((integers, (least, most)))
    }

    /// Whether a number certainly matches: its digits as they are written, where these `types` are allowed.
    #[inline]
    pub fn allows(&self, digits: &[u8], types: Types) -> bool {
        if let Some(value) = plain_integer(digits) {
            return types.has(Types::NUMBER | Types::INTEGER) && self.allows_integer(value, digits.len());
        }
        self.allows_written(digits, types)
    }

    /// Whether a number that is not allowed certainly does not match.
    pub fn is_sure_of(digits: &[u8]) -> bool {
        digits.len() <= EXACT_DIGITS && !digits.iter().any(|byte| matches!(byte, b'e' | b'E'))
    }

    #[inline]
    fn allows_integer(&self, value: i64, length: usize) -> bool {
        let within = self.low.integer <= value && value <= self.high.integer;
        within
            && self.step().is_none_or(|step| step.divides_integer(value))
            && self.has_option(value as f64, length)
    }

    #[inline]
    fn has_option(&self, value: f64, length: usize) -> bool {
        match self.options() {
            None => true,
            Some(options) => length <= EXACT_DIGITS && has(options, value),
        }
    }

    /// Of a number that is no short plain integer.
    #[inline(never)]
    fn allows_written(&self, digits: &[u8], types: Types) -> bool {
        if types.has(Types::NUMBER) && self.is_any() {
            return true;
        }
        let Some(number) = Short::read(digits) else { return false };
        let typed =
            types.has(Types::NUMBER) || types.has(Types::INTEGER) && !self.written && number.is_whole();
        let value = number.value();
        typed
            && self.low.is_below(value)
            && self.high.is_above(value)
            && self.step().is_none_or(|step| step.divides(number))
            && self.has_option(value, 0)
    }
}

/// Whether a number is among sorted ones.
pub(super) fn has(options: &[f64], value: f64) -> bool {
    // None of them is a negative zero: -0 is read as an integer, -0.0 as its digits.
    options.binary_search_by(|option| option.total_cmp(&value)).is_ok()
}

impl Bound {
    /// The bound that values are not below. None if it cannot be told by doubles which integers are.
    pub fn low(number: &Number, inclusive: bool) -> Option<Bound> {
        let next = i64::from(!inclusive);
        Some(match number {
            Number::Int(value) => {
                Bound { integer: value.saturating_add(next), float: *value as f64, inclusive }
            }
            number => {
                let float = clear(number)?;
                let next = if float.ceil() == float { next } else { 0 };
                Bound { integer: (float.ceil() as i64).saturating_add(next), float, inclusive }
            }
        })
    }

    /// The bound that values are not above.
    pub fn high(number: &Number, inclusive: bool) -> Option<Bound> {
        let next = i64::from(!inclusive);
        Some(match number {
            Number::Int(value) => {
                Bound { integer: value.saturating_sub(next), float: *value as f64, inclusive }
            }
            number => {
                let float = clear(number)?;
                let next = if float.floor() == float { next } else { 0 };
                Bound { integer: (float.floor() as i64).saturating_sub(next), float, inclusive }
            }
        })
    }

    /// Makes it the higher of two that are not to be gone below.
    pub fn raise(&mut self, other: Bound) {
        let integer = self.integer.max(other.integer);
        if self.is_below(other.float) || self.float == other.float && !other.inclusive {
            *self = other;
        }
        self.integer = integer;
    }

    /// Makes it the lower of two that are not to be gone above.
    pub fn lower(&mut self, other: Bound) {
        let integer = self.integer.min(other.integer);
        if self.is_above(other.float) || self.float == other.float && !other.inclusive {
            *self = other;
        }
        self.integer = integer;
    }

    fn is_below(self, value: f64) -> bool {
        self.float < value || self.inclusive && self.float == value
    }

    fn is_above(self, value: f64) -> bool {
        value < self.float || self.inclusive && self.float == value
    }
}

/// A double between two of the integers that it holds exactly, or beyond all that are looked at.
fn clear(number: &Number) -> Option<f64> {
    let value = number.as_f64();
    // What is too small for a double is not zero.
    if value == 0.0 && number.to_string().split(['e', 'E']).next()?.contains(|c| matches!(c, '1'..='9')) {
        return None;
    }
    (value.abs() < 9_007_199_254_740_992.0 || value.abs() > 2e18).then_some(value)
}

impl Step {
    fn is_one(self) -> bool {
        self.digits == 1 && self.places == 0
    }

    fn divides_integer(self, value: i64) -> bool {
        self.is_one() || self.divides(Short { digits: value, places: 0 })
    }

    fn divides(self, number: Short) -> bool {
        // Both with as many places: no product is beyond 18 + 15 digits.
        let places = self.places.max(number.places);
        let scaled = |digits: i64, own: usize| i128::from(digits) * 10_i128.pow((places - own) as u32);
        scaled(number.digits, number.places) % scaled(self.digits, self.places) == 0
    }
}

impl Short {
    /// None if there is an exponent, or more digits, or more of a fraction.
    pub fn read(digits: &[u8]) -> Option<Short> {
        let unsigned = digits.strip_prefix(b"-").unwrap_or(digits);
        let (mut value, mut places, mut count, mut fraction) = (0_i64, 0, 0, false);
        for &byte in unsigned {
            match byte {
                b'0'..=b'9' => {
                    // Zeros in front do not count.
                    count += usize::from(count > 0 || byte != b'0');
                    places += usize::from(fraction);
                    if count > EXACT_DIGITS || places > EXACT_DIGITS {
                        return None;
                    }
                    value = value * 10 + i64::from(byte - b'0');
                }
                b'.' => fraction = true,
                _ => return None,
            }
        }
        Some(Short { digits: if unsigned.len() < digits.len() { -value } else { value }, places })
    }

    /// The nearest double: of two numbers that doubles hold exactly, a division gives just that.
    pub fn value(self) -> f64 {
        self.digits as f64 / POWERS[self.places]
    }

    fn is_whole(self) -> bool {
        self.digits % 10_i64.pow(self.places as u32) == 0
    }
}

/// The value of an integer of up to eighteen digits with neither a fraction nor an exponent.
#[inline(always)]
pub(crate) fn plain_integer(digits: &[u8]) -> Option<i64> {
    let (negative, digits) = match digits {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > LONGEST {
        return None;
    }
    let mut value = 0_i64;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(if negative { -value } else { value })
}
