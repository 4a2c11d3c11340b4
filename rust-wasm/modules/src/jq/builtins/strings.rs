//! Strings: their ends, their characters, and what they are joined of.

use super::convert::{children, items, named, utf8, wrong};
use super::{Answer, Builtin};
use crate::jq::value::{float, of_bytes};
use jaq_core::Error;
use wasmrecords_json::{Text, Value, write};

pub(super) fn all() -> Vec<Builtin> {
    vec![
        one!("explode", |v| Ok(characters(&v)?
            .chars()
            .map(|c| Value::from(i64::from(u32::from(c))))
            .collect())),
        one!("implode", |v| implode(&v)),
        one!("ascii_downcase", |v| Ok(characters(&v)?.to_ascii_lowercase().into())),
        one!("ascii_upcase", |v| Ok(characters(&v)?.to_ascii_uppercase().into())),
        two!("startswith", |v, start| {
            let (text, start) = both(&v, &start, "startswith")?;
            Ok(text.starts_with(start.as_str()).into())
        }),
        two!("endswith", |v, end| {
            let (text, end) = both(&v, &end, "endswith")?;
            Ok(text.ends_with(end.as_str()).into())
        }),
        two!("ltrimstr", |v, fix| without_start(v, &fix)),
        two!("rtrimstr", |v, fix| without_end(v, &fix)),
        two!("trimstr", |v, fix| without_end(without_start(v, &fix)?, &fix)),
        one!("trim", |v| trimmed(v, |text| text.trim_matches(is_space))),
        one!("ltrim", |v| trimmed(v, |text| text.trim_start_matches(is_space))),
        one!("rtrim", |v| trimmed(v, |text| text.trim_end_matches(is_space))),
        one!("utf8bytelength", |v| {
            Ok(Value::from(utf8(&v, "only strings have UTF-8 byte length")?.len()))
        }),
        two!("join", |v, separator| join(&v, &separator)),
    ]
}

fn characters(value: &Value) -> Result<&Text, Error<Value>> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(Error::str("explode input must be a string")),
    }
}

/// Code points as text. What is no character becomes U+FFFD, as in jq.
fn implode(value: &Value) -> Answer {
    let character = |item: &Value| {
        let code = float(item).filter(|code| !code.is_nan());
        let code =
            code.ok_or_else(|| wrong(item, "can't be imploded, unicode codepoint needs to be numeric"))?;
        // The casts saturate.
        let code = u32::try_from(code as i64).ok().and_then(char::from_u32);
        Ok(code.unwrap_or(char::REPLACEMENT_CHARACTER))
    };
    let codes = items(value, "implode input must be an array")?;
    Ok(codes.iter().map(character).collect::<Result<String, Error<Value>>>()?.into())
}

fn both<'v>(value: &'v Value, argument: &'v Value, name: &str) -> Result<(&'v Text, &'v Text), Error<Value>> {
    match (value, argument) {
        (Value::String(value), Value::String(argument)) => Ok((value, argument)),
        _ => Err(Error::str(format_args!("{name}() requires string inputs"))),
    }
}

fn without_start(value: Value, start: &Value) -> Answer {
    let (text, start) = both(&value, start, "startswith")?;
    let rest = text.strip_prefix(start.as_str()).map(|rest| text.sub(rest));
    Ok(rest.map_or(value, Value::from))
}

fn without_end(value: Value, end: &Value) -> Answer {
    let (text, end) = both(&value, end, "endswith")?;
    let rest = text.strip_suffix(end.as_str()).map(|rest| text.sub(rest));
    Ok(rest.map_or(value, Value::from))
}

fn trimmed(value: Value, rest: fn(&str) -> &str) -> Answer {
    match &value {
        Value::String(text) => Ok(text.sub(rest(text)).into()),
        _ => Err(Error::str("trim input must be a string")),
    }
}

fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// As adding one after the other, with the errors of that.
fn join(value: &Value, separator: &Value) -> Answer {
    let mut joined = Vec::new();
    let cannot = |joined: Vec<u8>, other: &Value| {
        let (left, right) = (named(&of_bytes(joined)), named(other));
        Err(Error::str(format_args!("{left} and {right} cannot be added")))
    };
    for (place, item) in children(value)?.into_iter().enumerate() {
        match separator {
            _ if place == 0 => {}
            Value::Null => {}
            Value::String(separator) => joined.extend_from_slice(separator.as_bytes()),
            other => return cannot(joined, other),
        }
        match item {
            Value::Null => {}
            Value::String(text) => joined.extend_from_slice(text.as_bytes()),
            Value::Bool(_) | Value::Number(_) => write(item, &mut joined).map_err(Error::str)?,
            other => return cannot(joined, other),
        }
    }
    Ok(of_bytes(joined))
}
