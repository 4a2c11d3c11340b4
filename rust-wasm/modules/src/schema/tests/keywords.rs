//! Each keyword: a record that breaks it and one that does not.

use super::check;

#[test]
fn any_type() {
    check(&[
        (r#"{"type":"integer"}"#, r#"^"1""#, "type $: expected integer, found string"),
        (r#"{"type":"integer"}"#, "^1.50", "type $: expected integer, found 1.50"),
        (r#"{"type":"integer"}"#, "1.0", ""),
        (r#"{"type":"integer"}"#, "100000000000000000000000000001", ""),
        (r#"{"type":["object","null"]}"#, "^[]", "type $: expected null or object, found array"),
        (
            r#"{"type":["string","number","null"]}"#,
            "^true",
            "type $: expected null, number or string, found boolean",
        ),
        (r#"{"enum":["a","b"]}"#, r#"^"c""#, r#"enum $: expected one of "a", "b", found "c""#),
        (r#"{"enum":[]}"#, "^1", "enum $: expected no value here (`enum` is empty), found 1"),
        (r#"{"enum":["a"]}"#, "^[1, 2]", r#"enum $: expected "a", found [1,2]"#),
        (r#"{"enum":[1,{"a":[2]}]}"#, r#"{"a": [2.0]}"#, ""),
        (
            r#"{"enum":[0,1,2,3,4,5,6,7,8,9]}"#,
            "^10",
            "enum $: expected one of 0, 1, 2, 3, 4, 5, 6, 7, ..., found 10",
        ),
        (r#"{"const":1}"#, "^true", "const $: expected 1, found true"),
        (r#"{"const":1}"#, "1.0", ""),
        (r#"{"const":{"a":null}}"#, r#"^{"a": 0}"#, r#"const $: expected {"a":null}, found {"a":0}"#),
        ("false", "^1", "false $: expected no value here, found 1"),
        ("true", "1", ""),
        (r#"{"properties":{"a":false}}"#, r#"{"a": ^1}"#, "false $.a: expected no value here, found 1"),
    ]);
}

#[test]
fn numbers() {
    check(&[
        (r#"{"minimum":18}"#, "^7", "minimum $: expected at least 18, found 7"),
        (r#"{"minimum":18}"#, r#""7""#, ""),
        (r#"{"minimum":0}"#, "^-1e400", "minimum $: expected at least 0, found -1e400"),
        (r#"{"maximum":1.5}"#, "^1.50000001", "maximum $: expected at most 1.5, found 1.50000001"),
        (
            r#"{"maximum":9007199254740992}"#,
            "^9007199254740993",
            "maximum $: expected at most 9007199254740992, found 9007199254740993",
        ),
        (r#"{"exclusiveMinimum":0}"#, "^-0", "exclusiveMinimum $: expected more than 0, found -0"),
        (r#"{"exclusiveMaximum":10}"#, "^1e1", "exclusiveMaximum $: expected less than 10, found 1e1"),
        (r#"{"multipleOf":0.01}"#, "^1.005", "multipleOf $: expected a multiple of 0.01, found 1.005"),
        (r#"{"multipleOf":2}"#, "^3", "multipleOf $: expected a multiple of 2, found 3"),
        (r#"{"multipleOf":0.01}"#, "19.99", ""),
        (r#"{"multipleOf":1}"#, "1e400", ""),
        (r#"{"multipleOf":1}"#, "^1e-400", "multipleOf $: expected a multiple of 1, found 1e-400"),
        (r#"{"multipleOf":3}"#, "^1e400", "multipleOf $: expected a multiple of 3, found 1e400"),
        (r#"{"multipleOf":0.5}"#, "-1e400", ""),
        (r#"{"multipleOf":2}"#, r#""3""#, ""),
    ]);
}

#[test]
fn strings() {
    check(&[
        (r#"{"minLength":3}"#, r#"^"éö""#, "minLength $: expected at least 3 characters, found 2"),
        (r#"{"minLength":1}"#, r#"^"""#, "minLength $: expected at least 1 character, found 0"),
        (
            r#"{"maxLength":2}"#,
            r#"^"\u00e9\ud83d\ude00c""#,
            "maxLength $: expected at most 2 characters, found 3",
        ),
        (
            r#"{"pattern":"^[a-z]+$"}"#,
            r#"^"A1""#,
            r#"pattern $: expected a match of the pattern "^[a-z]+$", found "A1""#,
        ),
        (
            r#"{"pattern":"^(?!x)"}"#,
            r#"^"xy""#,
            r#"pattern $: expected a match of the pattern "^(?!x)", found "xy""#,
        ),
        (
            r#"{"pattern":"^\\d+$"}"#,
            r#"^"٣""#,
            r#"pattern $: expected a match of the pattern "^\\d+$", found "٣""#,
        ),
        (r#"{"pattern":"b"}"#, r#""abc""#, ""),
        (r#"{"format":"email"}"#, r#""no address""#, ""),
        (r#"{"contentEncoding":"base64","contentMediaType":"application/json"}"#, r#""?""#, ""),
    ]);
}

#[test]
fn arrays() {
    check(&[
        (r#"{"minItems":1}"#, "^[]", "minItems $: expected at least 1 item, found 0"),
        (r#"{"maxItems":3}"#, "^[1,2,3,4,5]", "maxItems $: expected at most 3 items, found 5"),
        (
            r#"{"uniqueItems":true}"#,
            "[1, 2, ^1.0]",
            "uniqueItems $[2]: expected items that all differ, found 1.0 again, which is also item 0",
        ),
        (r#"{"items":{"type":"string"}}"#, r#"["a", ^1]"#, "type $[1]: expected string, found number"),
        (r#"{"items":false}"#, "[^1]", "items $[0]: expected at most 0 items, found 1"),
        (r#"{"prefixItems":[{"type":"string"}]}"#, "[^1]", "type $[0]: expected string, found number"),
        (
            r#"{"prefixItems":[true],"items":false}"#,
            "[1,^2,3]",
            "items $[1]: expected at most 1 item, found 3",
        ),
        (
            r#"{"contains":{"type":"string"}}"#,
            "^[1]",
            "contains $: expected an item that `contains` describes, found none",
        ),
        (
            r#"{"contains":{"type":"number"},"minContains":2}"#,
            "^[1]",
            "minContains $: expected at least 2 items that `contains` describes, found fewer",
        ),
        (
            r#"{"contains":{"type":"number"},"maxContains":1}"#,
            "^[1,2]",
            "maxContains $: expected at most 1 item that `contains` describes, found more",
        ),
        (
            r#"{"prefixItems":[true],"unevaluatedItems":false}"#,
            r#"[1,^2,"x"]"#,
            "unevaluatedItems $[1]: unexpected items: 2, \"x\"",
        ),
        (
            r#"{"prefixItems":[true],"contains":{"type":"string"},"unevaluatedItems":false}"#,
            r#"[1,"a",^1.0,"a"]"#,
            "unevaluatedItems $[2]: unexpected item: 1.0",
        ),
        (
            r#"{"prefixItems":[true],"unevaluatedItems":{"type":"string"}}"#,
            r#"[1,"a",^2]"#,
            "unevaluatedItems $[2]: the item 2 breaks the rule for unevaluated items",
        ),
        (
            r#"{"contains":{"type":"string"},"maxContains":1}"#,
            "^[1]",
            "contains $: expected an item that `contains` describes, found none",
        ),
        (
            r#"{"contains":{"type":"string"},"maxContains":1}"#,
            "^[]",
            "contains $: expected an item that `contains` describes, found none",
        ),
        (
            r#"{"contains":{"type":"string"},"maxContains":1}"#,
            r#"^["a","b"]"#,
            "maxContains $: expected at most 1 item that `contains` describes, found more",
        ),
        (
            r#"{"contains":{"type":"string"},"maxContains":0}"#,
            r#"^["a"]"#,
            "maxContains $: expected at most 0 items that `contains` describes, found more",
        ),
        (
            r#"{"contains":{"type":"string"},"minContains":1}"#,
            "^[1]",
            "contains $: expected an item that `contains` describes, found none",
        ),
        (r#"{"contains":{"type":"string"},"minContains":0,"maxContains":1}"#, "[1]", ""),
        (
            r#"{"not":{"contains":true,"maxContains":1}}"#,
            "^[1]",
            r#"not $: expected no match of {"contains":true,"maxContains":1}, found [1]"#,
        ),
        (r#"{"items":{"const":{"contains":1,"maxContains":1}}}"#, r#"[{"contains":1,"maxContains":1}]"#, ""),
        (r##"{"type":"array","items":{"$ref":""}}"##, "[[^1]]", "type $[0][0]: expected array, found number"),
    ]);
}

#[test]
fn objects() {
    check(&[
        (
            r#"{"properties":{"a":{"properties":{"b c":{"type":"null"}}}}}"#,
            r#"{"a": {"b c": ^0}}"#,
            r#"type $.a["b c"]: expected null, found number"#,
        ),
        (
            r#"{"properties":{"a":{"type":"null"}}}"#,
            r#"{"a": null, "\u0061": ^0}"#,
            "type $.a: expected null, found number",
        ),
        (
            r#"{"properties":{"a/b~":{"type":"null"}}}"#,
            r#"{"a/b~": ^0}"#,
            r#"type $["a/b~"]: expected null, found number"#,
        ),
        (
            r#"{"required":["id","name"]}"#,
            r#"^{"name": 1}"#,
            "required $: missing the required property \"id\"",
        ),
        (
            r#"{"properties":{"a":{"required":["b"]}}}"#,
            r#"{"a":^{}}"#,
            "required $.a: missing the required property \"b\"",
        ),
        (
            r#"{"minProperties":2}"#,
            r#"^{"a":1,"a":2}"#,
            "minProperties $: expected at least 2 properties, found 1",
        ),
        (
            r#"{"maxProperties":1}"#,
            r#"^{"a":1,"b":2}"#,
            "maxProperties $: expected at most 1 property, found 2",
        ),
        (
            r#"{"patternProperties":{"^x_":{"type":"string"}}}"#,
            r#"{"x_a": ^1}"#,
            "type $.x_a: expected string, found number",
        ),
        (
            r#"{"properties":{"name":true},"additionalProperties":false}"#,
            r#"{"nmae": ^1}"#,
            "additionalProperties $.nmae: unexpected property \"nmae\"; did you mean \"name\"?",
        ),
        (
            r#"{"additionalProperties":false}"#,
            r#"{"a": ^1, "b": 2}"#,
            "additionalProperties $.a: unexpected properties \"a\", \"b\"",
        ),
        (
            r#"{"additionalProperties":{"type":"string"}}"#,
            r#"{"a": ^1}"#,
            "type $.a: expected string, found number",
        ),
        (
            r#"{"propertyNames":{"minLength":2}}"#,
            r#"{"ab": 1, "c": ^2}"#,
            "propertyNames $.c: the property name \"c\" breaks a rule: expected at least 2 characters, found 1",
        ),
        (
            r#"{"propertyNames":false}"#,
            r#"^{"a":1}"#,
            r#"propertyNames $: expected no properties, found {"a":1}"#,
        ),
        (
            r#"{"dependentRequired":{"a":["b"]}}"#,
            r#"^{"a":1}"#,
            "dependentRequired $: missing the property \"b\", required beside \"a\"",
        ),
        (
            r#"{"dependentSchemas":{"a":{"required":["b"]}}}"#,
            r#"^{"a":1}"#,
            "required $: missing the required property \"b\"",
        ),
        (
            r#"{"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false}"#,
            r#"{"a":1,"b":^2}"#,
            "unevaluatedProperties $.b: unexpected property \"b\"",
        ),
        (
            r#"{"unevaluatedProperties":{"type":"string"}}"#,
            r#"{"a":^1}"#,
            r#"unevaluatedProperties $.a: the property "a" breaks the rule for unevaluated properties"#,
        ),
        (
            r#"{"properties":{"c":true},"unevaluatedProperties":{"type":"string"}}"#,
            r#"{"a":^1,"b":2}"#,
            r#"unevaluatedProperties $.a: the properties "a", "b" break the rule for unevaluated properties"#,
        ),
        (
            r#"{"dependentSchemas":{"x":false}}"#,
            r#"{"a":1,"x":^2}"#,
            "false $.x: expected no value here, found 2",
        ),
    ]);
}

#[test]
fn combinations() {
    let shapes = r#"{"anyOf":[
        {"properties":{"kind":{"const":"circle"},"radius":{"type":"number"}},"required":["kind","radius"]},
        {"properties":{"kind":{"const":"square"},"side":{"type":"number"}},"required":["kind","side"]}]}"#;
    check(&[
        (
            r#"{"allOf":[{"type":"string"},{"minLength":2}]}"#,
            r#"^"a""#,
            "minLength $: expected at least 2 characters, found 1",
        ),
        (
            r#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#,
            "^1",
            "anyOf $: expected string or null, found number",
        ),
        (
            r#"{"anyOf":[{"enum":["a","b"]},{"type":"null"}]}"#,
            r#"^"c""#,
            r#"anyOf $: expected "a", "b" or null, found "c""#,
        ),
        (
            shapes,
            r#"^{"kind": "square", "side": "1"}"#,
            "anyOf $: expected a match of one of 2 alternatives; the nearest, number 2, says at $.side: expected number, found string",
        ),
        (
            shapes,
            r#"^{"kind": "circle"}"#,
            "anyOf $: expected a match of one of 2 alternatives; the nearest, number 1, says: missing the required property \"radius\"",
        ),
        (r#"{"oneOf":[{"const":1},{"const":2}]}"#, "^3", "oneOf $: expected one of 1, 2, found 3"),
        (
            r#"{"oneOf":[{"type":"number"},{"type":"string"},{"type":"integer"}]}"#,
            "^1",
            "oneOf $: expected a match of exactly one of 3 alternatives, found 2: numbers 1, 3",
        ),
        (
            r#"{"not":{"type":"string"}}"#,
            r#"^"x""#,
            r#"not $: expected no match of {"type":"string"}, found "x""#,
        ),
        (
            r#"{"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":4}}"#,
            r#"^"x""#,
            "minLength $: expected at least 2 characters, found 1",
        ),
        (
            r#"{"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":4}}"#,
            "^3",
            "minimum $: expected at least 4, found 3",
        ),
        (
            r##"{"items":{"$ref":"#/$defs/a"},"$defs":{"a":{"type":"string"}}}"##,
            "[^1]",
            "type $[0]: expected string, found number",
        ),
        (
            r##"{"items":{"$ref":"#a"},"$defs":{"a":{"$anchor":"a","type":"string"}}}"##,
            "[^1]",
            "type $[0]: expected string, found number",
        ),
        (
            r##"{"items":{"$ref":"other"},"$defs":{"a":{"$id":"http://x/other","type":"string"}},"$id":"http://x/root"}"##,
            "[^1]",
            "type $[0]: expected string, found number",
        ),
        (
            r##"{"properties":{"next":{"$ref":"#"}},"required":["v"]}"##,
            r#"{"v":1,"next":{"v":2,"next":^{}}}"#,
            "required $.next.next: missing the required property \"v\"",
        ),
        (
            r##"{"$dynamicAnchor":"n","type":"array","items":{"$dynamicRef":"#n"}}"##,
            "[[],[^1]]",
            "type $[1][0]: expected array, found number",
        ),
    ]);
}
