//! One JSON value: ordered members, numbers as they were written.

use std::borrow::Cow;

/// A JSON value that borrows from the text where no escape had to be decoded.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number with the digits of the text.
    Number(Number<'a>),
    /// A string, decoded.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// A number as it was written: `1.0`, `1e400` and `-0` stay what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number<'a>(pub(crate) &'a str);

impl<'a> Number<'a> {
    /// The digits of the text, valid by RFC 8259.
    pub fn as_str(&self) -> &'a str {
        self.0
    }
}

/// The members of an object in the order of the text. A name that stands there twice keeps its
/// first place and has its last value, as jq has it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object<'a>(pub(crate) Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Object<'a> {
    /// The number of members, each name counted once.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True for `{}`.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a member.
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// All members in order.
    pub fn iter(&self) -> std::slice::Iter<'_, (Cow<'a, str>, Value<'a>)> {
        self.0.iter()
    }
}
