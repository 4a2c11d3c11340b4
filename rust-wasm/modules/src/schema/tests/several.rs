//! All errors of a record, where each stands in the schema, and formats that refuse.

use super::super::{MOST_ERRORS, Schema, Settings};
use super::checked;

fn told(schema: &str, record: &str, settings: &Settings<'_>) -> Vec<String> {
    let schema = Schema::compile(schema.as_bytes(), settings).unwrap_or_else(|e| panic!("{schema}: {e:?}"));
    let Err(mut first) = checked(&schema, record) else { return Vec::new() };
    let further = std::mem::take(&mut first.further);
    let all = std::iter::once(first).chain(further);
    all.map(|failure| format!("{} {} {}", failure.code, failure.path, failure.rule)).collect()
}

#[test]
fn each_error_is_told_with_its_places() {
    let all = Settings { all: true, ..Settings::default() };
    let schema = r##"{"required":["a","b"],"properties":{"c":{"items":{"$ref":"#/$defs/d"}},"e~/":false},
        "dependentSchemas":{"c":{"minProperties":4}},"$defs":{"d":{"$id":"http://x/d","type":"string"}}}"##;
    let mut found = told(schema, r#"{"c":["x",1,2],"e~/":0}"#, &all);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            "false $.e~/ #/properties/e~0~1",
            "minProperties $ #/dependentSchemas/c/minProperties",
            "required $ #/required",
            "required $ #/required",
            "type $.c[1] #/$defs/d/type",
            "type $.c[2] #/$defs/d/type",
        ]
        .map(|line| line.replace("$.e~/", r#"$["e~/"]"#))
    );
    assert_eq!(told(schema, r#"{"a":1,"b":2}"#, &all), [""; 0]);
    assert_eq!(told(schema, r#"{"c":[1]}"#, &Settings::default()).len(), 1);
}

#[test]
fn what_is_behind_the_bound_is_counted() {
    let all = Settings { all: true, ..Settings::default() };
    let schema = Schema::compile(br#"{"items":{"type":"string"}}"#, &all).unwrap();
    let record = format!("[{}]", vec!["1"; MOST_ERRORS + 5].join(","));
    let failure = checked(&schema, &record).unwrap_err();
    assert_eq!(failure.further.len(), MOST_ERRORS);
    let last = failure.further.last().unwrap();
    assert_eq!((last.code.as_ref(), last.message.as_str()), ("more", "5 more errors are not listed"));
}

#[test]
fn formats_refuse_if_they_are_asked_to() {
    let formats = Settings { formats: true, ..Settings::default() };
    for (format, good, bad) in [
        ("date", "2024-02-29", "2023-02-29"),
        ("time", "10:00:00Z", "10:00"),
        ("date-time", "2024-02-29T10:00:00Z", "2024-02-29"),
        ("duration", "P1D", "1D"),
        ("email", "a@example.com", "a"),
        ("idn-email", "ä@exämple.com", "ä"),
        ("hostname", "example.com", "exämple.com"),
        ("idn-hostname", "exämple.com", "-ä.com"),
        ("ipv4", "127.0.0.1", "127.0.0.256"),
        ("ipv6", "::1", "::g"),
        ("uri", "http://a/b", "b"),
        ("uri-reference", "b", "\\\\\\\\b"),
        ("iri", "http://ä/b", "ä"),
        ("iri-reference", "ä", "\\\\\\\\b"),
        ("uri-template", "/{a}", "/{a"),
        ("json-pointer", "/a", "a"),
        ("relative-json-pointer", "0#", "#"),
        ("regex", "^a$", "(a"),
        ("uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08"),
    ] {
        let schema = format!(r#"{{"format":"{format}"}}"#);
        assert_eq!(told(&schema, &format!("\"{good}\""), &formats), [""; 0], "{format}");
        assert_eq!(told(&schema, &format!("\"{bad}\""), &formats), ["format $ #/format"], "{format}");
        assert_eq!(told(&schema, &format!("\"{bad}\""), &Settings::default()), [""; 0], "{format}");
    }
}
