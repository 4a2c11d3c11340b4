//! What JSON Schema asks of a number, answered from its digits.
//!
//! Whole numbers of up to 64 bits are exact however they are written: `1.0`, `1e2` and `-0` are
//! integers. Whether a number is whole, or a multiple of another, is exact at any size. Everything else
//! is compared as a double: beyond its range (`1e400`) a number lies above, or below, every bound, and one too small
//! for it (`1e-400`) counts as the smallest double that is not zero.

use std::borrow::Cow;

use jsonschema::json::JsonNumber;
use serde_json::Number;
use wasmrecords_json::Number as Written;

/// The digits of a number by RFC 8259; of most, their value is at hand.
#[derive(Clone)]
pub enum Digits<'a> {
    /// A value of 64 bits.
    Int(i64),
    /// As they are written.
    Text(Cow<'a, str>),
}

/// A number as `digits * 10^exponent`; the digits neither begin nor end with a zero.
#[derive(PartialEq, Eq)]
struct Decimal {
    negative: bool,
    /// Empty for zero.
    digits: String,
    /// Of an exponent beyond 64 bits only the sign counts.
    exponent: i64,
}

impl Decimal {
    fn read(text: &str) -> Decimal {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, saturating(exponent)),
            None => (text, 0),
        };
        let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all = [whole, fraction].concat();
        let leading = all.trim_start_matches('0');
        let digits = leading.trim_end_matches('0');
        if digits.is_empty() {
            return Decimal { negative: false, digits: String::new(), exponent: 0 };
        }
        let trailing = (leading.len() - digits.len()) as i64;
        Decimal {
            negative: mantissa.len() > unsigned.len(),
            digits: digits.to_owned(),
            exponent: exponent.saturating_sub(fraction.len() as i64).saturating_add(trailing),
        }
    }

    fn is_whole(&self) -> bool {
        self.digits.is_empty() || self.exponent >= 0
    }

    /// The value, if it is whole and not far beyond 64 bits.
    fn small(&self) -> Option<i128> {
        if self.digits.is_empty() {
            return Some(0);
        }
        let zeros = u32::try_from(self.exponent).ok().filter(|&zeros| zeros <= 20)?;
        let digits: i128 = (self.digits.len() <= 20).then(|| self.digits.parse().ok())??;
        let value = digits.checked_mul(10_i128.pow(zeros))?;
        Some(if self.negative { -value } else { value })
    }
}

fn saturating(exponent: &str) -> i64 {
    exponent.parse().unwrap_or(if exponent.starts_with('-') { i64::MIN } else { i64::MAX })
}

impl<'a> Digits<'a> {
    /// Those of a number of a record.
    #[inline]
    pub fn of(number: &'a Written) -> Self {
        match number {
            Written::Int(value) => Digits::Int(*value),
            Written::Digits(digits) => Digits::Text(Cow::Borrowed(digits)),
            // No record holds what was computed.
            computed => Digits::Text(Cow::Owned(computed.to_string())),
        }
    }

    fn text(&self) -> Cow<'_, str> {
        match self {
            Digits::Int(value) => Cow::Owned(value.to_string()),
            Digits::Text(digits) => Cow::Borrowed(digits),
        }
    }

    fn decimal(&self) -> Decimal {
        Decimal::read(&self.text())
    }

    /// Of a number as text, its value if it is whole and not far beyond 64 bits.
    fn small(text: &str) -> Option<i128> {
        if has_fraction(text) { None } else { Decimal::read(text).small() }
    }

    /// Equal in value: `1`, `1.0` and `10e-1`.
    pub fn equals(&self, other: &Digits<'_>) -> bool {
        match (self, other) {
            (Digits::Int(one), Digits::Int(other)) => one == other,
            (Digits::Text(one), Digits::Text(other)) if one == other => true,
            _ => self.decimal() == other.decimal(),
        }
    }

    /// The same for equal numbers.
    pub fn hash_bits(&self) -> u64 {
        // Adding zero makes -0.0 to 0.0.
        let value = match self {
            Digits::Int(value) => *value as f64,
            Digits::Text(digits) => digits.parse().unwrap_or(f64::INFINITY),
        };
        (value + 0.0).to_bits()
    }

    /// As the number of another library, which rounds what is beyond 64 bits.
    pub fn rounded(&self) -> Option<Number> {
        if let Some(value) = self.as_i64() {
            return Some(value.into());
        }
        match self.as_u64() {
            Some(value) => Some(value.into()),
            None => self.as_f64().and_then(Number::from_f64),
        }
    }
}

