//! Dead letters: each failed record becomes one JSON line with its reason, its place and its whole text. They are
//! those that `wasmrecords run` writes of standard input.

use super::Place;
use crate::Failure;
use crate::session::{Session, Transform};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;
use wasmrecords_json::write_string;

/// The dead letters of the last batch, `text`, which begins at this place of the source.
pub(super) fn lines<T: Transform>(session: &Session<T>, text: &[u8], before: Place) -> Vec<u8> {
    let mut out = String::new();
    let (mut line, mut at) = (before.lines, 0);
    for (record, extent, reasons) in session.failed() {
        line += text[at..extent.start].iter().filter(|byte| **byte == b'\n').count();
        at = extent.start;
        let Some((offset, first)) = reasons.first() else { continue };
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            r#"{{"source": "-", "record": {}, "line": {}, "offset": {}, {}, "#,
            before.records + record + 1,
            line + 1,
            before.offset + offset,
            reason(first),
        );
        if reasons.len() > 1 {
            let all = reasons.iter().map(|(offset, failure)| {
                format!(r#"{{"offset": {}, {}}}"#, before.offset + offset, reason(failure))
            });
            let _ = write!(out, r#""errors": [{}], "#, all.collect::<Vec<_>>().join(", "));
        }
        let input = &text[extent];
        let _ = match std::str::from_utf8(input) {
            Ok(input) => write!(out, r#""input": {}"#, quoted(input)),
            Err(_) => write!(out, r#""input_base64": "{}""#, STANDARD.encode(input)),
        };
        out.push_str("}\n");
    }
    out.into_bytes()
}

fn reason(failure: &Failure) -> String {
    let rule = match &*failure.rule {
        "" => String::new(),
        rule => format!(r#""schema_path": {}, "#, quoted(rule)),
    };
    let [code, path, message] = [&*failure.code, &*failure.path, &*failure.message].map(quoted);
    format!(r#""code": {code}, "path": {path}, {rule}"message": {message}"#)
}

/// A JSON string without characters that could steer a terminal: they are written as escapes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = Vec::new();
    write_string(text, &mut out);
    let mut safe = String::with_capacity(out.len());
    for character in String::from_utf8_lossy(&out).chars() {
        match character {
            '\u{80}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
                let _ = write!(safe, "\\u{:04x}", u32::from(character));
            }
            _ => safe.push(character),
        }
    }
    safe
}
