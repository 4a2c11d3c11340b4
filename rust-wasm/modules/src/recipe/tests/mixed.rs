//! Records that are alike, in which what a schema or a program looks at is another thing now and then, or a byte is
//! wrong: the tiers against the general engine.

use super::{in_pieces, number};
use crate::chance::Chance;

const SCHEMAS: [&str; 9] = [
    "true",
    r#"{"type":"object","required":["n","s"],"properties":{"n":{"type":"integer","minimum":-3,"maximum":400},
        "s":{"type":"string"},"b":{"type":"boolean"},"o":{"type":["string","null"]}}}"#,
    r#"{"properties":{"n":{"type":"integer"},"f":{"type":"number","minimum":-1.5,"exclusiveMaximum":99.5},
        "t":{"type":"array","items":{"type":"string"}},"g":{"type":"object","required":["a"],
            "properties":{"a":{"type":"number"}}}},"additionalProperties":false}"#,
    r#"{"properties":{"s":{"enum":["Ada","é",""]},"b":{"const":true},"t":{"items":{"type":["string","null"],
        "maxLength":4},"maxItems":3},"g":{"maxProperties":2,"minProperties":1}},"maxProperties":8}"#,
    r#"{"properties":{"":{"type":"integer"},"a":{"type":"integer"},"aa":{"type":"string"},"n":{"type":["integer",
        "string"]},"abcdefgh":{"type":"integer"},"abcdefghi":{"type":"string"},"abcdefghijklmn":{"type":"integer"},
        "abcdefghijklmno":{"type":"boolean"},"abcdefghijklmnop":{"type":"null"},
        "abcdefghijklmnopqrstuvwxyz01":{"type":"integer"},"abcdefghijklmnopqrstuvwxyz012":{"type":"string"},
        "é":{"type":"string"}}}"#,
    r#"{"properties":{"t":{"type":"array","uniqueItems":true,"items":{"type":"string"}},"f":{"multipleOf":0.5},
        "n":{"type":"integer","enum":[3,7,30]},"s":{"pattern":"^[a-zé]*$"}}}"#,
    r#"{"properties":{"n":{"type":"integer","minimum":0,"maximum":9},"l":{"items":{"type":"object","required":["n"],
        "properties":{"n":{"type":"integer","maximum":9}}}},
        "f":{"type":"integer","minimum":1,"maximum":1000000000000000}}}"#,
    r#"{"type":["object","array"],"items":{"type":["integer","string"]},
        "properties":{"l":{"type":"array","items":{"type":"integer","maximum":99}}}}"#,
    r#"{"properties":{"n":{"type":"number"},"g":{"type":["object","null"],"additionalProperties":false,
        "properties":{"a":{"type":"integer"}}},"s":{"type":["string","integer","null"]}},"required":["g"]}"#,
];

const PROGRAMS: [&str; 17] = [
    "null",
    r#"".""#,
    r#"".l""#,
    r#"".t[]""#,
    r#"".l[]""#,
    r#""select(.n >= 3) | {n, s}""#,
    r#""select(.n == 3 or .f > 1) | .l""#,
    r#""select(.s == \"Ada\") | {n, t}""#,
    r#""{l, g, x: (.n + 1)}""#,
    r#""del(.l)""#,
    r#""select(.l == [1,2])""#,
    r#""select(.b) | .g.a""#,
    r#""select(.o == null) | .l[]""#,
    r#"". + {z: .t}""#,
    r#""select(.l) | {n}""#,
    r#""{a, aa, n, abcdefgh, k: .abcdefghi, m: .abcdefghijklmnop}""#,
    r#""select(.l > 3 and .g != null) | .f""#,
];

/// Records in parts: what stands around values, then a value, and so on.
const BASES: [&[&str]; 10] = [
    &["{\"n\":", "3", ",\"s\":", "\"Ada\"", ",\"b\":", "true", ",\"o\":", "null", ",\"l\":", "[1,2]", "}"],
    &["{\"n\":", "7", ",\"f\":", "2.5", ",\"t\":", "[\"a\",\"b\"]", ",\"g\":", "{\"a\":1}", "}"],
    &["{\"g\":{\"a\":", "1", "},\"l\":[", "{\"n\":1}", ",", "{\"n\":2}", "],\"s\":", "\"x\"", "}"],
    &[
        "{\"\":",
        "1",
        ",\"a\":",
        "1",
        ",\"aa\":",
        "\"x\"",
        ",\"abcdefgh\":",
        "1",
        ",\"abcdefghi\":",
        "\"y\"",
        "}",
    ],
    &[
        "{\"abcdefghijklmn\":",
        "1",
        ",\"abcdefghijklmno\":",
        "true",
        ",\"abcdefghijklmnop\":",
        "null",
        ",\"abcdefghijklmnopqrstuvwxyz01\":",
        "1",
        ",\"abcdefghijklmnopqrstuvwxyz012\":",
        "\"\"",
        ",\"é\":",
        "\"é\"",
        "}",
    ],
    &["{ \"n\": ", "3", ", \"l\": [ ", "1", ", ", "\"x\"", " ], \"t\": ", "[\"a\"]", " }"],
    &["[", "1", ",", "\"x\"", "]"],
    &[" [", "\"é\"", ",", "1", "]"],
    &["{\"l\":[[", "1", "],[", "\"x\"", "],{\"l\":[", "2", "]}],\"n\":", "3", ",\"g\":{\"l\":[", "1", "]}}"],
    &[
        "{\"l\":",
        "[\"a\",\"b\"]",
        ",\"t\":",
        "[]",
        ",\"s\":",
        "\"a string that is longer than thirty-two bytes, and é on for a while\"",
        ",\"g\":",
        "null",
        "}",
    ],
];

