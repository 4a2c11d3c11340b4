//! Typed records by the fast engine and by the cursor over the text: outputs and failures have to be the same.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use wasmrecords::prelude::*;
use wasmrecords::testing::{Chosen, Outcome, run};
use wasmrecords::{Bytes, Raw, Value};

#[derive(Record)]
#[record(rename_all = "lowercase")]
enum Level {
    Low,
    High,
}

#[derive(Record)]
struct Inner<'a> {
    text: &'a str,
    float: f64,
    deep: Deep,
}

#[derive(Record)]
struct Deep {
    byte: u8,
    maybe: Option<i16>,
}

/// All kinds of members, in and out.
#[derive(Record)]
struct All<'a> {
    id: u32,
    small: i8,
    large: i64,
    natural: u64,
    float: f64,
    single: f32,
    flag: bool,
    text: &'a str,
    owned: String,
    level: Level,
    strings: Vec<&'a str>,
    numbers: Vec<f64>,
    pair: (u8, &'a str),
    map: BTreeMap<String, u8>,
    inner: Inner<'a>,
    apart: Option<Deep>,
    boxed: Box<Deep>,
    bytes: Bytes,
    maybe: Option<&'a str>,
    maybe_level: Option<Level>,
    maybe_strings: Option<Vec<&'a str>>,
    #[record(default = 7)]
    defaulted: u16,
    #[record(default)]
    defaulted_text: String,
    raw: Raw<&'a str>,
    value: Value,
}

#[transform]
fn all(record: All<'_>) -> Option<All<'_>> {
    (record.id % 7 != 3).then_some(record)
}

/// What the learned tier reads in most records without a look at more than its place.
#[derive(Record)]
struct Plain<'a> {
    id: u32,
    small: i8,
    natural: u64,
    float: f64,
    flag: bool,
    text: &'a str,
    owned: String,
    level: Level,
    strings: Vec<&'a str>,
    inner: Inner<'a>,
    maybe: Option<&'a str>,
    #[record(default = 7)]
    defaulted: u16,
}

#[transform]
fn plain(record: Plain<'_>) -> Option<Plain<'_>> {
    (record.id % 7 != 3).then_some(record)
}

static CALLS: AtomicUsize = AtomicUsize::new(0);

/// What can be told when it happens twice: with a log, and outputs one by one, of which one cannot be written.
#[transform]
fn careful<'a>(record: Plain<'a>, ctx: &mut Ctx<'_>) -> Result<Option<Plain<'a>>, Failure> {
    CALLS.fetch_add(1, Relaxed);
    ctx.log(record.id);
    if record.id % 7 == 3 {
        ctx.keep(&record.text)?;
        return Err(Failure::new("odd", format!("{} is odd", record.id)));
    }
    if record.id.is_multiple_of(5) {
        ctx.keep(&record.id)?;
        let failure = ctx.keep(&vec![1.5, f64::NAN]).expect_err("JSON has no such number");
        ctx.keep(&failure.message)?;
        ctx.emit(&failure.code, &record.small).expect_err("no output is called so");
    }
    Ok((record.id % 7 != 4).then_some(record))
}

/// Numbers that look like chance, the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Nearly always one of the first.
    fn first<'a>(&mut self, count: usize, of: &[&'a str]) -> &'a str {
        let count = if self.below(60) == 0 { of.len() } else { count };
        of[self.below(count)]
    }

    fn string(&mut self) -> &'static str {
        self.first(4, STRINGS)
    }
}

const STRINGS: &[&str] = &[
    r#""""#,
    r#""a""#,
    r#""Ann Smith, of 12 Long Street""#,
    r#""é ü 日本語""#,
    r#""a \"quoted\" word\n""#,
    r#""\u00e9\ud83d\ude00\/""#,
    r#""seven7\\""#,
    "\"\u{7f}\"",
];

