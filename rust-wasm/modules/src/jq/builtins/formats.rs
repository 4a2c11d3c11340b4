//! The formats: `@csv`, `@html` and their like.

use super::convert::{json, to_text, utf8, wrong};
use super::{Answer, Builtin};
use crate::jq::value::{of_bytes, string};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jaq_core::Error;
use std::fmt::Write as _;
use wasmrecords_json::{Text, Value, write};

/// jq reads base64 with or without padding, whatever the last bits are.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(super) fn all() -> Vec<Builtin> {
    vec![
        one!("@text", to_text),
        one!("@json", |v| json(&v)),
        one!("@csv", |v| row(&v, "csv", ',', |text| format!("\"{}\"", text.replace('"', "\"\"")))),
        one!("@tsv", |v| row(&v, "tsv", '\t', tab_free)),
        one!("@html", html),
        one!("@uri", |v| text_of(v).map(|text| string(&uri(&text)))),
        one!("@urid", |v| text_of(v).and_then(|text| unuri(&text))),
        one!("@sh", |v| sh(&v)),
        one!("@base64", |v| text_of(v).map(|text| string(&BASE64.encode(text.as_bytes())))),
        one!("@base64d", |v| text_of(v).and_then(|text| from_base64(&text))),
        one!("@base32", |v| text_of(v).map(|text| string(&base32(text.as_bytes())))),
        one!("@base32d", |v| text_of(v).and_then(|text| from_base32(&text))),
    ]
}

fn text_of(value: Value) -> Result<Text, Error<Value>> {
    utf8(&to_text(value)?, "is not a string").cloned()
}

fn row(value: &Value, format: &str, separator: char, quoted: fn(&str) -> String) -> Answer {
    let mut line = Vec::new();
    let Value::Array(items) = value else {
        return Err(wrong(value, &format!("cannot be {format}-formatted, only array")));
    };
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            line.push(separator as u8);
        }
        match item {
            Value::Null => {}
            Value::String(text) => line.extend_from_slice(quoted(text).as_bytes()),
            // What is no number is nothing.
            Value::Number(number) if number.as_f64().is_nan() => {}
            Value::Bool(_) | Value::Number(_) => write(item, &mut line).map_err(Error::str)?,
            // jq says so of both formats.
            _ => return Err(wrong(item, "is not valid in a csv row")),
        }
    }
    Ok(of_bytes(line))
}

fn tab_free(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
}

fn html(value: Value) -> Answer {
    let text = text_of(value)?;
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\'' => safe.push_str("&apos;"),
            '"' => safe.push_str("&quot;"),
            c => safe.push(c),
        }
    }
    Ok(string(&safe))
}

fn uri(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => safe.push(byte.into()),
            byte => {
                let _ = write!(safe, "%{byte:02X}");
            }
        }
    }
    safe
}

fn unuri(text: &str) -> Answer {
    let refused = || wrong(&string(text), "is not a valid uri encoding");
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next().unwrap_or("").as_bytes());
    for part in parts {
        let hex = part.get(..2).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.ok_or_else(refused)?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).map(Value::from).map_err(|_| refused())
}

fn sh(value: &Value) -> Answer {
    let items = if let Value::Array(items) = value { &items[..] } else { std::slice::from_ref(value) };
    let mut line = Vec::new();
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            line.push(b' ');
        }
        match item {
            Value::String(text) => {
                line.extend_from_slice(format!("'{}'", text.replace('\'', "'\\''")).as_bytes())
            }
            Value::Array(_) | Value::Object(_) => {
                return Err(wrong(item, "can not be escaped for shell"));
            }
            _ => write(item, &mut line).map_err(Error::str)?,
        }
    }
    Ok(of_bytes(line))
}

fn from_base64(text: &str) -> Answer {
    // What stands behind the padding is not read.
    let data = text.split('=').next().unwrap_or("");
    let digits = data.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/');
    if digits && data.len() % 4 == 1 {
        return Err(wrong(&string(text), "trailing base64 byte found"));
    }
    let bytes = BASE64.decode(data).map_err(|_| wrong(&string(text), "is not valid base64 data"))?;
    Ok(string(&String::from_utf8_lossy(&bytes)))
}

fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(5) {
        let bits = (0..5).fold(0u64, |bits, at| bits << 8 | u64::from(*group.get(at).unwrap_or(&0)));
        let used = (group.len() * 8).div_ceil(5);
        for digit in 0..8 {
            let place = (bits >> (35 - 5 * digit)) as usize & 31;
            text.push(if digit < used { BASE32[place].into() } else { '=' });
        }
    }
    text
}

fn from_base32(text: &str) -> Answer {
    let (mut bits, mut count, mut bytes) = (0u32, 0, Vec::new());
    for byte in text.trim_end_matches('=').bytes() {
        let digit = BASE32.iter().position(|&digit| digit == byte);
        let digit = digit.ok_or_else(|| wrong(&string(text), "is not valid base32 data"))?;
        bits = bits << 5 | digit as u32;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Ok(string(&String::from_utf8_lossy(&bytes)))
}