#[rustfmt::skip]
const VALUES: [&str; 81] = [
    "3", "4", "-3", "-4", "9", "10", "99", "100", "400", "401", "777", "0", "-0", "00", "01", "3.", "3.0", "3.00", "3.5",
    "-3.0", "3e0", "3E1", "3.0e0", "30.", "-", "-.5", ".5", "+3", "/3", "3/", "0.0", "-0.0", "99.5", "99.49", "-1.5",
    "-1.6", "123456789012345", "1234567890123456", "12345678901234567890", "1000000000000000", "1000000000000001",
    "0.123456789012345", "3.0000000000000000", "-73.98513031005859", "40.75", "2e", "\"\"", "\"Ada\"", "\"Adam\"",
    "\"Ad\"", "\"A\\u0064a\"", "\"Ada\\n\"", "\"\\\"\"", "\"\\\\\"", "\"\\/\"", "\"é\"", "\"\u{7f}\"", "\"\0\"",
    "\"\t\"", "\"\\ud800\"", "\"\\udbff\\udfff\"", "true", "false", "truex", "tru", "null", "nulll", "nul", "[]", "[ ]",
    "[1,2]", "[1,2,3]", "[\"a\"]", "[\"a\",1]", "[\"a\" ,\"b\"]", "[1,]", "{}", "{\"a\":1,\"a\":2}", "{\"a\":1.0}",
    "[[1]]", "",
];

/// Strings that are no UTF-8, and some that are.
const BYTES: [&[u8]; 12] = [
    b"\"\xc3\"",
    b"\"\xe9\"",
    b"\"abcdefghijklmn\xc3\"",
    b"\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xe2\x82\"",
    b"\"\xed\xa0\x80\"",
    b"\"\xf4\x90\x80\x80\"",
    b"\"\xc0\x80\"",
    b"\"\xe2\x82\"",
    b"\"\xf0\x9f\x98\x80\"",
    b"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xff\"",
    b"\"\xf0\x9f\x98\"",
    b"\"\\\xc3\xa9\"",
];

/// What stands between values then.
#[rustfmt::skip]
const BETWEEN: [&str; 34] = [
    ",\"n\" :", ", \"n\":", ",\"n\":", "{\"n\":", ",\"s\":", "{ ,\"n\":", ",,\"n\":", ",\"\\u006e\":", ",\"n\0\":",
    ",\"n\\\"\":", ",\"\":", ",\"\0\":", ",\"é\":", ",\"e\u{301}\":", "}", "]", " }", "}}", "]}", ",}", ",]", "} x",
    "}{}", "}\r", "} \r", "\u{feff}{\"n\":", ",\"abcdefgh\":", ",\"abcdefgh\0\":", ",\"abcdefghj\":",
    ",\"abcdefghijklmnoq\":", ",\"abcdefghijklmnopqrstuvwxyz013\":", ",\"n", ",\"n\"", ";",
];

/// Lines of one kind, in which few things are others.
fn lines(chance: &mut Chance, count: usize) -> Vec<u8> {
    let base = *chance.pick(&BASES);
    let mut values: Vec<&[u8]> = Vec::new();
    for _ in 0..6 {
        values.push(match chance.below(15) {
            0 => *chance.pick(&BYTES),
            _ => chance.pick(&VALUES).as_bytes(),
        });
    }
    let between: Vec<_> = (0..2).map(|_| *chance.pick(&BETWEEN)).collect();
    let rare = 2 + chance.below(8);
    let mut lines = Vec::new();
    for _ in 0..count {
        let start = lines.len();
        for (at, part) in base.iter().enumerate() {
            lines.extend_from_slice(match at % 2 {
                1 if chance.below(rare) == 0 => values[chance.below(values.len())],
                0 if chance.below(rare * 12) == 0 => chance.pick(&between).as_bytes(),
                _ => part.as_bytes(),
            });
        }
        if chance.below(rare * 10) == 0 {
            let length = chance.below(lines.len() - start);
            lines.truncate(start + length);
        }
        let end: &[u8] = match chance.below(60) {
            0 => b"\r\n",
            1 => b" \n",
            2 => b"\n\n",
            _ => b"\n",
        };
        lines.extend_from_slice(end);
    }
    lines
}

#[test]
fn records_that_are_nearly_alike_are_so_in_all_tiers() {
    let mut chance = Chance::new(number("SEED", 26) as u64);
    let (mut failed, mut all) = (0, 0);
    for round in 0..number("ROUNDS", 60) {
        let (schema, program) = (*chance.pick(&SCHEMAS), *chance.pick(&PROGRAMS));
        let limits = *chance.pick(&["", "\"nesting\":2,", "\"record\":70,", ""]);
        let input = lines(&mut chance, 200);
        let opening = |tiers: &str| {
            format!(
                r#"{{"abi":1,"input":"ndjson","output":"ndjson","limits":{{{limits}"output":100000000,"log":0}},"config":{{"schema":{schema},"jq":{program},"tiers":"{tiers}"}}}}"#
            )
        };
        let general = in_pieces(&opening("general"), &input, usize::MAX);
        failed += general.failures.len();
        all += general.finished;
        for (tiers, size) in [("exact", usize::MAX), ("all", usize::MAX), ("all", 1 + chance.below(4000))] {
            let fast = in_pieces(&opening(tiers), &input, size);
            let parts = general.failures.iter().zip(&fast.failures).find(|(one, other)| one != other);
            assert_eq!(parts, None, "round {round} {}", opening(tiers));
            assert_eq!(fast, general, "round {round} {}", opening(tiers));
        }
    }
    // Neither all of them nor none, or it would say nothing.
    assert!(all / 20 < failed && failed < all * 9 / 10, "{failed} of {all}");
}