/// Texts of values that are right for a member, and a few that are wrong.
fn value(name: &str, chance: &mut Chance, wrong: bool) -> String {
    const WRONG: &[&str] = &[
        "null",
        "true",
        "\"x\"",
        "1.5",
        "-1",
        "1e400",
        "99999999999999999999",
        "[]",
        "{}",
        "[1]",
        "[\"a\",2]",
    ];
    if wrong {
        return chance.one(WRONG).into();
    }
    let integer = |chance: &mut Chance, most: usize| {
        let value = chance.below(most);
        match chance.below(400) {
            0 => format!("{value}.0"),
            1 => format!("{value}e0"),
            _ => value.to_string(),
        }
    };
    let strings = |chance: &mut Chance| {
        let items: Vec<_> = (0..chance.below(4)).map(|_| chance.string()).collect();
        format!("[{}]", items.join(chance.first(1, &[",", ", "])))
    };
    let deep = |chance: &mut Chance| {
        let maybe = chance.first(2, &["", ",\"maybe\":-300", ",\"maybe\":null", ", \"maybe\":5"]);
        format!("{{\"byte\":{}{maybe}}}", chance.below(256))
    };
    let float = |chance: &mut Chance| {
        chance
            .first(6, &["0", "-0.0", "1", "21.5", "-101.238827", "0.1", "1e3", "-0", "123456789012345.678"])
            .to_owned()
    };
    match name {
        "id" => integer(chance, 4_000_000_000),
        "small" => (chance.below(256) as i64 - 128).to_string(),
        "large" => {
            chance.one(&["0", "-5", "9223372036854775807", "-9223372036854775808", "12.0", "77"]).into()
        }
        "natural" => chance.first(2, &["0", "123456789012345", "18446744073709551615", "1e2"]).into(),
        "float" | "single" => float(chance),
        "flag" => chance.one(&["true", "false"]).into(),
        "level" => chance.first(2, &["\"low\"", "\"high\"", "\"h\\u0069gh\""]).into(),
        "maybe_level" => chance.one(&["\"low\"", "null"]).into(),
        "strings" => strings(chance),
        "maybe_strings" if chance.below(3) > 0 => strings(chance),
        "numbers" => chance.one(&["[]", "[1,2.5]", "[-0.0, 1e2]"]).into(),
        "pair" => format!("[{},{}]", chance.below(256), chance.string()),
        "map" => chance
            .first(
                3,
                &["{}", "{\"a\":1}", "{\"b\":2, \"a\\n\":1}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}"],
            )
            .into(),
        "inner" => {
            format!("{{\"text\":{},\"float\":{},\"deep\":{}}}", chance.string(), float(chance), deep(chance))
        }
        "boxed" => deep(chance),
        "apart" if chance.below(3) > 0 => deep(chance),
        "bytes" => chance.one(&["\"\"", "\"AAEC\"", "\"YQ==\""]).into(),
        "maybe_strings" | "apart" => "null".into(),
        "maybe" if chance.below(3) == 0 => "null".into(),
        "text" | "owned" | "maybe" | "defaulted_text" => chance.string().into(),
        "defaulted" => integer(chance, 65_536),
        _ => chance
            .one(&[
                "null",
                "1.50",
                "\"a\\u0041\"",
                "[1, {\"a\": []}]",
                "{\"a\":1,\"b\":[true]}",
                "{\"a\":1,\"a\":[{\"b\":2,\"\\u0062\":3}]}",
            ])
            .into(),
    }
}

const NAMES: &[&str] = &[
    "id",
    "small",
    "large",
    "natural",
    "float",
    "single",
    "flag",
    "text",
    "owned",
    "level",
    "strings",
    "numbers",
    "pair",
    "map",
    "inner",
    "apart",
    "boxed",
    "bytes",
    "maybe",
    "maybe_level",
    "maybe_strings",
    "defaulted",
    "defaulted_text",
    "raw",
    "value",
];

const PLAIN: &[&str] = &[
    "id",
    "small",
    "natural",
    "float",
    "flag",
    "text",
    "owned",
    "level",
    "strings",
    "inner",
    "maybe",
    "defaulted",
];

