//! Failures that are learned against those of the validator.

use super::rule::{record, whole_schema};
use super::schema as compiled;
use crate::chance::Chance;
use crate::schema::{Schema, Settings};
use wasmrecords::Failure;
use wasmrecords_engine::rule::Broken;
use wasmrecords_engine::{Engine, Unfit};
use wasmrecords_json::parse;

/// What is broken in a record, as the engine tells it.
fn broken<'r, 't>(engine: &'r mut Engine, record: &'t str) -> Option<Broken<'r, 't>> {
    let unfit = engine.matches(record.as_bytes()).err()?;
    if unfit == Unfit::Schema { engine.broken(record.as_bytes()) } else { None }
}

/// The failure of a record, if it was learned.
fn told(schema: &Schema, engine: &mut Engine, record: &str) -> Option<Failure> {
    schema.tell(&broken(engine, record)?, record.as_bytes(), |told| told.into())
}

/// As many pairs: how many records failed, and how many of these failures were learned.
fn compare(seed: u64, schemas: usize, records: usize) -> (usize, usize) {
    let mut chance = Chance::new(seed);
    let (mut failed, mut learned) = (0, 0);
    for _ in 0..schemas {
        let text = whole_schema(&mut chance);
        let settings = Settings { all: chance.below(4) == 0, ..Settings::default() };
        let schema = Schema::compile(text.as_bytes(), &settings).unwrap();
        // Some of them ask for what no rule has.
        let Some(rule) = schema.rule() else { continue };
        let mut engine = Engine::new(rule, None, 4).unwrap();
        // Nothing is learned here.
        let general = Schema::compile(text.as_bytes(), &settings).unwrap();
        for _ in 0..records {
            let plain = chance.below(3) > 0;
            let record = record(&mut chance, 3, plain);
            let found = told(&schema, &mut engine, &record);
            let Ok(value) = parse(record.as_bytes(), 4) else {
                assert_eq!(found, None, "{record} on {text}");
                continue;
            };
            let expected = general.check(&value, record.as_bytes(), None).err();
            failed += usize::from(expected.is_some());
            learned += usize::from(found.is_some());
            match found {
                Some(found) => assert_eq!(Some(found), expected, "{record} on {text}"),
                None => {
                    let broken = broken(&mut engine, &record);
                    assert_eq!(schema.check(&value, record.as_bytes(), broken.as_ref()).err(), expected);
                }
            }
        }
    }
    (failed, learned)
}

#[test]
fn learned_failures_are_the_validators() {
    let (failed, learned) = compare(11, 500, 100);
    assert!(learned * 4 > failed, "{learned} of {failed}");
}

#[test]
#[ignore = "takes minutes"]
fn millions_of_learned_failures_are_the_validators() {
    for seed in 200..250 {
        let (failed, learned) = compare(seed, 1_000, 200);
        assert!(learned * 4 > failed, "{learned} of {failed}");
    }
}

#[test]
fn one_failure_teaches_the_next() {
    let schema = compiled(
        r##"{"type":"object","required":["id","on"],"properties":{
            "id":{"type":"integer","minimum":1},"on":{"type":"boolean"},"name":{"$ref":"#/$defs/name"},
            "tags":{"items":{"enum":["a","b"]}}},"$defs":{"name":{"type":["string","null"],"maxLength":3}}}"##,
    );
    let mut engine = Engine::new(schema.rule().unwrap(), None, 4).unwrap();
    for (first, second, expected) in [
        (
            r#"{"id":0,"on":true}"#,
            r#"{"on":true, "id":-5}"#,
            "minimum $.id 17 #/properties/id/minimum: expected at least 1, found -5",
        ),
        (
            r#"{"id":1.5,"on":true}"#,
            r#"{"id":2.5,"on":true}"#,
            "type $.id 6 #/properties/id/type: expected integer, found 2.5",
        ),
        (
            r#"{"id":"x","on":true}"#,
            r#"{"id":"","on":true}"#,
            "type $.id 6 #/properties/id/type: expected integer, found string",
        ),
        (
            r#"{"id":{"a":1},"on":true}"#,
            r#"{"id":{},"on":true}"#,
            "type $.id 6 #/properties/id/type: expected integer, found object",
        ),
        (r#"{"id":1}"#, r#" {"id":2}"#, "required $ 1 #/required: missing the required property \"on\""),
        (
            r#"{"id":1,"on":1,"name":null}"#,
            r#"{"id":1,"on":22}"#,
            "type $.on 13 #/properties/on/type: expected boolean, found number",
        ),
        (
            r#"{"id":1,"on":true,"name":"long"}"#,
            r#"{"id":1,"on":true,"name":"größe"}"#,
            "maxLength $.name 25 #/$defs/name/maxLength: expected at most 3 characters, found 5",
        ),
        (
            r#"{"id":1,"on":true,"tags":["c"]}"#,
            r#"{"id":1,"on":true,"tags":["a","b","é"]}"#,
            "enum $.tags[2] 34 #/properties/tags/items/enum: expected one of \"a\", \"b\", found \"é\"",
        ),
    ] {
        assert_eq!(told(&schema, &mut engine, first), None, "{first}");
        let value = parse(first.as_bytes(), 4).unwrap();
        let found = broken(&mut engine, first);
        schema.check(&value, first.as_bytes(), found.as_ref()).unwrap_err();
        let failure = told(&schema, &mut engine, second).expect(second);
        let found = format!(
            "{} {} {} {}: {}",
            failure.code, failure.path, failure.offset, failure.rule, failure.message
        );
        assert_eq!(found, expected);
    }
    // Two things are wrong, one is not certain, or it is no JSON.
    for other in [
        r#"{"id":0,"on":0}"#,
        r#"{"id":0}"#,
        "{}",
        r#"{"id":0e0,"on":true}"#,
        r#"{"id":0,"id":0,"on":true}"#,
        r#"{"id":0,"\u0069d":0,"on":true}"#,
        r#"{"id":0,"on":true}}"#,
        r#"{"id":0,"on":tru}"#,
        r#"{"id":0,"on":true,"x":[[[[]]]]}"#,
        r#"{"id":1,"on":true}"#,
    ] {
        assert_eq!(told(&schema, &mut engine, other), None, "{other}");
    }
}
