//! `+ - * / %` and the sign, for values of all types.

use super::errors::{described, error, two};
use crate::order::unshared;
use crate::{Number, Object, Text, Value};
use jaq_core::ValR;
use std::ops::{Add, Div, Mul, Neg, Rem, Sub};
use std::rc::Rc;

/// No longer strings are made by repetition, in bytes.
const LONGEST: f64 = 2_147_483_647.0;

impl Add for Value {
    type Output = ValR<Value>;

    fn add(self, other: Value) -> ValR<Value> {
        Ok(match (self, other) {
            (Value::Null, other) | (other, Value::Null) => other,
            (Value::Number(left), Value::Number(right)) => left.add(&right).into(),
            (Value::String(left), Value::String(right)) => match (left.is_empty(), right.is_empty()) {
                (true, _) => right.into(),
                (_, true) => left.into(),
                _ => left.append(&right).into(),
            },
            (Value::Array(mut left), Value::Array(right)) => {
                if left.is_empty() {
                    return Ok(Value::Array(right));
                }
                Rc::make_mut(&mut left).extend(unshared(right));
                Value::Array(left)
            }
            (Value::Object(mut left), Value::Object(right)) => {
                if left.is_empty() {
                    return Ok(Value::Object(right));
                }
                Rc::make_mut(&mut left).extend(unshared(right));
                Value::Object(left)
            }
            (left, right) => return Err(two(&left, &right, "cannot be added")),
        })
    }
}

impl Sub for Value {
    type Output = ValR<Value>;

    fn sub(self, other: Value) -> ValR<Value> {
        match (self, other) {
            (Value::Number(left), Value::Number(right)) => Ok(left.subtract(&right).into()),
            (Value::Array(left), Value::Array(right)) => {
                Ok(unshared(left).into_iter().filter(|item| !right.contains(item)).collect())
            }
            (left, right) => Err(two(&left, &right, "cannot be subtracted")),
        }
    }
}

impl Mul for Value {
    type Output = ValR<Value>;

    fn mul(self, other: Value) -> ValR<Value> {
        match (self, other) {
            (Value::Number(left), Value::Number(right)) => Ok(left.multiply(&right).into()),
            (Value::String(text), Value::Number(times)) | (Value::Number(times), Value::String(text)) => {
                repeat(&text, &times)
            }
            (Value::Object(left), Value::Object(right)) => Ok(merge(unshared(left), unshared(right)).into()),
            (left, right) => Err(two(&left, &right, "cannot be multiplied")),
        }
    }
}

impl Div for Value {
    type Output = ValR<Value>;

    fn div(self, other: Value) -> ValR<Value> {
        match (&self, &other) {
            (Value::Number(_), Value::Number(right)) if right.as_f64() == 0.0 => {
                Err(two(&self, &other, "cannot be divided because the divisor is zero"))
            }
            (Value::Number(left), Value::Number(right)) => Ok(left.divide(right).into()),
            (Value::String(text), Value::String(separator)) => Ok(split(text, separator)),
            _ => Err(two(&self, &other, "cannot be divided")),
        }
    }
}

impl Rem for Value {
    type Output = ValR<Value>;

    fn rem(self, other: Value) -> ValR<Value> {
        let (Value::Number(left), Value::Number(right)) = (&self, &other) else {
            return Err(two(&self, &other, "cannot be divided (remainder)"));
        };
        let rest = left.remainder(right).map(Value::Number);
        rest.ok_or_else(|| two(&self, &other, "cannot be divided (remainder) because the divisor is zero"))
    }
}

impl Neg for Value {
    type Output = ValR<Value>;

    fn neg(self) -> ValR<Value> {
        match self {
            Value::Number(number) => Ok(number.negate().into()),
            other => Err(error(format_args!("{} cannot be negated", described(&other)))),
        }
    }
}

fn repeat(text: &Text, times: &Number) -> ValR<Value> {
    let times = times.as_f64();
    if times.is_nan() || times < 0.0 {
        return Ok(Value::Null);
    }
    let times = times.trunc();
    if times * text.len() as f64 > LONGEST {
        return Err(error("Repeat string result too long"));
    }
    Ok(Value::from(text.repeat(if text.is_empty() { 0 } else { times as usize })))
}

/// Members of both; where both have an object, that one is merged in the same way.
fn merge(mut left: Object, right: Object) -> Object {
    for (name, value) in right {
        let place = left.entry(&name);
        *place = match (std::mem::take(place), value) {
            (Value::Object(old), Value::Object(new)) => merge(unshared(old), unshared(new)).into(),
            (_, new) => new,
        };
    }
    left
}

/// The parts between separators; without a separator, the characters.
fn split(text: &Text, separator: &str) -> Value {
    let part = |part| Value::from(text.sub(part));
    if text.is_empty() {
        Vec::new().into()
    } else if separator.is_empty() {
        text.char_indices().map(|(at, one)| part(&text[at..at + one.len_utf8()])).collect()
    } else {
        text.split(separator).map(part).collect()
    }
}
