//! JSON text as the general engine writes it, with no value made.

use crate::program::recode;
use wasmrecords_json::string_end;

/// Appends the text of a value without white space, and with no other escapes than its strings need. Numbers keep
/// their digits. `text` is JSON in UTF-8, with no name twice in an object.
///
/// ```
/// let mut out = Vec::new();
/// wasmrecords_engine::rewrite(br#"{ "a\/b": [1.0, -0, "\u00e9\u007f"] }"#, &mut out);
/// assert_eq!(out, r#"{"a/b":[1.0,-0,"é\u007f"]}"#.as_bytes());
/// ```
pub fn rewrite(text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len());
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => {
                let Some(end) = string_end(text, at) else { return };
                out.push(b'"');
                recode(&text[at + 1..end - 1], out);
                out.push(b'"');
                at = end;
            }
            b' ' | b'\n' | b'\r' | b'\t' => at += 1,
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
}
