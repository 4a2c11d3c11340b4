//! Numbers: as they were written, or as somebody computed them.

use crate::{Text, Value};
use num_bigint::BigInt;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

/// Longer integers are computed with as floats: none of them is within the range of one, and reading
/// them exactly would take quadratic time.
const EXACT_DIGITS: usize = 400;

/// What so many digits have at the most.
const EXACT_BITS: u64 = 1_329;

/// A number.
#[derive(Clone)]
pub enum Number {
    /// An integer of 64 bits, which has one way to be written.
    Int(i64),
    /// A float that was computed. It may be infinite, or no number.
    Float(f64),
    /// An integer beyond 64 bits that was computed.
    Big(Rc<BigInt>),
    /// All others are what was written: `1.0`, `1e400`, `-0`, `100000000000000000000`.
    Digits(Text),
}

/// What a number is for those who compute with it.
pub(crate) enum Computed<'a> {
    Int(i64),
    Big(Cow<'a, BigInt>),
    Float(f64),
}

impl Number {
    /// The number whose digits are valid by RFC 8259.
    #[inline]
    pub(crate) fn written(digits: &str, text: impl FnOnce() -> Text) -> Number {
        match short(digits) {
            Some(value) => Number::Int(value),
            None => match digits.parse() {
                Ok(value) if value != 0 => Number::Int(value),
                _ => Number::Digits(text()),
            },
        }
    }

    /// A float as an integer where it is one and says so for certain, so that it is written without a
    /// fraction.
    pub fn whole(value: f64) -> Number {
        // Beyond 2^53 a float says nothing about units.
        if value.trunc() == value && value.abs() < 9_007_199_254_740_992.0 && !is_negative_zero(value) {
            Number::Int(value as i64)
        } else {
            Number::Float(value)
        }
    }

    /// An integer of any size; a float if it has outgrown what is computed exactly, so that squaring it
    /// again and again costs no more each time.
    pub(crate) fn integer(value: BigInt) -> Number {
        if value.bits() > EXACT_BITS {
            return Number::Float(big_to_f64(&value));
        }
        i64::try_from(&value).map_or_else(|_| Number::Big(value.into()), Number::Int)
    }

    /// The nearest float; an infinity beyond their range.
    #[inline]
    pub fn as_f64(&self) -> f64 {
        match self {
            Number::Int(value) => *value as f64,
            Number::Float(value) => *value,
            Number::Big(value) => big_to_f64(value),
            // The digits are a number in Rust's words as well.
            Number::Digits(digits) => digits.parse().unwrap_or(f64::NAN),
        }
    }

    /// The value, if it is an integer of 64 bits that was not written with a fraction or an exponent.
    pub fn as_i64(&self) -> Option<i64> {
        match self.computed() {
            Computed::Int(value) => Some(value),
            _ => None,
        }
    }

    /// True for what is computed exactly.
    pub fn is_exact(&self) -> bool {
        !matches!(self.computed(), Computed::Float(_))
    }

    #[inline]
    pub(crate) fn computed(&self) -> Computed<'_> {
        match self {
            Number::Int(value) => Computed::Int(*value),
            Number::Float(value) => Computed::Float(*value),
            Number::Big(value) => Computed::Big(Cow::Borrowed(value)),
            Number::Digits(digits) => compute(digits),
        }
    }
}

/// The value of up to 18 digits, not of `-0`.
#[inline(always)]
fn short(digits: &str) -> Option<i64> {
    let (negative, digits) = match digits.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > 18 {
        return None;
    }
    let mut value = 0i64;
    for &digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    match negative {
        true if value == 0 => None,
        true => Some(-value),
        false => Some(value),
    }
}

#[cold]
fn compute(digits: &str) -> Computed<'static> {
    let float = || Computed::Float(digits.parse().unwrap_or(f64::NAN));
    if digits.contains(['.', 'e', 'E']) || digits.len() > EXACT_DIGITS || digits == "-0" {
        return float();
    }
    digits.parse::<BigInt>().map_or_else(|_| float(), |value| Computed::Big(Cow::Owned(value)))
}

fn is_negative_zero(value: f64) -> bool {
    value == 0.0 && value.is_sign_negative()
}

/// The nearest float: by the decimal digits, which Rust reads exactly.
pub(crate) fn big_to_f64(value: &BigInt) -> f64 {
    value.to_string().parse().unwrap_or(f64::NAN)
}

