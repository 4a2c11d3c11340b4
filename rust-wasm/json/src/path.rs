//! JSON paths: writing them, and finding the place in a text that one leads to.

use crate::scan::{skip_space, string_end, value_end};
use crate::string::{decode, is};
use crate::{Text, write_natural};
use std::borrow::Cow;

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// The member of an object.
    Name(String),
    /// The item of an array.
    Index(usize),
}

/// The path as text: `$` is the record, `$.a[0]["odd key"]` a value in it.
///
/// Names of ASCII letters, digits and `_` that do not begin with a digit follow a dot, all others
/// stand in brackets as JSON strings without any control character.
pub fn write_path(path: &[Segment]) -> String {
    write_steps(path.iter().map(|segment| match segment {
        Segment::Name(name) => Step::Name(name),
        Segment::Index(index) => Step::Index(*index),
    }))
}

/// A segment whose name stands elsewhere.
#[derive(Clone, Copy)]
pub(crate) enum Step<'n> {
    Name(&'n str),
    Index(usize),
}

pub(crate) fn write_steps<'n>(path: impl Iterator<Item = Step<'n>>) -> String {
    // Most paths are that short.
    let mut out = String::with_capacity(32);
    out.push('$');
    path.for_each(|step| write_step(step, &mut out));
    out
}

