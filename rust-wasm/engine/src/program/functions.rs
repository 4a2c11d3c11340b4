//! The builtins.

use super::env::{Env, One};
use super::expr::{Function, FunctionWith};
use super::levels::READ;
use super::numbers::{self, Numeric};
use super::strings::{self, decode};
use super::text::{Items, Members};
use super::value::{Text, Value, string};
use super::{Compare, Exit, Left, containers, rows, sorted};
use wasmrecords_json::{ErrorKind, Number, Value as Json, parse as parse_json, write, write_characters};

/// The value of a builtin of the input alone.
pub(super) fn call<'v>(function: Function, input: Value<'v>, env: &Env<'v>) -> One<'v> {
    Ok(Some(match (function, input) {
        (Function::Not, value) => Value::Bool(!value.is_true()),
        (Function::Length, value) => length(value)?,
        (Function::Type, value) => Value::String(Text::clean(value.type_name().as_bytes())),
        (Function::ToString, value @ Value::String(_)) => value,
        (Function::ToString | Function::ToJson, value) => {
            let mut raw = Vec::new();
            json_of(value, &mut raw);
            return env.string(raw);
        }
        (Function::ToNumber, value) => return to_number(value, env),
        (Function::Downcase | Function::Upcase, Value::String(text)) => {
            let mut raw = Vec::with_capacity(text.bytes.len());
            string(text, &mut raw);
            recased(&mut raw, function == Function::Upcase);
            return env.string(raw);
        }
        (Function::Csv | Function::Tsv, Value::Array(array)) => {
            let mut raw = Vec::new();
            rows::row(array, function == Function::Csv, &mut raw)?;
            return env.string(raw);
        }
        (Function::Html, value) => {
            let mut raw = Vec::new();
            rows::html(value, &mut raw);
            return env.string(raw);
        }
        (Function::Keys | Function::KeysUnsorted, value) => {
            return env.made(|out| rows::keys(value, function == Function::Keys, out));
        }
        (Function::ToEntries, value) => return env.made(|out| rows::to_entries(value, out)),
        (Function::FromEntries, value) => return env.made(|out| rows::from_entries(value, out)),
        (Function::Add, value) => return sum(value, env),
        (Function::FromJson, Value::String(text)) => {
            let text = decode(text.bytes);
            let value = parse_json(&text, READ).map_err(|why| match why.kind {
                ErrorKind::Nesting => Left::Large,
                _ => Left::Error,
            })?;
            return env.made(|out| Ok(write(&value, out).is_ok()));
        }
        (
            Function::Sort | Function::Unique | Function::Min | Function::Max | Function::Reverse,
            Value::Array(array),
        ) => return sorted::call(function, array, env),
        (Function::Trim | Function::TrimStart | Function::TrimEnd, Value::String(text)) => {
            let decoded = decode(text.bytes);
            let text = std::str::from_utf8(&decoded).map_err(|_| Left::Error)?;
            let trimmed = match function {
                Function::TrimStart => text.trim_start(),
                Function::TrimEnd => text.trim_end(),
                _ => text.trim(),
            };
            return encoded(trimmed.as_bytes(), env);
        }
        (Function::ByteLength, Value::String(text)) => Value::Int(decode(text.bytes).len() as i64),
        (Function::Floor | Function::Ceil | Function::Round, value) => {
            let number = numbers::number(value).ok_or(Left::Error)?;
            if number.is_exact() {
                return Ok(Some(value));
            }
            let round = match function {
                Function::Floor => f64::floor,
                Function::Ceil => f64::ceil,
                _ => f64::round,
            };
            numbers::of(Number::whole(round(number.as_f64())), |digits| env.keep(digits))?
        }
        (Function::Absolute, value) if value.numeric().is_some() => length(value)?,
        _ => return Err(Left::Error.into()),
    }))
}