/// A record that is mostly right, in a few shapes.
fn record(names: &[&str], chance: &mut Chance) -> String {
    let fault = if chance.below(12) == 0 { chance.below(names.len()) } else { usize::MAX };
    let how = chance.below(4);
    let mut members = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let optional = name.starts_with("maybe") || name.starts_with("default") || *name == "apart";
        if optional && chance.below(50) == 0 {
            continue;
        }
        let member = format!("\"{name}\":{}", value(name, chance, place == fault && how == 0));
        match (place == fault, how) {
            (true, 1) => {}
            (true, 2) => members.extend([member.clone(), member]),
            (true, 3) => members.push(member.replacen(':', "::", 1)),
            _ => members.push(member),
        }
    }
    match chance.below(50) {
        0 => members.swap(1, 2),
        1 => members.push("\"more\":{\"a\":[1,\"x\\t\"]}".into()),
        2 => members[0].insert(0, ' '),
        _ => {}
    }
    format!("{{{}}}", members.join(","))
}

fn outcome(transform: &str, fast: bool, input: &str) -> Outcome {
    // Where an output comes from is asked for: then all goes record by record.
    let opening = format!(
        r#"{{"abi": 1, "input": "ndjson", "output": "ndjson", "transform": "{transform}", "lineage": {}}}"#,
        !fast
    );
    Outcome { lineage: Vec::new(), ..run::<Chosen>(&opening, input.as_bytes()).unwrap() }
}

/// Members of several structs in one object.
#[derive(Record)]
struct Flat<'a> {
    id: u32,
    #[record(flatten)]
    rest: Rest<'a>,
    strings: Vec<&'a str>,
    #[record(flatten)]
    more: More,
    within: Option<Rest<'a>>,
}

#[derive(Record)]
struct Rest<'a> {
    text: &'a str,
    float: f64,
    inner: Option<Inner<'a>>,
}

#[derive(Record)]
struct More {
    small: Option<i8>,
    #[record(default = 7)]
    defaulted: u16,
    #[record(flatten)]
    flag: Flag,
}

#[derive(Record)]
struct Flag {
    flag: bool,
}

#[transform]
fn flat(record: Flat<'_>) -> Option<Flat<'_>> {
    (record.id % 7 != 3).then_some(record)
}

const FLAT: &[&str] = &["id", "text", "float", "inner", "strings", "small", "defaulted", "flag"];

/// The engine does not know which others are refused: lines are read one by one.
#[derive(Record)]
#[record(deny_unknown_fields)]
struct Closed<'a> {
    id: u32,
    text: &'a str,
    float: f64,
}

#[transform]
fn closed(record: Closed<'_>) -> Option<Closed<'_>> {
    (record.id % 7 != 3).then_some(record)
}

/// As many outputs as the number says.
#[transform]
fn many(record: Closed<'_>) -> impl Iterator<Item = u32> + use<> {
    let id = record.id;
    (0..id).map(move |_| id)
}

#[test]
fn lines_that_are_read_one_by_one_end_alike() {
    let mut lines: Vec<_> =
        (0..300).map(|id| format!("{{\"id\":{id},\"text\":\"a\\n\",\"float\":{}.5}}", id * 3)).collect();
    for (place, line) in [
        (7, ""),
        (8, " "),
        (9, "{\"id\":1}\r"),
        (10, " {\"id\":1,\"text\":\"\",\"float\":1}\r"),
        (50, "{"),
        (51, ""),
    ] {
        lines[place] = line.into();
    }
    let input = lines.join("\n");
    for transform in ["closed", "many"] {
        let (fast, slow) = (outcome(transform, true, &input), outcome(transform, false, &input));
        assert_eq!(fast, slow);
        assert!(fast.failures.len() == 2 && fast.output.len() > 1000);
    }
}

#[test]
fn outputs_without_an_end_fail() {
    let input = "{\"id\":4000000000,\"text\":\"\",\"float\":1}\n{\"id\":2,\"text\":\"\",\"float\":1}\n";
    let opening = r#"{"abi": 1, "input": "ndjson", "output": "ndjson", "transform": "many", "limits": {"output": 1000}}"#;
    let outcome = run::<Chosen>(opening, input.as_bytes()).unwrap();
    assert_eq!(outcome.output, b"2\n2\n");
    assert_eq!(outcome.failures.iter().map(|(_, failure)| &*failure.code).collect::<Vec<_>>(), ["output"]);
}

#[test]
fn what_can_be_told_happens_once() {
    let mut chance = Chance(5);
    for most in [300, 3000, 16 << 20] {
        let lines: Vec<_> = (0..1500).map(|_| record(PLAIN, &mut chance)).collect();
        let [(fast, calls), (slow, others)] = [false, true].map(|lineage| {
            let opening = format!(
                r#"{{"abi": 1, "input": "ndjson", "output": "ndjson", "transform": "careful", "lineage": {lineage},
                    "limits": {{"output": {most}, "log": 100000}}}}"#
            );
            CALLS.store(0, Relaxed);
            let outcome = run::<Chosen>(&opening, lines.join("\n").as_bytes()).unwrap();
            (Outcome { lineage: Vec::new(), ..outcome }, CALLS.load(Relaxed))
        });
        // A record that has to wait for the next batch logs there alone. One that fails logs too, if it could be read.
        let logged = fast.log.iter().filter(|byte| **byte == b'\n').count();
        let read = |failure: &Failure| failure.code == "odd" || failure.code == "output";
        let unread = fast.failures.iter().filter(|(_, failure)| !read(failure)).count();
        assert_eq!(logged, lines.len() - unread);
        assert_eq!(fast, slow);
        assert!(fast.failures.len() > 150 && fast.dropped > 100 && fast.output.len() > 100_000);
        // What does not fit behind others is made again for the next batch.
        assert!(calls == others || most < 1 << 20, "{calls} {others}");
    }
}

