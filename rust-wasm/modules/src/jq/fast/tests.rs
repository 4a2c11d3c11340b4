//! The fast engine against the general one: made programs on made records give the same bytes, or are left.

mod programs;
mod records;

use super::super::Program;
use super::super::tests::Recorder;
use crate::chance::Chance;
use records::Slots;
use std::collections::BTreeMap;
use wasmrecords_engine::program::{Left, Program as Fast};
use wasmrecords_json::parse;

/// Levels of a record.
const DEPTH: u32 = 100;

/// What came of comparing.
#[derive(Default, Debug)]
struct Tally {
    pairs: usize,
    answered: usize,
    left: BTreeMap<&'static str, usize>,
    /// Left, and the general engine had an answer.
    for_nothing: usize,
}

impl Tally {
    /// Compares what both engines make of a record.
    fn compare(&mut self, text: &str, program: &Program, fast: &Fast, record: &[u8]) {
        let Some(slots) = Slots::of(record, fast.slots()) else { return };
        self.pairs += 1;
        let mut recorder = Recorder::default();
        let failed = program.run(parse(record, DEPTH).unwrap(), &mut recorder).err();
        let before = b"before".to_vec();
        let mut out = before.clone();
        let result = fast.run(&slots.texts, slots.clean, &mut out);
        let shown = || format!("{text}\non {}\n{fast:?}", String::from_utf8_lossy(record));
        match (result, failed) {
            (Ok(count), None) => {
                let mut expected = before;
                for output in &recorder.outputs {
                    expected.extend_from_slice(output.as_bytes());
                    expected.push(b'\n');
                }
                assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&expected), "{}", shown());
                assert_eq!(count as usize, recorder.outputs.len(), "{}", shown());
                self.answered += 1;
            }
            (Ok(_), Some(failed)) => panic!("{}\nfailed: {}", shown(), failed.message),
            (Err(left), failed) => {
                assert_eq!(out, before, "{}", shown());
                *self.left.entry(left.why()).or_default() += 1;
                self.for_nothing += usize::from(failed.is_none());
            }
        }
    }
}

fn compiled(text: &str) -> Program {
    Program::compile(text).unwrap_or_else(|e| panic!("{text}: {}", e.message))
}

fn pairs(seed: u64, programs: usize, records: usize) -> Tally {
    let mut chance = Chance::new(seed);
    let mut tally = Tally::default();
    let (mut fast, mut made) = (0, 0);
    while fast < programs {
        let text = programs::program(&mut chance);
        let program = compiled(&text);
        made += 1;
        let Ok(found) = program.fast() else { continue };
        fast += 1;
        for _ in 0..records {
            let record = records::record(&mut chance);
            tally.compare(&text, &program, found, record.as_bytes());
        }
    }
    assert!(fast * 4 > made * 3, "{fast} of {made} programs are in the subset");
    tally
}

#[test]
fn made_programs_give_the_same_or_leave() {
    let tally = pairs(1, 300, 60);
    assert!(tally.answered * 4 > tally.pairs, "{tally:?}");
    assert!(tally.left.len() > 2, "{tally:?}");
}

/// For a long run by hand: `PAIRS=1000000 cargo test --release made_programs -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes"]
fn made_programs_for_a_long_time() {
    let number =
        |name: &str, otherwise| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise);
    let (pairs_wanted, seed) = (number("PAIRS", 1_000_000), number("SEED", 2));
    println!("{:#?}", pairs(seed as u64, pairs_wanted / 100, 100));
}

#[test]
fn listed_programs_give_the_same_or_leave() {
    let mut chance = Chance::new(5);
    let mut tally = Tally::default();
    for text in programs::LISTED {
        let program = compiled(text);
        let fast = program.fast().unwrap_or_else(|leaves| panic!("{text}: {leaves:?}"));
        for _ in 0..60 {
            let record = records::record(&mut chance);
            tally.compare(text, &program, fast, record.as_bytes());
        }
    }
    assert!(tally.answered * 2 > tally.pairs, "{tally:?}");
}

#[test]
fn what_is_looked_at_decides_who_leaves() {
    for (text, record, left) in [
        (".a.b", r#"{"a":1}"#, Some(Left::Parent)),
        ("select(.k) | .a.b", r#"{"a":1}"#, None),
        (".a == .b", r#"{"a":[1],"b":[1]}"#, Some(Left::Containers)),
        (".a == []", r#"{"a":[1]}"#, None),
        ("[.a / 0]", r#"{"a":1}"#, Some(Left::Error)),
        (".a | test(\"k\"; \"i\")", r#"{"a":"é"}"#, Some(Left::Letters)),
        ("{(.a): 1, (.b): 2}", r#"{"a":"x","b":"x"}"#, Some(Left::Repeated)),
        (".a * 1e308", r#"{"a":1e300}"#, Some(Left::Number)),
    ] {
        let program = compiled(text);
        let fast = program.fast().unwrap();
        let slots = Slots::of(record.as_bytes(), fast.slots()).unwrap();
        let found = fast.run(&slots.texts, slots.clean, &mut Vec::new());
        assert_eq!(found.err(), left, "{text} on {record}");
    }
}

#[test]
fn it_says_where_a_program_leaves() {
    for (text, offset, token) in [
        (".a | sub(\"x\"; \"y\")", 5, "sub"),
        ("select(.a) | .. | .b", 13, ".."),
        (".a as $x | $x", 6, "$x"),
        (".a | test(\"[\")", 5, "test"),
        ("{a: (.b, .c)}", 6, "b"),
        ("def f: .; f", 4, "f"),
        ("[.a[.b]]", 5, "b"),
        ("reduce .[] as $x (0; . + $x)", 0, "reduce"),
    ] {
        let program = compiled(text);
        let leaves = program.fast().err().unwrap_or_else(|| panic!("{text} stays"));
        assert_eq!((leaves.offset, leaves.token.as_str()), (offset, token), "{text}: {leaves:?}");
        assert!(!leaves.hint.is_empty());
    }
}
