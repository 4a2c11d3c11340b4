//! Paths into values: looking, setting, taking out.

use crate::{Object, Segment, Text, Value};
use std::rc::Rc;

/// A path that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// The byte of the path that is at fault.
    pub offset: usize,
    /// What should stand there.
    pub expected: &'static str,
}

impl std::fmt::Display for PathError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the path: expected {} at byte {}", self.expected, self.offset)
    }
}

impl std::error::Error for PathError {}

/// Reads a path as [`write_path`](crate::write_path) writes it: `$.a[0]["odd key"]`.
///
/// # Errors
/// If it is none.
pub fn read_path(path: &str) -> Result<Vec<Segment>, PathError> {
    let wrong = |offset, expected| Err(PathError { offset, expected });
    let bytes = path.as_bytes();
    if bytes.first() != Some(&b'$') {
        return wrong(0, "`$`");
    }
    let (mut segments, mut at) = (Vec::new(), 1);
    while let Some(byte) = bytes.get(at) {
        match (byte, bytes.get(at + 1)) {
            (b'.', _) => {
                let rest = &path[at + 1..];
                let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
                let length = rest.find(|character| !is_name(character)).unwrap_or(rest.len());
                if length == 0 || rest.starts_with(|first: char| first.is_ascii_digit()) {
                    return wrong(at + 1, "a name of letters, digits and `_`, or `[\"...\"]`");
                }
                segments.push(Segment::Name(rest[..length].to_owned()));
                at += 1 + length;
            }
            (b'[', Some(b'"')) => {
                let end = crate::string_end(bytes, at + 1).filter(|end| bytes.get(*end) == Some(&b']'));
                let Some(end) = end else { return wrong(at + 1, "a name in double quotes and `]`") };
                match crate::parse(&bytes[at + 1..end], 1) {
                    Ok(Value::String(name)) => segments.push(Segment::Name(name.as_str().to_owned())),
                    _ => return wrong(at + 1, "a name as JSON writes strings"),
                }
                at = end + 1;
            }
            (b'[', _) => {
                let end = path[at..].find(']').map_or(path.len(), |length| at + length);
                match path[at + 1..end].parse() {
                    Ok(index) if bytes[at + 1].is_ascii_digit() && end < path.len() => {
                        segments.push(Segment::Index(index));
                    }
                    _ => return wrong(at + 1, "a number and `]`"),
                }
                at = end + 1;
            }
            _ => return wrong(at, "`.` or `[`"),
        }
    }
    Ok(segments)
}

impl Value {
    /// The value at a path.
    pub fn at(&self, path: &[Segment]) -> Option<&Value> {
        path.iter().try_fold(self, |value, segment| match (value, segment) {
            (Value::Object(members), Segment::Name(name)) => members.get(name),
            (Value::Array(items), Segment::Index(index)) => items.get(*index),
            _ => None,
        })
    }

    /// The value at a path, to be changed. What other values share of it is copied first.
    pub fn at_mut(&mut self, path: &[Segment]) -> Option<&mut Value> {
        path.iter().try_fold(self, |value, segment| match (value, segment) {
            (Value::Object(members), Segment::Name(name)) => Rc::make_mut(members).get_mut(name),
            (Value::Array(items), Segment::Index(index)) => Rc::make_mut(items).get_mut(*index),
            _ => None,
        })
    }

    /// Sets the value at a path. Members that are missing are added, and so is an item right behind the last one;
    /// `null` on the way becomes an object or an array. False, and nothing is changed, if something else stands in
    /// the way.
    pub fn set(&mut self, path: &[Segment], new: Value) -> bool {
        if !self.takes(path) {
            return false;
        }
        let mut value = self;
        for segment in path {
            if let Value::Null = value {
                *value = match segment {
                    Segment::Name(_) => Object::default().into(),
                    Segment::Index(_) => Vec::new().into(),
                };
            }
            value = match (value, segment) {
                (Value::Object(members), Segment::Name(name)) => {
                    Rc::make_mut(members).entry(&Text::from(name.as_str()))
                }
                (Value::Array(items), Segment::Index(index)) if *index <= items.len() => {
                    let items = Rc::make_mut(items);
                    if *index == items.len() {
                        items.push(Value::Null);
                    }
                    &mut items[*index]
                }
                _ => return false,
            };
        }
        *value = new;
        true
    }

