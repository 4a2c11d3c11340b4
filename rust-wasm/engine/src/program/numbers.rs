//! Numbers: short integers at once, all others as the general engine has them.

use super::value::Value;
use super::{Calculation, Exit, Left};
use std::cmp::Ordering;
use wasmrecords_json::{Number, Value as Json, parse as parse_json, write};

/// Longer integers are not computed with here: near 400 digits they become floats.
const LONGEST: usize = 300;

/// What the digits of a number mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Numeric {
    /// An integer of at most 18 digits, not `-0`.
    Int(i64),
    /// Something with a fraction or an exponent, or `-0`.
    Float(f64),
    /// A longer integer.
    Long,
}

/// The meaning of digits that are a number in JSON.
#[inline]
pub(super) fn parse(digits: &[u8]) -> Numeric {
    let (negative, plain) = match digits {
        [b'-', rest @ ..] => (true, rest),
        plain => (false, plain),
    };
    let mut value = 0i64;
    if plain.len() <= 18 {
        for &digit in plain {
            let digit = digit.wrapping_sub(b'0');
            if digit > 9 {
                return float(digits);
            }
            value = value * 10 + i64::from(digit);
        }
        return match negative {
            true if value == 0 => Numeric::Float(-0.0),
            true => Numeric::Int(-value),
            false => Numeric::Int(value),
        };
    }
    if plain.iter().all(u8::is_ascii_digit) { Numeric::Long } else { float(digits) }
}

/// Digits that a double holds exactly, whatever they are.
const EXACT: usize = 15;

/// Powers of ten that a double holds exactly.
const POWERS: [f64; EXACT + 1] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A short number with a fraction and no exponent: both parts of the division are exact, so the result is the
/// double that is nearest.
#[inline]
fn short(digits: &[u8]) -> Option<f64> {
    let (negative, plain) = match digits {
        [b'-', rest @ ..] => (true, rest),
        plain => (false, plain),
    };
    let dot = plain.iter().position(|byte| *byte == b'.')?;
    if plain.len() > EXACT + 1 {
        return None;
    }
    let (whole, fraction) = (&plain[..dot], &plain[dot + 1..]);
    let value = whole.iter().chain(fraction).try_fold(0_i64, |value, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit <= 9).then(|| value * 10 + i64::from(digit))
    })?;
    let value = value as f64 / POWERS[fraction.len()];
    Some(if negative { -value } else { value })
}

#[inline(never)]
fn float(digits: &[u8]) -> Numeric {
    if let Some(value) = short(digits) {
        return Numeric::Float(value);
    }
    let value = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
    Numeric::Float(value.unwrap_or(f64::NAN))
}

/// A number as the general engine has it.
pub(super) fn number(value: Value<'_>) -> Option<Number> {
    match value {
        Value::Int(value) => Some(Number::Int(value)),
        Value::Float(value) => Some(Number::Float(value)),
        Value::Digits(digits) => match parse_json(digits, 0) {
            Ok(Json::Number(number)) => Some(number),
            _ => None,
        },
        _ => None,
    }
}

/// The order of two numbers that have one as they are here.
#[inline]
pub(super) fn compare(left: Numeric, right: Numeric) -> Option<Ordering> {
    /// Integers up to here are the same as doubles.
    const MOST: u64 = 1 << 53;
    match (left, right) {
        (Numeric::Int(left), Numeric::Int(right)) => Some(left.cmp(&right)),
        (Numeric::Float(left), Numeric::Float(right)) => left.partial_cmp(&right),
        (Numeric::Int(left), Numeric::Float(right)) if left.unsigned_abs() <= MOST => {
            (left as f64).partial_cmp(&right)
        }
        (Numeric::Float(left), Numeric::Int(right)) if right.unsigned_abs() <= MOST => {
            left.partial_cmp(&(right as f64))
        }
        _ => None,
    }
}

/// The order of two numbers.
pub(super) fn order(left: Value<'_>, right: Value<'_>) -> Option<Ordering> {
    match compare(left.numeric()?, right.numeric()?) {
        Some(order) => Some(order),
        None => Json::Number(number(left)?).partial_cmp(&Json::Number(number(right)?)),
    }
}

/// A number that somebody computed.
pub(super) fn of<'v>(
    number: Number,
    keep: impl FnOnce(Vec<u8>) -> Result<&'v [u8], Exit>,
) -> Result<Value<'v>, Exit> {
    match number {
        Number::Int(value) => Ok(Value::Int(value)),
        Number::Float(value) if value.is_finite() => Ok(Value::Float(value)),
        Number::Float(_) => Err(Left::Number.into()),
        number => {
            let mut digits = Vec::new();
            write(&Json::Number(number), &mut digits).map_err(|_| Left::Number)?;
            if digits.len() > LONGEST {
                return Err(Left::Number.into());
            }
            keep(digits).map(Value::Digits)
        }
    }
}

/// `left op right`
pub(super) fn calculate(left: &Number, op: Calculation, right: &Number) -> Result<Number, Exit> {
    Ok(match op {
        Calculation::Add => left.add(right),
        Calculation::Subtract => left.subtract(right),
        Calculation::Multiply => left.multiply(right),
        Calculation::Divide if right.as_f64() == 0.0 => return Err(Left::Error.into()),
        Calculation::Divide => left.divide(right),
        Calculation::Remainder => left.remainder(right).ok_or(Left::Error)?,
    })
}
