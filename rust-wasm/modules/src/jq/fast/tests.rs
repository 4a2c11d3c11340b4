//! The fast engine against the general one: made programs on made records give the same bytes, or are left.

mod programs;
mod records;

use super::super::Program;
use super::super::tests::Recorder;
use crate::chance::Chance;
use records::Slots;
use std::collections::BTreeMap;
use wasmrecords_engine::program::{Left, Piece, Program as Fast, Straight};
use wasmrecords_engine::{Found, rewrite};
use wasmrecords_json::{parse, write};

/// Levels of a record.
const DEPTH: u32 = 100;

/// What came of comparing.
#[derive(Default, Debug)]
struct Tally {
    pairs: usize,
    answered: usize,
    left: BTreeMap<&'static str, usize>,
    /// Answered by tests and pieces as well.
    straight: usize,
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
        let result = fast.run(&Found::new(&slots.texts, slots.clean), &mut out);
        let shown = || format!("{text}\non {}\n{fast:?}", String::from_utf8_lossy(record));
        if let (Some(straight), true) = (fast.straight(), slots.clean) {
            self.straight += usize::from(compare_straight(straight, &slots.texts, &out[6..], result));
        }
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

/// Tests and pieces say what the run says, or leave; true if they answer.
fn compare_straight(straight: &Straight, slots: &[&[u8]], out: &[u8], result: Result<u32, Left>) -> bool {
    let mut outcomes = 0;
    for (bit, test) in straight.tests.iter().enumerate() {
        match test.holds(slots[test.slot]) {
            Ok(holds) => outcomes |= usize::from(holds) << bit,
            // A test that the run need not look at may leave where the run does not.
            Err(_) => return false,
        }
    }
    let mut joined = Vec::new();
    if straight.keep >> outcomes & 1 == 1 {
        let mut pieces = Vec::new();
        if straight.pieces(slots, &mut pieces).is_err() {
            return false;
        }
        for piece in pieces {
            match piece {
                Piece::Literal(text) | Piece::Span(text) => joined.extend_from_slice(text),
            }
        }
    }
    assert!(result.is_ok(), "{straight:?}: {result:?}");
    assert_eq!(String::from_utf8_lossy(&joined), String::from_utf8_lossy(out), "{straight:?}");
    true
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
    assert!(tally.straight * 40 > tally.pairs, "{tally:?}");
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
        let found = fast.run(&Found::new(&slots.texts, slots.clean), &mut Vec::new());
        assert_eq!(found.err(), left, "{text} on {record}");
    }
}

#[test]
fn it_says_where_a_program_leaves() {
    for (text, offset, token) in [
        (".a | sub(\"x\"; \"y\")", 5, "sub"),
        ("select(.a) | .. | .b", 13, ".."),
        (".a as [$x] | $x", 7, "$x"),
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

#[test]
fn what_only_tests_and_copies_is_straight() {
    for (text, tests) in [
        (".", Some(0)),
        ("select(.a == \"x\")", Some(1)),
        (
            "select(.a == \"x\" and (.b.c >= 400 or .d)) | select(.e | not) | {a, b: .c.d, c: [.e, 1]}",
            Some(4),
        ),
        ("select(.a | test(\"x\") | not)", Some(1)),
        ("select(.a | startswith(\"x\")) | .b", Some(1)),
        ("select(has(\"a\")) | del(.b, .c)", Some(1)),
        (". + {a: 1, b: .c}", Some(0)),
        (".b = .a | del(.a) | .c = {d: .b}", Some(0)),
        ("select(.a == .b)", None),
        ("select([.a, .b] == [])", None),
        (".a // .b", None),
        (".a[0]", None),
        ("del(.a.b)", None),
        ("select(.a or .b or .c or .d or .e or .f or .g)", None),
    ] {
        let program = compiled(text);
        let straight = program.fast().unwrap().straight();
        assert_eq!(straight.map(|straight| straight.tests.len()), tests, "{text}");
    }
}

#[test]
fn text_is_rewritten_as_values_are_written() {
    let mut chance = Chance::new(3);
    for _ in 0..3_000 {
        let record = records::record(&mut chance);
        if Slots::of(record.as_bytes(), &[]).is_none() {
            continue;
        }
        let (mut expected, mut found) = (Vec::new(), Vec::new());
        write(&parse(record.as_bytes(), DEPTH).unwrap(), &mut expected).unwrap();
        rewrite(record.as_bytes(), &mut found);
        assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(&expected), "{record}");
    }
}
