//! The same value, laid out for people.

/// Appends a valid text indented by two spaces a level, as if it stood at `level`; its first line gets
/// no indent, its last no newline. Strings and numbers stay as they are; empty containers stay short.
pub fn pretty(text: &[u8], level: usize, out: &mut Vec<u8>) {
    let mut level = level;
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        rest = after;
        // Whether a line begins in front of it or behind.
        let (mut before, mut behind) = (false, false);
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => continue,
            b'{' | b'[' => {
                let blank = after.iter().take_while(|b| b.is_ascii_whitespace()).count();
                if let Some(close @ (b'}' | b']')) = after.get(blank) {
                    out.extend_from_slice(&[*byte, *close]);
                    rest = &after[blank + 1..];
                    continue;
                }
                level += 1;
                behind = true;
            }
            b'}' | b']' => {
                level = level.saturating_sub(1);
                before = true;
            }
            b',' => behind = true,
            _ => {}
        }
        if before {
            newline(out, level);
        }
        out.push(*byte);
        match byte {
            b':' => out.push(b' '),
            b'"' => {
                let (string, behind) = after.split_at(string_length(after));
                out.extend_from_slice(string);
                rest = behind;
            }
            _ if behind => newline(out, level),
            _ => {}
        }
    }
}

#[inline(never)]
fn newline(out: &mut Vec<u8>, level: usize) {
    out.push(b'\n');
    out.resize(out.len() + 2 * level, b' ');
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