/// The value of a builtin of the input and an argument.
pub(super) fn call_with<'v>(
    function: FunctionWith,
    input: Value<'v>,
    argument: Value<'v>,
    env: &Env<'v>,
) -> One<'v> {
    Ok(Some(match (function, input, argument) {
        (FunctionWith::Has, Value::Null, _) => Value::Bool(false),
        (FunctionWith::Has, Value::Object(object), Value::String(name)) => {
            let name = decode(name.bytes);
            Value::Bool(Members::of(object.bytes).any(|member| decode(member.name) == name))
        }
        (FunctionWith::Has, Value::Array(array), _) => match argument.numeric() {
            Some(Numeric::Int(at)) => {
                let count = Items::of(array.bytes).count();
                Value::Bool(usize::try_from(at).is_ok_and(|at| at < count))
            }
            _ => return Err(Left::Error.into()),
        },
        (FunctionWith::StartsWith, Value::String(text), Value::String(part)) => {
            Value::Bool(decode(text.bytes).starts_with(&decode(part.bytes)))
        }
        (FunctionWith::EndsWith, Value::String(text), Value::String(part)) => {
            Value::Bool(decode(text.bytes).ends_with(&decode(part.bytes)))
        }
        (FunctionWith::Contains, whole, part) => Value::Bool(contains(whole, part)?),
        (FunctionWith::WithoutStart, Value::String(text), Value::String(part)) => {
            return match decode(text.bytes).strip_prefix(&*decode(part.bytes)) {
                Some(rest) => encoded(rest, env),
                None => Ok(Some(input)),
            };
        }
        (FunctionWith::WithoutEnd, Value::String(text), Value::String(part)) => {
            return match decode(text.bytes).strip_suffix(&*decode(part.bytes)) {
                Some(rest) => encoded(rest, env),
                None => Ok(Some(input)),
            };
        }
        (FunctionWith::Join, value, separator) => {
            let mut raw = Vec::new();
            rows::join(value, separator, &mut raw)?;
            return env.string(raw);
        }
        (FunctionWith::Split, Value::String(text), Value::String(separator)) => {
            return env.made(|out| {
                containers::split(text, separator, out);
                Ok(true)
            });
        }
        (FunctionWith::Index, Value::Null, Value::String(_)) => Value::Null,
        (FunctionWith::Index, Value::String(text), Value::String(part)) => {
            let (text, part) = (decode(text.bytes), decode(part.bytes));
            match place_of(&text, &part) {
                Some(at) if !part.is_empty() => Value::Int(strings::length_of(&text[..at]) as i64),
                _ => Value::Null,
            }
        }
        (FunctionWith::Index, Value::Array(array), Value::String(_)) => {
            for (place, item) in Items::of(array.bytes).enumerate() {
                if Value::of(item, array.clean).compare(argument, Compare::Equal)? {
                    return Ok(Some(Value::Int(place as i64)));
                }
            }
            Value::Null
        }
        _ => return Err(Left::Error.into()),
    }))
}

fn encoded<'v>(text: &[u8], env: &Env<'v>) -> One<'v> {
    let mut raw = Vec::new();
    write_characters(text, &mut raw);
    env.string(raw)
}

/// Appends a value as text, as it stands between quotes: strings as they are, all else as JSON.
pub(super) fn text_of(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::String(text) => string(text, out),
        value => json_of(value, out),
    }
}

/// Appends the JSON of a value as it stands between quotes.
fn json_of(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::String(_) | Value::Array(_) | Value::Object(_) => {
            let mut json = Vec::new();
            value.write(&mut json);
            write_characters(&json, out);
        }
        value => value.write(out),
    }
}

