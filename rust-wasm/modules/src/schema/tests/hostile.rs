//! Schemas and records that are made to break things.

use super::{Settings, checked, schema};
use wasmrecords_json::parse;

/// An instance has 512 KiB for calls and 1 MiB for what has an address; here both share one stack.
/// Without optimisation frames are several times as large.
fn in_small_stack(test: fn()) {
    let stack = if cfg!(debug_assertions) { 8 << 20 } else { 1536 << 10 };
    std::thread::Builder::new().stack_size(stack).spawn(test).unwrap().join().unwrap();
}

#[test]
fn a_search_that_never_ends_is_given_up() {
    let pattern = r#"^(a|a)*\\1$(?=b)"#;
    let text = format!("{}c", "a".repeat(50));
    for (schema_text, record, path) in [
        (format!(r#"{{"pattern":"{pattern}"}}"#), format!("\"{text}\""), "$"),
        (format!(r#"{{"items":{{"pattern":"{pattern}"}}}}"#), format!("[\"{text}\"]"), "$[0]"),
        (format!(r#"{{"patternProperties":{{"{pattern}":false}}}}"#), format!("{{\"{text}\":1}}"), "$"),
    ] {
        let failure = checked(&schema(&schema_text), &record).unwrap_err();
        assert_eq!((failure.code.as_ref(), failure.path.as_str()), ("pattern", path), "{schema_text}");
        let expected =
            r#"the search for the pattern "^(a|a)*\\1$(?=b)" was given up, it takes too many steps"#;
        assert_eq!(failure.message, expected);
    }
    // What is broken beside it is told instead, whatever the search would have found.
    let beside = format!(r#"{{"patternProperties":{{"{pattern}":true}},"required":["x"]}}"#);
    assert_eq!(checked(&schema(&beside), &format!("{{\"{text}\":1}}")).unwrap_err().code, "required");
    let items = r#"{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"pattern":"PATTERN"}],"additionalItems":false}"#;
    let record = format!("[\"{text}\",1]");
    assert_eq!(
        checked(&schema(&items.replace("PATTERN", pattern)), &record).unwrap_err().code,
        "additionalItems"
    );
}

#[test]
fn deep_records_on_schemas_that_refer_to_themselves() {
    in_small_stack(|| {
        for (text, open, close) in [
            (r##"{"items":{"$ref":"#"},"type":"array"}"##, "[", "]"),
            (r##"{"properties":{"a":{"$ref":"#"}},"type":"object"}"##, "{\"a\":", "}"),
            (r##"{"anyOf":[{"type":"array","items":{"$ref":"#"}},{"type":"null"}]}"##, "[", "]"),
            (r##"{"additionalProperties":{"allOf":[{"$ref":"#"}]},"type":"object"}"##, "{\"a\":", "}"),
            (r##"{"unevaluatedProperties":{"$ref":"#"},"type":"object"}"##, "{\"a\":", "}"),
            (r##"{"oneOf":[{"type":"array","items":{"$ref":"#"}},{"type":"null"}]}"##, "[", "]"),
            (r##"{"if":{"type":"array"},"then":{"items":{"$ref":"#"}},"else":{"type":"null"}}"##, "[", "]"),
        ] {
            let schema = schema(text);
            let record = format!("{}1{}", open.repeat(128), close.repeat(128));
            assert!(checked(&schema, &record).is_err(), "{text}");
        }
    });
}

#[test]
fn deep_schemas() {
    in_small_stack(|| {
        for (open, close) in [
            (r#"{"not":"#, "}"),
            (r#"{"items":"#, "}"),
            (r#"{"anyOf":["#, "]}"),
            (r#"{"properties":{"a":"#, "}}"),
            (r#"{"$defs":{"a":"#, "}}"),
            (r#"{"if":"#, "}"),
            (r#"{"dependentSchemas":{"a":"#, "}}"),
            (r#"{"const":["#, "]}"),
        ] {
            let levels = 128 / open.matches(['{', '[']).count();
            let levels = if open.contains("const") { 1 } else { levels };
            let text = format!("{}true{}", open.repeat(levels), close.repeat(levels));
            let compiled = super::Schema::compile(text.as_bytes(), &Settings::default());
            assert!(compiled.is_ok(), "{text}: {:?}", compiled.err());
            let _ = checked(&compiled.unwrap(), r#"{"a":[1]}"#);
            let text = format!("{}true{}", open.repeat(129), close.repeat(129));
            assert_eq!(
                super::Schema::compile(text.as_bytes(), &Settings::default()).err().unwrap().code,
                "nesting",
                "{open}"
            );
        }
    });
}

#[test]
fn long_chains_of_references() {
    in_small_stack(|| {
        let links: Vec<_> =
            (0..2000).map(|i| format!(r##""d{i}":{{"$ref":"#/$defs/d{}"}}"##, i + 1)).collect();
        let text = format!(
            r##"{{"$ref":"#/$defs/d0","$defs":{{{},"d2000":{{"type":"string"}}}}}}"##,
            links.join(",")
        );
        let compiled = super::Schema::compile(text.as_bytes(), &Settings::default());
        assert_eq!(checked(&compiled.unwrap(), "1").unwrap_err().code, "type");
    });
}

#[test]
fn large_records_are_not_copied_for_each_error() {
    let alternatives = vec![r#"{"required":["x"]}"#; 500].join(",");
    let schema = schema(&format!(r#"{{"anyOf":[{alternatives}]}}"#));
    let record = format!("{{\"a\":[{}]}}", vec!["1"; 200_000].join(","));
    let value = parse(record.as_bytes(), 9).unwrap();
    let failure = schema.check(&value, record.as_bytes(), None).unwrap_err();
    assert_eq!(failure.code, "anyOf");
    assert!(failure.message.len() < 300);
}

#[test]
fn ten_thousand_properties() {
    let members: Vec<_> =
        (0..10_000).map(|i| format!(r#""p{i}":{{"type":"integer","minimum":{i}}}"#)).collect();
    let schema =
        schema(&format!(r#"{{"properties":{{{}}},"additionalProperties":false}}"#, members.join(",")));
    let values: Vec<_> = (0..10_000).map(|i| format!(r#""p{i}":{i}"#)).collect();
    assert!(checked(&schema, &format!("{{{}}}", values.join(","))).is_ok());
    let failure = checked(&schema, &format!(r#"{{{},"p10000":1}}"#, values.join(","))).unwrap_err();
    assert_eq!((failure.code.as_ref(), failure.path.as_str()), ("additionalProperties", "$.p10000"));
    let failure = checked(&schema, r#"{"p9999":9998}"#).unwrap_err();
    assert_eq!((failure.code.as_ref(), &*failure.rule), ("minimum", "#/properties/p9999/minimum"));
}
