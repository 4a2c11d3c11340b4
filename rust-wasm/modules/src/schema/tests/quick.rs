//! The quick check against the validator: what it lets pass is JSON and matches.

use super::schema as compiled;
use crate::chance::Chance;
use crate::schema::{Schema, Settings};
use wasmrecords_json::parse;

fn schema(chance: &mut Chance, depth: usize) -> String {
    let inner = |chance: &mut Chance| schema(chance, depth.saturating_sub(1));
    let one = match chance.below(if depth == 0 { 9 } else { 13 }) {
        0 => r#""type":"string""#.into(),
        1 => format!(
            r#""type":{}"#,
            chance.pick(&[r#"["string","null"]"#, r#""integer""#, r#""number""#, r#""object""#])
        ),
        2 => format!(r#""minimum":{}"#, chance.pick(&["0", "-1", "18"])),
        3 => format!(r#""{}":{}"#, chance.pick(&["maximum", "exclusiveMaximum"]), chance.pick(&["0", "3"])),
        4 => format!(r#""type":"integer","exclusiveMinimum":{}"#, chance.pick(&["0", "1"])),
        5 => r#""enum":["x","é",""]"#.into(),
        6 => r#""const":"a""#.into(),
        7 => format!(r#""minLength":{},"maxLength":2"#, chance.below(3)),
        8 => String::new(),
        9 => format!(r#""items":{},"minItems":{}"#, inner(chance), chance.below(3)),
        10 => format!(r#""items":{},"maxItems":{}"#, inner(chance), chance.below(3)),
        11 => format!(
            r#""type":"object","properties":{{"a":{},"b":{}}},"required":{}"#,
            inner(chance),
            inner(chance),
            chance.pick(&["[]", r#"["a"]"#, r#"["b","c"]"#, r#"["a","b"]"#])
        ),
        _ => format!(
            r#""properties":{{"a":{},"é":{}}},"additionalProperties":{}"#,
            inner(chance),
            inner(chance),
            chance.pick(&["true", "false"])
        ),
    };
    format!("{{{one}}}")
}

fn record(chance: &mut Chance, depth: usize) -> String {
    let space = |chance: &mut Chance| chance.pick(&["", "", "", "", " ", "\n"]);
    match chance.below(if depth == 0 { 6 } else { 11 }) {
        0 => chance.pick(&["null", "true", "false", "nul", "tru e"]).to_string(),
        1 | 2 => chance
            .pick(&[
                "0",
                "-0",
                "1",
                "18",
                "1.0",
                "1e2",
                "2.50",
                "-1.5",
                "1e400",
                "1e-400",
                "-1e-400",
                "0e1",
                "99999999999999999999",
                "01",
                "1.",
                "-",
            ])
            .to_string(),
        3..=5 => chance
            .pick(&[
                "\"x\"",
                "\"a\"",
                "\"\"",
                "\"é\"",
                "\"abc\"",
                "\"\\u0061\"",
                "\"\\ud800\"",
                "\"\\x\"",
                "\"a",
                "\"\t\"",
            ])
            .to_string(),
        6 | 7 => {
            let items: Vec<_> = (0..chance.below(4)).map(|_| record(chance, depth - 1)).collect();
            format!("[{}{}]{}", space(chance), items.join(","), space(chance))
        }
        _ => {
            let members: Vec<_> = (0..chance.below(4))
                .map(|_| {
                    let name = chance.pick(&["a", "b", "c", "é", "\\u0061", "a"]);
                    format!("{}\"{name}\"{}:{}", space(chance), space(chance), record(chance, depth - 1))
                })
                .collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

#[test]
fn what_passes_quickly_is_json_and_matches() {
    let mut chance = Chance::new(5);
    let (mut quick, mut passed, mut valid) = (0, 0, 0);
    for _ in 0..3_000 {
        let text = schema(&mut chance, 2);
        let schema = compiled(&text);
        quick += usize::from(schema.quick.is_some());
        for _ in 0..40 {
            let record = record(&mut chance, 3);
            let found = schema.matches(record.as_bytes(), 3);
            let value = parse(record.as_bytes(), 3);
            let matches = value.as_ref().is_ok_and(|value| schema.check(value, record.as_bytes()).is_ok());
            valid += usize::from(matches);
            if let Some(compact) = found {
                passed += 1;
                assert!(matches, "{record} on {text}");
                let mut same = Vec::new();
                wasmrecords_json::compact(record.as_bytes(), &mut same);
                assert_eq!(compact, same == record.as_bytes(), "{record}");
            }
        }
    }
    // All of these schemas are plain, and most that matches is seen to.
    assert_eq!(quick, 3_000);
    assert!(passed > 10_000 && passed * 10 > valid * 6, "{passed} of {valid}");
}

#[test]
fn schemas_that_say_more_are_for_the_validator() {
    for (text, quick) in [
        ("true", true),
        ("false", false),
        (r#"{"type":"string","format":"email","title":"T"}"#, true),
        (r#"{"$schema":"https://json-schema.org/draft/2020-12/schema"}"#, true),
        (r#"{"$schema":"http://json-schema.org/draft-07/schema#","items":{"type":"null"}}"#, true),
        // There integers are written as such, and exclusive bounds are booleans.
        (r#"{"$schema":"http://json-schema.org/draft-04/schema#","type":"integer"}"#, false),
        (r##"{"$ref":"#/$defs/a","$defs":{"a":true}}"##, false),
        (r#"{"items":{"pattern":"a"}}"#, false),
        (r#"{"properties":{"a":{"uniqueItems":true}}}"#, false),
        (r#"{"enum":[1]}"#, false),
        (r#"{"minimum":0.5}"#, false),
        (r#"{"minimum":1.0}"#, false),
        (r#"{"properties":{"a\"b":true}}"#, false),
        (r#"{"minimum":9007199254740993}"#, false),
        (r#"{"required":["b"],"properties":{"a":true},"additionalProperties":false}"#, false),
        (r#"{"not":{}}"#, false),
    ] {
        assert_eq!(compiled(text).quick.is_some(), quick, "{text}");
    }
    let settings = Settings { formats: true, ..Settings::default() };
    let schema = Schema::compile(br#"{"format":"email"}"#, &settings).unwrap();
    assert!(schema.quick.is_none());
}

#[test]
fn deep_schemas_are_read_once() {
    let levels = 60;
    let text = format!(
        r#"{}{{"type":"string"}}{}"#,
        r#"{"required":["a"],"additionalProperties":false,"properties":{"a":"#.repeat(levels),
        "}}".repeat(levels)
    );
    // Twice at each level would take until the end of days.
    assert!(compiled(&text).quick.is_some());
}
