//! Types of serde, as the comfortable slow road.

use super::{Reader, Record, Shape, Writer};
use crate::{Ctx, Failure, Outputs};
use serde::{Deserialize, Serialize};
use std::ops::Deref;
use wasmrecords_json::path_at;

/// Any type of serde as a record: `Json<T>`. It is read and written by `serde_json`, several times slower than a type
/// with `#[derive(Record)]`, and nothing of it stands in the manifest. Needs the feature `serde`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'a, T: Deserialize<'a> + Serialize> Record<'a> for Json<T> {
    const SHAPE: Shape = Shape::Any;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let start = reader.at();
        let text = reader.raw()?;
        match serde_json::from_str(text) {
            Ok(value) => Some(Json(value)),
            Err(error) => {
                let failure = failure(text, &error);
                reader.refuse(Failure { offset: start + failure.offset, ..failure })
            }
        }
    }

    fn write(&self, out: &mut Writer) {
        match serde_json::to_string(&self.0) {
            Ok(text) => out.raw(&text),
            Err(error) => out.refuse(Failure::new("error", error.to_string())),
        }
    }
}

/// So many bytes before the place where serde stopped, and so many places in them, are looked at for the value that
/// it means; without one it is the whole.
const LOOK: usize = 4096;
const TRIES: usize = 16;

/// What serde says, with the place that it means: it counts lines from 1, and columns in bytes.
fn failure(text: &str, error: &serde_json::Error) -> Failure {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(words, _)| words);
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let behind = (before + error.column()).min(text.len());
    // Serde says where it stopped: behind the value that is wrong.
    // That one begins behind a bracket, a comma or a colon; few of these are looked at, as they may be in a string.
    let bytes = text.as_bytes();
    let begins = |at: &usize| {
        let before = bytes[..*at].iter().rfind(|byte| !byte.is_ascii_whitespace());
        matches!(before, Some(b'[' | b',' | b':')) && !matches!(bytes[*at], b' ' | b'\t' | b'\r' | b'\n')
    };
    let places = (0..behind).rev().take(LOOK).filter(begins).take(TRIES);
    let found = places.filter_map(|at| Some((at, path_at(bytes, at)?))).next();
    let (offset, path) = found.unwrap_or_else(|| (0, "$".to_owned()));
    Failure { offset, path, ..Failure::new("type", message) }
}

impl<T: Serialize + for<'a> Deserialize<'a>> Outputs for Json<T> {
    const SHAPE: Shape = Shape::Any;

    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        ctx.keep(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Serialize, Deserialize)]
    struct Point {
        x: u8,
        #[serde(default)]
        more: Vec<u8>,
    }

    fn why(text: &str) -> (usize, String, String) {
        let failure = failure(text, &serde_json::from_str::<Point>(text).unwrap_err());
        (failure.offset, failure.path, failure.message)
    }

    #[test]
    fn serdes_errors_have_places() {
        let expected = |offset, path: &str, message: &str| (offset, path.to_owned(), message.to_owned());
        let wrong = "invalid type: string \"1\", expected u8";
        assert_eq!(why(r#"{"x": "1"}"#), expected(6, "$.x", wrong));
        assert_eq!(why("{\n\"x\": 1,\n\"more\": [1, \"1\"]}"), expected(22, "$.more[1]", wrong));
        assert_eq!(why(r#"{"x": 300}"#).2, "invalid value: integer `300`, expected u8");
        assert_eq!(why("{}").2, "missing field `x`");
    }
}
