//! Stages of programs, and what is rarely meant.

use super::super::{Given, Program};
use super::{Explained, explain};
use wasmrecords_json::parse;

fn explained(program: &str, schema: &str) -> Explained {
    let schema = parse(schema.as_bytes(), 100).unwrap();
    let given = Given { nesting: 128, ..Given::default() };
    explain(program, &given, Some(&schema)).unwrap_or_else(|e| panic!("{program}: {}", e.message))
}

fn stages(program: &str) -> Vec<&str> {
    explained(program, "{}").stages.into_iter().map(|stage| &program[stage.place]).collect()
}

#[test]
fn a_stage_is_what_stands_between_pipes() {
    for (program, expected) in [
        ("", &[""][..]),
        (".", &["."]),
        (" .a | .b ", &[".a", ".b"]),
        ("select(.a | .b) | {c: (.d | .e)}", &["select(.a | .b)", "{c: (.d | .e)}"]),
        (".a, .b | [.c]\n| length", &[".a, .b", "[.c]", "length"]),
        ("if .a | .b then . | . else . end | .c", &["if .a | .b then . | . else . end", ".c"]),
        (".a as $x | .b | $x", &[".a as $x | .b | $x"]),
        (".a | .b as $x | $x | .c", &[".a", ".b as $x | $x | .c"]),
        ("reduce .[] as $x (0; . | $x) | .a", &["reduce .[] as $x (0; . | $x)", ".a"]),
        ("[foreach .[] as $x (0; $x)] | .[0]", &["[foreach .[] as $x (0; $x)]", ".[0]"]),
        ("def f: . | .; f | .a", &["def f: . | .; f | .a"]),
        (".x | label $out | 1, break $out", &[".x", "label $out | 1, break $out"]),
        ("\"a | \\(.b | .c)\" | \"\\ud83d\\ude00\"", &["\"a | \\(.b | .c)\"", "\"\\ud83d\\ude00\""]),
        ("# x | y\n.a # | z\n| .b", &[".a", ".b"]),
    ] {
        assert_eq!(stages(program), expected, "{program}");
    }
}

#[test]
fn what_leaves_is_what_the_program_says() {
    for (program, token, fast) in [
        ("select(.a == \"x\") | {a, b: .c}", None, &[true, true][..]),
        ("", None, &[true]),
        (".a | getpath([\"b\"]) | .c", Some("getpath"), &[true, false, true]),
        (".a | .b as [$x] | $x", Some("$x"), &[true, false]),
        ("try (.a | error) catch 1", Some("try"), &[false]),
        ("(.trytry | getpath([])?)?", Some("trytry"), &[false]),
        ("def f: .; .a", Some("f"), &[false]),
        ("reduce .[] as $x (0; . + $x) | .a | getpath([])", Some("reduce"), &[false, true, false]),
    ] {
        let found = explained(program, "{}");
        let compiled = Program::compile(program).unwrap_or_else(|e| panic!("{program}: {}", e.message));
        assert_eq!(found.leaves.as_ref(), compiled.fast().err(), "{program}");
        assert_eq!(found.leaves.map(|leaves| leaves.token).as_deref(), token, "{program}");
        assert_eq!(found.stages.iter().map(|stage| stage.fast).collect::<Vec<_>>(), fast, "{program}");
    }
}

#[test]
fn doubts() {
    let string = " is also true where .x is a string, an array or an object";
    let missing = " is also true where .x is null, missing or a boolean";
    for (program, expected) in [
        ("select(.x >= 50)", vec![format!("`.x >= 50`{string}")]),
        ("select(.x > -1)", vec![format!("`.x > -1`{string}")]),
        ("select(50 <= .x) | .y", vec![format!("`50 <= .x`{string}")]),
        (".x < 50", vec![format!("`.x < 50`{missing}")]),
        ("[.x < 50, .x < 50]", vec![format!("`.x < 50`{missing}")]),
        (".x < 1 and .x > 0", vec![format!("`.x < 1`{missing}"), format!("`.x > 0`{string}")]),
        (
            ".a[\"b c\"].d < \"2025\"",
            vec![
                "`.a[\"b c\"].d < \"2025\"` is also true where .a[\"b c\"].d is missing, null or a number"
                    .into(),
            ],
        ),
        ("select(.x = 5)", vec!["`.x = 5` assigns and is true as a condition: `==` compares".into()]),
        (
            "if .y == 1 or .x = \"a\" then 1 else 2 end",
            vec!["`= \"a\"` assigns, and stands in a condition: `==` compares".into()],
        ),
        (
            ".a = .b // 1",
            vec!["`.a = .b // 1` assigns .b, as `=` binds closer than `//`: write `.a = (.b // 1)`".into()],
        ),
        (".on // true", vec!["`.on // true` is also true where .on is false".into()]),
        // All of these are meant.
        (".x == 50", vec![]),
        ("select(.x >= \"a\")", vec![]),
        ("select((.x | type) == \"number\" and .x >= 50)", vec![]),
        ("select(has(\"x\") and .x < 50)", vec![]),
        ("select(.x != null and .x < 50)", vec![]),
        ("(.x // 0) < 50", vec![]),
        (".[] | select(. < 50)", vec![]),
        (".x < .y", vec![]),
        (".on // false", vec![]),
        (".x = 5", vec![]),
    ] {
        assert_eq!(explained(program, "{}").doubts, expected, "{program}");
    }
}

#[test]
fn a_schema_takes_doubts_away() {
    let schema = r#"{"type": "object", "required": ["n", "s", "in"], "properties": {
        "n": {"type": "number"}, "s": {"type": ["string", "integer"]}, "maybe": {"type": "integer"},
        "in": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}}}"#;
    for (program, count) in [
        ("select(.n >= 5 and .n < 7)", 0),
        ("select(.in.n >= 5) | select(.in.n < 7)", 0),
        ("select(.maybe >= 5)", 0),
        ("select(.maybe < 5)", 1),
        ("select(.s >= 5)", 1),
        ("select(.other >= 5)", 1),
        ("select(.in.other >= 5)", 1),
        // Not the record's.
        (".in | select(.n >= 5)", 1),
        ("map(.n >= 5)", 1),
        ("{n: (.other | .n >= 5)}", 1),
        ("if .n >= 5 then .n < 7 else . end", 0),
    ] {
        assert_eq!(explained(program, schema).doubts.len(), count, "{program}");
    }
}
