//! Records of a few shapes of which many fail, each by one thing or two: the tiers against the general engine.

use super::{in_pieces, mutated, number};
use crate::chance::Chance;

const SCHEMAS: [&str; 5] = [
    r##"{"type":"object","properties":{
        "id":{"type":"integer","minimum":0,"maximum":4294967295},"name":{"type":"string"},"on":{"type":"boolean"},
        "score":{"type":"number","maximum":99.5},"tags":{"type":"array","items":{"type":"string"}},
        "geo":{"type":"object","required":["lon","lat"],"properties":{"lat":{"type":"number"},"lon":{"type":"number"},
            "in":{"type":"object","required":["a","b"],"properties":{"a":{},"b":{"type":"integer"}}}}},
        "note":{"type":["string","null"]},"a name that is longer than what is looked at behind a fault":{"type":"string"}},
        "required":["score","id","on","name","tags"]}"##,
    r##"{"required":["id","name","on","geo"],"properties":{
        "id":{"type":"integer"},"name":{"enum":["Ada","é",""]},"on":{"const":true},"score":{"type":["number","null"]},
        "tags":{"type":"array","items":{"type":"string","maxLength":3},"maxItems":2},
        "geo":{"properties":{"lat":{"exclusiveMinimum":-9.5},"in":{"type":"object"}},"required":["lat"]},
        "note":{"type":"string","pattern":"^[a-z ]*$"}}}"##,
    r##"{"type":"object","additionalProperties":false,"required":["id","on"],"properties":{
        "id":{"$ref":"#/$defs/id"},"name":{"type":"string","minLength":1},"on":{"type":"boolean"},"score":{"type":"number"},
        "tags":{"items":{"type":["string","null"]},"uniqueItems":false},"geo":{"type":"object","required":["in","lat"],
            "properties":{"lat":{},"lon":{"type":"integer"},"in":{"properties":{"b":{"type":["integer","array"]}}}}},
        "note":true},"$defs":{"id":{"type":["integer","string"],"minimum":1}}}"##,
    r##"{"type":"array","items":{"type":"integer"}}"##,
    "true",
];

const PROGRAMS: [&str; 6] = [
    "null",
    r#"".""#,
    r#""select(.id >= 3) | {id, name}""#,
    r#""{geo, tags, s: (.score + 1)}""#,
    r#""select(.on) | .tags[]""#,
    r#""del(.geo) | .note""#,
];

/// Values, of which each is wrong somewhere.
const VALUES: [&str; 24] = [
    "-1",
    "7",
    "1.0",
    "1e3",
    "-0",
    "99.75",
    "5000000000",
    "12345678901234567890",
    "\"\"",
    "\"Ada\"",
    "\"é\"",
    "\"é\\n\\\"\"",
    "\"\\u0041da\"",
    "\"four and twenty blackbirds, baked in a pie, and then some more of them\"",
    "true",
    "false",
    "null",
    "[]",
    "[\"a\",7]",
    "[\"a\",{\"b\":null}]",
    "{}",
    "{\"a\":{\"b\":[1]}}",
    "[[[[[]]]]]",
    "\"\u{7f}\"",
];

/// What is no value, or nothing that may stand here.
const FAULTS: [&str; 24] = [
    "True",
    "nul",
    "tru",
    "NaN",
    "-Infinity",
    "+1",
    "01",
    "1.",
    ".5",
    "-",
    "1e",
    "'a'",
    "\"a\\x\"",
    "\"\\u12g4\"",
    "\"\\ud800\"",
    "\"\\ud800\\u0041\"",
    "\"tab\t\"",
    "\"open",
    "//",
    "",
    "[1,]",
    "{\"a\":1,}",
    "[1 2]",
    "{\"a\" 1}",
];

