//! Dead letters: each failed record becomes one JSON line with its reason, its place and its whole text. They are
//! those that `wasmrecords run` writes of standard input.

use super::Place;
use crate::Failure;
use crate::failures::groups;
use crate::output::FailureRow;
use crate::record::base64;
use wasmrecords_json::{write_characters, write_natural};

/// The dead letters of a batch, `text`, which begins at this place of the source.
#[cold]
pub(super) fn lines(failed: &[FailureRow], text: &[u8], before: Place) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut line, mut at) = (before.lines, 0);
    for (record, extent, reasons) in groups(failed) {
        line += text[at..extent.start].iter().filter(|byte| **byte == b'\n').count();
        at = extent.start;
        let place = (before.records + record + 1, line + 1);
        letter(&mut out, place, before.offset, &reasons, &text[extent]);
    }
    out
}

/// Bytes that hosts read of a text that a module said, and characters that they show of it.
const LONGEST: usize = 4096;

/// Appends what a module said as hosts show it: so many characters, with escapes for what does not print.
#[cold]
pub(super) fn show(text: &str, longest: usize, out: &mut Vec<u8>) {
    let (mut count, mut end) = (0, out.len());
    for (at, mut character) in text.char_indices() {
        if at >= LONGEST {
            break;
        }
        if at + character.len_utf8() > LONGEST {
            // Of this one hosts read a part.
            character = char::REPLACEMENT_CHARACTER;
        }
        let start = out.len();
        let shown = if push_shown(character, out) { 1 } else { out.len() - start };
        if count < longest - 1 {
            // The characters of an escape are ASCII.
            end = out.len() - (count + shown).saturating_sub(longest - 1);
        }
        count += shown;
        if count > longest {
            out.truncate(end);
            return raw(out, "…");
        }
    }
}

/// Appends a character, or an escape if it does not print: whether it does.
pub(super) fn push_shown(character: char, out: &mut Vec<u8>) -> bool {
    let letter = match character {
        '\t' => b't',
        '\n' => b'n',
        '\r' => b'r',
        _ if character.is_ascii_control() || steers(character) || hides(character) => {
            push_escape(character.into(), out);
            return false;
        }
        _ => {
            raw(out, character.encode_utf8(&mut [0; 4]));
            return true;
        }
    };
    out.extend([b'\\', letter]);
    false
}

/// Appends the escape of a character, or of a byte that is none.
pub(super) fn push_escape(code: u32, out: &mut Vec<u8>) {
    let (letter, digits) = match code {
        0..0x100 => (b'x', 2),
        0x100..0x10000 => (b'u', 4),
        _ => (b'U', 8),
    };
    out.extend([b'\\', letter]);
    push_hex(code, digits, out);
}

fn push_hex(code: u32, digits: u32, out: &mut Vec<u8>) {
    for place in (0..digits).rev() {
        out.push(b"0123456789abcdef"[(code >> (4 * place) & 15) as usize]);
    }
}

/// The dead letter of a record with this number and line. Offsets of reasons count from `before` on.
#[cold]
pub(super) fn letter(
    out: &mut Vec<u8>,
    (record, line): (usize, usize),
    before: usize,
    reasons: &[(usize, Failure)],
    input: &[u8],
) {
    let Some((offset, first)) = reasons.first() else { return };
    raw(out, r#"{"source": "-", "record": "#);
    write_natural(record as u64, out);
    raw(out, r#", "line": "#);
    write_natural(line as u64, out);
    raw(out, r#", "#);
    reason(out, before + offset, first);
    if reasons.len() > 1 {
        raw(out, r#", "errors": "#);
        for (place, (offset, failure)) in reasons.iter().enumerate() {
            raw(out, if place == 0 { "[{" } else { ", {" });
            reason(out, before + offset, failure);
            raw(out, "}");
        }
        raw(out, "]");
    }
    match std::str::from_utf8(input) {
        Ok(input) => member(out, ", \"input\": ", input),
        Err(_) => member(out, ", \"input_base64\": ", &base64(input)),
    }
    raw(out, "}\n");
}

#[cold]
fn raw(out: &mut Vec<u8>, json: &str) {
    out.extend_from_slice(json.as_bytes());
}

#[cold]
fn member(out: &mut Vec<u8>, name: &str, text: &str) {
    raw(out, name);
    write_safe(text, out);
}

#[cold]
fn reason(out: &mut Vec<u8>, offset: usize, failure: &Failure) {
    raw(out, r#""offset": "#);
    write_natural(offset as u64, out);
    member(out, r#", "code": "#, &failure.code);
    said(out, r#", "path": "#, &failure.path);
    if !failure.rule.is_empty() {
        said(out, r#", "schema_path": "#, &failure.rule);
    }
    said(out, r#", "message": "#, &failure.message);
}

#[cold]
fn said(out: &mut Vec<u8>, name: &str, text: &str) {
    let mut shown = Vec::new();
    show(text, LONGEST, &mut shown);
    raw(out, name);
    out.push(b'"');
    write_characters(&shown, out);
    out.push(b'"');
}

/// Whether a character beyond ASCII could steer a terminal.
pub(super) fn steers(character: char) -> bool {
    matches!(
        character,
        '\u{80}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

/// Whether there is nothing to be seen of a character beyond ASCII: one of the spaces, one that formats others, or one
/// for private use.
fn hides(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{ad}' | '\u{61c}' | '\u{1680}' | '\u{180e}' | '\u{2000}'..='\u{200f}' | '\u{202f}'
            | '\u{205f}'..='\u{206f}' | '\u{3000}' | '\u{e000}'..='\u{f8ff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..
    )
}

/// Appends a JSON string without characters that could steer a terminal: they are written as escapes.
pub(super) fn write_safe(text: &str, out: &mut Vec<u8>) {
    let mut plain = 0;
    out.push(b'"');
    for (at, character) in text.char_indices() {
        if steers(character) {
            write_characters(&text.as_bytes()[plain..at], out);
            raw(out, "\\u");
            push_hex(character.into(), 4, out);
            plain = at + character.len_utf8();
        }
    }
    write_characters(&text.as_bytes()[plain..], out);
    out.push(b'"');
}
