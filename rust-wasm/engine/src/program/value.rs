//! Values while a program runs: parts of the record's text, and what was computed.

use super::numbers::{self, Numeric};
use super::{Compare, Exit, Left, strings, text};
use crate::rewrite::rewrite;
use std::cmp::Ordering;
use wasmrecords_json::{Value as Json, write};

/// A part of a text, and whether it is as it would be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'v> {
    pub bytes: &'v [u8],
    pub clean: bool,
}

impl<'v> Text<'v> {
    pub fn clean(bytes: &'v [u8]) -> Self {
        Text { bytes, clean: true }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'v> {
    Null,
    Bool(bool),
    /// A number as it was written.
    Digits(&'v [u8]),
    /// Numbers that were computed.
    Int(i64),
    Float(f64),
    /// What stands between the quotes.
    String(Text<'v>),
    Array(Text<'v>),
    Object(Text<'v>),
}

impl<'v> Value<'v> {
    /// The value that a text is.
    #[inline]
    pub fn of(bytes: &'v [u8], clean: bool) -> Value<'v> {
        match bytes {
            [b'"', raw @ .., _] => Value::String(Text { bytes: raw, clean }),
            [b'{', ..] => Value::Object(Text { bytes, clean }),
            [b'[', ..] => Value::Array(Text { bytes, clean }),
            [b'n', ..] | [] => Value::Null,
            [b't', ..] => Value::Bool(true),
            [b'f', ..] => Value::Bool(false),
            digits => Value::Digits(digits),
        }
    }

    #[inline]
    pub fn is_true(self) -> bool {
        !matches!(self, Value::Null | Value::Bool(false))
    }

    pub fn type_name(self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Digits(_) | Value::Int(_) | Value::Float(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
    }

    fn rank(self) -> u8 {
        match self {
            Value::Null => 0,
            Value::Bool(false) => 1,
            Value::Bool(true) => 2,
            Value::Digits(_) | Value::Int(_) | Value::Float(_) => 3,
            Value::String(_) => 4,
            Value::Array(_) => 5,
            Value::Object(_) => 6,
        }
    }

    /// What a number means.
    #[inline]
    pub fn numeric(self) -> Option<Numeric> {
        match self {
            Value::Digits(digits) => Some(numbers::parse(digits)),
            Value::Int(value) => Some(Numeric::Int(value)),
            Value::Float(value) => Some(Numeric::Float(value)),
            _ => None,
        }
    }

    /// `self op other`
    pub fn compare(self, other: Value<'_>, op: Compare) -> Result<bool, Exit> {
        self.order(other, op).map(|order| op.holds(order))
    }

    pub fn order(self, other: Value<'_>, op: Compare) -> Result<Ordering, Exit> {
        let (rank, other_rank) = (self.rank(), other.rank());
        if rank != other_rank {
            return Ok(rank.cmp(&other_rank));
        }
        Ok(match (self, other) {
            (Value::String(left), Value::String(right)) => {
                strings::decode(left.bytes).cmp(&strings::decode(right.bytes))
            }
            (Value::Array(left), Value::Array(right)) | (Value::Object(left), Value::Object(right)) => {
                let (left, right) = (text::is_empty(left.bytes), text::is_empty(right.bytes));
                if (left || right) && matches!(op, Compare::Equal | Compare::Unequal) {
                    // Whatever is in the other one.
                    return Ok(if left == right { Ordering::Equal } else { Ordering::Less });
                }
                return Err(Left::Containers.into());
            }
            (Value::Null | Value::Bool(_), _) => Ordering::Equal,
            _ => numbers::order(self, other).ok_or(Left::Number)?,
        })
    }

    /// Appends the JSON text.
    #[inline]
    pub fn write(self, out: &mut Vec<u8>) {
        match self {
            Value::String(text) => {
                out.push(b'"');
                string(text, out);
                out.push(b'"');
            }
            Value::Array(text) | Value::Object(text) if text.clean => out.extend_from_slice(text.bytes),
            Value::Array(text) | Value::Object(text) => rewrite(text.bytes, out),
            Value::Digits(digits) => out.extend_from_slice(digits),
            Value::Null => out.extend_from_slice(b"null"),
            Value::Bool(true) => out.extend_from_slice(b"true"),
            Value::Bool(false) => out.extend_from_slice(b"false"),
            Value::Int(value) => json(value.into(), out),
            Value::Float(value) => json(value.into(), out),
        }
    }
}

/// Appends a string without its quotes.
#[inline]
pub(super) fn string(text: Text<'_>, out: &mut Vec<u8>) {
    if text.clean {
        out.extend_from_slice(text.bytes);
    } else {
        strings::recode(text.bytes, out);
    }
}

fn json(number: Json, out: &mut Vec<u8>) {
    // A number has no levels that could be too many.
    let _ = write(&number, out);
}
