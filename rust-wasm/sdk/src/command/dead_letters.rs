//! Dead letters: each failed record becomes one JSON line with its reason, its place and its whole text. They are
//! those that `wasmrecords run` writes of standard input.

use super::Place;
use crate::Failure;
use crate::record::base64;
use crate::session::{Session, Transform};
use wasmrecords_json::{write_characters, write_natural};

/// The dead letters of the last batch, `text`, which begins at this place of the source.
pub(super) fn lines<T: Transform>(session: &Session<T>, text: &[u8], before: Place) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut line, mut at) = (before.lines, 0);
    for (record, extent, reasons) in session.failed() {
        line += text[at..extent.start].iter().filter(|byte| **byte == b'\n').count();
        at = extent.start;
        let Some((offset, first)) = reasons.first() else { continue };
        raw(&mut out, r#"{"source": "-", "record": "#);
        write_natural((before.records + record + 1) as u64, &mut out);
        raw(&mut out, r#", "line": "#);
        write_natural((line + 1) as u64, &mut out);
        raw(&mut out, r#", "#);
        reason(&mut out, before.offset + offset, first);
        if reasons.len() > 1 {
            raw(&mut out, r#", "errors": "#);
            for (place, (offset, failure)) in reasons.iter().enumerate() {
                raw(&mut out, if place == 0 { "[{" } else { ", {" });
                reason(&mut out, before.offset + offset, failure);
                raw(&mut out, "}");
            }
            raw(&mut out, "]");
        }
        let input = &text[extent];
        match std::str::from_utf8(input) {
            Ok(input) => member(&mut out, ", \"input\": ", input),
            Err(_) => member(&mut out, ", \"input_base64\": ", &base64(input)),
        }
        raw(&mut out, "}\n");
    }
    out
}

fn raw(out: &mut Vec<u8>, json: &str) {
    out.extend_from_slice(json.as_bytes());
}

fn member(out: &mut Vec<u8>, name: &str, text: &str) {
    raw(out, name);
    write_safe(text, out);
}

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

/// Appends a JSON string without characters that could steer a terminal: they are written as escapes.
pub(super) fn write_safe(text: &str, out: &mut Vec<u8>) {
    let mut plain = 0;
    out.push(b'"');
    for (at, character) in text.char_indices() {
        if let '\u{80}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' =
            character
        {
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
