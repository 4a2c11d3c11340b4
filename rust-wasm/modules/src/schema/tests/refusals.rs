//! Schemas that are refused: where, and what is said.

use super::{Schema, Settings, schema};

const DRAFTS: &str = r##""https://json-schema.org/draft/2020-12/schema", "https://json-schema.org/draft/2019-09/schema", "http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-06/schema#", "http://json-schema.org/draft-04/schema#""##;

/// A schema with `^^` before the value at fault, its path, and the message.
const CASES: &[(&str, &str, &str)] = &[
    (
        r#"{"type":^^"strng"}"#,
        "$.type",
        r#"expected one of "array", "boolean", "integer", "null", "number", "object", "string", found "strng"; did you mean "string"?"#,
    ),
    (
        r#"{"type":["string",^^"nul"]}"#,
        "$.type[1]",
        r#"expected one of "array", "boolean", "integer", "null", "number", "object", "string", found "nul"; did you mean "null"?"#,
    ),
    (
        r#"{"type":^^5}"#,
        "$.type",
        r#"expected one of "array", "boolean", "integer", "null", "number", "object", "string", found 5"#,
    ),
    (
        r#"{"properties":{"age":{"minimum":^^"3"}}}"#,
        "$.properties.age.minimum",
        "expected number, found string",
    ),
    (r#"{"properties":^^[]}"#, "$.properties", "expected object, found array"),
    (r#"{"required":^^"a"}"#, "$.required", "expected array, found string"),
    (
        r#"{"required":["a",^^"a"]}"#,
        "$.required[1]",
        r#"expected items that all differ, found "a" again, which is also item 0"#,
    ),
    (r#"{"required":[^^1]}"#, "$.required[0]", "expected string, found number"),
    (r#"{"minLength":^^-1}"#, "$.minLength", "expected at least 0, found -1"),
    (r#"{"minLength":^^1.5}"#, "$.minLength", "expected integer, found 1.5"),
    (r#"{"enum":^^3}"#, "$.enum", "expected array, found number"),
    (r#"{"anyOf":^^[]}"#, "$.anyOf", "expected at least 1 item, found 0"),
    (
        r#"{"items":^^[{}]}"#,
        "$.items",
        "expected boolean or object, found array (a list of schemas is `prefixItems` since draft 2020-12; or name an older draft in `$schema`)",
    ),
    (r#"{"items":^^3}"#, "$.items", "expected boolean or object, found number"),
    (
        r#"{"pattern":^^"(a"}"#,
        "$.pattern",
        r#"expected a regular expression, found "(a": unclosed group, at character 1"#,
    ),
    (r#"{"pattern":^^3}"#, "$.pattern", "expected string, found number"),
    (
        r#"{"patternProperties":{"(a":^^{}}}"#,
        r#"$.patternProperties["(a"]"#,
        r#"expected a regular expression, found "(a": unclosed group, at character 1"#,
    ),
    (
        r#"{"pattern":^^"a{2"}"#,
        "$.pattern",
        r#"expected a regular expression, found "a{2": unclosed counted repetition, at character 2"#,
    ),
    (
        r#"{"pattern":^^"\\p{Foo}"}"#,
        "$.pattern",
        r#"expected a regular expression, found "\\p{Foo}": Unicode property not found, at character 1"#,
    ),
    (
        r#"{"pattern":^^"(a{1000}){1000}"}"#,
        "$.pattern",
        r#"expected a regular expression of moderate size, found "(a{1000}){1000}""#,
    ),
    (
        r#"{"pattern":^^"é\\a"}"#,
        "$.pattern",
        r#"expected a regular expression, found "é\\a": ECMAScript has no escape `\a`, at character 2"#,
    ),
    (
        r#"{"$schema":"http://json-schema.org/draft-07/schema#","pattern":^^"(a"}"#,
        "$.pattern",
        r#"expected a regular expression, found "(a": unclosed group, at character 1"#,
    ),
    (
        r#"{"$schema":"http://json-schema.org/draft-04/schema#","patternProperties":{"(a":^^{}}}"#,
        r#"$.patternProperties["(a"]"#,
        r#"expected a regular expression, found "(a": unclosed group, at character 1"#,
    ),
    (
        r#"{"$schema":^^"http://example.com/x"}"#,
        r#"$["$schema"]"#,
        r#"expected one of DRAFTS, found "http://example.com/x""#,
    ),
    (r#"{"$schema":^^3}"#, r#"$["$schema"]"#, "expected string, found number"),
    (
        r#"{"properties":{"a":{"$schema":^^"http://example.com/x"}}}"#,
        r#"$.properties.a["$schema"]"#,
        r#"expected one of DRAFTS, found "http://example.com/x""#,
    ),
    (
        r##"{"$ref":^^"#/$defs/x"}"##,
        r#"$["$ref"]"#,
        r##"the reference "#/$defs/x" leads nowhere: the schema has no such place"##,
    ),
    (
        r##"{"properties":{"a":{"$ref":^^"#foo"}}}"##,
        r#"$.properties.a["$ref"]"#,
        r##"the reference "#foo" leads nowhere: the schema has no such `$anchor`"##,
    ),
    (
        r#"{"$ref":^^"http://example.com/x.json"}"#,
        r#"$["$ref"]"#,
        r##"the reference "http://example.com/x.json" leads to a URL, and nothing is fetched: have the document as a file with this `$id` in the folder of --schema-dir (schema_dir in Python), or copy what it means into `$defs`"##,
    ),
    (
        r#"{"$ref":^^"other.json#/a"}"#,
        r#"$["$ref"]"#,
        r##"the reference "other.json#/a" leads to another file, and files are only read from a folder that is named: --schema-dir DIR, or schema_dir in Python"##,
    ),
    (
        r##"{"$ref":^^"#"}"##,
        r#"$["$ref"]"#,
        r##"the reference "#" leads back to itself without a step into the record, so checking it would never end"##,
    ),
    (
        r##"{"$ref":^^"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}"##,
        r#"$["$ref"]"#,
        r##"the reference "#/$defs/a" leads back to itself without a step into the record, so checking it would never end"##,
    ),
    (r#"{"$ref":^^5}"#, r#"$["$ref"]"#, "expected string, found number"),
    (r#"{"$ref":^^"http://[bad"}"#, r#"$["$ref"]"#, r#"expected a URI reference, found "http://[bad""#),
    (r#"{"$id":^^"http://[bad"}"#, r#"$["$id"]"#, r#"expected a URI reference, found "http://[bad""#),
    (
        r##"{"$ref":^^"#/%ff"}"##,
        r#"$["$ref"]"#,
        r##"the reference "#/%ff" leads nowhere: the schema has no such place"##,
    ),
    (
        r#"{"$ref":^^"file:///etc/passwd"}"#,
        r#"$["$ref"]"#,
        r##"the reference "file:///etc/passwd" leads to a URL, and nothing is fetched: have the document as a file with this `$id` in the folder of --schema-dir (schema_dir in Python), or copy what it means into `$defs`"##,
    ),
    (r#"{"multipleOf":^^0}"#, "$.multipleOf", "expected more than 0, found 0"),
    (r#"{"$defs":{"a":^^3}}"#, r#"$["$defs"].a"#, "expected boolean or object, found number"),
    (r#"{"additionalProperties":^^3}"#, "$.additionalProperties", "expected boolean or object, found number"),
    (r#"{"dependentRequired":{"a":^^"b"}}"#, "$.dependentRequired.a", "expected array, found string"),
    (r#"{"not":^^[]}"#, "$.not", "expected boolean or object, found array"),
    (r#"{"uniqueItems":^^"yes"}"#, "$.uniqueItems", "expected boolean, found string"),
    (r#"{"$id":^^"a#b"}"#, r#"$["$id"]"#, r#"expected a match of the pattern "^[^#]*#?$", found "a#b""#),
    (
        r#"{"$anchor":^^"1a"}"#,
        r#"$["$anchor"]"#,
        r#"expected a match of the pattern "^[A-Za-z_][-A-Za-z0-9._]*$", found "1a""#,
    ),
    (
        r#"{"$schema":"http://json-schema.org/draft-04/schema#","exclusiveMinimum":^^3}"#,
        "$.exclusiveMinimum",
        "expected boolean, found number (in draft 4 it goes with `minimum` or `maximum`; or name a newer draft in `$schema`)",
    ),
    (
        r#"{"exclusiveMinimum":^^true,"minimum":3}"#,
        "$.exclusiveMinimum",
        "expected number, found boolean (it is a bound of its own since draft 6; or name draft 4 in `$schema`)",
    ),
    (
        r#"{"$schema":"http://json-schema.org/draft-07/schema#","type":^^"strng"}"#,
        "$.type",
        r#"expected one of "array", "boolean", "integer", "null", "number", "object", "string", found "strng"; did you mean "string"?"#,
    ),
    (
        r#"{"$schema":"http://json-schema.org/draft-07/schema#","items":[^^3]}"#,
        "$.items[0]",
        "expected boolean or object, found number",
    ),
    (
        r#"{"$schema":"http://json-schema.org/draft-04/schema#","required":^^[]}"#,
        "$.required",
        "expected at least 1 item, found 0",
    ),
    (
        r#"{"$schema":"http://json-schema.org/draft-04/schema#","type":^^[]}"#,
        "$.type",
        "expected at least 1 item, found 0",
    ),
    (
        r#"{"$dynamicRef":^^"http://a/b"}"#,
        r#"$["$dynamicRef"]"#,
        r##"the reference "http://a/b" leads to a URL, and nothing is fetched: have the document as a file with this `$id` in the folder of --schema-dir (schema_dir in Python), or copy what it means into `$defs`"##,
    ),
    (r#"{"if":^^3}"#, "$.if", "expected boolean or object, found number"),
    (r#"{"format":^^3}"#, "$.format", "expected string, found number"),
    (r#"{"prefixItems":^^[]}"#, "$.prefixItems", "expected at least 1 item, found 0"),
    (r#"{"prefixItems":^^{}}"#, "$.prefixItems", "expected array, found object"),
    (r#"{"dependencies":{"a":^^3}}"#, "$.dependencies.a", "expected array, found number"),
    (
        r#"{"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{"a":^^3}}"#,
        "$.dependencies.a",
        "expected boolean or object, found number",
    ),
    (r#"{"$comment":^^3}"#, r#"$["$comment"]"#, "expected string, found number"),
    (r#"{"title":^^3}"#, "$.title", "expected string, found number"),
    (r#"{"contentEncoding":^^3}"#, "$.contentEncoding", "expected string, found number"),
    // Texts that are no schema at all.
    ("^^3", "$", "expected an object or a boolean, found number"),
    ("^^[]", "$", "expected an object or a boolean, found array"),
    ("^^null", "$", "expected an object or a boolean, found null"),
    (r#"{"a": ^^}"#, "$.a", "expected a value, found `}`"),
    ("^^", "$", "expected a value, found end of record"),
    (
        r#"{"maximum": ^^1e400}"#,
        "$.maximum",
        "expected a number within the range of a 64-bit float, found 1e400",
    ),
    // Of a repeated name the last counts.
    (
        r#"{"type":"string","type":^^3}"#,
        "$.type",
        r#"expected one of "array", "boolean", "integer", "null", "number", "object", "string", found 3"#,
    ),
    // References.
    (
        r##"{"$defs":{"user":{}},"items":{"$ref":^^"#/$defs/usr"}}"##,
        r#"$.items["$ref"]"#,
        r##"the reference "#/$defs/usr" leads nowhere; did you mean "#/$defs/user"?"##,
    ),
    (
        r##"{"items":{"anyOf":[{"$ref":^^"#/items"},{}]}}"##,
        r#"$.items.anyOf[0]["$ref"]"#,
        r##"the reference "#/items" leads back to itself without a step into the record, so checking it would never end"##,
    ),
    (
        r##"{"$defs":{"a":{"$anchor":"x","not":{"$ref":^^"#x"}}}}"##,
        r#"$["$defs"].a.not["$ref"]"#,
        r##"the reference "#x" leads back to itself without a step into the record, so checking it would never end"##,
    ),
    (
        r#"{"$id":"http://x/a","allOf":[{"$ref":^^"http://x/a"}]}"#,
        r#"$.allOf[0]["$ref"]"#,
        r##"the reference "http://x/a" leads back to itself without a step into the record, so checking it would never end"##,
    ),
    (
        r#"{"$id":"http://x/r","$ref":^^"a","$defs":{"a":{"$id":"a","$ref":"b"},"b":{"$id":"b","not":{"$ref":"a"}}}}"#,
        r#"$["$ref"]"#,
        r##"the reference "a" leads back to itself without a step into the record, so checking it would never end"##,
    ),
    (
        r##"{"$defs":{"a":{"$id":"dir/a","anyOf":[{"$ref":^^"b#x"}]},"b":{"$id":"dir/b","$anchor":"x","$ref":"a"}}}"##,
        r#"$["$defs"].a.anyOf[0]["$ref"]"#,
        r##"the reference "b#x" leads back to itself without a step into the record, so checking it would never end"##,
    ),
    (
        r##"{"$schema":"http://json-schema.org/draft-04/schema#","id":"http://x/","allOf":[{"$ref":^^"HTTP://x:80/%2e/#"}]}"##,
        r#"$.allOf[0]["$ref"]"#,
        r##"the reference "HTTP://x:80/%2e/#" leads back to itself without a step into the record, so checking it would never end"##,
    ),
    (
        r##"{"$ref":^^"#/%24defs/a","$defs":{"a":{"$ref":"#/%24defs/a"}}}"##,
        r#"$["$ref"]"#,
        r##"the reference "#/%24defs/a" leads back to itself without a step into the record, so checking it would never end"##,
    ),
    (
        r##"{"$id":"http://x/r","$dynamicAnchor":"n","allOf":[{"$ref":^^"s"}],"$defs":{"s":{"$id":"s","$defs":{"n":{"$dynamicAnchor":"n"}},"allOf":[{"$dynamicRef":"#n"}]}}}"##,
        r#"$.allOf[0]["$ref"]"#,
        r##"the reference "s" leads back to itself without a step into the record, so checking it would never end"##,
    ),
    (
        r##"{"$schema":"https://json-schema.org/draft/2019-09/schema","$id":"http://x/r","$recursiveAnchor":true,"allOf":[{"$ref":^^"s"}],"$defs":{"s":{"$id":"s","$recursiveAnchor":true,"if":{"$recursiveRef":"#"}}}}"##,
        r#"$.allOf[0]["$ref"]"#,
        r##"the reference "s" leads back to itself without a step into the record, so checking it would never end"##,
    ),
    (
        r#"{"required":^^true}"#,
        "$.required",
        "expected array, found boolean (the names of required properties are listed beside `properties`)",
    ),
];

#[test]
fn say_where_and_what() {
    let mut wrong = Vec::new();
    for (marked, path, message) in CASES {
        let offset = marked.find("^^").expect("a mark");
        let text = marked.replacen("^^", "", 1);
        let message = message.replace("DRAFTS", DRAFTS);
        match Schema::compile(text.as_bytes(), &Settings::default()) {
            Ok(_) => wrong.push(format!("{text} compiles")),
            Err(failure) => {
                let found = (failure.code.as_ref(), failure.path.as_str(), failure.offset, failure.message);
                let expected = ("schema", *path, offset, message);
                if found != expected {
                    wrong.push(format!("{text}\n  expected {expected:?}\n  found    {found:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn texts_have_their_own_codes() {
    let failure = Schema::compile("[".repeat(200).as_bytes(), &Settings::default()).err().unwrap();
    assert_eq!(failure.code, "nesting");
    assert_eq!(failure.message, "arrays and objects are nested deeper than 128 levels");
    let failure = Schema::compile(b"\"\xff\"", &Settings::default()).err().unwrap();
    assert_eq!((failure.code.as_ref(), failure.offset), ("schema", 1));
}

#[test]
fn what_looks_like_a_fault_and_is_none() {
    for text in [
        "{}",
        r#"{"properties":{"$ref":{"type":"string"},"$schema":{"type":"string"},"enum":{"$anchor":"a"}}}"#,
        r##"{"const":{"$ref":"#/nowhere","$schema":"x"},"default":{"$ref":"#"},"examples":[{"$schema":"y"}]}"##,
        r##"{"properties":{"next":{"$ref":"#"}},"anyOf":[{"items":{"$ref":"#"}},{"type":"null"}]}"##,
        r##"{"$ref":"https://json-schema.org/draft/2020-12/schema"}"##,
        r#"{"x-ours":{"pattern":"("},"unknown":3}"#,
        r##"{"$id":"http://x/a","$defs":{"b":{"$id":"b","$defs":{"c":{"type":"string"}},"items":{"$ref":"#/$defs/c"}}},"$ref":"b"}"##,
        r##"{"$id":"http://x/a","properties":{"a":{"$ref":"http://x/a"}},"items":{"$ref":"b"},"$defs":{"b":{"$id":"b","items":{"$ref":"a"}}}}"##,
        r##"{"$id":"http://x/t","$dynamicAnchor":"n","items":{"$ref":"w"},"$defs":{"w":{"$id":"w","$defs":{"n":{"$dynamicAnchor":"n"}},"allOf":[{"$dynamicRef":"#n"}]}}}"##,
        r##"{"id":"a","$defs":{"a":{"id":"b","allOf":[{"$ref":"#/$defs/c"}],"$defs":{"c":{"$ref":"#/$defs/a"}}},"c":{}}}"##,
        r##"{"allOf":[{"$ref":"#/$defs/a"},{"$ref":"#/$defs/a"}],"$defs":{"a":{"type":"object"}}}"##,
    ] {
        schema(text);
    }
}
