//! The tiers against the general engine: the same outputs and failures for the same records.

mod failing;
mod mixed;
mod recipes;
mod wide;

use super::Recipe;
use crate::chance::Chance;
use recipes::{PROGRAMS, SCHEMAS};
use wasmrecords::testing::{Outcome, run, run_in_pieces};

const NUMBERS: [&str; 22] = [
    "0",
    "-0",
    "7",
    "3",
    "50",
    "49",
    "50.0",
    "50.25",
    "-1",
    "12.5",
    "1e2",
    "1E-2",
    "0.10",
    "-0.0",
    "4294967295",
    "4294967296",
    "123456789012345",
    "1234567890123456",
    "12345678901234567890",
    "01",
    "1.",
    "-",
];

const STRINGS: [&str; 20] = [
    "\"Ada\"",
    "\"é\"",
    "\"x y\"",
    "\"\"",
    "\"山田太郎\"",
    "\"a\\\"b\"",
    "\"a\\nb\\\\\"",
    "\"\\u00e9\"",
    "\"\\/\"",
    "\"\u{7f}\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"tab\\t\"",
    "\"\\u0000\"",
    "\"abc\"",
    "\"\\x\"",
    "\"a string that is longer than thirty-two bytes, and goes on for a while\"",
    "\"Ad\\u0061\"",
    "\"control\u{1}\"",
    "\"open",
];

fn value(chance: &mut Chance, depth: usize) -> String {
    match chance.below(if depth == 0 { 12 } else { 16 }) {
        0..=3 => chance.pick(&NUMBERS[..15]).to_string(),
        4 => chance.pick(&NUMBERS).to_string(),
        5..=7 => chance.pick(&STRINGS[..8]).to_string(),
        8 => chance.pick(&STRINGS).to_string(),
        9 => chance.pick(&["true", "false"]).to_string(),
        10 => "null".into(),
        11 => chance.pick(&["tru", "nul", "[", "{}", "[]", "{\"a\"}", "Infinity"]).to_string(),
        12 | 13 => object(chance, &["lat", "lon", "n", "x"], depth - 1),
        _ => {
            let count = chance.below(4);
            let items: Vec<_> = (0..count).map(|_| value(chance, depth - 1)).collect();
            let comma: &&str = chance.pick(&[",", ",", ",", ", "]);
            format!("[{}]", items.join(comma))
        }
    }
}

fn object(chance: &mut Chance, names: &[&str], depth: usize) -> String {
    let mut members = Vec::new();
    for name in names {
        if chance.below(6) > 0 {
            members.push(format!("\"{name}\":{}", value(chance, depth)));
        }
    }
    if chance.below(25) == 0 {
        members.push(format!(
            "{}:1",
            chance.pick(&[
                "\"id\"",
                "\"x\"",
                "\"a b\"",
                "\"a, b: c\"",
                "\"\\u0069d\"",
                "\"a\\/b\"",
                "\"é\"",
                "a"
            ])
        ));
    }
    if chance.below(4) == 0 && members.len() > 1 {
        let at = chance.below(members.len());
        members.swap(0, at);
    }
    let comma = chance.pick(&[",", ",", ",", ",", ", ", " ,"]);
    format!("{{{}}}", members.join(comma))
}

/// A record of mostly the same shape, so that shapes come back.
fn plain(chance: &mut Chance) -> String {
    let note = if chance.below(3) == 0 { "null" } else { chance.pick(&STRINGS[..8]) };
    let tags: Vec<_> = (0..chance.below(3)).map(|_| *chance.pick(&STRINGS[..10])).collect();
    let items: Vec<_> =
        (0..chance.below(3)).map(|_| format!("{{\"n\":{}}}", chance.pick(&NUMBERS[..12]))).collect();
    format!(
        "{{\"id\":{},\"name\":{},\"active\":{},\"score\":{},\"tags\":[{}],\"geo\":{{\"lat\":{},\"lon\":1}},\"items\":[{}],\"note\":{}}}",
        chance.pick(&NUMBERS[..10]),
        chance.pick(&STRINGS[..8]),
        chance.pick(&["true", "false"]),
        chance.pick(&NUMBERS[..14]),
        tags.join(","),
        chance.pick(&NUMBERS[..14]),
        items.join(","),
        note
    )
}

