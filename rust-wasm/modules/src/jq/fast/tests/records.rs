//! Records that are hard on a reader of text, and slots filled in the plainest way.

use super::DEPTH;
use crate::chance::Chance;
use std::collections::BTreeSet;
use wasmrecords_json::{parse, string_end, value_end, write};

const KEYS: [&str; 8] = ["a", "b", "c", "d", "é", "k\\n", "a b", ""];
const TEXTS: [&str; 26] = [
    "x",
    "y",
    "ab",
    "",
    "abc",
    "a.b",
    "x\\n",
    "\\u0061",
    "\\/",
    "é",
    "\\u00e9",
    "😀z",
    "\\ud83d\\ude00",
    "\u{7f}",
    "\\u007f",
    "\\\"q\\\"",
    "\\\\",
    "AbC",
    "1",
    "-1.50",
    "07",
    "<&>'",
    "\\t,",
    "2024-01-02T03",
    "ABC\\u0041",
    "k",
];
const NUMBERS: [&str; 22] = [
    "0",
    "1",
    "-1",
    "2",
    "3",
    "10",
    "1.0",
    "1.5",
    "-0",
    "-0.0",
    "1e2",
    "1E+2",
    "0.10",
    "1e400",
    "1e-400",
    "9007199254740993",
    "100000000000000000",
    "999999999999999999",
    "1234567890123456789",
    "123456789012345678901234567890",
    "-2.50",
    "3.0",
];

/// A record. Most are objects with members that programs look at.
pub fn record(chance: &mut Chance) -> String {
    let mut text = String::new();
    let style = chance.below(4);
    if chance.below(12) == 0 {
        value(chance, 3, style, &mut text)
    } else {
        object(chance, 3, style, &mut text)
    }
    text
}

fn gap(chance: &mut Chance, style: usize, text: &mut String) {
    match (style, chance.below(6)) {
        (0 | 1, _) => {}
        (2, _) => text.push(' '),
        (_, 0) => text.push_str(" \n\t\r"),
        (_, 1) => text.push(' '),
        _ => {}
    }
}

fn value(chance: &mut Chance, depth: usize, style: usize, text: &mut String) {
    match chance.below(if depth == 0 { 9 } else { 14 }) {
        0 | 1 => text.push_str(["null", "true", "false"][chance.below(3)]),
        2..=4 => text.push_str(chance.pick::<&str>(&NUMBERS)),
        5..=8 => string(chance, &TEXTS, style, text),
        9 | 10 => array(chance, depth - 1, style, text),
        _ => object(chance, depth - 1, style, text),
    }
}

fn array(chance: &mut Chance, depth: usize, style: usize, text: &mut String) {
    text.push('[');
    gap(chance, style, text);
    let objects = depth > 0 && chance.below(2) == 0;
    for item in 0..chance.below(4) {
        if item > 0 {
            text.push(',');
            gap(chance, style, text);
        }
        if objects {
            object(chance, depth - 1, style, text)
        } else {
            value(chance, depth, style, text)
        }
        gap(chance, style, text);
    }
    text.push(']');
}

fn string(chance: &mut Chance, from: &[&str], style: usize, text: &mut String) {
    text.push('"');
    for _ in 0..1 + chance.below(6) / 5 {
        let part = *chance.pick(from);
        // One style is as it would be written.
        let plain = style == 0 && (part.contains("\\u") || part.contains("\\/") || part.contains('\u{7f}'));
        text.push_str(if plain { "z" } else { part });
    }
    text.push('"');
}

fn object(chance: &mut Chance, depth: usize, style: usize, text: &mut String) {
    text.push('{');
    gap(chance, style, text);
    let mut first = true;
    for key in KEYS {
        if chance.below(if key.len() == 1 { 4 } else { 9 }) > 1 && chance.below(2) == 0 {
            continue;
        }
        if !first {
            text.push(',');
            gap(chance, style, text);
        }
        first = false;
        let key = if style == 3 && key == "a" && chance.below(4) == 0 { "\\u0061" } else { key };
        text.push_str(&format!("\"{key}\""));
        gap(chance, style, text);
        text.push(':');
        gap(chance, style, text);
        match (key, chance.below(4)) {
            // What programs expect there, mostly.
            ("a", 1..) => string(chance, &TEXTS, style, text),
            ("b", 1..) if depth > 0 => object(chance, depth - 1, style, text),
            ("c", 1..) => text.push_str(chance.pick::<&str>(&NUMBERS)),
            ("d", 1..) if depth > 0 => array(chance, depth - 1, style, text),
            _ => value(chance, depth, style, text),
        }
        gap(chance, style, text);
    }
    text.push('}');
}

/// The slots of a record.
pub struct Slots<'r> {
    pub texts: Vec<&'r [u8]>,
    pub clean: bool,
}

impl<'r> Slots<'r> {
    /// None for a record with a name twice in an object.
    pub fn of(record: &'r [u8], paths: &[Vec<Box<str>>]) -> Option<Slots<'r>> {
        let value = parse(record, DEPTH).unwrap();
        let mut written = Vec::new();
        write(&value, &mut written).unwrap();
        once(record)?;
        let texts = paths.iter().map(|path| slot(record, path)).collect();
        Some(Slots { texts, clean: written == record })
    }
}

fn slot<'r>(mut text: &'r [u8], path: &[Box<str>]) -> &'r [u8] {
    for name in path {
        text = match text.first() {
            None | Some(b'n') => b"",
            Some(b'{') => members(text)
                .into_iter()
                .find(|(found, _)| *found == **name)
                .map_or(&b""[..], |(_, value)| value),
            _ => return b"!",
        };
    }
    text
}

/// The members of an object.
fn members(text: &[u8]) -> Vec<(String, &[u8])> {
    let space = |mut at: usize, also: u8| {
        while text[at].is_ascii_whitespace() || text[at] == also {
            at += 1;
        }
        at
    };
    let (mut all, mut at) = (Vec::new(), space(1, b','));
    while text[at] != b'}' {
        let end = string_end(text, at).unwrap();
        let name = parse(&text[at..end], 0).unwrap();
        let start = space(end, b':');
        let end = value_end(text, start).unwrap();
        all.push((name.as_str().unwrap().to_owned(), &text[start..end]));
        at = space(end, b',');
    }
    all
}

fn once(text: &[u8]) -> Option<()> {
    match text.first() {
        Some(b'{') => {
            let members = members(text);
            let names: BTreeSet<_> = members.iter().map(|(name, _)| name).collect();
            (names.len() == members.len()).then_some(())?;
            members.iter().try_for_each(|(_, value)| once(value))
        }
        Some(b'[') => {
            let mut at = 1;
            loop {
                while text[at].is_ascii_whitespace() || text[at] == b',' {
                    at += 1;
                }
                if text[at] == b']' {
                    return Some(());
                }
                let end = value_end(text, at).unwrap();
                once(&text[at..end])?;
                at = end;
            }
        }
        _ => Some(()),
    }
}
