//! The parser against serde_json, over made texts and broken ones; and against itself, where the two
//! differ on purpose: what parses keeps its digits, and `compact` and `locate` see the same text.

mod chance;

use chance::Chance;
use wasmrecords_json::{Cursor, Parser, Segment, Value, compact, locate, parse};

fn space(chance: &mut Chance, out: &mut String) {
    if chance.below(4) == 0 {
        out.push_str(chance.pick::<&str>(&[" ", "\n", "\t", "\r\n", "  \t "]));
    }
}

fn write_string(chance: &mut Chance, out: &mut String) {
    const PARTS: [&str; 16] = [
        "a",
        "b",
        "c",
        " ",
        "long enough for a whole step",
        "é",
        "김",
        "😀",
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\u0061",
        "\\u00e9",
        "\\ud83d\\ude00",
        "\\u0000",
    ];
    out.push('"');
    for _ in 0..chance.below(4) {
        out.push_str(chance.pick::<&str>(&PARTS));
    }
    out.push('"');
}

fn write_value(chance: &mut Chance, depth: usize, out: &mut String) {
    const NUMBERS: [&str; 12] = [
        "0",
        "-0",
        "1",
        "-12",
        "1.0",
        "0.10",
        "1e5",
        "1E+05",
        "2.5e-3",
        "123456789012345678901",
        "-1.00",
        "7",
    ];
    space(chance, out);
    match chance.below(if depth == 0 { 3 } else { 6 }) {
        0 => out.push_str(chance.pick::<&str>(&["null", "true", "false"])),
        1 => out.push_str(chance.pick::<&str>(&NUMBERS)),
        2 => write_string(chance, out),
        kind => {
            let object = kind > 3;
            out.push(if object { '{' } else { '[' });
            // Now and then many, so that names repeat and are settled by sorting.
            let count = if chance.below(10) == 0 { chance.below(40) } else { chance.below(5) };
            for i in 0..count {
                if i > 0 {
                    out.push(',');
                }
                if object {
                    space(chance, out);
                    write_string(chance, out);
                    space(chance, out);
                    out.push(':');
                }
                write_value(chance, if count > 5 { 0 } else { depth - 1 }, out);
            }
            space(chance, out);
            out.push(if object { '}' } else { ']' });
        }
    }
    space(chance, out);
}

fn text(chance: &mut Chance) -> String {
    let mut out = String::new();
    write_value(chance, 4, &mut out);
    out
}

/// Breaks a text in up to three places; it may happen to stay whole.
fn mutate(chance: &mut Chance, text: &mut Vec<u8>) {
    const BYTES: &[u8] = b"[]{},:\"\\/ \n\tu0019-+.eEtrufalsn'\x00\x1f\x7f\x80\xc3\xa9\xed\xa0\xff";
    for _ in 0..1 + chance.below(3) {
        let at = chance.below(text.len() + 1);
        match chance.below(4) {
            0 if at < text.len() => drop(text.remove(at)),
            1 if at < text.len() => text[at] = *chance.pick(BYTES),
            2 => text.truncate(at),
            _ => text.insert(at, *chance.pick(BYTES)),
        }
    }
}

/// The same value as serde_json has it, through its reading of each number.
fn converted(value: &Value) -> serde_json::Value {
    use serde_json::Value as Other;
    match value {
        Value::Null => Other::Null,
        Value::Bool(value) => Other::Bool(*value),
        Value::Number(number) => serde_json::from_str(&number.to_string()).unwrap(),
        Value::String(value) => Other::String(value.to_string()),
        Value::Array(items) => items.iter().map(converted).collect(),
        Value::Object(members) => {
            Other::Object(members.iter().map(|(name, value)| (name.to_string(), converted(value))).collect())
        }
    }
}

/// Whether a cursor passes over all of a text as one value, and sees no white space.
fn passed(text: &[u8]) -> Option<bool> {
    let mut cursor = Cursor::new(std::str::from_utf8(text).ok()?);
    cursor.value(100)?;
    cursor.at_end().then(|| cursor.compact())
}

