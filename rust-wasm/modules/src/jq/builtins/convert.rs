//! Constants, types, and the ways from one type to another.

use super::{Answer, Builtin, flow};
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
        one!("implode", |v| implode(&v)),
        one!("reverse", reverse),
        two!("ltrimstr", |v, fix| trimmed(v, &fix, true, false)),
        two!("rtrimstr", |v, fix| trimmed(v, &fix, false, true)),
        two!("trimstr", |v, fix| trimmed(v, &fix, true, true)),
        two!("join", |v, separator| join(&v, &separator)),
        flow("empty", |_| Box::new(std::iter::empty()), |_| Box::new(std::iter::empty())),
    ]
}

/// `found` as messages name it: its type and the start of its text.
pub(super) fn named(found: &Value) -> String {
    described(found)
}

pub(super) fn number(found: &Value) -> Result<f64, Error<Value>> {
    value::float(found).ok_or_else(|| Error::str(format_args!("expected a number, found {}", named(found))))
}

pub(super) fn utf8(found: &Value) -> Result<&Text, Error<Value>> {
    match found {
        Value::String(text) => Ok(text),
        _ => Err(Error::str(format_args!("expected a string, found {}", named(found)))),
    }
}

pub(super) fn items(found: &Value) -> Result<&[Value], Error<Value>> {
    match found {
        Value::Array(items) => Ok(items),
        _ => Err(Error::str(format_args!("expected an array, found {}", named(found)))),
    }
}

/// What `.[]` gives: the items of an array, or the values of an object.
pub(super) fn children(found: &Value) -> Result<Vec<&Value>, Error<Value>> {
    match found {
        Value::Object(members) => Ok(members.values().collect()),
        _ => items(found).map(|items| items.iter().collect()),
    }
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
    let text = utf8(value)?;
    // As deep as what is written can be, so that what `tojson` made can be read.
    wasmrecords_json::parse(text.as_bytes(), 512).map_err(|error| {
        Error::str(format_args!("{} at byte {} of the text {}", error.message, error.offset, named(value)))
    })
}

/// Numbers as jq reads them in strings: also `007`, `.5` and `1.`, but no white space around them.
fn to_number(value: Value) -> Answer {
    let Value::String(_) = value else {
        return number(&value).map(|_| value);
    };
    let digits = utf8(&value)?;
    let decimal = digits.bytes().all(|b| b.is_ascii_digit() || b".-+eE".contains(&b));
    let json = wasmrecords_json::parse(digits.as_bytes(), 0);
    if let (true, Ok(Value::Number(number))) = (decimal, json) {
        return Ok(number.into());
    }
    match digits.parse::<f64>() {
        Ok(float) if decimal => Ok(value::whole(float)),
        _ => Err(Error::str(format_args!("{} cannot be parsed as a number", named(&value)))),
    }
}

fn to_boolean(value: Value) -> Answer {
    match (&value, value.as_str()) {
        (Value::Bool(_), _) => Ok(value),
        (_, Some("true")) => Ok(Value::Bool(true)),
        (_, Some("false")) => Ok(Value::Bool(false)),
        _ => Err(Error::str(format_args!("{} cannot be parsed as a boolean", named(&value)))),
    }
}

/// What is greater than any number stays as it is, as in jq.
fn abs(value: Value) -> Answer {
    match value {
        Value::Null | Value::Bool(_) => number(&value).map(|_| value),
        Value::Number(_) if number(&value)? < 0.0 => -value,
        value => Ok(value),
    }
}

fn implode(value: &Value) -> Answer {
    let character = |item: &Value| {
        let code = value::float(item).filter(|code| code.trunc() == *code && *code >= 0.0);
        code.and_then(|code| char::from_u32(code as u32))
            .ok_or_else(|| Error::str(format_args!("expected a Unicode code point, found {}", named(item))))
    };
    let text = items(value)?.iter().map(character).collect::<Result<String, _>>()?;
    Ok(Value::from(text))
}

fn reverse(value: Value) -> Answer {
    match value {
        Value::Null => Ok(Vec::new().into()),
        // Empty, and so it has no items.
        Value::String(text) if text.is_empty() => Ok(Vec::new().into()),
        Value::Object(members) if members.is_empty() => Ok(Vec::new().into()),
        _ => Ok(items(&value)?.iter().rev().cloned().collect()),
    }
}

/// Without the text at one end or both, if it is there. Takes strings only, as jq 1.8.
fn trimmed(value: Value, fix: &Value, left: bool, right: bool) -> Answer {
    let (whole, fix) = (utf8(&value)?, utf8(fix)?);
    let mut rest = whole.as_str();
    if left {
        rest = rest.strip_prefix(fix.as_str()).unwrap_or(rest);
    }
    if right {
        rest = rest.strip_suffix(fix.as_str()).unwrap_or(rest);
    }
    let unchanged = rest.len() == whole.len();
    Ok(if unchanged { value } else { whole.sub(rest).into() })
}

fn join(value: &Value, separator: &Value) -> Answer {
    let mut joined = Vec::new();
    for (place, item) in children(value)?.into_iter().enumerate() {
        if place > 0 && !matches!(separator, Value::Null) {
            joined.extend_from_slice(utf8(separator)?.as_bytes());
        }
        match item {
            Value::Null => {}
            Value::String(text) => joined.extend_from_slice(text.as_bytes()),
            Value::Bool(_) | Value::Number(_) => write(item, &mut joined).map_err(Error::str)?,
            _ => return Err(Error::str(format_args!("{} cannot be joined", named(item)))),
        }
    }
    Ok(of_bytes(joined))
}