impl Number {
    /// By value: of integers exactly, of all else as floats have it. What is no number comes before all numbers; `nan` is how two
    /// of these compare.
    pub(crate) fn compare(&self, other: &Number, nan: Ordering) -> Ordering {
        match (self, other) {
            (Number::Int(left), Number::Int(right)) => return left.cmp(right),
            (Number::Digits(left), Number::Digits(right)) if left == right => return Ordering::Equal,
            _ => {}
        }
        match (self.computed(), other.computed()) {
            (Computed::Int(left), Computed::Int(right)) => left.cmp(&right),
            (Computed::Int(left), Computed::Big(right)) => BigInt::from(left).cmp(&right),
            (Computed::Big(left), Computed::Int(right)) => left.as_ref().cmp(&right.into()),
            (Computed::Big(left), Computed::Big(right)) => left.cmp(&right),
            (Computed::Float(left), Computed::Float(right)) => match left.partial_cmp(&right) {
                Some(order) => order,
                None if left.is_nan() && right.is_nan() => nan,
                None if left.is_nan() => Ordering::Less,
                None => Ordering::Greater,
            },
            (Computed::Float(left), Computed::Int(right)) => float_and_int(left, right),
            (Computed::Int(left), Computed::Float(right)) => float_and_int(right, left).reverse(),
            (Computed::Float(left), Computed::Big(right)) => float_and_big(left, &right),
            (Computed::Big(left), Computed::Float(right)) => float_and_big(right, &left).reverse(),
        }
    }
}

// Integers are compared with floats exactly too. If both were floats, two integers might equal a third number
// and not each other, and who sorts by such an order fails.

fn float_and_int(float: f64, int: i64) -> Ordering {
    match float.partial_cmp(&(int as f64)) {
        // The integer may have been rounded. The float is whole, since it has as large a value.
        Some(Ordering::Equal) => (float as i128).cmp(&i128::from(int)),
        Some(order) => order,
        None => Ordering::Less,
    }
}

fn float_and_big(float: f64, big: &BigInt) -> Ordering {
    if float.is_infinite() {
        return float.total_cmp(&0.0);
    }
    match float.partial_cmp(&big_to_f64(big)) {
        Some(Ordering::Equal) => {
            format!("{float:.0}").parse().map_or(Ordering::Equal, |whole: BigInt| whole.cmp(big))
        }
        Some(order) => order,
        None => Ordering::Less,
    }
}

impl fmt::Display for Number {
    /// As JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::Number(self.clone()).fmt(f)
    }
}

impl PartialEq for Number {
    /// By value: `1` is `1.0`. What is no number equals nothing.
    #[inline]
    fn eq(&self, other: &Number) -> bool {
        self.compare(other, Ordering::Less) == Ordering::Equal
    }
}

#[cfg(test)]
mod tests {
    use super::Number;
    use crate::Text;
    use std::cmp::Ordering;

    fn number(digits: &str) -> Number {
        Number::written(digits, || Text::from(digits))
    }

    /// In order; those on one line are equal.
    const ORDER: [&[&str]; 16] = [
        &["-1e400", "-1e500"],
        &["-18446744073709551617"],
        &["-18446744073709551616", "-18446744073709551616.0"],
        &["-9007199254740993"],
        &["-9007199254740992", "-9007199254740992.0"],
        &["-0.5"],
        &["0", "-0", "0.0", "1e-400"],
        &["0.5", "5e-1"],
        &["9007199254740992", "9007199254740992.0", "9007199254740993.0"],
        &["9007199254740993"],
        &["9007199254740994", "9007199254740994.0"],
        &["9223372036854775807"],
        &["9223372036854775808", "9223372036854775807.0"],
        &["18446744073709551616", "18446744073709551617.0"],
        &["18446744073709551617"],
        &["1e400", "1e500"],
    ];

    #[test]
    fn integers_and_floats_have_one_order() {
        for (at, left) in ORDER.iter().enumerate() {
            for (other, right) in ORDER.iter().enumerate() {
                for (a, b) in left.iter().flat_map(|a| right.iter().map(move |b| (a, b))) {
                    let found = number(a).compare(&number(b), Ordering::Equal);
                    assert_eq!(found, at.cmp(&other), "{a} and {b}");
                }
            }
        }
        let nan = Number::Float(f64::NAN);
        for digits in ORDER.iter().flat_map(|line| line.iter()) {
            assert_eq!(nan.compare(&number(digits), Ordering::Equal), Ordering::Less, "{digits}");
            assert_eq!(number(digits).compare(&nan, Ordering::Equal), Ordering::Greater, "{digits}");
        }
    }
}
