//! The same value, laid out for people.

/// Appends a valid text indented by two spaces a level, as if it stood at `level`; its first line gets
/// no indent, its last no newline. Strings and numbers stay as they are; empty containers stay short.
pub fn pretty(text: &[u8], level: usize, out: &mut Vec<u8>) {
    let mut level = level;
    let mut rest = text;
    let newline = |out: &mut Vec<u8>, level: usize| {
        out.push(b'\n');
        out.resize(out.len() + 2 * level, b' ');
    };
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {}
            b'{' | b'[' => {
                out.push(*byte);
                let blank = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
                if let Some(b'}' | b']') = rest.get(blank) {
                    out.push(rest[blank]);
                    rest = &rest[blank + 1..];
                } else {
                    level += 1;
                    newline(out, level);
                }
            }
            b'}' | b']' => {
                level = level.saturating_sub(1);
                newline(out, level);
                out.push(*byte);
            }
            b',' => {
                out.push(b',');
                newline(out, level);
            }
            b':' => out.extend_from_slice(b": "),
            b'"' => {
                let length = string_length(rest);
                out.push(b'"');
                out.extend_from_slice(&rest[..length]);
                rest = &rest[length..];
            }
            other => out.push(*other),
        }
    }
}

/// Bytes up to and with the closing quote.
fn string_length(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += match byte {
            b'"' => return at + 1,
            b'\\' => 2,
            _ => 1,
        };
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::pretty;

    fn laid_out(text: &str, level: usize) -> String {
        let mut out = Vec::new();
        pretty(text.as_bytes(), level, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn indents_by_two() {
        assert_eq!(
            laid_out(r#"{"a":[1,{"b":null}],"c":"x"}"#, 0),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": \"x\"\n}"
        );
        assert_eq!(laid_out("[1]", 1), "[\n    1\n  ]");
    }

    #[test]
    fn leaves_strings_and_numbers_alone() {
        for text in [r#""a{b}[,:]\"\\""#, "1.0", "1e400", "-0", "true", "{}", "[]"] {
            assert_eq!(laid_out(text, 0), text);
        }
        assert_eq!(laid_out("[ { } , [\t] ]", 0), "[\n  {},\n  []\n]");
    }
}
