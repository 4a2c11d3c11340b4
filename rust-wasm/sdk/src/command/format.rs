//! Which form an input has.

use wasmrecords_json::value_end;

/// How records stand in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// One a line.
    Ndjson,
    /// A stream of values.
    Json,
}

impl Input {
    /// By the first value: lines if it ends on its line, but for an array that is not alone on its line or is all
    /// there is; else a stream, unless the next line is a whole object, which nothing goes on with that began
    /// before. None while that cannot be told and the input is not `complete`.
    #[cold]
    pub fn of(text: &[u8], complete: bool) -> Option<Input> {
        let Some(start) = text.iter().position(is_text) else { return complete.then_some(Input::Ndjson) };
        let text = &text[start..];
        let Some(newline) = text.iter().position(|byte| *byte == b'\n') else {
            let alone = if text[0] == b'[' { Input::Json } else { Input::Ndjson };
            return complete.then_some(alone);
        };
        let (line, rest) = text.split_at(newline);
        match (text[0], value_end(line, 0)) {
            (b'{', None) => Self::by_next_line(rest, complete),
            (b'[', Some(end)) if !line[end..].iter().any(is_text) => {
                if rest.iter().any(is_text) {
                    Some(Input::Ndjson)
                } else {
                    complete.then_some(Input::Json)
                }
            }
            (b'[', _) => Some(Input::Json),
            _ => Some(Input::Ndjson),
        }
    }

    /// Where an object is not closed on the first line: the line may be cut, or the object long.
    fn by_next_line(rest: &[u8], complete: bool) -> Option<Input> {
        let Some(start) = rest.iter().position(is_text) else { return complete.then_some(Input::Json) };
        let rest = &rest[start..];
        let newline = rest.iter().position(|byte| *byte == b'\n');
        let line = &rest[..newline.unwrap_or(rest.len())];
        if line[0] != b'{' {
            return Some(Input::Json);
        }
        match value_end(line, 0) {
            Some(end) if !line[end..].iter().any(is_text) => Some(Input::Ndjson),
            None if newline.is_none() && !complete => None,
            _ => Some(Input::Json),
        }
    }
}

fn is_text(byte: &u8) -> bool {
    !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_the_first_value() {
        use Input::{Json, Ndjson};
        for (text, sooner, complete) in [
            ("", None, Ndjson),
            (" \n", None, Ndjson),
            ("1", None, Ndjson),
            ("1\n", Some(Ndjson), Ndjson),
            ("{\"a\": 1}\n", Some(Ndjson), Ndjson),
            ("{\"a\":\n1}\n", Some(Json), Json),
            ("{\"a\":\n{\"b\": 1}\n", Some(Ndjson), Ndjson),
            ("{\"a\":\n{\"b\": ", None, Json),
            ("{\"a\":\n", None, Json),
            ("[1]", None, Json),
            ("[1]\n", None, Json),
            ("[1]\n[2]\n", Some(Ndjson), Ndjson),
            ("[1] [2]\n", Some(Json), Json),
            ("[\n1]", Some(Json), Json),
        ] {
            assert_eq!(Input::of(text.as_bytes(), false), sooner, "{text}");
            assert_eq!(Input::of(text.as_bytes(), true), Some(complete), "{text}");
        }
    }
}
