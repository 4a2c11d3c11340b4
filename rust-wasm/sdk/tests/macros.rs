//! Transforms as people write them: by a plain function and its types.

mod kit;

use kit::{opened, shows};
use std::collections::BTreeMap;
use wasmrecords::prelude::*;
use wasmrecords::read_path;
use wasmrecords::testing::{Chosen, Outcome, run};

#[derive(Record)]
struct Person<'a> {
    id: u32,
    name: &'a str,
    email: Option<&'a str>,
    age: u8,
    tags: Vec<&'a str>,
}

#[derive(Record)]
struct Out<'a> {
    id: u32,
    name: &'a str,
}

#[derive(Config)]
struct Options {
    /// Younger people are dropped.
    #[config(default = 18)]
    min_age: u8,
}

#[transform]
fn adults<'a>(person: Person<'a>, options: &Options) -> Option<Out<'a>> {
    assert!(person.tags.len() < 9 && person.email != Some("?"));
    (person.age >= options.min_age).then_some(Out { id: person.id, name: person.name })
}

#[test]
fn an_option_filters() {
    let input = br#"{"id": 1, "name": "Ann", "email": null, "age": 36, "tags": ["a"]}
{"id": 2, "name": "Bob", "age": 17, "tags": [], "more": {"a": [1, 2.5e3, "x"]}}
{"id": 3, "name": "C\u00e9\n", "age": 18, "tags": []}
"#;
    let outcome = opened("adults", "null", input);
    shows(&outcome, "{\"id\":1,\"name\":\"Ann\"}\n{\"id\":3,\"name\":\"Cé\\n\"}\n", &[]);
    assert_eq!((outcome.finished, outcome.dropped), (3, 1));
    shows(&opened("adults", r#"{"min_age": 100}"#, input), "", &[]);
}

#[test]
fn what_is_wrong_has_a_place() {
    for (record, code, path, offset, message) in [
        (r#"{"id": "1"}"#, "type", "$.id", 7, "expected integer, found string"),
        (r#"{"id": 1.5}"#, "type", "$.id", 7, "expected integer, found 1.5"),
        (r#"{"id": 4294967296}"#, "maximum", "$.id", 7, "expected at most 4294967295, found 4294967296"),
        (r#"{"id": -1}"#, "minimum", "$.id", 7, "expected at least 0, found -1"),
        (r#"{"id": 1, "id": 2}"#, "duplicate", "$.id", 10, "the property \"id\" stands there twice"),
        (r#"{"id": 1}"#, "required", "$", 0, "missing the required property \"name\""),
        (r#" {"id": 1, "name": null}"#, "type", "$.name", 19, "expected string, found null"),
        (r#"{"email": 7}"#, "type", "$.email", 10, "expected string or null, found number"),
        (r#"{"tags": ["a", 7]}"#, "type", "$.tags[1]", 15, "expected string, found number"),
        (r#"[]"#, "type", "$", 0, "expected object, found array"),
        (r#"{"id": 01}"#, "json", "$.id", 8, "a number must not have a leading zero, found `1` after `0`"),
    ] {
        shows(&opened("adults", "{}", record.as_bytes()), "", &[(code, path, offset, message)]);
    }
    let broken = b"{\"id\": 1, \"name\": \"\xff\"}";
    shows(&opened("adults", "{}", broken), "", &[("utf8", "$.name", 19, "expected UTF-8, found byte 0xff")]);
}

#[derive(Record)]
struct Counted {
    words: BTreeMap<String, u8>,
}

#[transform]
fn counts(given: Counted) -> Counted {
    given
}

#[test]
fn a_name_of_many_may_stand_once() {
    for count in [1, 12, 13, 40] {
        let names = (0..count).map(|at| format!(r#""n{at}":1"#)).collect::<Vec<_>>().join(",");
        let ran =
            |more: &str| opened("counts", "null", format!("{{\"words\":{{{names}{more}}}}}\n").as_bytes());
        assert!(ran("").failures.is_empty());
        // Before what else is wrong, or behind it.
        for (more, code, path) in [
            (r#","n0":2,"large":256"#, "duplicate", "$.words.n0"),
            (r#","large":256,"n0":2"#, "maximum", "$.words.large"),
        ] {
            let outcome = ran(more);
            let [(_, failure)] = &outcome.failures[..] else { panic!("{count}{more}") };
            assert_eq!((&*failure.code, &*failure.path), (code, path));
        }
    }
}

#[derive(Record, Debug, PartialEq, Clone, Copy)]
#[record(rename_all = "kebab-case")]
enum Color {
    DeepRed,
    #[record(rename = "g")]
    Green,
}

#[derive(Record)]
struct Place {
    #[record(rename = "lat")]
    latitude: f64,
    #[record(default)]
    height: f32,
}

#[derive(Record)]
#[record(rename_all = "camelCase", deny_unknown_fields)]
struct Order<T> {
    order_id: u64,
    #[record(flatten)]
    place: Place,
    color: Option<Color>,
    items: Vec<T>,
    #[record(default = "none")]
    note: String,
    #[record(skip)]
    seen: usize,
}

/// Every line of an order is a record of its own.
#[transform(capabilities = ["log"])]
fn lines(
    order: Order<(String, i64)>,
    ctx: &mut Ctx,
) -> Result<impl Iterator<Item = (u64, String, i64)> + use<>, std::num::ParseIntError> {
    ctx.log(format_args!("order {}, {:?}", order.order_id, order.color));
    let Order { order_id, items, note, place, seen, .. } = order;
    let times: i64 = if note == "none" { 1 } else { note.parse()? };
    assert!(seen == 0 && place.latitude < 1e9 && place.height < 1e9);
    Ok(items.into_iter().map(move |(name, count)| (order_id, name, count * times)))
}

#[test]
fn attributes_iterators_errors_and_the_log() {
    let input = br#"{"orderId": 7, "lat": 1.5, "color": "deep-red", "items": [["a", 2], ["b\"", -3]]}
{"orderId": 8, "lat": 1.5, "items": []}
{"orderId": 9, "lat": 1.5, "color": "g", "note": "10", "height": 2, "items": [["a", 2]]}
{"orderId": 9, "lat": 1.5, "note": "x", "items": []}
{"orderId": 9, "lat": 1.5, "colour": "g"}
{"orderId": 9, "lat": 1e999}
{"orderId": 9, "color": "gr"}
{"orderId": 9, "items": [["a"]]}
{"lat": 1, "lat": 1}
{"orderId": 9, "items": []}
"#;
    let outcome = opened("lines", "null", input);
    let output = "[7,\"a\",2]\n[7,\"b\\\"\",-3]\n[9,\"a\",20]\n";
    let failures = [
        ("error", "$", 211, "invalid digit found in string"),
        ("additionalProperties", "$.colour", 301, "unexpected property \"colour\"; did you mean \"color\"?"),
        ("number", "$.lat", 328, "expected a number within the range of a 64-bit float, found 1e999"),
        ("enum", "$.color", 359, "expected one of \"deep-red\", \"g\", found \"gr\"; did you mean \"g\"?"),
        ("minItems", "$.items[0]", 390, "expected 2 items, found 1"),
        ("duplicate", "$.lat", 409, "the property \"lat\" stands there twice"),
        ("required", "$", 419, "missing the required property \"lat\""),
    ];
    shows(&outcome, output, &failures);
    assert_eq!((outcome.finished, outcome.dropped), (10, 1));
}

#[function]
fn multiply(a: i64, b: i64) -> i64 {
    a * b
}

/// Nothing at all.
#[function]
fn nothing() {}

#[function]
fn joined(parts: Vec<&str>, by: Option<Color>) -> Result<String, Failure> {
    if parts.is_empty() {
        Err(Failure::new("empty", "no parts"))
    } else {
        Ok(parts.join(if by.is_some() { "+" } else { "" }))
    }
}

fn called(function: &str, input: &[u8]) -> Outcome {
    let opening = format!(r#"{{"abi": 1, "input": "ndjson", "output": "ndjson", "function": "{function}"}}"#);
    run::<Chosen>(&opening, input).unwrap()
}

#[test]
fn functions_take_arguments() {
    shows(&called("multiply", b"[6, 7]\n[-3,1e1]\n"), "42\n-30\n", &[]);
    let failures = [
        ("minItems", "$", 0, "expected 2 items, found 1"),
        ("maxItems", "$", 4, "expected 2 items, found 3"),
        ("type", "$[1]", 16, "expected integer, found string"),
    ];
    shows(&called("multiply", b"[1]\n[1,2,3]\n[1, \"7\"]\n"), "", &failures);
    shows(&called("nothing", b"[]\n"), "null\n", &[]);
    shows(
        &called("joined", b"[[\"a\", \"b\"], null]\n[[\"a\", \"b\"], \"g\"]\n[[],null]"),
        "\"ab\"\n\"a+b\"\n",
        &[("empty", "$", 37, "no parts")],
    );
}

#[test]
fn what_is_not_there_cannot_be_chosen() {
    for (chosen, message) in [
        (
            "\"transform\": \"adult\"",
            "no transform is called adult: there are adults, counts, endless, lines, overflowing, raw, record, rolled, silent, sorted, untyped, words",
        ),
        ("\"function\": \"add\"", "no function is called add: there are joined, mean, multiply, nothing"),
        (
            "\"later\": 1",
            "this module has several transforms, choose one: adults, counts, endless, lines, overflowing, raw, record, rolled, silent, sorted, untyped, words",
        ),
    ] {
        let opening = format!(r#"{{"abi": 1, "input": "ndjson", "output": "ndjson", {chosen}}}"#);
        let failure = run::<Chosen>(&opening, b"").unwrap_err();
        assert_eq!((&*failure.code, &*failure.message), ("opening", message));
    }
    let opening = r#"{"abi": 1, "input": "ndjson", "output": "ndjson", "transform": "adults", "config": {"min_aeg": 3}}"#;
    let failure = run::<Chosen>(opening, b"").unwrap_err();
    assert_eq!((&*failure.code, &*failure.path), ("config", "$.min_aeg"));
    assert_eq!(failure.message, "unexpected property \"min_aeg\"; did you mean \"min_age\"?");
}

/// Sums up per word, and says so early when there are many.
#[derive(Default)]
struct Words(std::collections::BTreeMap<String, u64>);

#[derive(Record)]
struct Count<'a> {
    word: &'a str,
    #[record(default = 1)]
    times: u64,
}

#[aggregate]
impl Aggregate for Words {
    type Input<'text> = Count<'text>;
    type Output = std::collections::BTreeMap<String, u64>;
    type Options = NoConfig;

    fn open(_: NoConfig) -> Self {
        Words::default()
    }

    fn add(&mut self, count: Count<'_>, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        *self.0.entry(count.word.to_owned()).or_default() += count.times;
        if self.0.len() > 2 { self.flush(ctx) } else { Ok(()) }
    }

    fn flush(&mut self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        ctx.keep(&std::mem::take(&mut self.0))
    }
}

#[test]
fn an_aggregate_takes_in_and_gives_out() {
    let input = b"{\"word\": \"a\"}\n{\"word\": \"b\", \"times\": 2}\n{\"word\": 1}\n{\"word\": \"c\"}\n{\"word\": \"a\"}\n";
    let outcome = opened("words", "null", input);
    let failures = [("type", "$.word", 49, "expected string, found number")];
    shows(&outcome, "{\"a\":1,\"b\":2,\"c\":1}\n{\"a\":1}\n", &failures);
    assert_eq!((outcome.finished, outcome.dropped), (5, 0));
}

#[test]
fn what_an_aggregate_gave_out_before_leaves_room_for_more() {
    let opening = r#"{"abi": 1, "input": "ndjson", "output": "ndjson", "config": null, "transform": "words", "limits": {"output": 200}}"#;
    let (mut input, mut lengths) = (String::new(), Vec::new());
    for turn in 0..20 {
        // Some 90 bytes come out of three records, and then 120.
        let length = 25 + turn % 2 * 10;
        for letter in ["a", "b", "c"] {
            input += &format!("{{\"word\": \"{}\"}}\n", letter.repeat(length));
        }
        lengths.push(3 * (length + 5) + 1);
    }
    let outcome = run::<Chosen>(opening, input.as_bytes()).unwrap();
    assert_eq!(outcome.failures, []);
    let found: Vec<_> =
        outcome.output.split(|byte| *byte == b'\n').map(<[u8]>::len).filter(|length| *length > 3).collect();
    assert_eq!(found, lengths);
}

#[transform]
fn untyped(mut record: Value) -> Result<Value, Failure> {
    let path = read_path("$.secret[0]")?;
    if record.take(&path).is_none() {
        return Err(Failure { path: "$.secret".into(), ..Failure::new("secret", "no secret") });
    }
    record.set(&read_path("$.seen")?, Value::from(true));
    Ok(record)
}

#[derive(Record)]
struct Message<'a> {
    body: Raw<&'a str>,
    data: Option<Bytes>,
}

#[transform]
fn raw(message: Message<'_>) -> Vec<Raw> {
    let length = message.data.map_or(0, |data| data.len());
    vec![Raw(message.body.0.to_owned()), Raw(format!("{length}"))]
}

#[test]
fn values_texts_and_bytes() {
    let outcome = opened("untyped", "null", b"{\"secret\": [1, 1e400], \"b\": 1.0}\n{\"secret\": []}\n");
    shows(
        &outcome,
        "{\"secret\":[1e400],\"b\":1.0,\"seen\":true}\n",
        &[("secret", "$.secret", 33, "no secret")],
    );
    let outcome = opened(
        "raw",
        "null",
        b"{\"body\": { \"a\" : [1 , 2] } , \"data\": \"AAEC\"}\n{\"body\": 1, \"data\": \"A\"}\n",
    );
    let failures = [("contentEncoding", "$.data", 65, "expected base64, found \"A\"")];
    shows(&outcome, "{\"a\":[1,2]}\n3\n", &failures);
}

/// Never ends by itself.
#[transform]
fn endless(record: u32) -> impl Iterator<Item = u32> {
    std::iter::repeat(record)
}

/// Takes in, and gives out nothing.
struct Silent;

#[aggregate]
impl Aggregate for Silent {
    type Input<'text> = u32;
    type Output = u32;
    type Options = NoConfig;

    fn open(_: NoConfig) -> Self {
        Silent
    }

    fn add(&mut self, _: u32, _: &mut Ctx<'_>) -> Result<(), Failure> {
        Ok(())
    }

    fn flush(&mut self, _: &mut Ctx<'_>) -> Result<(), Failure> {
        Ok(())
    }
}

#[test]
fn too_much_and_nothing_at_all() {
    let opening = r#"{"abi": 1, "input": "ndjson", "output": "ndjson", "transform": "endless", "limits": {"output": 99}}"#;
    let outcome = run::<Chosen>(opening, b"1\n2\n").unwrap();
    let message = "the record's output is larger than 99 bytes";
    shows(&outcome, "", &[("output", "$", 0, message), ("output", "$", 2, message)]);
    let outcome = opened("silent", "null", b"1\n2\n\"x\"\n");
    shows(&outcome, "", &[("type", "$", 4, "expected integer, found string")]);
    assert_eq!((outcome.finished, outcome.dropped), (3, 0));
}

#[transform(capabilities = ["clock", "random"])]
fn rolled(_: u8, ctx: &mut Ctx<'_>) -> Result<(u64, u64), Failure> {
    Ok((ctx.clock()?.as_secs(), ctx.random()?))
}

#[test]
fn clock_and_random() {
    let outcome = opened("rolled", "null", b"1\n2\n");
    let output = String::from_utf8(outcome.output).unwrap();
    let lines: Vec<Vec<u64>> = output
        .lines()
        .map(|line| line.trim_matches(['[', ']']).split(',').map(|number| number.parse().unwrap()).collect())
        .collect();
    assert!(lines.iter().all(|line| line[0] > 1_700_000_000) && lines[0][1] != lines[1][1]);
}

/// Names that the macros could have meant themselves.
#[derive(Record)]
struct Partial<'a> {
    text: &'a str,
    slots: Box<Inner>,
    #[record(default)]
    reader: f32,
}

#[derive(Record)]
struct Inner {
    partial: u8,
}

#[transform]
fn record(record: Partial<'_>) -> Vec<(String, u8)> {
    vec![(record.text.to_owned(), record.slots.partial + record.reader as u8)]
}

#[function]
fn mean(mean: f64, ctx: f64) -> f64 {
    (mean + ctx) / 2.0
}

#[test]
fn names_of_people_are_their_own() {
    let input = b"{\"text\": \"a\", \"slots\": {\"partial\": 1}}\n{\"text\": \"\", \"slots\": {\"partial\": 1}, \"reader\": 1e300}\n";
    let failures = [("number", "$.reader", 87, "expected a number within the range of a 32-bit float")];
    shows(&opened("record", "null", input), "[\"a\",1]\n", &failures);
    shows(&called("mean", b"[1, 2]\n"), "1.5\n", &[]);
}

/// Says which numbers are even and which ones are too large, and passes the small ones on.
#[transform(outputs = ["even", "large"])]
fn sorted(record: i64, ctx: &mut Ctx) -> Result<Option<i64>, Failure> {
    if record % 2 == 0 {
        ctx.emit("even", &record)?;
    }
    if record > 5 {
        let name = if record == 7 { "seven" } else { "large" };
        ctx.emit(name, &(record, "large"))?;
        ctx.emit("even", &Value::from(false))?;
    }
    if record < 0 { Err(Failure::new("negative", "below zero")) } else { Ok((record <= 5).then_some(record)) }
}

#[test]
fn outputs_with_names() {
    let opening =
        r#"{"abi": 1, "input": "ndjson", "output": "ndjson", "transform": "sorted", "lineage": true}"#;
    let outcome = run::<Chosen>(opening, b"1\n-2\n6\n7\nx\n2\n").unwrap();
    let failures = [
        ("negative", "$", 2, "below zero"),
        ("undeclared", "$", 7, "no output is called `seven`: `outputs = [...]` has to name it"),
        ("json", "$", 9, "expected a value, found `x`"),
    ];
    shows(&outcome, "1\n2\n", &failures);
    // What only goes to other outputs is dropped; what fails is in none.
    assert_eq!((outcome.finished, outcome.dropped), (6, 1));
    assert_eq!(outcome.outputs["even"], b"6\nfalse\n2\n");
    assert_eq!(outcome.outputs["large"], b"[6,\"large\"]\n");
    assert_eq!(outcome.lineage, [(0, 0), (2, 1), (2, 2), (2, 1), (5, 1), (5, 0)]);
    let opening = opening.replace("\"output\": \"ndjson\"", "\"output\": \"pretty\"");
    let outcome = run::<Chosen>(&opening, b"6\n2\n4").unwrap();
    assert_eq!(outcome.output, b"  2,\n  4");
    assert_eq!(outcome.outputs["even"], b"  6,\n  false,\n  2,\n  4");
}

/// Keeps the sum, and says each time what went over 10.
struct Overflowing(i64);

#[aggregate(outputs = ["over"])]
impl Aggregate for Overflowing {
    type Input<'text> = i64;
    type Output = i64;
    type Options = NoConfig;

    fn open(_: NoConfig) -> Self {
        Overflowing(0)
    }

    fn add(&mut self, number: i64, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        ctx.emit("over", &number)?;
        if number <= 10 {
            return Err(Failure::new("small", "not over 10"));
        }
        self.0 += number;
        Ok(())
    }

    fn flush(&mut self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        ctx.emit("over", &"the end")?;
        ctx.keep(&self.0)
    }
}

#[test]
fn an_aggregate_has_outputs_with_names() {
    let outcome = opened("overflowing", "null", b"11\n3\n12\n");
    shows(&outcome, "23\n", &[("small", "$", 3, "not over 10")]);
    assert_eq!((outcome.finished, outcome.dropped), (3, 0));
    assert_eq!(outcome.outputs["over"], b"11\n12\n\"the end\"\n");
}
