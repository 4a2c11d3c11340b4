//! Rules against the validator: what they let pass is JSON and matches, and of plain data nothing else matches.

use super::scanner;
use super::schema as compiled;
use crate::chance::Chance;
use wasmrecords_engine::rule::Rule;
use wasmrecords_json::parse;

const BOUNDS: [&str; 12] = [
    "0",
    "-1",
    "18",
    "0.5",
    "-2.5",
    "1.0",
    "1e1",
    "1.5",
    "9007199254740993",
    "-1e300",
    "1e300",
    "18446744073709551615",
];

/// Numbers of up to fifteen digits without exponents: of these, rules are sure.
const PLAIN: [&str; 14] =
    ["0", "-0", "1", "-1", "2", "3", "10", "18", "1.0", "0.5", "1.50", "-2.5", "0.07", "100000000000000"];

const NUMBERS: [&str; 14] = [
    "1e0",
    "1e2",
    "0e1",
    "1e400",
    "-1e400",
    "1e-400",
    "-1e-400",
    "99999999999999999999",
    "9007199254740992",
    "9007199254740993",
    "9007199254740993.0",
    "18446744073709551615",
    "0.50000000000000001",
    "-999999999999999999",
];

const BROKEN: [&str; 14] = [
    "01",
    "1.",
    "-",
    "nul",
    "tru e",
    "[1,]",
    "{\"a\" 1}",
    "\"\\ud800\"",
    "\"\\x\"",
    "\"a",
    "\"\t\"",
    "{,}",
    "",
    "[[[[[0]]]]]",
];

const TEXTS: [&str; 11] = ["", "x", "a", "é", "abc", "ab1", "a-b", "日本", "😀", "12", "x y"];

const ESCAPES: [&str; 6] = ["\\u0061", "\\n", "\\\"a", "\\u00e9", "\\ud83d\\ude00", "a\\/b"];

const PATTERNS: [&str; 12] = [
    "^a",
    "a$",
    "^(a|abc)$",
    "^[a-z0-9]+$",
    "é",
    "\\\\d{2}",
    "^\\\\w+$",
    "^.{2}$",
    "^[^-]*$",
    "b|^x",
    "^$",
    "^(?:a-?)+b",
];

