//! What was left for the log: lines on standard error, as `wasmrecords run` shows them.

use super::dead_letters::{push_escape, push_shown};

/// What was logged in a batch, as lines that cannot steer a terminal.
#[cold]
pub(super) fn lines(log: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), log);
    while !rest.is_empty() {
        let valid = match std::str::from_utf8(rest) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        for character in std::str::from_utf8(&rest[..valid]).unwrap_or_default().chars() {
            if character == '\n' {
                out.push(b'\n');
            } else {
                push_shown(character, &mut out);
            }
        }
        rest = &rest[valid..];
        // A byte that is none of a character's. The last one may have been cut off.
        if let [byte, others @ ..] = rest {
            push_escape((*byte).into(), &mut out);
            rest = others;
        }
    }
    if !out.is_empty() && !out.ends_with(b"\n") {
        out.push(b'\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn no_line_steers_a_terminal() {
        for (log, expected) in [
            (&b""[..], ""),
            (b"one\nmore", "one\nmore\n"),
            (b"\x1b[2J\t\"\xc3\xa9\"\n", "\\x1b[2J\\t\"\u{e9}\"\n"),
            ("\u{202e}\u{9b}".as_bytes(), "\\u202e\\x9b\n"),
            (b"\xff\xfea\xe2\x82", "\\xff\\xfea\\xe2\\x82\n"),
        ] {
            assert_eq!(String::from_utf8(lines(log)).unwrap(), expected);
        }
    }
}
