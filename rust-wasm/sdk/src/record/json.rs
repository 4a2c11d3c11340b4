//! Types of serde, as the comfortable slow road.

use super::{Arena, Reader, Record, Shape, Writer};
use crate::{Ctx, Failure, Outputs};
use serde::{Deserialize, Serialize};
use std::ops::Deref;

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
            // The text of a `RawValue` may have white space in it, and lines.
            Ok(text) => out.compact(&text),
            Err(error) => out.refuse(Failure::new("error", error.to_string())),
        }
    }
}

/// What serde says, with the place that it means: it counts lines from 1, and columns in bytes.
fn failure(text: &str, error: &serde_json::Error) -> Failure {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(words, _)| words);
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let (arena, mut offset) = (Arena::default(), None);
    // The text is valid, and so has no more levels than the record was allowed.
    let mut reader = Reader::new(text, &arena, u32::MAX);
    let _ = meant(&mut reader, before + error.column(), &mut offset);
    Failure { offset: offset.unwrap_or_default(), ..Failure::new("type", message) }
}

/// Finds the value that serde means, by the place where it stopped. That is behind the value, as behind an object that
/// lacks a member; or before it, if its first character is wrong already, or its name.
fn meant(reader: &mut Reader<'_>, stop: usize, found: &mut Option<usize>) -> Option<()> {
    let start = reader.at();
    if start >= stop {
        found.get_or_insert(start);
    }
    match reader.peek()? {
        b'[' => reader.array(|reader| meant(reader, stop, found))?,
        b'{' => reader.object(&mut |reader, _| meant(reader, stop, found))?,
        _ => reader.skip()?,
    }
    if reader.at() >= stop {
        found.get_or_insert(start);
    }
    Some(())
}

impl<T: Serialize + for<'a> Deserialize<'a>> Outputs<'_> for Json<T> {
    const SHAPE: Shape = Shape::Any;

    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        ctx.keep(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Point {
        x: u8,
        #[serde(default)]
        more: Vec<(u8, Option<char>)>,
        inner: Option<Box<Point>>,
    }

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Event {
        Click { x: u8 },
    }

    fn why<T: for<'a> Deserialize<'a> + std::fmt::Debug>(text: &str) -> (usize, String) {
        let failure = failure(text, &serde_json::from_str::<T>(text).unwrap_err());
        assert_eq!(failure.path, "$");
        (failure.offset, failure.message)
    }

    #[test]
    fn serdes_errors_have_places() {
        for (text, offset, message) in [
            (r#"{"x": "1"}"#, 6, "invalid type: string \"1\", expected u8"),
            (r#"{"x": 300}"#, 6, "invalid value: integer `300`, expected u8"),
            (r#"{"x": {"x": 1}, "inner": null}"#, 6, "invalid type: map, expected u8"),
            (r#"[{"x": 1}, []]"#, 1, "invalid type: map, expected u8"),
            ("{}", 0, "missing field `x`"),
            (r#" { "inner" : { "more": [ ] } , "x": 1 }"#, 13, "missing field `x`"),
            (
                "{\n\"x\": 1,\n\"more\": [[1, \"a\"], [1, \"ab\"]]}",
                33,
                "invalid value: string \"ab\", expected a character",
            ),
            (r#"{"x": 1, "more": [[1, "a", 22]]}"#, 27, "trailing characters"),
            (r#"{"x": 1, "more": [[1]]}"#, 18, "invalid length 1, expected a tuple of size 2"),
            (r#"{"x": 1, "more": [7]}"#, 18, "invalid type: integer `7`, expected a tuple of size 2"),
            (r#"{"x": 1, "mroe": [7]}"#, 17, "unknown field `mroe`, expected one of `x`, `more`, `inner`"),
        ] {
            assert_eq!(why::<Point>(text), (offset, message.to_owned()), "{text}");
        }
        assert_eq!(why::<Event>(r#"{"x":1}"#), (0, "missing field `kind`".to_owned()));
        assert_eq!(why::<Event>(r#"[{"x":1}]"#).0, 1);
        let message = "unknown variant `clik`, expected `click`".to_owned();
        assert_eq!(why::<Event>(r#"{"kind":"clik"}"#), (8, message));
    }

    #[test]
    fn raw_values_stay_on_one_line() {
        let text = "{\"a\": [1,\n 2.50],\r\n\"b c\": \"d e\"}";
        let value: Box<serde_json::value::RawValue> = serde_json::from_str(text).unwrap();
        let mut writer = Writer::default();
        Json(value).write(&mut writer);
        assert_eq!(writer.text(), br#"{"a":[1,2.50],"b c":"d e"}"#);
    }
}
