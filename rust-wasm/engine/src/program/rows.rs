//! Values as rows of text, and objects as entries.

use super::functions::text_of;
use super::run::bound;
use super::strings::{decode, has_escape};
use super::text::{Items, Members, member};
use super::value::{Text, Value, string};
use super::{Exit, Left, Literal, containers};
use wasmrecords_json::write_characters;

/// Appends the items of an array as a line of `@csv` or `@tsv`, as it stands between quotes.
pub(super) fn row(array: Text<'_>, csv: bool, out: &mut Vec<u8>) -> Result<(), Exit> {
    for (place, item) in Items::of(array.bytes).enumerate() {
        if place > 0 {
            out.extend_from_slice(if csv { b"," } else { b"\\t" });
        }
        match Value::of(item, array.clean) {
            Value::Null => {}
            Value::String(text) if csv => {
                out.extend_from_slice(b"\\\"");
                each_byte(text, out, |byte| if byte == b'"' { Some(b"\\\"\\\"") } else { None });
                out.extend_from_slice(b"\\\"");
            }
            Value::String(text) => each_byte(text, out, |byte| match byte {
                b'\\' => Some(b"\\\\\\\\"),
                b'\t' => Some(b"\\\\t"),
                b'\n' => Some(b"\\\\n"),
                b'\r' => Some(b"\\\\r"),
                _ => None,
            }),
            Value::Array(_) | Value::Object(_) => return Err(Left::Error.into()),
            value => value.write(out),
        }
    }
    Ok(())
}

/// Appends a string with other texts for some of its characters.
fn each_byte(text: Text<'_>, out: &mut Vec<u8>, other: impl Fn(u8) -> Option<&'static [u8]>) {
    if text.clean && !has_escape(text.bytes) && !text.bytes.iter().any(|byte| other(*byte).is_some()) {
        return out.extend_from_slice(text.bytes);
    }
    for &byte in &*decode(text.bytes) {
        match other(byte) {
            Some(text) => out.extend_from_slice(text),
            None => write_characters(&[byte], out),
        }
    }
}

/// Appends a value as `@html`, as it stands between quotes.
pub(super) fn html(value: Value<'_>, out: &mut Vec<u8>) {
    let mut raw = Vec::new();
    text_of(value, &mut raw);
    each_byte(Text::clean(&raw), out, |byte| match byte {
        b'<' => Some(b"&lt;"),
        b'>' => Some(b"&gt;"),
        b'&' => Some(b"&amp;"),
        b'\'' => Some(b"&apos;"),
        b'"' => Some(b"&quot;"),
        _ => None,
    });
}

/// Writes the names of an object, or the indices of an array.
pub(super) fn keys(value: Value<'_>, sorted: bool, out: &mut Vec<u8>) -> Result<bool, Exit> {
    out.push(b'[');
    match value {
        Value::Object(object) => {
            let mut names: Vec<_> = Members::of(object.bytes).map(|member| decode(member.name)).collect();
            if sorted {
                names.sort_unstable();
            }
            for (place, name) in names.iter().enumerate() {
                out.extend_from_slice(if place > 0 { b",\"" } else { b"\"" });
                write_characters(name, out);
                out.push(b'"');
            }
        }
        Value::Array(array) => {
            for (place, _) in Items::of(array.bytes).enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                Value::Int(place as i64).write(out);
            }
        }
        _ => return Err(Left::Error.into()),
    }
    out.push(b']');
    Ok(true)
}

/// Writes an object as an array of entries.
pub(super) fn to_entries(value: Value<'_>, out: &mut Vec<u8>) -> Result<bool, Exit> {
    let mut first = true;
    let mut entry = |key: Value<'_>, value: Value<'_>| {
        out.extend_from_slice(if first { b"[{\"key\":" } else { b",{\"key\":" });
        first = false;
        key.write(out);
        out.extend_from_slice(b",\"value\":");
        value.write(out);
        out.push(b'}');
    };
    match value {
        Value::Object(object) => {
            for member in Members::of(object.bytes) {
                let key = Value::String(Text { bytes: member.name, clean: object.clean });
                entry(key, Value::of(member.value, object.clean));
            }
        }
        Value::Array(array) => {
            for (place, item) in Items::of(array.bytes).enumerate() {
                entry(Value::Int(place as i64), Value::of(item, array.clean));
            }
        }
        _ => return Err(Left::Error.into()),
    }
    out.extend_from_slice(if first { b"[]" } else { b"]" });
    Ok(true)
}

/// Writes an array of entries as an object.
pub(super) fn from_entries(value: Value<'_>, out: &mut Vec<u8>) -> Result<bool, Exit> {
    // What other names are taken for these is for the general engine.
    let (key, value_name) = (Literal::new("key"), Literal::new("value"));
    let Value::Array(array) = value else { return Err(Left::Error.into()) };
    let start = out.len();
    out.push(b'{');
    for (place, item) in Items::of(array.bytes).enumerate() {
        if place > 0 {
            out.push(b',');
        }
        let (Some(key), Some(value)) = (member(item, &key), member(item, &value_name)) else {
            return Err(Left::Error.into());
        };
        let Value::String(key) = Value::of(key, array.clean) else { return Err(Left::Error.into()) };
        out.push(b'"');
        string(key, out);
        out.extend_from_slice(b"\":");
        Value::of(value, array.clean).write(out);
    }
    out.push(b'}');
    containers::once(&out[start..])?;
    Ok(true)
}

/// Appends the items of an array as one text, as it stands between quotes.
pub(super) fn join(value: Value<'_>, separator: Value<'_>, out: &mut Vec<u8>) -> Result<(), Exit> {
    let Value::Array(array) = value else { return Err(Left::Error.into()) };
    for (place, item) in Items::of(array.bytes).enumerate() {
        bound(out)?;
        if place > 0 {
            match separator {
                Value::Null => {}
                Value::String(separator) => string(separator, out),
                _ => return Err(Left::Error.into()),
            }
        }
        match Value::of(item, array.clean) {
            Value::Null => {}
            Value::Array(_) | Value::Object(_) => return Err(Left::Error.into()),
            item => text_of(item, out),
        }
    }
    Ok(())
}
