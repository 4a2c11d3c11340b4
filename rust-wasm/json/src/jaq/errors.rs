//! Errors in the words of jq: programs catch them, and compare them.

use crate::Value;
use jaq_core::Error;

/// The longest text of a value in a message, in bytes.
const LONGEST: usize = 29;

pub(super) fn error(message: impl std::fmt::Display) -> Error<Value> {
    Error::str(message)
}

/// A value as jq's messages name it: its type and the start of its text.
pub fn described(value: &Value) -> String {
    format!("{} ({})", value.type_name(), shortened(value))
}

fn shortened(value: &Value) -> String {
    let mut text = match value {
        // The text of a long string is not made to be thrown away.
        Value::String(text) if text.len() > LONGEST + 1 => {
            Value::String(text.sub(&text[..cut(text, LONGEST + 1)]))
        }
        other => other.clone(),
    }
    .to_string();
    if text.len() <= LONGEST {
        return text;
    }
    let close = match text.as_bytes()[0] {
        b'"' => "\"",
        b'[' => "]",
        b'{' => "}",
        _ => "",
    };
    text.truncate(cut(&text, LONGEST - 3 - close.len()));
    text + "..." + close
}

/// The last boundary of characters up to a length.
fn cut(text: &str, length: usize) -> usize {
    (0..=length).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The error of a name that is no string.
pub fn no_key(key: &Value) -> Error<Value> {
    error(format_args!("Cannot use {} as object key", described(key)))
}

pub(super) fn two(left: &Value, right: &Value, what: &str) -> Error<Value> {
    error(format_args!("{} and {} {what}", described(left), described(right)))
}

pub(super) fn no_index(value: &Value, key: &Value) -> Error<Value> {
    error(format_args!("Cannot index {} with {}", value.type_name(), described(key)))
}

/// The error of `.[]` on what has no items.
pub fn not_iterable(value: &Value) -> Error<Value> {
    error(format_args!("Cannot iterate over {}", described(value)))
}
