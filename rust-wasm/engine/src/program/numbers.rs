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

#[inline(never)]
fn float(digits: &[u8]) -> Numeric {
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

/// The order of two numbers.
pub(super) fn order(left: Value<'_>, right: Value<'_>) -> Option<Ordering> {
    match (left.numeric()?, right.numeric()?) {
        (Numeric::Int(left), Numeric::Int(right)) => Some(left.cmp(&right)),
        (Numeric::Float(left), Numeric::Float(right)) => left.partial_cmp(&right),
        _ => Json::Number(number(left)?).partial_cmp(&Json::Number(number(right)?)),
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
