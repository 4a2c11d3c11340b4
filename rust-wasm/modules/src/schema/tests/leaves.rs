//! Schemas that say more than rules have.

use super::schema as compiled;
use wasmrecords_engine::rule::Rule;
use wasmrecords_json::parse;

/// The keyword and its place, empty if there is a rule.
fn left(text: &str, formats: bool) -> String {
    match Rule::new(&parse(text.as_bytes(), 128).unwrap(), formats) {
        Ok(_) => String::new(),
        Err(leaves) => format!("{} {}", leaves.keyword, leaves.path),
    }
}

#[test]
fn schemas_that_have_a_rule() {
    for text in [
        "true",
        "false",
        r#"{"type":"string","format":"email","title":"T","x-own":{"not":1}}"#,
        r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"http://x/"}"#,
        r#"{"$schema":"http://json-schema.org/draft-04/schema#","id":"http://x/","type":"integer"}"#,
        r##"{"$ref":"#/$defs/a~1b","$defs":{"a/b":{"$ref":"#/$defs/c"},"c":{"type":"null"}}}"##,
        r##"{"$ref":"#/$defs/a","title":"T","$defs":{"a":true,"id":{"type":"string"}}}"##,
        r##"{"$ref":"#/$defs/id","$defs":{"id":{"type":"string"}}}"##,
        r#"{"anyOf":[{"type":"integer"},{"type":"null"}],"default":null}"#,
        r#"{"uniqueItems":false,"additionalProperties":{}}"#,
        r#"{"uniqueItems":true,"items":{"type":"string"}}"#,
        r#"{"enum":["a",1,1.5,null,true]}"#,
    ] {
        compiled(text);
        assert_eq!(left(text, false), "", "{text}");
    }
}

#[test]
fn schemas_that_say_more_are_left_to_the_validator() {
    for (text, expected) in [
        (r#"{"properties":{"a":{"uniqueItems":true}}}"#, "uniqueItems #/properties/a/uniqueItems"),
        (r#"{"items":{"type":["string","null"]},"uniqueItems":true}"#, "uniqueItems #/uniqueItems"),
        (r#"{"items":{"properties":{"a/b":{"not":{}}}}}"#, "not #/items/properties/a~1b/not"),
        (r#"{"enum":["a",[]]}"#, "enum #/enum"),
        (r#"{"const":{"a":1}}"#, "const #/const"),
        (r#"{"enum":[1234567890123456]}"#, "enum #/enum"),
        (r#"{"minimum":9007199254740993.0}"#, "minimum #/minimum"),
        (r#"{"multipleOf":1e-20}"#, "multipleOf #/multipleOf"),
        (r#"{"pattern":"^(?=a)"}"#, "pattern #/pattern"),
        (r#"{"properties":{"a\"b":true}}"#, r#"a"b #/properties/a"b"#),
        (r#"{"required":["b"],"additionalProperties":false}"#, "required #/required"),
        (r#"{"additionalProperties":{"type":"null"}}"#, "additionalProperties #/additionalProperties"),
        (
            r##"{"$ref":"#/$defs/a","$defs":{"a":{"items":{"$ref":"#/$defs/a"}}}}"##,
            "$ref #/$defs/a/items/$ref",
        ),
        (r##"{"properties":{"a":{"$ref":"#"}}}"##, "$ref #/properties/a/$ref"),
        (r##"{"items":{"$ref":"#a"},"$defs":{"a":{"$anchor":"a"}}}"##, "$ref #/items/$ref"),
        (r##"{"$ref":"#/$defs/a","$defs":{"a":true},"minimum":1}"##, "$ref #/$ref"),
        (r#"{"items":{"$id":"http://x/y"}}"#, "$id #/items/$id"),
        (
            r##"{"$ref":"#/$defs/a/$defs/b","$defs":{"a":{"$id":"http://x/y","$defs":{"b":true}}}}"##,
            "$ref #/$ref",
        ),
        (r#"{"anyOf":[{"type":"integer"},{"type":"number"}]}"#, "anyOf #/anyOf"),
        (r#"{"anyOf":[{"type":"integer"},{"minimum":2}]}"#, "anyOf #/anyOf"),
        (r#"{"anyOf":[{"type":"integer"}],"minimum":2}"#, "anyOf #/anyOf"),
        (r#"{"anyOf":[{"type":"integer"}],"oneOf":[true]}"#, "oneOf #/oneOf"),
        (r#"{"$schema":"http://json-schema.org/draft-07/schema#","items":[true]}"#, "items #/items"),
        (
            r#"{"$schema":"http://json-schema.org/draft-07/schema#","contentEncoding":"base64"}"#,
            "contentEncoding #/contentEncoding",
        ),
    ] {
        compiled(text);
        assert_eq!(left(text, false), expected, "{text}");
    }
    assert_eq!(left(r#"{"items":{"format":"email"}}"#, true), "format #/items/format");
}

#[test]
fn schemas_that_grow_by_references_are_left_to_the_validator() {
    // Each level holds the next one twice.
    let levels: Vec<String> = (0..40)
        .map(|level| {
            let next = format!(r##"{{"$ref":"#/$defs/{}"}}"##, level + 1);
            format!(r#""{level}":{{"properties":{{"a":{next},"b":{next}}}}}"#)
        })
        .collect();
    let text = format!(r##"{{"$ref":"#/$defs/0","$defs":{{{},"40":true}}}}"##, levels.join(","));
    assert_ne!(left(&text, false), "");
}
