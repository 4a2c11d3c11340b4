//! Numbers: short integers at once, all others as the general engine has them.

use super::value::Value;
use super::{Calculation, Exit, Left};
use crate::rule::{Short, plain_integer};
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
    match plain_integer(digits) {
        Some(0) if digits[0] == b'-' => Numeric::Float(-0.0),
        Some(value) => Numeric::Int(value),
        None if digits.iter().all(|byte| matches!(byte, b'-' | b'0'..=b'9')) => Numeric::Long,
        None => float(digits),
    }
}

#[inline(never)]
fn float(digits: &[u8]) -> Numeric {
    // Of a zero the sign is in the text alone.
    if let Some(short) = Short::read(digits).filter(|short| short.digits != 0) {
        return Numeric::Float(short.value());
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
