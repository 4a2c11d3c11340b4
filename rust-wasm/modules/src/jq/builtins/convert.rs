//! Constants, types, and the ways from one type to another.

use super::{Answer, Builtin, flow};
use crate::clock;
use crate::jq::value::{self, of_bytes, string};
use jaq_core::Error;
use wasmrecords_json::{Text, Value, described, write};

pub(super) fn all() -> Vec<Builtin> {
    vec![
        one!("true", |_| Ok(Value::Bool(true))),
        one!("false", |_| Ok(Value::Bool(false))),
        one!("null", |_| Ok(Value::Null)),
        one!("not", |v| Ok(Value::Bool(matches!(v, Value::Null | Value::Bool(false))))),
        one!("nan", |_| Ok(Value::from(f64::NAN))),
        one!("infinite", |_| Ok(Value::from(f64::INFINITY))),
        one!("isnan", |v| Ok(Value::Bool(value::float(&v).is_some_and(f64::is_nan)))),
        one!("isinfinite", |v| Ok(Value::Bool(value::float(&v).is_some_and(f64::is_infinite)))),
        one!("isnormal", |v| Ok(Value::Bool(value::float(&v).is_some_and(f64::is_normal)))),
        one!("type", |v| Ok(string(v.type_name()))),
        one!("tojson", |v| json(&v)),
        one!("tostring", to_text),
        one!("!text", to_text),
        one!("fromjson", |v| from_json(&v)),
        one!("tonumber", to_number),
        one!("toboolean", to_boolean),
        one!("abs", abs),
        one!("builtins", |_| Ok(super::signatures().filter_map(listed).map(Value::from).collect())),
        one!("_no_format", |v| Err(wrong(&v, "is not a valid format"))),
        flow("empty", |_| Box::new(std::iter::empty()), |_| Box::new(std::iter::empty())),
    ]
}

/// A builtin as `builtins` lists it. Names in front of these are ours, or formats.
fn listed((name, count): (&str, usize)) -> Option<String> {
    let can_be_called = name != "now" || clock::now().is_some();
    (can_be_called && name.starts_with(|c: char| c.is_ascii_alphabetic())).then(|| format!("{name}/{count}"))
}

/// `found` as messages name it: its type and the start of its text.
pub(super) fn named(found: &Value) -> String {
    described(found)
}

pub(super) fn number(found: &Value) -> Result<f64, Error<Value>> {
    value::float(found).ok_or_else(|| wrong(found, "number required"))
}

/// The text of a string. Of all else `why` says what it is not.
pub(super) fn utf8<'v>(found: &'v Value, why: &str) -> Result<&'v Text, Error<Value>> {
    match found {
        Value::String(text) => Ok(text),
        _ => Err(wrong(found, why)),
    }
}

/// The items of an array. Of all else `message` is said.
pub(super) fn items<'v>(found: &'v Value, message: &str) -> Result<&'v [Value], Error<Value>> {
    match found {
        Value::Array(items) => Ok(items),
        _ => Err(Error::str(message)),
    }
}

/// What `.[]` gives: the items of an array, or the values of an object.
pub(super) fn children(found: &Value) -> Result<Vec<&Value>, Error<Value>> {
    match found {
        Value::Object(members) => Ok(members.values().collect()),
        Value::Array(items) => Ok(items.iter().collect()),
        _ => Err(Error::str(format_args!("Cannot iterate over {}", named(found)))),
    }
}

/// The error of a value that something cannot be done with.
pub(super) fn wrong(found: &Value, why: &str) -> Error<Value> {
    Error::str(format_args!("{} {why}", named(found)))
}

pub(super) fn json(value: &Value) -> Answer {
    let mut text = Vec::new();
    write(value, &mut text).map_err(Error::str)?;
    Ok(of_bytes(text))
}

/// Strings as they are, all else as JSON.
pub(in crate::jq) fn to_text(value: Value) -> Answer {
    if matches!(value, Value::String(_)) { Ok(value) } else { json(&value) }
}

fn from_json(value: &Value) -> Answer {
    let text = utf8(value, "only strings can be parsed")?;
    // As deep as what is written can be, so that what `tojson` made can be read.
    wasmrecords_json::parse(text.as_bytes(), 512).map_err(|error| {
        Error::str(format_args!("{} at byte {} of the text {}", error.message, error.offset, named(value)))
    })
}

const NO_NUMBER: &str = "cannot be parsed as a number";

/// Numbers as jq reads them in strings: also `007`, `.5` and `1.`, but no white space around them.
fn to_number(value: Value) -> Answer {
    let Value::String(_) = value else {
        return if let Value::Number(_) = value { Ok(value) } else { Err(wrong(&value, NO_NUMBER)) };
    };
    let digits = utf8(&value, NO_NUMBER)?;
    let decimal = digits.bytes().all(|b| b.is_ascii_digit() || b".-+eE".contains(&b));
    let json = wasmrecords_json::parse(digits.as_bytes(), 0);
    if let (true, Ok(Value::Number(number))) = (decimal, json) {
        return Ok(number.into());
    }
    match digits.parse::<f64>() {
        Ok(float) if decimal => Ok(value::whole(float)),
        _ => Err(wrong(&value, NO_NUMBER)),
    }
}

fn to_boolean(value: Value) -> Answer {
    match (&value, value.as_str()) {
        (Value::Bool(_), _) => Ok(value),
        (_, Some("true")) => Ok(Value::Bool(true)),
        (_, Some("false")) => Ok(Value::Bool(false)),
        _ => Err(wrong(&value, "cannot be parsed as a boolean")),
    }
}

/// What is greater than any number stays as it is, as in jq.
fn abs(value: Value) -> Answer {
    match value {
        Value::Null | Value::Bool(_) => -value,
        Value::Number(number) => Ok(number.absolute().into()),
        value => Ok(value),
    }
}
