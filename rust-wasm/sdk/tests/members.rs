//! Members of structs: what may be missing, what is left, and what they are called.

#![allow(non_snake_case, reason = "names as others have them")]

mod kit;

use kit::{opened, shows};
use std::borrow::Cow;
use std::collections::BTreeMap;
use wasmrecords::prelude::*;

#[derive(Record)]
struct Any<'a> {
    value: Value,
    maybe: Option<Value>,
    #[record(default)]
    other: Value,
    raw: Option<Raw<&'a str>>,
    id: u8,
}

#[transform]
fn any(any: Any<'_>) -> Any<'_> {
    any
}

#[derive(Record)]
struct Nothing {
    nothing: (),
    boxed: Box<Option<u8>>,
}

#[transform]
fn nothing(nothing: Nothing) -> Nothing {
    nothing
}

#[derive(Record)]
struct OfRaw {
    raw: Raw,
}

#[transform]
fn of_raw(record: OfRaw) -> Raw {
    record.raw
}

#[test]
fn a_member_that_takes_null_must_be_there() {
    let outcome = opened("any", "null", "{\"id\": 1}\n{\"id\": 1, \"value\": null}\n{\"value\": [1]}\n");
    let id = "missing the required property \"id\"";
    let failures =
        [("required", "$", 0, "missing the required property \"value\""), ("required", "$", 35, id)];
    shows(&outcome, "{\"value\":null,\"maybe\":null,\"other\":null,\"raw\":null,\"id\":1}\n", &failures);
    let outcome = opened("nothing", "null", "{}\n{\"nothing\": null}\n");
    let failures = [("required", "$", 0, "missing the required property \"nothing\"")];
    shows(&outcome, "{\"nothing\":null,\"boxed\":null}\n", &failures);
    let outcome = opened("of_raw", "null", "{}\n{\"raw\": { } }\n");
    shows(&outcome, "{}\n", &[("required", "$", 0, "missing the required property \"raw\"")]);
}

#[derive(Record)]
struct Place {
    lat: f64,
    #[record(flatten)]
    more: Height,
}

#[derive(Record)]
struct Height {
    height: Option<u8>,
}

#[derive(Record)]
struct Whole<'a, const N: usize> {
    #[record(flatten)]
    place: Place,
    id: [u8; N],
    #[record(flatten)]
    rest: BTreeMap<&'a str, Option<u8>>,
}

#[transform]
fn whole(mut whole: Whole<'_, 1>) -> Whole<'_, 1> {
    whole.rest.retain(|_, value| *value != Some(0));
    whole
}

#[derive(Config)]
struct Settings {
    least: u8,
    #[config(flatten)]
    further: BTreeMap<String, u8>,
}

#[transform]
fn set(number: u8, settings: &Settings) -> Option<u64> {
    (number >= settings.least).then(|| settings.further.values().map(|value| u64::from(*value)).sum())
}

#[test]
fn a_map_takes_what_is_left() {
    let input = "{\"z\": 1, \"lat\": 1, \"a\\u006e\": null, \"id\": [7], \"zero\": 0, \"b\": 2}\n{\"lat\": 2, \"id\": [0]}\n";
    let output = "{\"lat\":1,\"height\":null,\"id\":[7],\"an\":null,\"b\":2,\"z\":1}\n{\"lat\":2,\"height\":null,\"id\":[0]}\n";
    shows(&opened("whole", "null", input), output, &[]);
    let failures = [
        ("type", "$.z", 6, "expected integer or null, found string"),
        ("duplicate", "$.z", 18, "the property \"z\" stands there twice"),
        ("duplicate", "$.lat", 43, "the property \"lat\" stands there twice"),
        ("required", "$", 55, "missing the required property \"id\""),
    ];
    let input = "{\"z\": \"1\"}\n{\"z\": 1,\"z\": 2, \"b\": \"1\"}\n{\"lat\": 1, \"lat\": 2}\n{\"z\": 1, \"lat\": 1}\n";
    let outcome = opened("whole", "null", input);
    let found: Vec<_> = outcome
        .failures
        .iter()
        .map(|(_, failure)| (&*failure.code, &*failure.path, &*failure.message))
        .collect();
    assert_eq!(found, failures.map(|(code, path, _, message)| (code, path, message)));
    shows(&opened("set", "{\"least\": 2, \"a\": 3, \"b\": 4}", "1\n2\n"), "7\n", &[]);
}

#[derive(Record)]
struct Visit<'a> {
    country: &'a str,
    #[record(flatten)]
    rest: BTreeMap<&'a str, Raw<&'a str>>,
}

