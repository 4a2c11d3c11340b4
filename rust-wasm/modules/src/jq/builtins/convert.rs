//! Constants, types, and the ways from one type to another.

use super::{Answer, flow};
use crate::jq::data::Jq;
use crate::jq::value::{self, string, text, type_name};
use crate::jq::write::write;
use jaq_core::Error;
use jaq_core::native::Fun;
use jaq_json::Val;

pub(super) fn funs() -> Vec<Fun<Jq>> {
    vec![
        one!("true", |_| Ok(Val::Bool(true))),
        one!("false", |_| Ok(Val::Bool(false))),
        one!("null", |_| Ok(Val::Null)),
        one!("not", |v| Ok(Val::Bool(matches!(v, Val::Null | Val::Bool(false))))),
        one!("nan", |_| Ok(Val::from(f64::NAN))),
        one!("infinite", |_| Ok(Val::from(f64::INFINITY))),
        one!("isnan", |v| Ok(Val::Bool(value::float(&v).is_some_and(f64::is_nan)))),
        one!("isinfinite", |v| Ok(Val::Bool(value::float(&v).is_some_and(f64::is_infinite)))),
        one!("isnormal", |v| Ok(Val::Bool(value::float(&v).is_some_and(f64::is_normal)))),
        one!("type", |v| Ok(string(type_name(&v)))),
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

/// `found` as messages name it: its type and its text.
pub(super) fn named(found: &Val) -> String {
    let mut text = Vec::new();
    // What cannot be written is named by its type alone.
    let _ = write(found, &mut text);
    format!("{} ({})", type_name(found), String::from_utf8_lossy(&text))
}

pub(super) fn number(found: &Val) -> Result<f64, Error<Val>> {
    value::float(found).ok_or_else(|| Error::str(format_args!("expected a number, found {}", named(found))))
}

pub(super) fn utf8(found: &Val) -> Result<&str, Error<Val>> {
    text(found).ok_or_else(|| Error::str(format_args!("expected a string, found {}", named(found))))
}

pub(super) fn items(found: &Val) -> Result<&[Val], Error<Val>> {
    match found {
        Val::Arr(items) => Ok(items),
        _ => Err(Error::str(format_args!("expected an array, found {}", named(found)))),
    }
}

/// What `.[]` gives: the items of an array, or the values of an object.
pub(super) fn children(found: &Val) -> Result<Vec<&Val>, Error<Val>> {
    match found {
        Val::Obj(members) => Ok(members.values().collect()),
        _ => items(found).map(|items| items.iter().collect()),
    }
}

pub(super) fn json(value: &Val) -> Answer {
    let mut text = Vec::new();
    write(value, &mut text).map_err(Error::str)?;
    Ok(Val::utf8_str(text))
}

/// Strings as they are, all else as JSON.
pub(super) fn to_text(value: Val) -> Answer {
    if matches!(value, Val::TStr(_)) { Ok(value) } else { json(&value) }
}

fn from_json(value: &Val) -> Answer {
    let text = utf8(value)?;
    // As deep as what is written can be, so that what `tojson` made can be read.
    let parsed = wasmrecords_json::parse(text.as_bytes(), 512).map_err(|error| {
        Error::str(format_args!("{} at byte {} of the text {}", error.message, error.offset, named(value)))
    })?;
    Ok(value::from_json(&parsed))
}

/// Numbers as jq reads them in strings: also `007`, `.5` and `1.`, but no white space around them.
fn to_number(value: Val) -> Answer {
    let Val::TStr(_) = value else {
        return number(&value).map(|_| value);
    };
    let digits = utf8(&value)?;
    let decimal = digits.bytes().all(|b| b.is_ascii_digit() || b".-+eE".contains(&b));
    let json = wasmrecords_json::parse(digits.as_bytes(), 0);
    if let (true, Ok(wasmrecords_json::Value::Number(digits))) = (decimal, json) {
        return Ok(Val::Num(value::number(digits.as_str())));
    }
    match digits.parse::<f64>() {
        Ok(float) if decimal => Ok(value::whole(float)),
        _ => Err(Error::str(format_args!("{} cannot be parsed as a number", named(&value)))),
    }
}

fn to_boolean(value: Val) -> Answer {
    match (&value, text(&value)) {
        (Val::Bool(_), _) => Ok(value),
        (_, Some("true")) => Ok(Val::Bool(true)),
        (_, Some("false")) => Ok(Val::Bool(false)),
        _ => Err(Error::str(format_args!("{} cannot be parsed as a boolean", named(&value)))),
    }
}

/// What is greater than any number stays as it is, as in jq.
fn abs(value: Val) -> Answer {
    match value {
        Val::Null | Val::Bool(_) => number(&value).map(|_| value),
        Val::Num(_) if number(&value)? < 0.0 => -value,
        value => Ok(value),
    }
}

fn implode(value: &Val) -> Answer {
    let character = |item: &Val| {
        let code = value::float(item).filter(|code| code.trunc() == *code && *code >= 0.0);
        code.and_then(|code| char::from_u32(code as u32))
            .ok_or_else(|| Error::str(format_args!("expected a Unicode code point, found {}", named(item))))
    };
    let text = items(value)?.iter().map(character).collect::<Result<String, _>>()?;
    Ok(string(&text))
}

fn reverse(value: Val) -> Answer {
    match value {
        Val::Null => Ok(Val::Arr(Default::default())),
        // Empty, and so it has no items.
        Val::TStr(text) if text.is_empty() => Ok(Val::Arr(Default::default())),
        Val::Obj(members) if members.is_empty() => Ok(Val::Arr(Default::default())),
        _ => Ok(items(&value)?.iter().rev().cloned().collect()),
    }
}

/// Without the text at one end or both, if it is there. Takes strings only, as jq 1.8.
fn trimmed(value: Val, fix: &Val, left: bool, right: bool) -> Answer {
    let (whole, fix) = (utf8(&value)?, utf8(fix)?);
    let mut rest = whole;
    if left {
        rest = rest.strip_prefix(fix).unwrap_or(rest);
    }
    if right {
        rest = rest.strip_suffix(fix).unwrap_or(rest);
    }
    let unchanged = rest.len() == whole.len();
    Ok(if unchanged { value } else { jaq_std::ValT::as_sub_str(&value, rest.as_bytes()) })
}

fn join(value: &Val, separator: &Val) -> Answer {
    let mut joined = Vec::new();
    for (place, item) in children(value)?.into_iter().enumerate() {
        if place > 0 && !matches!(separator, Val::Null) {
            joined.extend_from_slice(utf8(separator)?.as_bytes());
        }
        match item {
            Val::Null => {}
            Val::TStr(text) => joined.extend_from_slice(text),
            Val::Bool(_) | Val::Num(_) => write(item, &mut joined).map_err(Error::str)?,
            _ => return Err(Error::str(format_args!("{} cannot be joined", named(item)))),
        }
    }
    Ok(Val::utf8_str(joined))
}