enum Node {
    Text(String),
    Object(Vec<(&'static str, Node)>),
}

impl Node {
    fn write(&self, comma: &str, out: &mut String) {
        match self {
            Node::Text(text) => out.push_str(text),
            Node::Object(members) => {
                out.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    out.push_str(if at > 0 { comma } else { "" });
                    out.push_str(&format!("\"{name}\":"));
                    value.write(comma, out);
                }
                out.push('}');
            }
        }
    }

    /// Changes something in it.
    fn change(&mut self, chance: &mut Chance) {
        let Node::Object(members) = self else {
            let from: &[&str] = if chance.below(3) == 0 { &FAULTS } else { &VALUES };
            *self = Node::Text((*chance.pick(from)).to_owned());
            return;
        };
        if members.is_empty() || chance.below(40) == 0 {
            return *self = Node::Text((*chance.pick(&VALUES)).to_owned());
        }
        let at = chance.below(members.len());
        match chance.below(12) {
            0..=2 => drop(members.remove(at)),
            3 => members.truncate(at),
            4 => members.swap(0, at),
            5 => {
                let text = Node::Text((*chance.pick(&VALUES)).to_owned());
                members.insert(at, (*chance.pick(&["id", "geo", "x", "\\u0069d", "b c"]), text));
            }
            _ => members[at].1.change(chance),
        }
    }
}

fn sound(chance: &mut Chance) -> Node {
    let text = |text: &str| Node::Text(text.to_owned());
    let lat = text(chance.pick::<&str>(&["1", "-9.25", "12.125"]));
    let mut geo = vec![("lat", lat), ("lon", text("3"))];
    if chance.below(2) == 0 {
        geo.push(("in", Node::Object(vec![("a", text("null")), ("b", text("2"))])));
    }
    let mut members = vec![
        ("id", text(chance.pick::<&str>(&["1", "7", "4000000000"]))),
        ("name", text(chance.pick::<&str>(&["\"Ada\"", "\"é\""]))),
        ("on", text("true")),
        ("score", text(chance.pick::<&str>(&["1", "98.5", "0.25"]))),
        ("tags", text(chance.pick::<&str>(&["[]", "[\"a\"]", "[\"b\",\"é\"]"]))),
        ("geo", Node::Object(geo)),
    ];
    if chance.below(3) > 0 {
        members.push(("note", text(chance.pick::<&str>(&["\"a b\"", "\"\"", "\"x\""]))));
    }
    if chance.below(8) == 0 {
        members.push(("a name that is longer than what is looked at behind a fault", text("\"x\"")));
    }
    Node::Object(members)
}

fn lines(chance: &mut Chance, count: usize, arrays: bool) -> Vec<u8> {
    let (mut out, faults) = (Vec::new(), 2 + chance.below(10));
    let comma = *chance.pick(&[",", ",", ", "]);
    let end = *chance.pick(&["\n", "\n", "\r\n"]);
    for _ in 0..count {
        let mut record = if arrays { Node::Text("[1,2,3]".to_owned()) } else { sound(chance) };
        let mut text = String::new();
        if chance.below(faults) == 0 {
            for _ in 0..=chance.below(10) / 8 {
                record.change(chance);
            }
        }
        record.write(comma, &mut text);
        let bytes = match chance.below(faults * 8) {
            0 if !text.is_empty() => mutated(chance, &text),
            1 => text.into_bytes().into_iter().take(chance.below(8)).collect(),
            2 => [text.as_bytes(), chance.pick(&["x", " {}", "}", "\r", "# a", "\u{feff}"]).as_bytes()]
                .concat(),
            3 => [chance.pick(&["\u{feff}", "\t", "{", "[", ","]).as_bytes(), text.as_bytes()].concat(),
            _ => text.into_bytes(),
        };
        out.extend(bytes.into_iter().filter(|byte| *byte != b'\n'));
        out.extend(end.bytes());
        if chance.below(40) == 0 {
            out.extend(chance.pick(&["\n", " \r\n"]).bytes());
        }
    }
    out
}

#[test]
fn records_that_fail_do_so_alike_in_all_tiers() {
    let mut chance = Chance::new(number("SEED", 16) as u64);
    let (mut failed, mut all) = (0, 0);
    for round in 0..number("ROUNDS", 60) {
        let at = chance.below(SCHEMAS.len() * 4) % SCHEMAS.len();
        let (schema, program) = (SCHEMAS[at], chance.pick(&PROGRAMS));
        let input = lines(&mut chance, 200, at == 3);
        let limits = format!(
            r#""nesting":{},"record":{},"output":1000000,"log":0"#,
            if chance.below(4) == 0 { 1 + chance.below(4) } else { 100 },
            if chance.below(4) == 0 { 40 + chance.below(200) } else { 10_000 },
        );
        let errors = chance.below(4) == 0;
        let opening = |tiers: &str| {
            format!(
                r#"{{"abi":1,"input":"ndjson","output":"ndjson","limits":{{{limits}}},"config":{{"schema":{schema},"jq":{program},"all_errors":{errors},"tiers":"{tiers}"}}}}"#
            )
        };
        let general = in_pieces(&opening("general"), &input, usize::MAX);
        (failed, all) = (failed + general.failures.len(), all + general.finished);
        for (tiers, size) in [("exact", usize::MAX), ("all", usize::MAX), ("all", 1 + chance.below(4000))] {
            let fast = in_pieces(&opening(tiers), &input, size);
            let parts = general.failures.iter().zip(&fast.failures).find(|(one, other)| one != other);
            assert_eq!(parts, None, "round {round} {}", opening(tiers));
            assert_eq!(fast, general, "round {round} {}", opening(tiers));
        }
    }
    println!("{failed} of {all}");
    assert!(failed * 8 > all && failed < all * 3 / 4, "{failed} of {all}");
}
