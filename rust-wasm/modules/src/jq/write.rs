//! From a value to JSON text, always valid and on one line.

use super::value::text;
use jaq_json::{Num, Val};
use std::io::Write;

/// Deeper values are not written: whoever reads them back would refuse them too.
const DEPTH: usize = 512;

/// Why a value has no JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unwritable {
    /// An object has a key that is no string, as in `{(1): 2}`.
    Key(&'static str),
    /// Nested too deeply.
    Deep,
}

impl std::fmt::Display for Unwritable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unwritable::Key(found) => write!(f, "expected a string as the key of an object, found {found}"),
            Unwritable::Deep => {
                write!(f, "expected at most {DEPTH} levels of arrays and objects, found more")
            }
        }
    }
}

/// Appends the compact text of a value. When that fails, `out` holds a part of it.
pub(super) fn write(value: &Val, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    write_at(value, DEPTH, out)
}

fn write_at(value: &Val, levels: usize, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    match value {
        Val::Null => out.extend_from_slice(b"null"),
        Val::Bool(true) => out.extend_from_slice(b"true"),
        Val::Bool(false) => out.extend_from_slice(b"false"),
        Val::Num(number) => write_number(number, out),
        Val::TStr(_) | Val::BStr(_) => write_string(text(value).unwrap_or("\u{fffd}"), out),
        Val::Arr(items) => {
            let levels = levels.checked_sub(1).ok_or(Unwritable::Deep)?;
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write_at(item, levels, out)?;
            }
            out.push(b']');
        }
        Val::Obj(members) => {
            let levels = levels.checked_sub(1).ok_or(Unwritable::Deep)?;
            out.push(b'{');
            for (place, (key, item)) in members.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                let key = text(key).ok_or(Unwritable::Key(super::value::type_name(key)))?;
                write_string(key, out);
                out.push(b':');
                write_at(item, levels, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut plain = 0;
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' && byte != 0x7f {
            continue;
        }
        out.extend_from_slice(&text.as_bytes()[plain..at]);
        plain = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            _ => {
                let hex = |digit: u8| b"0123456789abcdef"[usize::from(digit)];
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]);
            }
        }
    }
    out.extend_from_slice(&text.as_bytes()[plain..]);
    out.push(b'"');
}

pub(super) fn write_number(number: &Num, out: &mut Vec<u8>) {
    match number {
        Num::Int(int) => {
            let _ = write!(out, "{int}");
        }
        Num::BigInt(int) => {
            let _ = write!(out, "{int}");
        }
        Num::Dec(digits) => out.extend_from_slice(digits.as_bytes()),
        Num::Float(float) => write_float(*float, out),
    }
}

/// As jq writes what it computed: the shortest digits that say the same float, `3` for 3.0, and an
/// exponent only for the very small and the very large.
fn write_float(float: f64, out: &mut Vec<u8>) {
    if float.is_nan() {
        return out.extend_from_slice(b"null");
    }
    // JSON has no infinity; jq gives the largest number that is there.
    let float = float.clamp(f64::MIN, f64::MAX);
    let short = format!("{float:e}");
    let (mantissa, exponent) = short.split_once('e').expect("`{:e}` has an exponent");
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits = mantissa.replace('.', "");
    let point = exponent.parse::<i32>().expect("a small exponent") + 1;
    let count = digits.len() as i32;
    let _ = if point <= -4 || point > count + 15 {
        let fraction = if count > 1 { format!(".{}", &digits[1..]) } else { String::new() };
        let (first, exponent) = (&digits[..1], point - 1);
        write!(out, "{sign}{first}{fraction}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
    } else if point <= 0 {
        write!(out, "{sign}0.{:0>width$}", digits, width = (count - point) as usize)
    } else if point >= count {
        write!(out, "{sign}{digits:0<width$}", width = point as usize)
    } else {
        let (before, after) = digits.split_at(point as usize);
        write!(out, "{sign}{before}.{after}")
    };
}
