//! White space wherever JSON lets it stand: it changes nothing of what a record is, and no tier gives it up.

#[path = "../../json/tests/chance/mod.rs"]
mod chance;

use chance::Chance;
use wasmrecords_engine::program::{Expr, Literal, Place, Program, Step};
use wasmrecords_engine::rule::Rule;
use wasmrecords_engine::{Engine, Ledger, PAD, Stop};
use wasmrecords_json::{compact, parse};

/// Each matches all of [`VALUES`], alone, as a member and as an item.
const SCHEMAS: [&str; 5] = [
    "true",
    r#"{"properties":{"a":{},"o":{"type":"object"},"l":{"type":"array"},"é":{"items":{"properties":{"a":{}}}}}}"#,
    r#"{"properties":{"a":{"properties":{"a":{},"zz":{"type":"integer"}},"items":{"items":{}}},
        "l":{"type":"array","items":{"type":["object","array","string","number","boolean","null"]}},
        "t":{"items":{"type":["string","object","array","number","null","boolean"]}}},"items":{"items":{"items":{}}}}"#,
    r#"{"minProperties":0,"maxProperties":40,"maxItems":40,"properties":{"a":{"maxProperties":40,"maxItems":40,
        "maxLength":99},"l":{"type":"array","maxItems":40},"o":{"minProperties":0,"required":[]}}}"#,
    r#"{"type":["object","array","string","number","boolean","null"],"properties":{
        "l":{"type":"array","items":{"properties":{"b":{"type":"string"}}}},
        "a":{"additionalProperties":true,"properties":{"a":{"properties":{"a":{"properties":{"a":{}}}}}}}}}"#,
];

/// By their tokens.
const VALUES: [&str; 24] = [
    "{ }",
    "[ ]",
    "[ [ ] ]",
    "[ { } , [ ] , { } ]",
    "{ \"\" : { } }",
    "{ \"a\" : [ ] , \"b\" : { } }",
    "{ \"b\" : \"\" , \"a\" : { \"a\" : { \"a\" : { } } } }",
    "[ 1 , -2.5e3 , 0 ]",
    "[ \"x\" , \"é\" , \"\\n\" ]",
    "[ true , false , null ]",
    "[ [ [ 7 ] , [ ] ] ]",
    "7",
    "-0",
    "1.5",
    "1e2",
    "12345678901234567890",
    "true",
    "false",
    "null",
    "\"\"",
    "\"plain\"",
    "\"é\\\\\"",
    "\"more-than-thirty-two-characters-and-then-some-more\"",
    "{ \"a-name-of-more-than-thirty-two-characters-in-it\" : { } , \"zz\" : 1 }",
];

/// The last but one has a whole number as its value where a schema knows it.
const NAMES: [&str; 8] = [
    "\"a\"",
    "\"o\"",
    "\"l\"",
    "\"é\"",
    "\"t\"",
    "\"x\"",
    "\"zz\"",
    "\"a-name-of-more-than-thirty-two-characters\"",
];

/// A record by its tokens.
fn tokens(chance: &mut Chance) -> Vec<&'static str> {
    let value = |chance: &mut Chance, first: &str| loop {
        let value = *chance.pick(&VALUES);
        if value.starts_with(first) {
            return value;
        }
    };
    if chance.below(8) == 0 {
        return value(chance, "").split(' ').collect();
    }
    let mut tokens = vec!["{"];
    let first = chance.below(NAMES.len());
    for turn in 0..chance.below(6) {
        if turn > 0 {
            tokens.push(",");
        }
        let name = NAMES[(first + turn * 3) % NAMES.len()];
        let value = match name {
            "\"o\"" => value(chance, "{"),
            "\"l\"" => value(chance, "["),
            "\"zz\"" => "1",
            _ => value(chance, ""),
        };
        tokens.extend([name, ":"]);
        tokens.extend(value.split(' '));
    }
    tokens.push("}");
    tokens
}

/// The tokens with up to five characters of white space before each and behind the last, most of the time in few
/// places.
fn spaced(chance: &mut Chance, tokens: &[&str], kinds: &[char]) -> String {
    let (mut text, often) = (String::new(), *chance.pick(&[1, 2, 4, 12]));
    for token in tokens.iter().chain([&""]) {
        if chance.below(often) == 0 {
            text.extend((0..chance.below(6)).map(|_| *chance.pick(kinds)));
        }
        text.push_str(token);
    }
    text
}

