//! One JSON value: ordered members, numbers as they were written until somebody computes with them.

use crate::{Number, Object, Text};
use std::rc::Rc;

/// A JSON value. Copies are cheap: strings, arrays and objects are shared until one of them is changed.
#[derive(Clone, Default)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string, decoded.
    String(Text),
    /// An array.
    Array(Rc<Vec<Value>>),
    /// An object.
    Object(Rc<Object>),
}

impl Value {
    /// The name of the type: `null`, `boolean`, `number`, `string`, `array` or `object`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        }
    }

    /// False for `null` and `false` alone.
    #[inline]
    pub fn is_true(&self) -> bool {
        !matches!(self, Value::Null | Value::Bool(false))
    }

    /// The characters of a string.
    #[inline]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// `true` or `false`.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The items of an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The items of an array, to be changed: other values that share them keep theirs.
    pub fn as_array_mut(&mut self) -> Option<&mut Vec<Value>> {
        match self {
            Value::Array(items) => Some(Rc::make_mut(items)),
            _ => None,
        }
    }

    /// The members of an object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The members of an object, to be changed: other values that share them keep theirs.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Value::Object(members) => Some(Rc::make_mut(members)),
            _ => None,
        }
    }

    /// The value of a member; none where there is no object, or no such member.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_object()?.get(name)
    }

    /// The number.
    #[inline]
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }
}

impl From<bool> for Value {
    #[inline]
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

macro_rules! integers {
    ($($type:ty)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Value::Number(Number::Int(value as i64))
            }
        }
    )*};
}

integers!(i8 i16 i32 i64 isize u8 u16 u32);

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Value::Number(match i64::try_from(value) {
            Ok(value) => Number::Int(value),
            Err(_) => Number::Digits(value.to_string().as_str().into()),
        })
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        // No length is beyond 63 bits.
        Value::Number(Number::Int(value as i64))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Number(Number::Float(value))
    }
}

impl From<f32> for Value {
    /// With the shortest digits that say this float, which are not those of the next larger type.
    fn from(value: f32) -> Self {
        Value::Number(Number::Float(value.to_string().parse().unwrap_or(f64::NAN)))
    }
}

impl From<Number> for Value {
    fn from(value: Number) -> Self {
        Value::Number(value)
    }
}

impl From<Text> for Value {
    fn from(value: Text) -> Self {
        Value::String(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::String(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::String(value.into())
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Value::Array(items.into())
    }
}

impl From<Object> for Value {
    fn from(members: Object) -> Self {
        Value::Object(members.into())
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Value::Array(Rc::new(items.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_changed_is_nobody_elses() {
        let mut value: Value =
            [(Text::from("a"), Value::from(vec![Value::from(true)]))].into_iter().collect::<Object>().into();
        let before = value.clone();
        for (_, inner) in value.as_object_mut().unwrap().iter_mut() {
            inner.as_array_mut().unwrap().push(1.into());
        }
        let items = |value: &Value| value.get("a").unwrap().as_array().unwrap().len();
        assert_eq!((items(&value), items(&before)), (2, 1));
        assert_eq!(before.get("a").unwrap().as_array().unwrap()[0].as_bool(), Some(true));
    }

    #[test]
    fn what_is_of_another_kind_is_none() {
        let mut value = Value::from("a");
        assert!(value.get("a").is_none() && value.as_bool().is_none() && value.as_array().is_none());
        assert!(value.as_array_mut().is_none() && value.as_object_mut().is_none());
        assert!(Value::from(Object::default()).get("a").is_none());
    }
}
