//! Constants of a program, ready to be compared and written.

use super::numbers::{self, Numeric};
use super::strings::{self, has_escape};
use super::value::{Text, Value};
use super::{Compare, Exit};
use wasmrecords_json::{Number, write, write_string};

/// A string of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// The text as it is.
    plain: Box<str>,
    /// As the name of a member: in quotes, and with a colon behind it.
    key: Box<[u8]>,
}

impl Literal {
    /// The literal of a text.
    pub fn new(text: &str) -> Literal {
        let mut key = Vec::new();
        write_string(text, &mut key);
        key.push(b':');
        Literal { plain: text.into(), key: key.into() }
    }

    /// The text.
    pub fn plain(&self) -> &str {
        &self.plain
    }

    /// The text as it is written between quotes.
    #[inline]
    pub fn raw(&self) -> &[u8] {
        &self.key[1..self.key.len() - 2]
    }

    /// The text as the name of a member: `"name":`
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// True if this is what stands there in JSON, between quotes.
    #[inline]
    pub fn is(&self, found: &[u8]) -> bool {
        *found == *self.raw() || self.may_be_otherwise(found)
    }

    /// Found is not what the text is written as, but may say the same with other escapes.
    #[inline]
    fn may_be_otherwise(&self, found: &[u8]) -> bool {
        // No text is longer than what is written for it.
        if found.len() < self.plain.len() {
            return false;
        }
        match (found.first(), self.plain.as_bytes().first()) {
            (Some(found), Some(own)) if found != own && *found != b'\\' => false,
            (None, _) => self.plain.is_empty(),
            _ => self.is_decoded(found),
        }
    }

    #[inline(never)]
    fn is_decoded(&self, found: &[u8]) -> bool {
        if has_escape(found) {
            strings::decode(found) == self.plain.as_bytes()
        } else {
            *found == *self.plain.as_bytes()
        }
    }
}

/// A constant of a program.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, and its digits.
    Number(Numeric, Box<[u8]>),
    /// A string.
    String(Literal),
    /// The text of an array.
    Array(Box<[u8]>),
    /// The text of an object.
    Object(Box<[u8]>),
}

impl Constant {
    /// The constant of a value; none if it is nested too deeply to be written, or a float that is no number.
    pub fn new(value: &wasmrecords_json::Value) -> Option<Constant> {
        use wasmrecords_json::Value as Json;
        let mut text = Vec::new();
        write(value, &mut text).ok()?;
        Some(match value {
            Json::Null => Constant::Null,
            Json::Bool(value) => Constant::Bool(*value),
            // What was computed is not what its digits say.
            Json::Number(Number::Float(_)) => return None,
            Json::Number(_) => Constant::Number(numbers::parse(&text), text.into()),
            Json::String(text) => Constant::String(Literal::new(text)),
            Json::Array(_) => Constant::Array(text.into()),
            Json::Object(_) => Constant::Object(text.into()),
        })
    }

    pub(super) fn value(&self) -> Value<'_> {
        match self {
            Constant::Null => Value::Null,
            Constant::Bool(value) => Value::Bool(*value),
            Constant::Number(Numeric::Int(value), _) => Value::Int(*value),
            Constant::Number(_, digits) => Value::Digits(digits),
            Constant::String(literal) => Value::String(Text::clean(literal.raw())),
            Constant::Array(text) => Value::Array(Text::clean(text)),
            Constant::Object(text) => Value::Object(Text::clean(text)),
        }
    }

    /// `value op self`
    #[inline]
    pub(super) fn compare(&self, value: Value<'_>, op: Compare) -> Result<bool, Exit> {
        match (self, op) {
            (Constant::String(literal), Compare::Equal) => {
                Ok(matches!(value, Value::String(text) if literal.is(text.bytes)))
            }
            (Constant::String(literal), Compare::Unequal) => {
                Ok(!matches!(value, Value::String(text) if literal.is(text.bytes)))
            }
            (Constant::Number(own, _), _) => {
                match value.numeric().and_then(|found| numbers::compare(found, *own)) {
                    Some(order) => Ok(op.holds(order)),
                    None => value.compare(self.value(), op),
                }
            }
            _ => value.compare(self.value(), op),
        }
    }
}