    /// Whether a value could be set there.
    fn takes(&self, path: &[Segment]) -> bool {
        let mut value = &Value::Null;
        path.iter().enumerate().all(|(at, segment)| {
            value = match (if at == 0 { self } else { value }, segment) {
                (Value::Null, Segment::Name(_) | Segment::Index(0)) => &Value::Null,
                (Value::Object(members), Segment::Name(name)) => members.get(name).unwrap_or(&Value::Null),
                (Value::Array(items), Segment::Index(index)) if *index <= items.len() => {
                    items.get(*index).unwrap_or(&Value::Null)
                }
                _ => return false,
            };
            true
        })
    }

    /// Takes the value at a path out of the object or array that it stands in.
    pub fn take(&mut self, path: &[Segment]) -> Option<Value> {
        let (last, before) = path.split_last()?;
        match (self.at_mut(before)?, last) {
            (Value::Object(members), Segment::Name(name)) => Rc::make_mut(members).remove(name),
            (Value::Array(items), Segment::Index(index)) if *index < items.len() => {
                Some(Rc::make_mut(items).remove(*index))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse, write_path};

    fn path(text: &str) -> Vec<Segment> {
        read_path(text).unwrap()
    }

    #[test]
    fn paths_are_read_as_they_are_written() {
        for text in ["$", "$.a", "$.a[0][12].b_2", r#"$["odd key"]["\"\\"].a[0]"#, r#"$["é\u0007"]"#] {
            assert_eq!(write_path(&path(text)), text);
        }
        for (text, offset) in [
            ("", 0),
            ("a", 0),
            ("$a", 1),
            ("$.", 2),
            ("$.0", 2),
            ("$.a-b", 3),
            ("$[", 2),
            ("$[-1]", 2),
            ("$[+1]", 2),
            ("$[1", 2),
            ("$[\"a]", 2),
            ("$[\"\\x\"]", 2),
        ] {
            assert_eq!(read_path(text).unwrap_err().offset, offset, "{text}");
        }
    }

    #[test]
    fn looking_setting_and_taking_out() {
        let original = parse(br#"{"a": [1, {"b": "x"}], "c": null}"#, 9).unwrap();
        let mut value = original.clone();
        assert_eq!(value.at(&path("$.a[1].b")).and_then(Value::as_str), Some("x"));
        assert_eq!(value.at(&path("$.a.b")), None);
        *value.at_mut(&path("$.a[0]")).unwrap() = Value::from(2_i64);
        assert!(value.set(&path("$.c[0].d"), Value::from(true)));
        assert!(value.set(&path("$.a[2]"), Value::Null));
        assert!(!value.set(&path("$.a[9]"), Value::Null));
        assert!(!value.set(&path("$.a.b"), Value::Null));
        let before = value.to_string();
        for stands in ["$.e.f[1]", "$.e[0].f[2].g", "$.a[3].b[7]", "$.a[0].b", "$.c[0].d.e"] {
            assert!(!value.set(&path(stands), Value::Null), "{stands}");
            assert_eq!(value.to_string(), before, "{stands}");
        }
        assert_eq!(value.take(&path("$.a[1].b")), Some(Value::from("x")));
        assert_eq!(value.take(&path("$.a[7]")), None);
        assert_eq!(value.to_string(), r#"{"a":[2,{},null],"c":[{"d":true}]}"#);
        assert_eq!(original.to_string(), r#"{"a":[1,{"b":"x"}],"c":null}"#);
    }
}