fn programs() -> [Option<Program>; 3] {
    let step = Step { to: Place::Name(Literal::new("a")), optional: true };
    [None, Some(Program::new(Expr::Input)), Some(Program::new(Expr::path(Expr::Input, vec![step])))]
}

fn engine(schema: &str, program: Option<Program>) -> Engine {
    let rule = Rule::new(&parse(schema.as_bytes(), 64).unwrap(), false).unwrap();
    Engine::new(&rule, program, 16).unwrap()
}

struct Done;

impl Ledger for Done {
    fn done(&mut self, _outputs: u32, _consumed: usize, _written: usize) {}
}

#[test]
fn a_record_may_have_white_space_anywhere() {
    let mut chance = Chance::new(17);
    let rounds = if cfg!(miri) { 20 } else { 1_000 };
    for schema in SCHEMAS {
        for program in programs() {
            let mut engine = engine(schema, program);
            for _ in 0..rounds {
                let tokens = tokens(&mut chance);
                let text = spaced(&mut chance, &tokens, &[' ', '\t', '\r', '\n']);
                let mut outputs = [Vec::new(), Vec::new()];
                for (text, out) in [&text, &tokens.concat()].iter().zip(&mut outputs) {
                    let done = engine.record(text.as_bytes(), out);
                    assert!(done.is_ok(), "{schema}: {text:?}: {done:?}");
                }
                assert_eq!(outputs[0], outputs[1], "{schema}: {text:?}");
            }
        }
    }
}

#[test]
fn and_so_may_lines_in_both_tiers() {
    let mut chance = Chance::new(18);
    let rounds = if cfg!(miri) { 2 } else { 30 };
    for (schema, learned) in SCHEMAS.iter().flat_map(|schema| [(schema, false), (schema, true)]) {
        let mut by_shape = 0;
        for _ in 0..rounds {
            let mut engine = engine(schema, None);
            engine.set_learning(learned);
            let (mut text, mut expected) = (String::new(), Vec::new());
            for _ in 0..60 {
                // Some come again, as they are: shapes for the learned tier.
                let tokens = tokens(&mut chance);
                let line = spaced(&mut chance, &tokens, &[' ', '\t', '\r']);
                for _ in 0..=chance.below(3) {
                    text.push_str(&line);
                    text.push('\n');
                    compact(line.as_bytes(), &mut expected);
                    expected.push(b'\n');
                }
            }
            let end = text.len();
            let mut buffer = text.clone().into_bytes();
            buffer.resize(end + PAD, 0);
            let mut out = vec![0; end + (1 << 16)];
            let stop = engine.lines((&buffer, 0, end), end, &mut out, &mut Done);
            if let Stop::General(at, why) = stop {
                panic!("{schema}: {:?}: {why:?}", text[at..].lines().next());
            }
            assert_eq!(stop, Stop::End, "{schema}");
            assert_eq!(out[..expected.len()], expected[..], "{schema}");
            by_shape += engine.counts().learned;
        }
        assert_eq!(by_shape > 0, learned);
    }
}

#[test]
fn what_is_empty_has_no_comma_in_it() {
    let mut chance = Chance::new(19);
    let faults = [
        "{ , }",
        "[ , ]",
        "[ 1 , ]",
        "{ \"a\" : 1 , }",
        "{ ]",
        "[ }",
        "{ \"a\" : ]",
        "{ \"a\" : }",
        "{ \"a\" }",
        "[ [ ] , ]",
        "[ [ ] ] ]",
        "{ \"a\" : [ }",
        "{ \"x\" : { ] }",
        "{ \"x\" : 1 , }",
        "[ { , } ]",
        "[",
        "{",
        "]",
        "}",
        "{ \"a\" : [ ] ] }",
        "{ \"o\" : { } } }",
        "[ { } , ]",
        "{ } }",
        "[ ] ]",
        "[ ] }",
        "[ ] , ",
        "[ 1 true ]",
    ];
    for (schema, fault) in SCHEMAS.iter().flat_map(|schema| faults.map(|fault| (schema, fault))) {
        let mut engine = engine(schema, None);
        for _ in 0..if cfg!(miri) { 2 } else { 40 } {
            let tokens: Vec<_> = fault.split(' ').collect();
            let text = spaced(&mut chance, &tokens, &[' ', '\t', '\r', '\n']);
            let mut out = Vec::new();
            assert!(engine.record(text.as_bytes(), &mut out).is_err(), "{schema}: {text:?}");
        }
    }
}
