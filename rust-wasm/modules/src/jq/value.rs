//! From a parsed record to a value that programs compute with.

use jaq_json::{Map, Num, Val};
use std::rc::Rc;
use wasmrecords_json::Value;

/// Longer integers than this are kept as text and computed with as decimals: none of them is within
/// the range of a 64-bit float, and reading them exactly would take quadratic time.
const EXACT_DIGITS: usize = 400;

/// The value of a record. Its text was checked by the strict parser, so nothing can go wrong here.
pub(super) fn from_json(value: &Value<'_>) -> Val {
    match value {
        Value::Null => Val::Null,
        Value::Bool(b) => Val::Bool(*b),
        Value::Number(n) => Val::Num(number(n.as_str())),
        Value::String(s) => string(s),
        Value::Array(items) => items.iter().map(from_json).collect(),
        Value::Object(members) => {
            let mut map = Map::with_capacity_and_hasher(members.len(), Default::default());
            map.extend(members.iter().map(|(name, value)| (string(name), from_json(value))));
            Val::obj(map)
        }
    }
}

/// A text as a value.
pub(super) fn string(text: &str) -> Val {
    // Not `Val::from(String)`, which would put a second box around the text.
    Val::utf8_str(Vec::from(text))
}

/// A number by its digits, which stay as they are until somebody computes with them.
pub(super) fn number(text: &str) -> Num {
    match text.parse() {
        // jaq takes the absolute value of the smallest machine integer, which has none.
        Ok(isize::MIN) => exact(text),
        Ok(0) if text.starts_with('-') => None,
        Ok(int) => Some(Num::Int(int)),
        Err(_) => exact(text),
    }
    .unwrap_or_else(|| Num::Dec(Rc::new(text.to_owned())))
}

fn exact(text: &str) -> Option<Num> {
    if text.len() > EXACT_DIGITS { None } else { text.parse().ok().map(Num::big_int) }
}

/// A number as a float, where the value is one.
pub(super) fn float(value: &Val) -> Option<f64> {
    jaq_std::ValT::as_f64(value)
}

/// A float as an integer where it is one, so that it can index and count.
pub(super) fn whole(value: f64) -> Val {
    // Beyond 2^53 a float says nothing certain about units.
    if value.trunc() == value && value.abs() < 9_007_199_254_740_992.0 {
        Val::Num(Num::from_integral(value as i64))
    } else {
        Val::from(value)
    }
}

/// The text of a string.
pub(super) fn text(value: &Val) -> Option<&str> {
    match value {
        // Every string comes from UTF-8 text: see `builtins`, which never makes another.
        Val::TStr(bytes) => std::str::from_utf8(bytes).ok(),
        _ => None,
    }
}

/// jq's name of a value's type.
pub(super) fn type_name(value: &Val) -> &'static str {
    match value {
        Val::Null => "null",
        Val::Bool(_) => "boolean",
        Val::Num(_) => "number",
        Val::TStr(_) | Val::BStr(_) => "string",
        Val::Arr(_) => "array",
        Val::Obj(_) => "object",
    }
}
