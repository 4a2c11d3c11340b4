//! The values of keywords.

use std::ops::RangeInclusive;

use wasmrecords_json::{Number, Object, Value};

use super::Types;
use super::number::{Short, Step};

/// False for what never stands in a text as it is.
pub(super) fn plain_name(name: &str) -> bool {
    !name.contains(|character| character < ' ' || matches!(character, '"' | '\\' | '\u{7f}'))
}

pub(super) fn is_true(keywords: &Object, name: &str) -> bool {
    matches!(keywords.get(name), Some(Value::Bool(true)))
}

pub(super) fn types(value: &Value) -> Option<Types> {
    let named = |name: &Value| Types::named(name.as_str()?);
    match value {
        Value::Array(names) => names.iter().try_fold(Types::NONE, |types, name| Some(types | named(name)?)),
        name => named(name),
    }
}

pub(super) fn both(one: &RangeInclusive<u64>, other: &RangeInclusive<u64>) -> RangeInclusive<u64> {
    *one.start().max(other.start())..=*one.end().min(other.end())
}

/// Narrows a range by a keyword whose name says on which side.
pub(super) fn narrow(range: &mut RangeInclusive<u64>, name: &str, value: &Value) -> Option<()> {
    let count: u64 = integer(value)?.try_into().ok()?;
    let asked = if name.starts_with("min") { count..=u64::MAX } else { 0..=count };
    *range = both(range, &asked);
    Some(())
}

pub(super) fn step(value: &Value) -> Option<Step> {
    let step = match value.as_number()? {
        Number::Int(value) => Short { digits: *value, places: 0 },
        number => Short::read(number.to_string().as_bytes())?,
    };
    (step.digits > 0).then_some(Step { digits: step.digits, places: step.places })
}

pub(super) fn object(value: &Value) -> Option<&Object> {
    match value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

pub(super) fn items(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

/// An integer that is written as one.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value.as_number()? {
        Number::Int(value) => Some(*value),
        _ => None,
    }
}

/// The bytes that the rule of a keyword takes, if it is one that may take many.
pub(super) fn weight(keyword: &str, value: &Value) -> usize {
    let one = |value: &Value| size_of::<Value>() + value.as_str().map_or(0, str::len);
    match keyword {
        "enum" | "required" => items(value).into_iter().flatten().map(one).sum(),
        "const" => one(value),
        "pattern" => size_of::<[u64; 256]>(),
        _ => 0,
    }
}