/// Nothing has to be there.
#[derive(Record)]
struct Maybe<'a> {
    byte: Option<u8>,
    text: Option<&'a str>,
    #[record(default)]
    float: f64,
    deep: Option<Deep>,
}

#[transform]
fn maybe(record: Maybe<'_>) -> Maybe<'_> {
    record
}

#[test]
fn what_may_be_missing_has_its_type() {
    let right = r#"{"byte":7,"text":"a","float":1.5,"deep":{"byte":1}}"#;
    let wrong = [
        r#"{"byte":"7","text":"a","float":1.5,"deep":{"byte":1}}"#,
        r#"{"byte":777,"text":"a","float":1.5,"deep":{"byte":1}}"#,
        r#"{"byte":7.5,"text":"a","float":1.5,"deep":{"byte":1}}"#,
        r#"{"byte":7,"text":5,"float":1.5,"deep":{"byte":1}}"#,
        r#"{"byte":7,"text":"a","float":true,"deep":{"byte":1}}"#,
        r#"{"byte":7,"text":"a","float":1.5,"deep":{"byte":"b"}}"#,
        r#"{"byte":7,"text":"a","float":1.5,"deep":{}}"#,
    ];
    let lines: Vec<_> = [right, "{}"].into_iter().chain(wrong).chain(["{}", "7", right]).collect();
    let input = lines.repeat(5).join("\n");
    let (fast, slow) = (outcome("maybe", true, &input), outcome("maybe", false, &input));
    assert_eq!(fast, slow);
    assert_eq!(fast.failures.len(), (wrong.len() + 1) * 5);
}

#[test]
fn both_roads_end_alike() {
    let rounds = std::env::var("ROUNDS").map_or(2, |rounds| rounds.parse().unwrap());
    let mut chance = Chance(std::env::var("SEED").map_or(1, |seed| seed.parse().unwrap()));
    for (transform, names) in [("all", NAMES), ("plain", PLAIN), ("flat", FLAT)].repeat(rounds) {
        let lines: Vec<_> = (0..1000).map(|_| record(names, &mut chance)).collect();
        let input = lines.join("\n");
        let (fast, slow) = (outcome(transform, true, &input), outcome(transform, false, &input));
        let outputs = |outcome: &Outcome| -> Vec<String> {
            String::from_utf8(outcome.output.clone()).unwrap().lines().map(str::to_owned).collect()
        };
        assert_eq!(fast.failures, slow.failures);
        for (fast, slow) in outputs(&fast).iter().zip(&outputs(&slow)) {
            assert_eq!(fast, slow);
        }
        assert_eq!(fast, slow);
        let (kept, failed) = (outputs(&fast).len(), fast.failures.len());
        assert!(kept > 500 && failed > 20, "{kept} {failed}");
    }
}
