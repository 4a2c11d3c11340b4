//! What stands at an index, a name or between two bounds.

use super::errors::{error, no_index};
use crate::{Number, Text, Value};
use jaq_core::{Error, ValR};
use std::ops::Range;

/// `value[key]`: a member, an item, a part, or the places of one array in another.
///
/// # Errors
/// If there is no such thing, in jq's words.
pub fn index(value: Value, key: &Value) -> ValR<Value> {
    match (&value, key) {
        (Value::Object(members), Value::String(name)) => Ok(members.get(name).cloned().unwrap_or_default()),
        (Value::Array(items), Value::Number(at)) => {
            let item = place(at, items.len()).and_then(|at| items.get(at));
            Ok(item.cloned().unwrap_or_default())
        }
        (Value::Null, Value::String(_) | Value::Number(_) | Value::Object(_)) => Ok(Value::Null),
        (Value::Array(_) | Value::String(_), Value::Object(bounds)) => {
            match (bounds.get("start"), bounds.get("end")) {
                (Some(from), Some(to)) => slice(value, from, to),
                _ => Err(error("Array/string slice indices must be integers")),
            }
        }
        (Value::Array(items), Value::Array(part)) => Ok(places(items, part)),
        _ => Err(no_index(&value, key)),
    }
}

/// `value[from:to]` of an array, a string, or `null`. Bounds that are `null` are open.
///
/// # Errors
/// If the value is no such thing, or a bound no number, in jq's words.
pub fn slice(value: Value, from: &Value, to: &Value) -> ValR<Value> {
    match &value {
        Value::Null => Ok(Value::Null),
        Value::Array(items) => {
            let range = bounds(from, to, items.len())?;
            Ok(if range.len() == items.len() { value } else { items[range].iter().cloned().collect() })
        }
        Value::String(text) => {
            let range = bounds(from, to, text.chars().count())?;
            Ok(characters(text, range).into())
        }
        other => Err(no_index(other, &Value::from(Some(from.clone())..Some(to.clone())))),
    }
}

/// A part of a string, counted in characters.
fn characters(text: &Text, range: Range<usize>) -> Text {
    if text.is_ascii() {
        return text.sub(&text[range]);
    }
    let mut starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let start = starts.nth(range.start).unwrap_or(text.len());
    let end = match range.len() {
        0 => start,
        length => starts.nth(length - 1).unwrap_or(text.len()),
    };
    text.sub(&text[start..end])
}

/// The place that an index means, none if it lies before the first; it may lie behind the last.
pub(super) fn place(index: &Number, length: usize) -> Option<usize> {
    let at = match index {
        Number::Int(at) => *at,
        other => match other.as_f64() {
            at if at.is_nan() => return None,
            // The cast saturates.
            at => at as i64,
        },
    };
    usize::try_from(if at < 0 { at.saturating_add(length as i64) } else { at }).ok()
}

/// Bounds as places within a length: the first rounded down, the last rounded up.
pub(super) fn bounds(from: &Value, to: &Value, length: usize) -> Result<Range<usize>, Error<Value>> {
    let bound = |bound: &Value, open: usize, round: fn(f64) -> f64| match bound {
        Value::Null => Ok(open),
        Value::Number(Number::Int(at)) if *at >= 0 => Ok(usize::try_from(*at).unwrap_or(length).min(length)),
        Value::Number(number) => {
            let at = number.as_f64();
            if at.is_nan() {
                return Ok(open);
            }
            let at = round(if at < 0.0 { at + length as f64 } else { at });
            // The cast saturates at zero.
            Ok((at as usize).min(length))
        }
        _ => Err(error("Array/string slice indices must be integers")),
    };
    let start = bound(from, 0, f64::floor)?;
    Ok(start..bound(to, length, f64::ceil)?.max(start))
}

/// All places where an array begins in another.
fn places(items: &[Value], part: &[Value]) -> Value {
    if part.is_empty() {
        return Vec::new().into();
    }
    let found = items.windows(part.len()).enumerate().filter(|(_, window)| *window == part);
    found.map(|(at, _)| Value::from(at)).collect()
}
