//! The characters of strings that are known to be right.

use std::borrow::Cow;
use wasmrecords_json::{must_escape, write_characters};

/// True if there is a backslash.
#[inline]
pub(super) fn has_escape(raw: &[u8]) -> bool {
    raw.contains(&b'\\')
}

/// The text that stands between quotes.
pub(super) fn decode(raw: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = raw.iter().position(|&byte| byte == b'\\') else { return Cow::Borrowed(raw) };
    let mut text = Vec::with_capacity(raw.len());
    let (mut plain, mut at) = (0, first);
    while at < raw.len() {
        if raw[at] != b'\\' {
            at += 1;
            continue;
        }
        text.extend_from_slice(&raw[plain..at]);
        let (character, length) = escape(&raw[at..]);
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        at += length;
        plain = at;
    }
    text.extend_from_slice(&raw[plain..]);
    Cow::Owned(text)
}

/// The character of the escape that a text begins with, and how many bytes it takes.
pub(super) fn escape(raw: &[u8]) -> (char, usize) {
    let character = match raw.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => {
            let first = hex(raw.get(2..6));
            return match char::from_u32(first) {
                Some(character) => (character, 6),
                None => {
                    let second = hex(raw.get(8..12));
                    let code = 0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff);
                    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
                }
            };
        }
        Some(&plain) => plain as char,
        None => return ('\\', 1),
    };
    (character, 2)
}

fn hex(digits: Option<&[u8]>) -> u32 {
    let digit = |byte: &u8| (*byte as char).to_digit(16).unwrap_or(0);
    digits.unwrap_or_default().iter().fold(0, |value, byte| value << 4 | digit(byte))
}

/// Appends what stands between quotes with no other escapes than it needs.
pub(crate) fn recode(raw: &[u8], out: &mut Vec<u8>) {
    let mut plain = 0;
    loop {
        let at = must_escape(raw, plain);
        out.extend_from_slice(&raw[plain..at]);
        match raw.get(at) {
            None => return,
            Some(b'\\') => {
                let (character, length) = escape(&raw[at..]);
                write_characters(character.encode_utf8(&mut [0; 4]).as_bytes(), out);
                plain = at + length;
            }
            Some(&byte) => {
                write_characters(&[byte], out);
                plain = at + 1;
            }
        }
    }
}

/// How many bytes the character takes that a raw text begins with.
#[inline]
fn width(raw: &[u8]) -> usize {
    match raw.first() {
        Some(b'\\') => escape(raw).1,
        Some(0..0x80) | None => 1,
        Some(0x80..0xe0) => 2,
        Some(0xe0..0xf0) => 3,
        Some(_) => 4,
    }
}

/// The number of characters.
pub(super) fn length(raw: &[u8]) -> usize {
    if has_escape(raw) {
        let mut at = 0;
        return std::iter::from_fn(|| (at < raw.len()).then(|| at += width(&raw[at..]))).count();
    }
    length_of(raw)
}

/// The number of characters of a text without escapes.
pub(super) fn length_of(text: &[u8]) -> usize {
    // Each has one byte that does not go on with another.
    text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
}

/// The place of a character, at most the end.
pub(super) fn place(raw: &[u8], character: usize) -> usize {
    let mut at = 0;
    for _ in 0..character {
        if at >= raw.len() {
            break;
        }
        at += width(&raw[at..]);
    }
    at.min(raw.len())
}
