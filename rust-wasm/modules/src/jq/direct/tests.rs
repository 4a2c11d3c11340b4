//! The short road against the other: made programs on made values give the same outputs and errors.

use super::super::Program;
use super::super::tests::Recorder;
use crate::chance::Chance;
use wasmrecords_json::{Value, parse};

/// A program that has at most one value.
fn single(chance: &mut Chance, depth: usize) -> String {
    if depth == 0 {
        return chance
            .pick(&[
                ".",
                ".a",
                ".b.c",
                ".[0]",
                ".[-1]",
                ".[1:]",
                ".[:1]",
                ".a?",
                ".[\"b\"]?",
                "null",
                "true",
                "1",
                "-2.50",
                "\"x\"",
                "[]",
                "{}",
                "\"é\"",
                "0",
                "empty",
                ".a[0]",
                "1e3",
            ])
            .to_string();
    }
    let mut one = || single(chance, depth - 1);
    let (first, second, third) = (one(), one(), one());
    match chance.below(21) {
        0 => format!("({first} | {second})"),
        1 => format!("{{a: ({first}), \"b\": ({second})}}"),
        2 => format!("{{(({first}) | tostring): ({second}), a}}"),
        3 => format!("[{}]", many(chance, depth - 1)),
        4 => format!("(({first}) // ({second}))"),
        5 => format!("(({first}) {} ({second}))", chance.pick(&["and", "or"])),
        6 | 7 => format!("(({first}) {} ({second}))", chance.pick(&["==", "!=", "<", "<=", ">", ">="])),
        8 | 9 => format!("(({first}) {} ({second}))", chance.pick(&["+", "-", "*", "/", "%"])),
        10 => format!("(-({first}))"),
        11 => format!("(if {first} then {second} else {third} end)"),
        12 => format!("(if {first} then {second} elif {third} then 1 end)"),
        13 => format!("(try ({first}))"),
        14 => format!("\"<\\({first})|\\({second})>\""),
        15 => format!("select({first})"),
        16 => format!(
            "(({first}) | {})",
            chance.pick(&["length", "type", "tojson", "not", "tonumber", "@csv", "@html"])
        ),
        17 => format!("(({first}) | {}({second}))", chance.pick(&["has", "contains", "ltrimstr", "join"])),
        18 => format!("(({first}) | test({second}; \"i\"))"),
        19 => format!("({first})[{second}]"),
        _ => format!("map({})", many(chance, depth - 1)),
    }
}

fn many(chance: &mut Chance, depth: usize) -> String {
    let one = single(chance, depth);
    let behind = chance.below(6);
    let other = if behind < 4 && depth > 0 { many(chance, depth - 1) } else { String::from(".") };
    match behind {
        0 => format!("({one}, {other})"),
        1 => format!("({one} | .[]? | {other})"),
        2 => format!("(.[] | {other})"),
        3 => format!("(if {one} then {other} else .a end)"),
        4 => "(try .[])".into(),
        _ => one,
    }
}

fn values() -> Vec<Value> {
    [
        "null",
        "true",
        "3",
        "1.50",
        "\"x\"",
        "[]",
        "[1,[2],\"a\"]",
        r#"{"a":1,"b":{"c":"x"}}"#,
        r#"{"a":[{"a":null},"y"],"b":null}"#,
        r#"[{"a":1},{"a":"b"},{"b":[]}]"#,
    ]
    .map(|text| parse(text.as_bytes(), 9).unwrap())
    .into()
}

fn outcome(program: &Program, input: &Value) -> (Vec<String>, Option<String>) {
    let mut recorder = Recorder::default();
    let result = program.run(input.clone(), &mut recorder);
    (recorder.outputs, result.err().map(|failure| failure.message))
}

#[test]
fn both_roads_lead_to_the_same_place() {
    let (mut chance, inputs) = (Chance::new(11), values());
    let (mut short, mut failed) = (0, 0);
    for _ in 0..4_000 {
        let depth = 1 + chance.below(3);
        let text = many(&mut chance, depth);
        let mut program = Program::compile(&text).unwrap_or_else(|e| panic!("{text}: {}", e.message));
        let found: Vec<_> = inputs.iter().map(|input| outcome(&program, input)).collect();
        short += usize::from(program.direct.take().is_some());
        for (input, found) in inputs.iter().zip(found) {
            failed += usize::from(found.1.is_some());
            assert_eq!(found, outcome(&program, input), "{text} on {input}");
        }
    }
    // Nearly all are of the kind, and enough of them run without an error.
    assert!(short > 3_500, "{short}");
    assert!((1_000..35_000).contains(&failed), "{failed}");
}

#[test]
fn what_defines_names_or_has_several_values_within_takes_the_other_road() {
    for (text, short) in [
        (".a", true),
        ("select(.a == 1) | {a, b: .c}", true),
        ("[.[] | .a]", true),
        (".[] | select(.a)", true),
        ("map(.a) | length", true),
        ("def length: 5; length", false),
        (". as $x | $x", false),
        (".a = 1", false),
        ("(.a, .b) + 1", false),
        ("{a: .[]}", false),
        ("select(.[])", false),
        ("reduce .[] as $x (0; . + $x)", false),
        ("..", false),
    ] {
        assert_eq!(Program::compile(text).unwrap().direct.is_some(), short, "{text}");
    }
}