#[derive(Record)]
struct Named<'a> {
    #[record(flatten)]
    name: Name<'a>,
    #[record(flatten)]
    rest: Rest<'a>,
}

#[derive(Record)]
struct Name<'a> {
    name: &'a str,
}

#[derive(Record)]
struct Rest<'a> {
    height: Option<u8>,
    #[record(flatten)]
    rest: BTreeMap<&'a str, Raw<&'a str>>,
}

#[transform]
fn named(visit: Visit<'_>) -> Named<'_> {
    let rest = Rest { height: None, rest: visit.rest };
    Named { name: Name { name: visit.country }, rest }
}

#[test]
fn no_member_is_written_twice() {
    let input = "{\"country\": \"de\", \"a\": 1.0}\n{\"name\": 1, \"country\": \"de\"}\n{\"country\": \"\", \"height\": 1}\n";
    let output = "{\"name\":\"de\",\"height\":null,\"a\":1.0}\n";
    let message = |name| {
        format!("the output has the property \"{name}\" twice: in a field, and in a map with `flatten`")
    };
    let failures = [("duplicate", "$", 28, &*message("name")), ("duplicate", "$", 57, &*message("height"))];
    shows(&opened("named", "null", input), output, &failures);
}

#[derive(Record)]
#[record(rename_all = "UPPERCASE")]
struct Loud {
    min_age: Size,
}

#[derive(Record)]
#[record(rename_all = "lowercase")]
enum Size {
    VerySmall,
    #[record(rename = "LARGE")]
    Large,
}

#[derive(Record)]
#[record(rename_all = "lowercase")]
struct Quiet {
    min_age: Size,
    userID: u8,
}

#[transform]
fn loud(loud: Loud) -> Quiet {
    Quiet { min_age: loud.min_age, userID: 1 }
}

#[test]
fn styles_are_serdes() {
    let input = "{\"MIN_AGE\": \"verysmall\"}\n{\"MIN_AGE\": \"LARGE\"}\n";
    let output = "{\"min_age\":\"verysmall\",\"userID\":1}\n{\"min_age\":\"LARGE\",\"userID\":1}\n";
    shows(&opened("loud", "null", input), output, &[]);
}

#[transform]
fn numbers(single: f32) -> Value {
    let numbers = [
        Value::from(-1),
        Value::from(255_u8),
        Value::from(u64::MAX),
        Value::from(7_u64),
        Value::from(single),
        Value::from(0.5),
    ];
    numbers.into_iter().collect()
}

#[test]
fn numbers_of_all_types_are_values() {
    shows(&opened("numbers", "null", "0.1\n"), "[-1,255,18446744073709551615,7,0.1,0.5]\n", &[]);
}

#[cfg(feature = "serde")]
mod of_serde {
    use super::*;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Event {
        Click { x: u8 },
    }

    #[derive(Record)]
    struct Seen {
        id: u8,
        events: Vec<Option<Json<Event>>>,
    }

    #[transform]
    fn seen(seen: Seen) -> u8 {
        let sum = |event: Json<Event>| match event.0 {
            Event::Click { x } => x,
        };
        seen.id + seen.events.into_iter().flatten().map(sum).sum::<u8>()
    }

    #[test]
    fn paths_begin_at_the_record() {
        let input = "{\"id\":1,\"events\":[null, {\"kind\":\"click\",\"x\":2}]}\n{\"id\":1,\"events\":[null, {\"kind\":\"clik\"}]}\n{\"id\":1,\"events\":[{\"x\":1}]}\n{\"id\":1}\n";
        let outcome = opened("seen", "null", input);
        let failures = [
            ("type", "$.events[1].kind", 81, "unknown variant `clik`, expected `click`"),
            ("type", "$.events[0]", 109, "missing field `kind`"),
            ("required", "$", 119, "missing the required property \"events\""),
        ];
        shows(&outcome, "3\n", &failures);
    }
}

/// Each type of a text takes a literal; `__text` is a name as any other.
#[derive(Record)]
#[allow(clippy::box_collection, clippy::redundant_allocation, reason = "all that may be written")]
struct Texts<'a> {
    #[record(default = "a")]
    borrowed: &'a str,
    #[record(default = "b")]
    either: Cow<'a, str>,
    #[record(default = "c")]
    maybe: Option<&'a str>,
    #[record(default = "d")]
    maybe_owned: Option<String>,
    #[record(default = "e")]
    boxed: Box<String>,
    #[record(default = "f")]
    boxed_borrowed: Box<&'a str>,
    #[record(default = "g")]
    deep: Option<Box<Cow<'a, str>>>,
    #[record(default = "h")]
    value: Value,
    #[record(default = "i", rename = "text")]
    __text: String,
    #[record(skip, default = "j")]
    skipped: &'a str,
}

