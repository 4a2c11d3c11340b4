//! Our JSON values as the validator sees them: a record is parsed once, for the schema and for jq.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, Node, NodeIdentity, Object};
use jsonschema_value::LazyInstance;
use wasmrecords_json::{Object as Members, Text, Value};

use crate::equal::{all_differ, equals};
use crate::number::Digits;

/// The representation: values of `wasmrecords-json`.
pub struct Records;

/// One value of a record.
#[derive(Clone, Copy)]
pub struct Found<'a> {
    /// The value.
    pub value: &'a Value,
    /// Whether an error about this value carries a copy of it. Failures are told from the record
    /// itself, so copies would only cost: as much as a record, for each error in it.
    pub copied: bool,
}

impl<'a> Found<'a> {
    /// A value of which errors carry no copies.
    #[inline(always)]
    pub fn new(value: &'a Value) -> Self {
        Found { value, copied: false }
    }
}

impl Json for Records {
    type Node<'a> = Found<'a>;
    type PreparedKey = String;
    type StringBuffer = Option<Value>;

    // A lookup walks the members, so one walk for several names is always the better one. Only in
    // very large objects it ends too late, when the names stand in front.
    const KEYS_PER_LOOKUP: usize = 16;
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(buffer: &mut Option<Value>, string: &str, f: impl FnOnce(Found<'_>) -> T) -> T {
        let value = buffer.insert(Value::from(string));
        // A name is no part of the record that could be looked up later.
        f(Found { value, copied: true })
    }
}

impl<'a> Node<'a, Records> for Found<'a> {
    type Object = &'a Members;
    type Array = &'a [Value];
    type Number = Digits<'a>;

    #[inline(always)]
    fn as_object(&self) -> Option<&'a Members> {
        match self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    #[inline(always)]
    fn as_array(&self) -> Option<&'a [Value]> {
        match self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    #[inline(always)]
    fn as_string(&self) -> Option<Cow<'a, str>> {
        match self.value {
            Value::String(string) => Some(Cow::Borrowed(string)),
            _ => None,
        }
    }

    #[inline(always)]
    fn as_number(&self) -> Option<Digits<'a>> {
        match self.value {
            Value::Number(number) => Some(Digits::of(number)),
            _ => None,
        }
    }

    #[inline(always)]
    fn as_boolean(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    #[inline(always)]
    fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    #[inline(always)]
    fn json_type(&self) -> JsonType {
        match self.value {
            Value::Null => JsonType::Null,
            Value::Bool(_) => JsonType::Boolean,
            Value::Number(_) => JsonType::Number,
            Value::String(_) => JsonType::String,
            Value::Array(_) => JsonType::Array,
            Value::Object(_) => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &serde_json::Value) -> bool {
        equals(self.value, expected)
    }

    fn to_value(&self) -> Cow<'a, serde_json::Value> {
        Cow::Owned(copy(self.value))
    }

    fn lazy_value(&self) -> LazyInstance<'a> {
        let value = if self.copied { copy(self.value) } else { serde_json::Value::Null };
        LazyInstance::Ready(Cow::Owned(value))
    }

    #[inline(always)]
    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(std::ptr::from_ref(self.value).addr()))
    }
}

/// A copy for the validator's own use; numbers beyond a double become the largest one.
pub fn copy(value: &Value) -> serde_json::Value {
    use jsonschema::json::JsonNumber;
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => Digits::of(number).to_number().into_owned().into(),
        Value::String(string) => string.as_str().into(),
        Value::Array(items) => items.iter().map(copy).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.as_str(), copy(value))).collect(),
    }
}

impl<'a> Object<'a, Records> for &'a Members {
    type Node = Found<'a>;
    type MemberName = &'a str;
    type MembersIter = MembersIter<'a>;

    #[inline(always)]
    fn len(&self) -> usize {
        Members::len(self)
    }

    #[inline(always)]
    fn get(&self, key: &String) -> Option<Found<'a>> {
        Members::get(self, key).map(Found::new)
    }

    #[inline(always)]
    fn members(&self) -> MembersIter<'a> {
        MembersIter(self.iter())
    }
}

pub struct MembersIter<'a>(std::slice::Iter<'a, (Text, Value)>);

impl<'a> Iterator for MembersIter<'a> {
    type Item = (&'a str, Found<'a>);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (name.as_str(), Found::new(value)))
    }
}

impl<'a> Array<'a, Records> for &'a [Value] {
    type Node = Found<'a>;
    type ElementsIter = std::iter::Map<std::slice::Iter<'a, Value>, fn(&'a Value) -> Found<'a>>;

    #[inline(always)]
    fn len(&self) -> usize {
        <[Value]>::len(self)
    }

    #[inline(always)]
    fn elements(&self) -> Self::ElementsIter {
        self.iter().map(Found::new)
    }

    fn is_unique(&self) -> bool {
        all_differ(self)
    }
}