fn length(value: Value<'_>) -> Result<Value<'_>, Exit> {
    let count = match value {
        Value::Null => 0,
        Value::String(text) => strings::length(text.bytes),
        Value::Array(array) => Items::of(array.bytes).count(),
        Value::Object(object) => Members::of(object.bytes).count(),
        Value::Bool(_) => return Err(Left::Error.into()),
        Value::Int(value) => return Ok(Value::Int(value.checked_abs().ok_or(Left::Number)?)),
        Value::Float(value) => return Ok(Value::Float(if value < 0.0 { -value } else { value })),
        Value::Digits(digits) => {
            return Ok(Value::Digits(match digits.strip_prefix(b"-") {
                // What is too small for a float is not less than zero.
                Some(rest) if !matches!(numbers::parse(digits), Numeric::Float(0.0)) => rest,
                _ => digits,
            }));
        }
    };
    Ok(Value::Int(count as i64))
}

fn to_number<'v>(value: Value<'v>, env: &Env<'v>) -> One<'v> {
    let Value::String(text) = value else {
        return if value.numeric().is_some() { Ok(Some(value)) } else { Err(Left::Error.into()) };
    };
    let decoded = decode(text.bytes);
    let decimal = decoded.iter().all(|byte| byte.is_ascii_digit() || b".-+eE".contains(byte));
    if !decimal {
        return Err(Left::Error.into());
    }
    if let Ok(Json::Number(number)) = parse_json(&decoded, 0) {
        return match number {
            Number::Int(value) => Ok(Some(Value::Int(value))),
            _ => Ok(Some(Value::Digits(env.keep(decoded.into_owned())?))),
        };
    }
    let float = std::str::from_utf8(&decoded).ok().and_then(|digits| digits.parse().ok());
    numbers::of(Number::whole(float.ok_or(Left::Error)?), |digits| env.keep(digits)).map(Some)
}

/// Letters of ASCII in the other case. Those of escapes stay as they are.
fn recased(raw: &mut [u8], upper: bool) {
    let mut at = 0;
    while at < raw.len() {
        match (raw[at], raw.get(at + 1)) {
            (b'\\', Some(b'u')) => at += 6,
            (b'\\', _) => at += 2,
            (byte, _) => {
                raw[at] = if upper { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
                at += 1;
            }
        }
    }
}

fn contains(whole: Value<'_>, part: Value<'_>) -> Result<bool, Exit> {
    Ok(match (whole, part) {
        (Value::String(whole), Value::String(part)) => holds(&decode(whole.bytes), &decode(part.bytes)),
        (Value::Array(whole), Value::Array(part)) => {
            for part in Items::of(part.bytes).map(|item| Value::of(item, false)) {
                let mut found = false;
                for item in Items::of(whole.bytes).map(|item| Value::of(item, false)) {
                    found = match (item, part) {
                        (Value::String(_), Value::String(_)) => contains(item, part)?,
                        // One may contain the other, and need not be equal to it.
                        (Value::Array(_), Value::Array(_)) | (Value::Object(_), Value::Object(_)) => {
                            return Err(Left::Containers.into());
                        }
                        (item, part) => item.compare(part, Compare::Equal)?,
                    };
                    if found {
                        break;
                    }
                }
                if !found {
                    return Ok(false);
                }
            }
            true
        }
        // An error, or within objects.
        _ => return Err(Left::Error.into()),
    })
}

/// Whether a text has a part.
pub(super) fn holds(text: &[u8], part: &[u8]) -> bool {
    place_of(text, part).is_some()
}

/// Where a part begins first. In a time that grows with their lengths alone: both may be a stranger's.
fn place_of(text: &[u8], part: &[u8]) -> Option<usize> {
    #[cfg(feature = "recipes")]
    return memchr::memmem::find(text, part);
    #[cfg(not(feature = "recipes"))]
    unreachable!("{} {}: no program is made without the feature `recipes`", text.len(), part.len())
}

/// `add`
fn sum<'v>(value: Value<'v>, env: &Env<'v>) -> One<'v> {
    let mut sum = Value::Null;
    let mut add = |text: &'v [u8], clean| {
        let item = Value::of(text, clean);
        match containers::calculate(sum, super::Calculation::Add, item, env)? {
            Some(next) => sum = next,
            None => return Err(Exit::from(Left::Error)),
        }
        Ok(())
    };
    match value {
        Value::Array(array) => Items::of(array.bytes).try_for_each(|item| add(item, array.clean))?,
        Value::Object(object) => {
            Members::of(object.bytes).try_for_each(|member| add(member.value, object.clean))?;
        }
        _ => return Err(Left::Error.into()),
    }
    Ok(Some(sum))
}
