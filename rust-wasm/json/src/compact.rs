//! White space between tokens, taken out.

use crate::scan::{quote_or_gap, skip_space, string_end};

/// Appends a valid text without the white space between its tokens; nothing else changes.
///
/// What lies between two gaps is copied at once, so a text without any is one copy.
pub fn compact(text: &[u8], out: &mut Vec<u8>) {
    out.reserve(text.len());
    let mut start = 0;
    let mut at = 0;
    loop {
        at = quote_or_gap(text, at);
        match text.get(at) {
            Some(b'"') => at = string_end(text, at).unwrap_or(text.len()),
            Some(_) => {
                out.extend_from_slice(&text[start..at]);
                let end = skip_space(text, at);
                // A control character that is no white space cannot stand in a valid text. Were it
                // there, it would be copied like the rest.
                start = end;
                at = if end == at { at + 1 } else { end };
            }
            None => break,
        }
    }
    out.extend_from_slice(&text[start..]);
}

#[cfg(test)]
mod tests {
    use super::compact;

    fn compacted(text: &str) -> String {
        let mut out = b"> ".to_vec();
        compact(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_white_space_between_tokens_goes() {
        assert_eq!(compacted(" \r\n"), "> ");
        assert_eq!(compacted(" 1.0\n"), "> 1.0");
        assert_eq!(compacted(r#"{"a":[1,"b c"]}"#), r#"> {"a":[1,"b c"]}"#);
        assert_eq!(
            compacted("{ \"a\\\" b\" :\t[ 1 , -2.50e1 ,\n\n null ] ,\"\\\\\" : { } }  "),
            r#"> {"a\" b":[1,-2.50e1,null],"\\":{}}"#
        );
    }
}