/// Adds a step to a path.
#[inline(never)]
pub(crate) fn write_step(step: Step<'_>, out: &mut String) {
    match step {
        Step::Index(index) => {
            push("[", out);
            push_natural(index as u64, out);
            push("]", out);
        }
        Step::Name(name) if is_plain(name) => {
            push(".", out);
            push(name, out);
        }
        Step::Name(name) => write_quoted(name, out),
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn write_quoted(name: &str, out: &mut String) {
    push("[\"", out);
    for character in name.chars() {
        match character {
            '"' | '\\' => {
                push("\\", out);
                push_character(character, out);
            }
            control if control.is_control() => {
                push("\\u", out);
                push_hex(control as u32, 4, out);
            }
            other => push_character(other, out),
        }
    }
    push("\"]", out);
}

/// Appends a text. Messages and paths are made of many parts: the code for that is here once.
#[inline(never)]
pub(crate) fn push(text: &str, out: &mut String) {
    out.push_str(text);
}

/// These texts, one behind the other. The standard library's way to do that is a page of code.
pub fn joined(parts: &[&str]) -> String {
    let mut text = String::new();
    parts.iter().for_each(|part| push(part, &mut text));
    text
}

/// These texts with a comma between them.
pub fn listed<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let mut list = String::new();
    for text in texts {
        push(if list.is_empty() { "" } else { ", " }, &mut list);
        push(text, &mut list);
    }
    list
}

pub(crate) fn push_character(character: char, out: &mut String) {
    push(character.encode_utf8(&mut [0; 4]), out);
}

/// Appends an integer. Without the formatting of the standard library, which is large.
pub fn push_natural(value: u64, out: &mut String) {
    let mut digits = Vec::new();
    write_natural(value, &mut digits);
    push(std::str::from_utf8(&digits).unwrap_or_default(), out);
}

/// Appends at least so many hexadecimal digits.
#[inline(never)]
pub(crate) fn push_hex(value: u32, least: u32, out: &mut String) {
    let digits = least.max(8 - value.leading_zeros() / 4);
    for place in (0..digits).rev() {
        let digit = (value >> (4 * place) & 15) as usize;
        push("0123456789abcdef".get(digit..=digit).unwrap_or_default(), out);
    }
}

/// Byte offset of the value at `path` in a valid text. Of a name that stands there twice the last
/// one counts. Where a step leads nowhere, the offset of the innermost value that is there.
pub fn locate(text: &[u8], path: &[Segment]) -> usize {
    let mut at = skip_space(text, 0);
    for segment in path {
        let step = match segment {
            Segment::Name(name) => member(text, at, name),
            Segment::Index(index) => item(text, at, *index),
        };
        match step {
            Some(inner) => at = inner,
            None => break,
        }
    }
    at
}

/// The path of the value that begins at `offset` in a valid text, as [`write_path`] has it: the other way round than
/// [`locate`]. There is none of an offset where no value begins.
pub fn path_at(text: &[u8], offset: usize) -> Option<String> {
    // A name, or the number of an item.
    let mut steps: Vec<Result<Cow<'_, str>, usize>> = Vec::new();
    let mut at = skip_space(text, 0);
    while at < offset {
        let object = match text.get(at)? {
            b'{' => true,
            b'[' => false,
            _ => return None,
        };
        let (mut index, mut child) = (0, skip_space(text, at + 1));
        // The child that the offset is in.
        at = loop {
            let (name, value) = match text.get(child)? {
                b'"' if object => {
                    let end = value_end(text, child)?;
                    (text.get(child..end), skip_space(text, skip_space(text, end) + 1))
                }
                b'}' | b']' => return None,
                _ => (None, child),
            };
            let end = value_end(text, value)?;
            if offset < end {
                steps.push(match name {
                    Some(literal) => Ok(meaning(literal)?),
                    None => Err(index),
                });
                break value;
            }
            let comma = skip_space(text, end);
            if text.get(comma) != Some(&b',') {
                return None;
            }
            child = skip_space(text, comma + 1);
            index += 1;
        };
    }
    let steps = steps.iter().map(|step| match step {
        Ok(name) => Step::Name(name),
        Err(index) => Step::Index(*index),
    });
    (at == offset).then(|| write_steps(steps))
}

/// What a string literal spells, quotes and all.
fn meaning(literal: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(literal).ok()?;
    match literal.iter().position(|byte| *byte == b'\\') {
        Some(stop) => Some(decode(text, 1, stop).ok()?.0.into()),
        None => text.get(1..text.len() - 1).map(Cow::Borrowed),
    }
}

/// The names that lead to the value which comes next behind a text, the beginning of a valid one up to there. None
/// within an array, or if one of them is written with an escape.
pub fn names_behind(text: &[u8]) -> Option<Vec<Text>> {
    let mut open: Vec<Option<&[u8]>> = Vec::new();
    let mut at = skip_space(text, 0);
    while let Some(byte) = text.get(at) {
        let mut end = at + 1;
        match byte {
            b'"' => {
                end = string_end(text, at)?;
                if let (Some(Some(name)), Some(b':')) = (open.last_mut(), text.get(skip_space(text, end))) {
                    *name = &text[at + 1..end - 1];
                }
            }
            b'{' => open.push(Some(&[])),
            b'[' => open.push(None),
            b'}' | b']' => drop(open.pop()),
            _ => {}
        }
        at = skip_space(text, end);
    }
    let name = |name: Option<&[u8]>| {
        let name = std::str::from_utf8(name?).ok()?;
        (!name.contains('\\')).then(|| name.into())
    };
    open.into_iter().map(name).collect()
}

/// The path that names lead, as [`write_path`] has it.
pub fn write_names(names: &[Text]) -> String {
    write_steps(names.iter().map(|name| Step::Name(name)))
}

/// Where the value of the last member `name` begins in the object at `at`.
fn member(text: &[u8], at: usize, name: &str) -> Option<usize> {
    if text.get(at) != Some(&b'{') {
        return None;
    }
    let mut found = None;
    let mut at = skip_space(text, at + 1);
    while text.get(at) == Some(&b'"') {
        let end = value_end(text, at)?;
        let value = skip_space(text, skip_space(text, end) + 1);
        if is_name(&text[at..end], name) {
            found = Some(value);
        }
        at = next(text, value)?;
    }
    found
}

/// Where item `index` begins in the array at `at`.
fn item(text: &[u8], at: usize, index: usize) -> Option<usize> {
    if text.get(at) != Some(&b'[') {
        return None;
    }
    let mut at = skip_space(text, at + 1);
    for _ in 0..index {
        at = next(text, at)?;
    }
    // Behind the last item stands the bracket or, one comma too far, nothing.
    matches!(text.get(at), Some(byte) if *byte != b']').then_some(at)
}

/// The place behind the value at `at` and the comma that follows it; the closing bracket's place if
/// none does.
fn next(text: &[u8], at: usize) -> Option<usize> {
    if matches!(text.get(at), None | Some(b']' | b'}')) {
        return None;
    }
    let at = skip_space(text, value_end(text, at)?);
    Some(if text.get(at) == Some(&b',') { skip_space(text, at + 1) } else { at })
}

/// True if the string literal, quotes and all, spells `name`.
fn is_name(literal: &[u8], name: &str) -> bool {
    if !literal.contains(&b'\\') {
        return literal.get(1..literal.len() - 1) == Some(name.as_bytes());
    }
    std::str::from_utf8(literal).is_ok_and(|text| is(text, 0, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> Segment {
        Segment::Name(name.to_owned())
    }

    #[test]
    fn paths_are_written_as_one_reads_them() {
        assert_eq!(write_path(&[]), "$");
        assert_eq!(write_path(&[name("a"), Segment::Index(0), name("b_2")]), "$.a[0].b_2");
        assert_eq!(write_path(&[name("odd key"), name("")]), r#"$["odd key"][""]"#);
        assert_eq!(write_path(&[name("2a"), name("größe")]), r#"$["2a"]["größe"]"#);
        assert_eq!(write_path(&[name("\"\\\n\u{7f}\u{85}")]), r#"$["\"\\\u000a\u007f\u0085"]"#);
    }

    #[test]
    fn locates_a_value_by_its_path() {
        let text = br#" {"a" : [1, {"b c": "x"}, []], "\u0061b": 2, "n": {"a": 3}}"#;
        let at = |path: &[Segment]| std::str::from_utf8(&text[locate(text, path)..]).unwrap();
        assert!(at(&[]).starts_with(r#"{"a""#));
        assert!(at(&[name("a")]).starts_with("[1"));
        assert!(at(&[name("a"), Segment::Index(1), name("b c")]).starts_with(r#""x""#));
        assert!(at(&[name("a"), Segment::Index(2)]).starts_with("[]"));
        assert!(at(&[name("ab")]).starts_with("2"));
        assert!(at(&[name("n"), name("a")]).starts_with("3"));
    }

    #[test]
    fn offsets_have_paths() {
        let text = br#" {"a" : [1, {"b c": "x"}, []], "b": 2, "n": {"a": {"c" : [[true]]}}}"#;
        for path in [
            vec![],
            vec![name("a")],
            vec![name("a"), Segment::Index(0)],
            vec![name("a"), Segment::Index(1)],
            vec![name("a"), Segment::Index(1), name("b c")],
            vec![name("a"), Segment::Index(2)],
            vec![name("b")],
            vec![name("n"), name("a"), name("c"), Segment::Index(0), Segment::Index(0)],
        ] {
            assert_eq!(path_at(text, locate(text, &path)), Some(write_path(&path)));
        }
        let begins = (0..text.len()).filter(|&offset| path_at(text, offset).is_some()).count();
        assert_eq!(begins, 12);
        for (text, path) in [
            (r#"{"\u0061":1}"#, "$.a"),
            (r#"{"b3":{"a\"b":[{"\u00e9\n":1}]}}"#, r#"$.b3["a\"b"][0]["é\u000a"]"#),
        ] {
            assert_eq!(path_at(text.as_bytes(), text.find(":1").unwrap() + 1).as_deref(), Some(path));
        }
        assert_eq!(path_at(br#"{"\ud800":1}"#, 10), None);
        assert_eq!(path_at(b"", 0), Some("$".to_owned()));
        for broken in ["{", "[", "{\"", "{\"a\"", "{\"a\":", "[1", "[1,", "1"] {
            assert_eq!(path_at(broken.as_bytes(), 9), None, "{broken}");
        }
    }

    #[test]
    fn names_lead_to_what_comes_next() {
        let text = r#" {"a" : [1, {"b c": 1}], "x:" : "\"", "größe":{"y" : tru"#;
        let at = |end: &str| text.find(end).unwrap() + end.len();
        for (end, path) in [
            (0, Some("$")),
            (at("{\"a\" :"), Some("$.a")),
            (at("[1, "), None),
            (at("b c\": "), None),
            (at("1}], \"x:\" : "), Some(r#"$["x:"]"#)),
            (at("größe\":"), Some(r#"$["größe"]"#)),
            (at("\"y\" : "), Some(r#"$["größe"].y"#)),
        ] {
            let names = names_behind(&text.as_bytes()[..end]);
            assert_eq!(names.map(|names| write_names(&names)).as_deref(), path, "{}", &text[..end]);
        }
        assert_eq!(names_behind(br#"{"\u0061":"#), None);
    }

    #[test]
    fn of_a_repeated_name_the_last_counts() {
        let text = br#"{"a":1,"\u0061":2,"b":3}"#;
        assert_eq!(text[locate(text, &[name("a")])], b'2');
    }

    #[test]
    fn stops_where_a_step_leads_nowhere() {
        let text = br#"{"a":[0,{"b":1}]}"#;
        for (path, offset) in [
            (vec![name("x")], 0),
            (vec![name("x"), name("a")], 0),
            (vec![Segment::Index(0)], 0),
            (vec![name("a"), Segment::Index(2)], 5),
            (vec![name("a"), Segment::Index(9)], 5),
            (vec![name("a"), name("b")], 5),
            (vec![name("a"), Segment::Index(1), name("c")], 8),
            (vec![name("a"), Segment::Index(0), name("c")], 6),
        ] {
            assert_eq!(locate(text, &path), offset, "{path:?}");
        }
        assert_eq!(locate(b"[]", &[Segment::Index(0)]), 0);
        assert_eq!(locate(b"{}", &[name("a")]), 0);
    }

    /// Texts that are not valid give some place in them, and no panic.
    #[test]
    fn survives_texts_that_are_not_valid() {
        for text in
            ["", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "[", "[1", "[1,", "{\"\\", "{\"\\u\":1}", "[,,"]
        {
            for path in [vec![name("a")], vec![name("")], vec![Segment::Index(1)], vec![Segment::Index(0)]] {
                assert!(locate(text.as_bytes(), &path) <= text.len(), "{text}");
            }
        }
    }
}
