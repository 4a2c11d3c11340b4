//! The error of a text of which some is known against the error of the whole: over broken texts, from each value on
//! that stands in objects alone, and with each end.

mod chance;

use chance::Chance;
use wasmrecords_json::{Rest, names_behind, parse, resume, value_end};

const DEPTH: u32 = 4;

fn value(chance: &mut Chance, depth: usize) -> String {
    let space = *chance.pick(&["", "", "", " ", "\t", "\r"]);
    let scalars = [
        "0",
        "-1.5e3",
        "12",
        "true",
        "false",
        "null",
        "\"\"",
        "\"a\"",
        "\"é\\n\\u00e9\"",
        "\"\\ud83d\\ude00\"",
        "\"long enough for a whole step, and for one more\"",
    ];
    let text = match chance.below(if depth == 0 { 1 } else { 3 }) {
        0 => (*chance.pick(&scalars)).to_owned(),
        1 => {
            let items: Vec<_> = (0..chance.below(4)).map(|_| value(chance, depth - 1)).collect();
            format!("[{}]", items.join(","))
        }
        _ => {
            let names = ["a", "b c", "größe", "", "\\u0061", "0"];
            let member = |chance: &mut Chance| {
                format!("{space}\"{}\"{space}:{}", chance.pick(&names), value(chance, depth - 1))
            };
            let members: Vec<_> = (0..chance.below(5)).map(|_| member(chance)).collect();
            format!("{{{}}}", members.join(","))
        }
    };
    format!("{space}{text}{space}")
}

fn broken(chance: &mut Chance) -> Vec<u8> {
    let mut bytes = value(chance, 5).into_bytes();
    for _ in 0..=chance.below(2) {
        if bytes.is_empty() {
            bytes.push(b' ');
        }
        let at = chance.below(bytes.len());
        match chance.below(4) {
            0 => bytes[at] = *chance.pick(b"\"\\{}[]:,0123456789-+.eE/#'TNtfnu \t\x00\x7f\xff\xc3\xa9\xed"),
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, *chance.pick(b"\"\\{}[]:,0 -.eu\t\xc3\xed\xa0\xef")),
            _ => bytes.truncate(at),
        }
    }
    bytes
}

#[test]
fn what_is_told_is_what_the_whole_text_says() {
    let number =
        |name: &str, otherwise| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise);
    let mut chance = Chance::new(number("SEED", 7));
    let (mut told, mut all) = ([0; 2], [0; 2]);
    for _ in 0..number("ROUNDS", 20_000) {
        let text = broken(&mut chance);
        let expected = parse(&text, DEPTH).err();
        let fault = expected.as_ref().map_or(text.len(), |error| error.offset);
        // Each place up to the fault at which a value begins.
        for at in 0..=fault {
            let behind = at == 0 || matches!(text[at - 1], b':' | b'{' | b'[' | b',' | b' ' | b'\t');
            let begins = text.get(at).is_some_and(|byte| b"\"-0123456789tfn{[".contains(byte));
            if !(behind && begins) || std::str::from_utf8(&text[..at]).is_err() {
                continue;
            }
            // In a text that ends there with a value a value is right, and not a name.
            let Some(names) = names_behind(&text[..at]) else { continue };
            let ended = [&text[..at], b"0", &b"}".repeat(names.len())].concat();
            if parse(&ended, DEPTH).is_err() {
                continue;
            }
            let value = value_end(&text, at).unwrap_or(at);
            // And where it ends, if it does before the fault: a number may go on.
            let closed = [&text[..value], &b"}".repeat(names.len())].concat();
            let ended = (at < value && value <= fault && parse(&closed, DEPTH).is_ok()).then_some(value);
            let rests = [Some(Rest { at, ended: false }), ended.map(|at| Rest { at, ended: true })];
            for rest in rests.into_iter().flatten() {
                all[usize::from(rest.ended)] += 1;
                for end in [text.len(), rest.at + chance.below(60), value + chance.below(30)] {
                    let found = resume(&text, rest, end, &names, DEPTH);
                    assert!(
                        found.is_none() || found == expected,
                        "{} {rest:?} {end} {found:?} {expected:?}",
                        text.escape_ascii()
                    );
                    told[usize::from(rest.ended)] += usize::from(found.is_some());
                    // All that stands behind is known.
                    let cannot = expected.is_none() || end < text.len();
                    assert!(cannot || found.is_some(), "{} {rest:?} {expected:?}", text.escape_ascii());
                }
            }
        }
    }
    assert!(told[0] > all[0] / 2 && told[1] > all[1] / 2, "{told:?} of {all:?}");
}