/// Whether a number has a point, a last digit that is not zero, and no exponent: most that are not whole do.
fn has_fraction(text: &str) -> bool {
    let mut point = false;
    for byte in text.bytes() {
        match byte {
            b'.' => point = true,
            b'e' | b'E' => return false,
            _ => {}
        }
    }
    point && !text.ends_with('0')
}

/// What a number may have to be a multiple of.
pub struct Divisor {
    /// `digits * 10^exponent`, more than zero.
    digits: u64,
    exponent: i64,
}

impl Divisor {
    /// By the digits that the number has as text, of which a double has 17 at the most. None for zero,
    /// and for less.
    pub fn new(number: &Number) -> Option<Divisor> {
        let Decimal { negative, digits, exponent } = Decimal::read(&number.to_string());
        let digits = digits.parse().ok().filter(|_| !negative)?;
        Some(Divisor { digits, exponent })
    }

    /// Exact at any size, in time that grows with the digits as they are written.
    pub fn divides(&self, number: &Digits<'_>) -> bool {
        if let (Digits::Int(value), 0) = (number, self.exponent) {
            return value.unsigned_abs().is_multiple_of(self.digits);
        }
        let number = number.decimal();
        let Ok(zeros) = u64::try_from(number.exponent.saturating_sub(self.exponent)) else {
            // The digits do not end with a zero, so no power of ten divides them.
            return number.digits.is_empty();
        };
        let modulus = u128::from(self.digits);
        let rest =
            number.digits.bytes().fold(0, |rest, digit| (rest * 10 + u128::from(digit - b'0')) % modulus);
        (rest * power_of_ten(zeros, modulus)).is_multiple_of(modulus)
    }
}

/// `10^exponent`, modulo a number of 64 bits.
fn power_of_ten(mut exponent: u64, modulus: u128) -> u128 {
    let (mut power, mut square) = (1 % modulus, 10 % modulus);
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = power * square % modulus;
        }
        square = square * square % modulus;
        exponent >>= 1;
    }
    power
}