#[transform]
fn texts(texts: Texts<'_>) -> (Texts<'_>, String) {
    let skipped = texts.skipped.to_owned();
    (texts, skipped)
}

#[test]
fn a_literal_is_a_text_of_any_type() {
    let empty = opened("texts", "null", "{}\n{\"borrowed\": \"x\\n\", \"maybe\": null}\n");
    let others =
        r#""maybe_owned":"d","boxed":"e","boxed_borrowed":"f","deep":"g","value":"h","text":"i"},"j"]"#;
    let output = format!(
        "[{{\"borrowed\":\"a\",\"either\":\"b\",\"maybe\":\"c\",{others}\n\
         [{{\"borrowed\":\"x\\n\",\"either\":\"b\",\"maybe\":null,{others}\n"
    );
    shows(&empty, &output, &[]);
}

/// A name in an attribute is written as the same one in a map.
#[derive(Record)]
struct Controls {
    #[record(rename = "\n\r\t\u{8}\u{c}\u{1}\u{7f}\"\\")]
    all: u8,
    map: BTreeMap<String, u8>,
}

#[transform]
fn controls(controls: Controls) -> Controls {
    controls
}

#[test]
fn a_name_is_written_in_one_way() {
    let name = r#""\n\r\t\b\f\u0001\u007f\"\\""#;
    let text = format!("{{{name}:1,\"map\":{{{name}:2}}}}\n");
    shows(&opened("controls", "null", &text), &text, &[]);
}

/// A failure that no shape tells.
#[derive(Record)]
struct Singles {
    b3: BTreeMap<String, f32>,
    id: Option<u32>,
}

#[transform]
fn singles(singles: Singles) -> Singles {
    singles
}

#[test]
fn numbers_out_of_range_have_a_place() {
    let input = "{\"b3\":{\"a\\\"b\":3.4028236e38}}\n{\"b3\":{},\"id\":1e308}\n{\"b3\":{},\"id\":1.5}\n";
    let failures = [
        ("number", r#"$.b3["a\"b"]"#, 14, "expected a number within the range of a 32-bit float"),
        ("maximum", "$.id", 43, "expected at most 4294967295, found 1e308"),
        ("type", "$.id", 64, "expected integer, found 1.5"),
    ];
    shows(&opened("singles", "null", input), "", &failures);
}