/// A schema of the keywords that rules have.
fn schema(chance: &mut Chance, depth: usize, draft_4: bool) -> String {
    let inner = |chance: &mut Chance| schema(chance, depth.saturating_sub(1), draft_4);
    let mut keywords = Vec::new();
    for _ in 0..=chance.below(3) {
        keywords.push(match chance.below(if depth == 0 { 11 } else { 17 }) {
            0 => {
                let types = ["null", "boolean", "integer", "number", "string", "array", "object"];
                format!(r#""type":"{}""#, chance.pick(&types))
            }
            1 => format!(
                r#""type":{}"#,
                chance.pick(&[r#"["string","null"]"#, r#"["integer","boolean"]"#, r#"["number","object"]"#])
            ),
            2 | 3 => {
                let bound = *chance.pick(&BOUNDS);
                match (draft_4, chance.below(4)) {
                    (true, 0) => format!(r#""minimum":{bound},"exclusiveMinimum":true"#),
                    (true, 1) => format!(r#""maximum":{bound},"exclusiveMaximum":true"#),
                    (_, 0 | 2) => format!(r#""minimum":{bound}"#),
                    (true, _) | (_, 1) => format!(r#""maximum":{bound}"#),
                    _ => format!(r#""{}":{bound}"#, chance.pick(&["exclusiveMinimum", "exclusiveMaximum"])),
                }
            }
            4 => format!(r#""multipleOf":{}"#, chance.pick(&["1", "1.0", "2", "0.01", "0.5", "3"])),
            5 => format!(r#""minLength":{}"#, chance.below(3)),
            6 => format!(r#""maxLength":{}"#, chance.below(4)),
            7 => format!(r#""pattern":"{}""#, chance.pick(&PATTERNS)),
            8 => {
                let lists = [
                    r#"["x","é",""]"#,
                    r#"[1,null,"a"]"#,
                    r#"[true]"#,
                    r#"[0,1.5,-0.5]"#,
                    r#"[1.0,2,false]"#,
                    r#"["a","b","c","d","e","f","g","h","x","abc","12"]"#,
                ];
                format!(r#""enum":{}"#, chance.pick(&lists))
            }
            9 if !draft_4 => {
                format!(r#""const":{}"#, chance.pick(&["\"a\"", "1", "1.50", "null", "false", "0", "\"\""]))
            }
            9 | 10 => chance.pick(&[r#""title":"T""#, r#""format":"email""#, r#""x-own":1"#]).to_string(),
            11 => format!(r#""items":{},"minItems":{}"#, inner(chance), chance.below(2)),
            12 if chance.below(2) == 0 => r#""items":{"type":"string"},"uniqueItems":true"#.into(),
            12 => format!(r#""items":{},"maxItems":{}"#, inner(chance), chance.below(3)),
            13 => format!(
                r#""properties":{{"a":{},"b":{}}},"required":{}"#,
                inner(chance),
                inner(chance),
                chance.pick(&[r#"["a"]"#, r#"["b","c"]"#, r#"["a","b"]"#])
            ),
            14 => format!(
                r#""properties":{{"a":{},"é":{}}},"additionalProperties":{}"#,
                inner(chance),
                inner(chance),
                chance.pick(&["true", "false", "{}"])
            ),
            15 => format!(r#""minProperties":{}"#, chance.below(2)),
            _ => format!(r#""maxProperties":{}"#, chance.below(3)),
        });
    }
    if depth > 0 {
        match chance.below(12) {
            0 => return r##"{"$ref":"#/definitions/b"}"##.to_owned(),
            1 => {
                let text = chance.pick(&[r#""type":"string","maxLength":2"#, r#""enum":["é","",1.5]"#]);
                return format!(r#"{{"anyOf":[{{"type":"null"}},{{{text}}}]}}"#);
            }
            2 => {
                return r#"{"oneOf":[{"type":"integer","minimum":1},{"enum":["a"]},{"type":"array"}]}"#
                    .to_owned();
            }
            _ => {}
        }
    }
    // One that stands there twice counts once.
    format!("{{{}}}", keywords.join(","))
}

pub fn whole_schema(chance: &mut Chance) -> String {
    let draft = *chance.pick(&["", "", "", "draft-04", "draft-07", "draft/2019-09"]);
    let part = schema(chance, 2, draft == "draft-04");
    let definition = schema(chance, 0, draft == "draft-04");
    let dialect = match draft {
        "" => String::new(),
        draft => {
            let scheme = if draft.contains('/') { "https" } else { "http" };
            format!(r#""$schema":"{scheme}://json-schema.org/{draft}/schema","#)
        }
    };
    format!(r#"{{{dialect}"definitions":{{"b":{definition}}},{}"#, &part[1..]).replace(",}", "}")
}

/// A record; a plain one has nothing of which rules are not sure.
pub fn record(chance: &mut Chance, depth: usize, plain: bool) -> String {
    let space = |chance: &mut Chance| chance.pick(&["", "", "", "", " ", "\n"]);
    if !plain && chance.below(40) == 0 {
        return chance.pick(&BROKEN).to_string();
    }
    match chance.below(if depth == 0 { 7 } else { 13 }) {
        0 => chance.pick(&["null", "true", "false"]).to_string(),
        1..=3 if plain || chance.below(3) > 0 => chance.pick(&PLAIN).to_string(),
        1..=3 => chance.pick(&NUMBERS).to_string(),
        4..=6 if plain || chance.below(4) > 0 => format!("\"{}\"", chance.pick(&TEXTS)),
        4..=6 => format!("\"{}\"", chance.pick(&ESCAPES)),
        7 | 8 => {
            let items: Vec<_> = (0..chance.below(4)).map(|_| record(chance, depth - 1, plain)).collect();
            format!("[{}{}]{}", space(chance), items.join(","), space(chance))
        }
        _ => {
            let mut names: Vec<&str> = Vec::new();
            for _ in 0..chance.below(4) {
                let name = *chance.pick(&["a", "b", "c", "é", if plain { "d" } else { "\\u0061" }]);
                if !plain || !names.contains(&name) {
                    names.push(name);
                }
            }
            let members: Vec<_> = names
                .iter()
                .map(|name| {
                    format!(
                        "{}\"{name}\"{}:{}",
                        space(chance),
                        space(chance),
                        record(chance, depth - 1, plain)
                    )
                })
                .collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

/// As many pairs; of each kind, how many passed.
fn compare(seed: u64, schemas: usize, records: usize) -> (usize, usize) {
    let mut chance = Chance::new(seed);
    let (mut passed, mut valid) = (0, 0);
    for _ in 0..schemas {
        let text = whole_schema(&mut chance);
        let schema = compiled(&text);
        let rule = match Rule::new(&parse(text.as_bytes(), 128).unwrap(), false) {
            Ok(rule) => rule,
            // Some of them ask for what nothing can have.
            Err(leaves) => {
                // Of a keyword that stands twice the last one counts.
                assert!(matches!(&*leaves.keyword, "required" | "uniqueItems"), "{text}");
                continue;
            }
        };
        for _ in 0..records {
            let plain = chance.below(2) == 0;
            let record = record(&mut chance, 3, plain);
            let certain = scanner::matches(record.as_bytes(), 4, &rule);
            let value = parse(record.as_bytes(), 4);
            let matches =
                value.as_ref().is_ok_and(|value| schema.check(value, record.as_bytes(), None).is_ok());
            assert!(matches || !certain, "{record} on {text}");
            if plain {
                assert_eq!(matches, certain, "{record} on {text}");
            }
            passed += usize::from(certain);
            valid += usize::from(matches);
        }
    }
    (passed, valid)
}

#[test]
fn what_passes_is_json_and_matches() {
    let (passed, valid) = compare(7, 2_000, 40);
    assert!(passed > 15_000 && passed * 10 > valid * 9, "{passed} of {valid}");
}

#[test]
fn a_bound_that_a_float_cannot_tell_from_zero_is_for_the_validator() {
    for (bound, is_rule) in
        [("0.0", true), ("-0", true), ("0e5", true), ("1e-400", false), ("-0.01e-330", false)]
    {
        for keyword in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
            let schema = parse(format!("{{\"{keyword}\":{bound}}}").as_bytes(), 2).unwrap();
            assert_eq!(Rule::new(&schema, false).is_ok(), is_rule, "{keyword} {bound}");
        }
    }
}

/// Run by hand, in release: for hours, if one likes.
#[test]
#[ignore = "takes minutes"]
fn what_passes_of_millions_is_json_and_matches() {
    for seed in 100..150 {
        let (passed, valid) = compare(seed, 5_000, 80);
        assert!(passed * 10 > valid * 9, "{passed} of {valid}");
    }
}
