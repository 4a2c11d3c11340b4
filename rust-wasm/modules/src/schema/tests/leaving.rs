//! Which keywords are named as not for rules.

use super::super::leaves;
use wasmrecords_json::parse;

#[test]
fn all_that_leave() {
    let schema = r##"{
        "type": "object", "not": {"required": ["a"]}, "uniqueItems": true,
        "properties": {"a/b": {"allOf": [{}]}, "c": {"$ref": "#/$defs/c"}, "d": {"anyOf": [{"if": true}, true]}},
        "$defs": {"c": {"type": "string", "contains": 1}}
    }"##;
    let found = leaves(&parse(schema.as_bytes(), 100).unwrap(), false);
    let mut paths: Vec<_> = found.iter().map(|leaves| leaves.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "#/$defs/c/contains",
            "#/not",
            "#/properties/a~1b/allOf",
            "#/properties/d/anyOf",
            "#/properties/d/anyOf/0/if",
            "#/uniqueItems"
        ]
    );
    assert!(found.iter().all(|leaves| !leaves.keyword.is_empty() && !leaves.hint.is_empty()));
}

#[test]
fn none_and_very_many() {
    let count = |schema: &str, formats| leaves(&parse(schema.as_bytes(), 100).unwrap(), formats).len();
    assert_eq!(count("true", true), 0);
    assert_eq!(count(r#"{"format": "date"}"#, false), 0);
    assert_eq!(count(r#"{"format": "date"}"#, true), 1);
    let many: Vec<_> = (0..30).map(|at| format!(r#""p{at}": {{"not": {{}}}}"#)).collect();
    assert_eq!(count(&format!(r#"{{"properties": {{{}}}}}"#, many.join(",")), false), 20);
    // One schema for each item: there is no keyword to take away.
    assert_eq!(count(r#"{"$schema": "http://json-schema.org/draft-07/schema#", "items": [true]}"#, false), 1);
}
