//! The words of messages: values shown short, lists, plurals.

use wasmrecords_json::Value;

use crate::cut::floor;

/// Longer texts of values are cut, in bytes.
const LONGEST: usize = 80;

/// A list of expected values says no more than this many.
const MOST_LISTED: usize = 8;

/// A value of a record as JSON, cut where it gets long.
pub(super) fn shown(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    cut(out)
}

/// A text in double quotes as JSON writes it, cut where it gets long.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::new();
    write_string(text, &mut out);
    cut(out)
}

/// A value of a schema as JSON, cut where it gets long.
pub(super) fn expected(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => quoted(text),
        other => cut(other.to_string()),
    }
}

/// A text, cut where it gets long.
pub(super) fn cut(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(floor(&text, LONGEST - 3));
        text.push('…');
    }
    text
}

/// Stops soon after what will be shown, however large and deep the value is.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(clipped(&number.to_string())),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if out.len() > LONGEST {
                    return;
                }
                if at > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (at, (name, member)) in members.iter().enumerate() {
                if out.len() > LONGEST {
                    return;
                }
                if at > 0 {
                    out.push(',');
                }
                write_string(name, out);
                out.push(':');
                write(member, out);
            }
            out.push('}');
        }
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for character in clipped(text).chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Messages are read on terminals, which some of these would drive.
            control if control.is_control() => out.push_str(&format!("\\u{:04x}", control as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// No more of a text than can be shown.
fn clipped(text: &str) -> &str {
    &text[..floor(text, LONGEST + 1)]
}

/// `1 item`, `2 items`.
pub(super) fn counted(count: u64, one: &str) -> String {
    format!("{count} {}", plural(count, one))
}

/// `item` for one of them, `items` for more.
pub(super) fn plural(count: u64, one: &str) -> String {
    match (count, one.strip_suffix('y')) {
        (1, _) => one.to_owned(),
        (_, Some(stem)) => format!("{stem}ies"),
        _ => format!("{one}s"),
    }
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn either(words: &[impl AsRef<str>]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// `a, b, c`, and `...` behind the first few.
pub(super) fn listed(words: impl ExactSizeIterator<Item = String>) -> String {
    let more = words.len() > MOST_LISTED;
    let mut list = words.take(MOST_LISTED).collect::<Vec<_>>().join(", ");
    if more {
        list.push_str(", ...");
    }
    list
}
