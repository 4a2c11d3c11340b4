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
    member(out, r#", "path": "#, &failure.path);
    if !failure.rule.is_empty() {
        member(out, r#", "schema_path": "#, &failure.rule);
    }
    member(out, r#", "message": "#, &failure.message);
}

/// Whether a character beyond ASCII could steer a terminal.
pub(super) fn steers(character: char) -> bool {
    matches!(
        character,
        '\u{80}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
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
            let hex = |shift: u32| b"0123456789abcdef"[(u32::from(character) >> shift & 15) as usize];
            out.extend([12, 8, 4, 0].map(hex));
            plain = at + character.len_utf8();
        }
    }
    write_characters(&text.as_bytes()[plain..], out);
    out.push(b'"');
}