#[track_caller]
fn agree(text: &[u8]) {
    let shown = text.escape_ascii();
    let parsed = Parser::default().parse(text, 100).ok();
    assert_eq!(passed(text), parsed.map(|record| record.compact), "{shown}");
    match (parse(text, 100), serde_json::from_slice::<serde_json::Value>(text)) {
        (Ok(ours), Ok(theirs)) => assert_eq!(converted(&ours), theirs, "{shown}"),
        // It reads numbers into 64 bits, where an exponent may not fit.
        (Ok(_), Err(error)) => assert!(error.to_string().contains("out of range"), "{shown}: {error}"),
        (Err(error), Ok(_)) => panic!("{shown}: {error:?}"),
        (Err(error), Err(_)) => {
            // The text in front of the fault could still become JSON: cut there, it is whole or lacks an end.
            assert!(error.offset <= text.len(), "{shown}: {error:?}");
            if let Err(cut) = parse(&text[..error.offset], 100) {
                assert_eq!(cut.offset, error.offset, "{shown}: {error:?}, cut there: {cut:?}");
            }
            assert!(!error.message.contains(char::is_control), "{shown}: {error:?}");
        }
    }
}

#[test]
fn made_texts() {
    let mut chance = Chance::new(1);
    for _ in 0..10_000 {
        let text = text(&mut chance);
        parse(text.as_bytes(), 5).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        agree(text.as_bytes());
    }
}

#[test]
fn broken_texts() {
    let mut chance = Chance::new(2);
    for _ in 0..60_000 {
        let mut text = text(&mut chance).into_bytes();
        mutate(&mut chance, &mut text);
        agree(&text);
    }
}

#[test]
fn short_texts_of_any_bytes() {
    let mut chance = Chance::new(3);
    for _ in 0..100_000 {
        let text: Vec<u8> =
            (0..chance.below(7)).map(|_| *chance.pick(b"[]{},:\"\\u0123eE+-.tfn \xc3\xa9\xff")).collect();
        agree(&text);
    }
}

#[test]
fn compact_takes_out_white_space_and_nothing_else() {
    let mut chance = Chance::new(4);
    for _ in 0..10_000 {
        let text = text(&mut chance);
        let mut out = b"before".to_vec();
        compact(text.as_bytes(), &mut out);
        let out = std::str::from_utf8(&out).unwrap().strip_prefix("before").unwrap();
        assert_eq!(parse(out.as_bytes(), 5), parse(text.as_bytes(), 5), "{text}");
        let (mut expected, mut quoted, mut escaped) = (String::new(), false, false);
        for character in text.chars() {
            if quoted || !" \n\r\t".contains(character) {
                expected.push(character);
            }
            (quoted, escaped) = match character {
                '"' if !escaped => (!quoted, false),
                '\\' => (quoted, !escaped),
                _ => (quoted, false),
            };
        }
        assert_eq!(out, expected);
    }
}

/// Every value of a text, found again by its path, reads as the same value.
#[test]
fn locate_finds_every_value() {
    fn walk(text: &str, value: &Value, path: &mut Vec<Segment>) {
        let at = locate(text.as_bytes(), path);
        // What follows the value is cut off where the parser says that it ends.
        let rest = &text.as_bytes()[at..];
        let end = parse(rest, 5).map_or_else(|error| error.offset, |_| rest.len());
        assert_eq!(parse(&rest[..end], 5).as_ref(), Ok(value), "{path:?} in {text}");
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push(Segment::Index(index));
                    walk(text, item, path);
                    path.pop();
                }
            }
            Value::Object(members) => {
                for (name, member) in members.iter() {
                    path.push(Segment::Name(name.to_string()));
                    walk(text, member, path);
                    path.pop();
                }
            }
            _ => {}
        }
    }
    let mut chance = Chance::new(5);
    for _ in 0..3_000 {
        let text = text(&mut chance);
        walk(&text, &parse(text.as_bytes(), 5).unwrap(), &mut Vec::new());
    }
}

#[test]
fn a_cursor_passes_over_many_levels() {
    for levels in [1, 127, 128, 129, 256, 257, 1000] {
        let text =
            format!("{}{}", r#"[{"a":"#.repeat(levels / 2) + "[", "]".to_owned() + &"}]".repeat(levels / 2));
        let deep = (levels / 2 * 2 + 1) as u32;
        assert!(parse(text.as_bytes(), deep).is_ok() && parse(text.as_bytes(), deep - 1).is_err());
        assert!(Cursor::new(&text).value(deep).is_some(), "{levels}");
        assert!(Cursor::new(&text).value(deep - 1).is_none(), "{levels}");
        assert!(Cursor::new(&text[..text.len() - 1]).value(deep).is_none(), "{levels}");
        assert!(Cursor::new(&text.replacen("}]", "]}", 1)).value(deep).is_none() || levels == 1, "{levels}");
    }
}
