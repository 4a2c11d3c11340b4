//! What a failure is called and what is said, where the keyword alone does not tell.

use super::check;

#[test]
fn what_is_named_like_a_keyword() {
    let no = |place: &str, found| format!("false {place}: expected no value here, found {found}");
    check(&[
        (
            r#"{"properties":{"additionalProperties":false}}"#,
            r#"{"additionalProperties":^1}"#,
            &no("$.additionalProperties", "1"),
        ),
        (r#"{"properties":{"items":false}}"#, r#"{"items":^[1]}"#, &no("$.items", "[1]")),
        (r#"{"properties":{"propertyNames":false}}"#, r#"{"propertyNames":^1}"#, &no("$.propertyNames", "1")),
        (r#"{"patternProperties":{"items":false}}"#, r#"{"items":^1}"#, &no("$.items", "1")),
        (r##"{"items":{"$ref":"#/$defs/items"},"$defs":{"items":false}}"##, "[^1]", &no("$[0]", "1")),
        (r##"{"$ref":"#/$defs/propertyNames","$defs":{"propertyNames":false}}"##, "^1", &no("$", "1")),
        (
            r##"{"items":{"$ref":"#/definitions/additionalProperties"},"definitions":{"additionalProperties":false}}"##,
            "[^{}]",
            &no("$[0]", "{}"),
        ),
        (r#"{"dependentSchemas":{"items":false}}"#, r#"{"items":^1}"#, &no("$.items", "1")),
        (
            r#"{"properties":{"properties":{"items":false}}}"#,
            r#"{"properties":[^1]}"#,
            "items $.properties[0]: expected at most 0 items, found 1",
        ),
    ]);
}

#[test]
fn schemas_within_schemas() {
    check(&[
        (
            r#"{"$id":"http://x/y","multipleOf":7,"$ref":"z","$defs":{"a":{"$id":"z","multipleOf":5}}}"#,
            "^14",
            "multipleOf $: expected a multiple of 5, found 14",
        ),
        (
            r#"{"multipleOf":7,"$ref":"z","$defs":{"a":{"$id":"z","multipleOf":5}}}"#,
            "^14",
            "multipleOf $: expected a multiple of 5, found 14",
        ),
        (
            r#"{"properties":{"one":true},"$ref":"z","$defs":{"a":{"$id":"z","additionalProperties":false,"properties":{"two":true}}}}"#,
            r#"{"onee":^1}"#,
            "additionalProperties $.onee: unexpected property \"onee\"",
        ),
        (
            r##"{"items":{"$id":"z","items":{"$ref":"#/$defs/a%20b"},"$defs":{"a b":{"contains":true,"minContains":2}}},"$defs":{"a b":{"minContains":3}}}"##,
            "[[^[1]]]",
            "minContains $[0][0]: expected at least 2 items that `contains` describes, found fewer",
        ),
        (
            r##"{"$id":"sub/root","allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"multipleOf":5.0}}}"##,
            "^14",
            "multipleOf $: expected a multiple of 5.0, found 14",
        ),
    ]);
}

#[test]
fn digits_of_the_schema() {
    check(&[
        (r#"{"minimum":18.0}"#, "^7", "minimum $: expected at least 18.0, found 7"),
        (r#"{"maximum":1e2}"#, "^101", "maximum $: expected at most 1e2, found 101"),
        (r#"{"exclusiveMinimum":1e20}"#, "^1", "exclusiveMinimum $: expected more than 1e20, found 1"),
        (r#"{"exclusiveMaximum":0.10}"#, "^1", "exclusiveMaximum $: expected less than 0.10, found 1"),
        (r#"{"const":1.50}"#, "^1", "const $: expected 1.50, found 1"),
        (r#"{"enum":[1.0,"a",2E1]}"#, "^3", r#"enum $: expected one of 1.0, "a", 2E1, found 3"#),
        (r#"{"anyOf":[{"const":1.0},{"enum":[2.0]}]}"#, "^3", "anyOf $: expected one of 1.0, 2.0, found 3"),
        (
            r#"{"$schema":"http://json-schema.org/draft-04/schema#","minimum":1.0,"exclusiveMinimum":true}"#,
            "^1",
            "exclusiveMinimum $: expected more than 1.0, found 1",
        ),
    ]);
}

#[test]
fn long_values_are_cut() {
    let long = "x".repeat(200);
    let cut = |shown: &str| format!("{}…", &shown[..77]);
    check(&[
        (
            r#"{"const":1}"#,
            &format!("^\"{long}\""),
            &format!("const $: expected 1, found {}", cut(&format!("\"{long}"))),
        ),
        (
            r#"{"const":1}"#,
            &format!("^[[[[\"{long}\"]]]]"),
            &format!("const $: expected 1, found {}", cut(&format!("[[[[\"{long}"))),
        ),
        (
            r#"{"maximum":1}"#,
            &format!("^1{}", "0".repeat(200)),
            &format!("maximum $: expected at most 1, found {}", cut(&format!("1{}", "0".repeat(200)))),
        ),
        (r#"{"const":1}"#, "^\"\\u001b[2J\u{85}\"", "const $: expected 1, found \"\\u001b[2J\\u0085\""),
    ]);
}
