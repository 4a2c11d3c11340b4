//! Documents that come with a schema.

use super::super::{Schema, Settings};
use super::checked;
use wasmrecords::Failure;

fn settings<'t>(documents: &[(&'t str, &'t str)], missing: &[(&str, &str)]) -> Settings<'t> {
    let owned = |(uri, why): &(&str, &str)| ((*uri).to_owned(), (*why).to_owned());
    Settings {
        base: Some("schema:///top/user.json"),
        documents: documents.iter().map(|(uri, text)| (*uri, text.as_bytes())).collect(),
        missing: missing.iter().map(owned).collect(),
        ..Settings::default()
    }
}

fn refused(schema: &str, settings: &Settings<'_>) -> Failure {
    Schema::compile(schema.as_bytes(), settings).err().unwrap_or_else(|| panic!("{schema} compiles"))
}

#[test]
fn references_lead_from_document_to_document() {
    let all = settings(
        &[
            ("schema:///top/a/b.json", r#"{"$id":"http://x/b","$defs":{"c":{"$ref":"c.json"}}}"#),
            ("http://x/c.json", r##"{"$anchor":"d","items":{"$ref":"schema:///top/user.json"}}"##),
            (
                "schema:///top/old.json",
                r#"{"$schema":"http://json-schema.org/draft-04/schema#","id":"http://x/old",
                "minimum":3,"exclusiveMinimum":true}"#,
            ),
        ],
        &[],
    );
    let schema = r##"{"properties":{"a":{"$ref":"a/b.json#/$defs/c"},"b":{"$ref":"http://x/c.json#d"},
        "c":{"$ref":"http://x/old"}},"type":"object"}"##;
    let schema = Schema::compile(schema.as_bytes(), &all).unwrap();
    for (record, expected) in [
        (r#"{"a":[{},3]}"#, "type $.a[1] #/type"),
        (r#"{"b":[{"a":[1]}]}"#, "type $.b[0].a[0] #/type"),
        (r#"{"c":3}"#, "exclusiveMinimum $.c top/old.json#/minimum"),
    ] {
        let failure = checked(&schema, record).unwrap_err();
        assert_eq!(format!("{} {} {}", failure.code, failure.path, failure.rule), expected, "{record}");
    }
    assert!(checked(&schema, r#"{"a":[{}],"b":[],"c":3.5}"#).is_ok());
}

#[test]
fn what_is_missing_is_told_where_it_is_wanted() {
    let all = settings(
        &[("schema:///top/a.json", r#"{"items":{"$ref":"b.json"}}"#)],
        &[("schema:///top/b.json", "is not there")],
    );
    let failure = refused(r#"{"not":{"$ref":"a.json"}}"#, &all);
    assert_eq!(failure.message, r#"the reference "b.json" is not there"#);
    assert_eq!((&*failure.rule, failure.path.as_str()), ("schema:///top/a.json", r#"$.items["$ref"]"#));
    assert_eq!(failure.offset, 17);
}

#[test]
fn faults_of_documents_are_refused_with_their_place() {
    for (document, path, message) in [
        ("3", "$", "expected an object or a boolean, found number"),
        (r#"{"type":"sting"}"#, "$.type", r#"did you mean "string"?"#),
        (r#"{"a":{},"maximum":1e999}"#, "$.maximum", "within the range of a 64-bit float"),
        (r#"{"$schema":"http://x/y"}"#, r#"$["$schema"]"#, "expected one of"),
        (r#"{"properties":{"a":{"pattern":"(a"}}}"#, "$.properties.a.pattern", "unclosed group"),
        (r#"{"patternProperties":{"(a":true}}"#, r#"$.patternProperties["(a"]"#, "unclosed group"),
        (
            r##"{"$ref":"#/$defs/usr","$defs":{"user":{}}}"##,
            r#"$["$ref"]"#,
            r##"did you mean "#/$defs/user"?"##,
        ),
        (r##"{"$ref":"#x"}"##, r#"$["$ref"]"#, "has no such `$anchor`"),
        (r#"{"allOf":[{"$ref":"a.json"}]}"#, r#"$.allOf[0]["$ref"]"#, "leads back to itself"),
        (r#"{"a" 3}"#, "$.a", "expected"),
    ] {
        let all = settings(&[("schema:///top/a.json", document)], &[]);
        let failure = refused(r#"{"items":{"$ref":"a.json"}}"#, &all);
        assert!(failure.message.contains(message), "{document}: {}", failure.message);
        // A circle is told where it is first met.
        let (rule, path) = match message {
            "leads back to itself" => ("", r#"$.items["$ref"]"#),
            _ => ("schema:///top/a.json", path),
        };
        assert_eq!((&*failure.rule, failure.path.as_str()), (rule, path), "{document}");
    }
}

#[test]
fn a_meta_schema_in_hand_says_what_a_schema_may_be() {
    let meta = r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"http://x/meta","$dynamicAnchor":"meta",
        "allOf":[{"$ref":"https://json-schema.org/draft/2020-12/schema"}],"required":["title"]}"#;
    let all = settings(&[("http://x/meta", meta)], &[]);
    let failure = refused(r#"{"$schema":"http://x/meta","type":"string"}"#, &all);
    assert_eq!(
        (failure.path.as_str(), failure.message.as_str()),
        ("$", "missing the required property \"title\"")
    );
    let failure = refused(r#"{"$schema":"http://x/meta","title":"a","type":"sting"}"#, &all);
    assert_eq!(failure.path, "$.type");
    let schema =
        Schema::compile(br#"{"$schema":"http://x/meta","title":"a","type":"string"}"#, &all).unwrap();
    assert_eq!(checked(&schema, "1").unwrap_err().code, "type");
    // Its own draft is that of the meta-schema.
    let old = r#"{"$schema":"http://json-schema.org/draft-04/schema#","id":"http://x/old","type":"object"}"#;
    let all = settings(&[("http://x/old", old)], &[]);
    let schema = br#"{"$schema":"http://x/old","minimum":3,"exclusiveMinimum":true}"#;
    assert_eq!(checked(&Schema::compile(schema, &all).unwrap(), "3").unwrap_err().code, "exclusiveMinimum");
}
