//! What differs between the drafts, which `$schema` tells apart.

use super::{check, schema};
use wasmrecords_json::Value;

const D4: &str = "http://json-schema.org/draft-04/schema#";
const D6: &str = "http://json-schema.org/draft-06/schema#";
const D7: &str = "http://json-schema.org/draft-07/schema#";
const D2019: &str = "https://json-schema.org/draft/2019-09/schema";
const D2020: &str = "https://json-schema.org/draft/2020-12/schema";

/// Each case is a draft, the other members of the schema, a record, and what is said.
fn check_drafts(cases: &[(&str, &str, &str, &str)]) {
    let texts: Vec<_> =
        cases.iter().map(|(draft, rest, ..)| format!("{{\"$schema\":\"{draft}\",{rest}}}")).collect();
    let cases = texts.iter().zip(cases).map(|(text, (_, _, record, said))| (text.as_str(), *record, *said));
    check(&cases.collect::<Vec<_>>());
}

#[test]
fn each_has_its_own_rules() {
    check_drafts(&[
        (
            D4,
            r#""minimum":1,"exclusiveMinimum":true"#,
            "^1",
            "exclusiveMinimum $: expected more than 1, found 1",
        ),
        (
            D4,
            r#""maximum":1,"exclusiveMaximum":true"#,
            "^1",
            "exclusiveMaximum $: expected less than 1, found 1",
        ),
        (D4, r#""type":"integer""#, "^1.0", "type $: expected integer, found 1.0"),
        (D6, r#""type":"integer""#, "1.0", ""),
        (D4, r#""const":1"#, "2", ""),
        (D6, r#""const":1"#, "^2", "const $: expected 1, found 2"),
        (D6, r#""if":true,"then":false"#, "1", ""),
        (D7, r#""if":true,"then":false"#, "^1", "false $: expected no value here, found 1"),
        (D7, r#""items":[{"type":"string"}]"#, "[^1,2]", "type $[0]: expected string, found number"),
        (
            D7,
            r#""items":[true],"additionalItems":false"#,
            "[1,^2,3]",
            "additionalItems $[1]: expected at most 1 item, found 3",
        ),
        (
            D2019,
            r#""items":[true],"additionalItems":{"type":"string"}"#,
            "[1,^2]",
            "type $[1]: expected string, found number",
        ),
        (
            D7,
            r#""dependencies":{"a":["b"]}"#,
            r#"^{"a":1}"#,
            "dependencies $: missing the property \"b\", required beside \"a\"",
        ),
        (
            D4,
            r#""dependencies":{"a":{"required":["b"]}}"#,
            r#"^{"a":1}"#,
            "required $: missing the required property \"b\"",
        ),
        (
            D7,
            r##""definitions":{"a":{"type":"string"}},"items":{"$ref":"#/definitions/a","type":"number"}"##,
            "[^1]",
            "type $[0]: expected string, found number",
        ),
        (D2020, r#""prefixItems":[{"type":"string"}]"#, "[^1]", "type $[0]: expected string, found number"),
        (D2019, r#""prefixItems":[{"type":"string"}]"#, "[1]", ""),
        (
            D2019,
            r##""$recursiveAnchor":true,"type":"array","items":{"$recursiveRef":"#"}"##,
            "[^1]",
            "type $[0]: expected array, found number",
        ),
        (
            D2019,
            r#""dependentRequired":{"a":["b"]}"#,
            r#"^{"a":1}"#,
            "dependentRequired $: missing the property \"b\", required beside \"a\"",
        ),
        (D7, r#""dependentRequired":{"a":["b"]}"#, r#"{"a":1}"#, ""),
        (
            D7,
            r#""contentEncoding":"base64""#,
            r#"^"?""#,
            r#"contentEncoding $: expected text in the encoding "base64", found "?""#,
        ),
        (
            D7,
            r#""contentMediaType":"application/json""#,
            r#"^"?""#,
            r#"contentMediaType $: expected text of the type "application/json", found "?""#,
        ),
        (D2019, r#""contentEncoding":"base64""#, r#""?""#, ""),
        (D4, r#""format":"date-time""#, r#""?""#, ""),
    ]);
}

#[test]
fn spellings_of_the_same_draft() {
    for draft in [D4, D6, D7, D2019, D2020] {
        for uri in [draft.trim_end_matches('#').to_owned(), format!("{}#", draft.trim_end_matches('#'))] {
            for uri in [uri.replace("https:", "http:"), uri.replace("http:", "https:")] {
                let schema = schema(&format!("{{\"$schema\":\"{uri}\",\"maximum\":1}}"));
                assert!(schema.check(&Value::Null, b"null", None).is_ok());
                assert!(super::checked(&schema, "2").is_err(), "{uri}");
            }
        }
    }
}

#[test]
fn a_draft_is_kept_however_it_is_spelt() {
    for uri in ["https://json-schema.org/draft-04/schema", "http://json-schema.org/draft-04/schema"] {
        let schema = schema(&format!("{{\"$schema\":\"{uri}\",\"maximum\":1,\"exclusiveMaximum\":true}}"));
        assert_eq!(super::checked(&schema, "1").unwrap_err().code, "exclusiveMaximum", "{uri}");
    }
}
