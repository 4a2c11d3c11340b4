//! From a value to JSON text, always valid and on one line.

use std::fmt;
use std::io::Write as _;

mod numbers;

use numbers::write_integer;
pub use numbers::{ROOM, put_float, put_natural, write_float, write_natural};

use crate::scan::{has_escape, must_escape};
use crate::{Number, Value};

/// Deeper values are not written: whoever reads them back would refuse them too.
const DEPTH: usize = 512;

/// A value is nested too deeply to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooDeep;

impl fmt::Display for TooDeep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected at most {DEPTH} levels of arrays and objects, found more")
    }
}

impl std::error::Error for TooDeep {}

/// Appends the compact text of a value: numbers as they were written, `null` for what is no number, the
/// largest float for an infinity, strings with no other escapes than they need.
///
/// # Errors
/// [`TooDeep`] beyond 512 levels; `out` holds a part of the text then.
pub fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), TooDeep> {
    write_at(value, DEPTH, out)
}

fn write_at(value: &Value, levels: usize, out: &mut Vec<u8>) -> Result<(), TooDeep> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => {
            let levels = levels.checked_sub(1).ok_or(TooDeep)?;
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write_at(item, levels, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let levels = levels.checked_sub(1).ok_or(TooDeep)?;
            out.push(b'{');
            for (place, (name, value)) in members.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write_string(name, out);
                out.push(b':');
                write_at(value, levels, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// Appends a string in quotes. Escaped is what JSON asks for, and DEL.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    // With room for the last step as well.
    out.reserve(bytes.len() + 2 + 8);
    out.push(b'"');
    let start = out.len();
    if !write_plain(bytes, out) {
        out.truncate(start);
        write_characters(bytes, out);
    }
    out.push(b'"');
}

/// Appends bytes, eight in a step. False at one that must be escaped.
#[inline(always)]
fn write_plain(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    let (chunks, rest) = bytes.as_chunks::<8>();
    for chunk in chunks {
        if has_escape(chunk) {
            return false;
        }
        out.extend_from_slice(chunk);
    }
    if rest.is_empty() {
        return true;
    }
    let mut chunk = [b' '; 8];
    chunk.iter_mut().zip(rest).for_each(|(place, byte)| *place = *byte);
    out.extend_from_slice(&chunk);
    out.truncate(out.len() - 8 + rest.len());
    !has_escape(&chunk)
}

/// Appends UTF-8, or a part of it, as it stands between the quotes of a string.
#[inline]
pub fn write_characters(bytes: &[u8], out: &mut Vec<u8>) {
    let mut plain = 0;
    loop {
        let at = must_escape(bytes, plain);
        out.extend_from_slice(&bytes[plain..at]);
        let Some(&byte) = bytes.get(at) else { break };
        write_escape(byte, out);
        plain = at + 1;
    }
}

#[cold]
fn write_escape(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let hex = |digit: u8| b"0123456789abcdef"[usize::from(digit)];
            return out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]);
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn write_number(number: &Number, out: &mut Vec<u8>) {
    match number {
        Number::Int(value) => write_integer(*value, out),
        Number::Float(value) => write_float(*value, out),
        // Writing to a vector cannot fail.
        Number::Big(value) => drop(write!(out, "{value}")),
        Number::Digits(digits) => out.extend_from_slice(digits.as_bytes()),
    }
}

/// Writes a string in quotes where there is room for as much. False if it needs escapes.
#[inline(always)]
pub fn put_string(text: &str, room: &mut [u8]) -> bool {
    let bytes = text.as_bytes();
    let Some([first, inner @ .., last]) = room.get_mut(..bytes.len() + 2) else { return false };
    (*first, *last) = (b'"', b'"');
    put_plain(bytes, inner)
}

/// Copies bytes to as many, eight in a step: the last ones together with some before them. False if one must be
/// escaped.
#[inline(always)]
fn put_plain(bytes: &[u8], to: &mut [u8]) -> bool {
    if let Some(last) = bytes.last_chunk::<8>() {
        for (chunk, place) in bytes.as_chunks::<8>().0.iter().zip(to.as_chunks_mut::<8>().0) {
            if has_escape(chunk) {
                return false;
            }
            *place = *chunk;
        }
        if let Some(place) = to.last_chunk_mut() {
            *place = *last;
        }
        return !has_escape(last);
    }
    to.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
    must_escape(bytes, 0) == bytes.len()
}

impl fmt::Display for Value {
    /// The compact JSON text, cut off where it is nested too deeply.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::new();
        let _ = write(self, &mut out);
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    #[test]
    fn strings_of_all_lengths() {
        let plain = "añ€😀bcdefghijklmnopqrstuvwxyz";
        for length in (0..=plain.len()).filter(|length| plain.is_char_boundary(*length)) {
            assert_eq!(Value::from(&plain[..length]).to_string(), format!("\"{}\"", &plain[..length]));
            for escape in ["\"", "\\", "\n", "\u{7f}", "\0"] {
                let text = format!("{}{escape}{}", &plain[..length], &plain[length..]);
                let written = Value::from(&*text).to_string();
                assert_eq!(parse(written.as_bytes(), 1).unwrap().as_str(), Some(&*text));
                let escaped = written.len() - 2 - plain.len();
                assert_eq!(
                    escaped,
                    if escape > "\u{1f}" && escape != "\u{7f}" || escape == "\n" { 2 } else { 6 }
                );
            }
        }
    }

    #[test]
    fn what_is_written_reads_as_the_same() {
        let every: String = (0..=0x2ff).filter_map(char::from_u32).chain("김😀\u{2028}".chars()).collect();
        for text in [every.as_str(), "", "\"", "a\\", "\u{7f}"] {
            let written = Value::from(text).to_string();
            assert_eq!(parse(written.as_bytes(), 1).unwrap().as_str(), Some(text));
        }
        let text = r#"{"a":[1,2.50,-0,1e400,{"":null}],"b":{},"c":[],"d":[true,false]}"#;
        assert_eq!(parse(text.as_bytes(), 9).unwrap().to_string(), text);
    }

    #[test]
    fn deep_values_are_refused() {
        let nested = |levels| (0..levels).fold(Value::Null, |inner, _| Value::from(vec![inner]));
        assert_eq!(write(&nested(DEPTH), &mut Vec::new()), Ok(()));
        assert_eq!(write(&nested(DEPTH + 1), &mut Vec::new()), Err(TooDeep));
    }
}