fn mutated(chance: &mut Chance, text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=chance.below(3) {
        let at = chance.below(bytes.len());
        match chance.below(4) {
            0 => bytes[at] = *chance.pick(b"\"\\{}[]:,0123456789-+.eE tfnu \t\r\x00\x7f\xff\xc3\xa9"),
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, *chance.pick(b"\"\\{}[]:,0 -.eu\t\r\xc3\xed\xa0")),
            _ => bytes.truncate(at),
        }
        if bytes.is_empty() {
            bytes.push(b' ');
        }
    }
    bytes.retain(|byte| *byte != b'\n');
    bytes
}

fn records(chance: &mut Chance, count: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..count {
        match chance.below(12) {
            0..=6 => text.extend(plain(chance).bytes()),
            7 | 8 => {
                let record = plain(chance);
                text.extend(mutated(chance, &record));
            }
            9 => {
                let names = ["id", "name", "active", "score", "tags", "geo", "items", "note", "a"];
                text.extend(object(chance, &names, 2).bytes());
            }
            10 => text.extend(value(chance, 3).bytes()),
            _ => text.extend(plain(chance).replace(",\"", ", \"").replace("geo", "g e o").bytes()),
        }
        let end: &&str = chance.pick(&["\n", "\n", "\n", "\r\n", "\n\n"]);
        text.extend(end.bytes());
    }
    text
}

/// What becomes of an input that comes in pieces of this size.
fn in_pieces(opening: &str, input: &[u8], size: usize) -> Outcome {
    run_in_pieces::<Recipe>(opening, input, || size)
        .unwrap_or_else(|refusal| panic!("{opening}: {refusal:?}"))
}

/// A number of the environment, as `SEED` and `ROUNDS` are.
fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

fn outcome(schema: &str, program: &str, tiers: &str, encoding: &str, input: &[u8]) -> Outcome {
    let schema = if schema.is_empty() { String::new() } else { format!("\"schema\":{schema},") };
    let program = if program.is_empty() { "null".into() } else { serde_json::to_string(program).unwrap() };
    let config = format!("{{{schema}\"jq\":{program},\"tiers\":\"{tiers}\"}}");
    let opening = format!("{{\"abi\":1,\"input\":\"ndjson\",\"output\":\"{encoding}\",\"config\":{config}}}");
    run::<Recipe>(&opening, input).unwrap_or_else(|refusal| panic!("{config}: {refusal:?}"))
}

fn agree(chance: &mut Chance, rounds: usize, count: usize) {
    for round in 0..rounds {
        let (schema, program) = (chance.pick(&SCHEMAS), chance.pick(&PROGRAMS));
        let input = records(chance, count);
        let general = outcome(schema, program, "general", "ndjson", &input);
        for tiers in ["exact", "all"] {
            let fast = outcome(schema, program, tiers, "ndjson", &input);
            if fast != general {
                explain_difference(schema, program, tiers, &input);
                panic!("{tiers} differs in round {round}: {schema} | {program}");
            }
        }
        if round % 8 == 0 {
            let pretty = outcome(schema, program, "general", "pretty", &input);
            assert_eq!(outcome(schema, program, "all", "pretty", &input), pretty, "{schema} | {program}");
        }
    }
}

/// Prints the first lines at whose end the two part.
fn explain_difference(schema: &str, program: &str, tiers: &str, input: &[u8]) {
    let ends: Vec<_> = (0..input.len()).filter(|at| input[*at] == b'\n').collect();
    for end in ends {
        let part = &input[..=end];
        let (fast, general) = (
            outcome(schema, program, tiers, "ndjson", part),
            outcome(schema, program, "general", "ndjson", part),
        );
        if fast != general {
            let start = part[..end].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            println!("record: {}", String::from_utf8_lossy(&part[start..]));
            println!(
                "fast: {}",
                String::from_utf8_lossy(fast.output.rsplit(|b| *b == b'\n').nth(1).unwrap_or_default())
            );
            println!(
                "general: {}",
                String::from_utf8_lossy(general.output.rsplit(|b| *b == b'\n').nth(1).unwrap_or_default())
            );
            println!("{:?}\n{:?}", fast.failures.last(), general.failures.last());
            return;
        }
    }
}

#[test]
fn the_tiers_answer_as_the_general_engine() {
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(120);
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(6);
    agree(&mut Chance::new(seed), rounds, 60);
}