impl JsonNumber for Digits<'_> {
    #[inline]
    fn as_u64(&self) -> Option<u64> {
        match self {
            Digits::Int(value) => u64::try_from(*value).ok(),
            Digits::Text(digits) => Self::small(digits)?.try_into().ok(),
        }
    }

    #[inline]
    fn as_i64(&self) -> Option<i64> {
        match self {
            Digits::Int(value) => Some(*value),
            Digits::Text(digits) => Self::small(digits)?.try_into().ok(),
        }
    }

    #[inline]
    fn as_f64(&self) -> Option<f64> {
        let digits = match self {
            Digits::Int(value) => return Some(*value as f64),
            Digits::Text(digits) => digits,
        };
        let value: f64 = digits.parse().ok().filter(|value: &f64| value.is_finite())?;
        if value == 0.0 && !self.decimal().digits.is_empty() {
            return Some(f64::from_bits(1).copysign(value));
        }
        Some(value)
    }

    fn as_str(&self) -> Cow<'_, str> {
        self.text()
    }

    fn to_number(&self) -> Cow<'_, Number> {
        let largest = if self.text().starts_with('-') { f64::MIN } else { f64::MAX };
        let number = self.rounded().or_else(|| Number::from_f64(largest));
        Cow::Owned(number.unwrap_or_else(|| 0.into()))
    }

    #[inline]
    fn is_integer(&self) -> bool {
        match self {
            Digits::Int(_) => true,
            Digits::Text(digits) => !has_fraction(digits) && Decimal::read(digits).is_whole(),
        }
    }

    #[inline]
    fn is_written_as_integer(&self) -> bool {
        match self {
            Digits::Int(_) => true,
            Digits::Text(digits) => digits.bytes().all(|byte| !matches!(byte, b'.' | b'e' | b'E')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Digits<'_> {
        Digits::Text(Cow::Borrowed(text))
    }

    #[test]
    fn whole_numbers_however_they_are_written() {
        for whole in [
            "0",
            "-0",
            "-0.0",
            "1.0",
            "1e2",
            "1E+2",
            "10e-1",
            "0e-5",
            "1.50e1",
            "1e400",
            "1e99999999999999999999",
        ] {
            assert!(digits(whole).is_integer(), "{whole}");
        }
        let long = format!("1{}", "0".repeat(5_000));
        assert!(digits(&long).is_integer());
        for broken in
            ["0.5", "2.50", "1e-1", "1.05e1", "1e-400", "100000000000000000000.5", "1e-99999999999999999999"]
        {
            assert!(!digits(broken).is_integer(), "{broken}");
        }
    }

    #[test]
    fn sixty_four_bits_are_exact() {
        for (text, signed, unsigned) in [
            ("-0", Some(0), Some(0)),
            ("1e2", Some(100), Some(100)),
            ("9007199254740993.0", Some(9007199254740993), Some(9007199254740993)),
            ("9223372036854775807", Some(i64::MAX), Some(i64::MAX as u64)),
            ("-9223372036854775808", Some(i64::MIN), None),
            ("-9223372036854775809", None, None),
            ("18446744073709551615", None, Some(u64::MAX)),
            ("1844674407370955161.50e1", None, Some(u64::MAX)),
            ("18446744073709551616", None, None),
            ("1e20", None, None),
            ("1e400", None, None),
            ("1.5", None, None),
        ] {
            assert_eq!((digits(text).as_i64(), digits(text).as_u64()), (signed, unsigned), "{text}");
        }
    }

    #[test]
    fn beyond_a_double_there_is_nothing_and_below_it_something() {
        assert_eq!(digits("1e400").as_f64(), None);
        assert_eq!(digits("-1e400").as_f64(), None);
        assert_eq!(digits("1e-400").as_f64(), Some(f64::from_bits(1)));
        assert_eq!(digits("-1e-400").as_f64(), Some(-f64::from_bits(1)));
        assert_eq!(digits("0e-400").as_f64(), Some(0.0));
        assert_eq!(digits("1e400").to_number().as_f64(), Some(f64::MAX));
    }

    #[test]
    fn equal_in_value() {
        for (one, other) in
            [("1", "1.0"), ("-0", "0.0"), ("1e2", "100"), ("1e400", "10e399"), ("0.10", "1e-1")]
        {
            assert!(digits(one).equals(&digits(other)), "{one} {other}");
            assert_eq!(digits(one).hash_bits(), digits(other).hash_bits(), "{one} {other}");
        }
        for (one, other) in
            [("1", "-1"), ("1e400", "1e401"), ("100000000000000000000", "100000000000000000001")]
        {
            assert!(!digits(one).equals(&digits(other)), "{one} {other}");
        }
    }

    #[test]
    fn multiples_at_any_size() {
        let long = format!("1{}", "0".repeat(5_000));
        for (of, number, expected) in [
            ("1", "1e400", true),
            ("1", "1e-400", false),
            ("1", "1.0", true),
            ("1", "1e99999999999999999999", true),
            ("1", "1e-99999999999999999999", false),
            ("1", "100000000000000000000.5", false),
            ("2", "-3", false),
            ("2", "-4", true),
            ("3", "1e400", false),
            ("3", "111e400", true),
            ("3", "135107988821114880000000000000", true),
            ("3", "135107988821114880000000000001", false),
            ("7", long.as_str(), false),
            ("8", long.as_str(), true),
            ("0.01", "19.99", true),
            ("0.01", "1.005", false),
            ("0.01", "1e400", true),
            ("0.03", "1e400", false),
            ("0.1", "0.30000000000000004", false),
            ("0.1", "0.3", true),
            ("0.1", "0e-400", true),
            ("1e-300", "0.5", true),
            ("1e300", "1e299", false),
            ("1e300", "3e400", true),
            ("18446744073709551615", "18446744073709551615", true),
            ("18446744073709551615", "36893488147419103230e5", true),
            ("18446744073709551615", "36893488147419103231e5", false),
            ("0.123456789", "1e308", false),
        ] {
            let divisor = Divisor::new(&serde_json::from_str(of).unwrap()).unwrap();
            assert_eq!(divisor.divides(&digits(number)), expected, "{number} of {of}");
        }
        assert!(Divisor::new(&0.into()).is_none());
        assert!(Divisor::new(&(-1).into()).is_none());
    }
}
