//! Schemas that cannot be used, told with their place.

use jsonschema::ValidationError;
use jsonschema::json::JsonNumber as _;
use wasmrecords::Failure;
use wasmrecords_json::{Segment, SyntaxError, Value, locate, write_path};

use super::explain::explain;
use super::number::Digits;
use super::words::type_name;

/// The schema as the validator takes it, if nothing is wrong with it that only we can tell.
pub(super) fn check(value: &Value<'_>, text: &[u8]) -> Result<serde_json::Value, Failure> {
    if !matches!(value, Value::Object(_) | Value::Bool(_)) {
        let message = format!("expected an object or a boolean, found {}", type_name(value));
        return Err(refusal(text, &[], message));
    }
    Ok(copy(value))
}

/// A text that is no JSON.
pub(super) fn syntax(error: SyntaxError) -> Failure {
    let code = if error.kind.code() == "nesting" { "nesting" } else { "schema" };
    Failure { code: code.into(), offset: error.offset, path: error.path, message: error.message }
}

/// What the validator says against the schema.
pub(super) fn refused(error: &ValidationError<'_>, value: &Value<'_>, text: &[u8]) -> Failure {
    let told = explain(error, value, &serde_json::Value::Null);
    refusal(text, &told.path, told.message)
}

/// Whether any keyword searches with a regular expression.
pub(super) fn has_patterns(value: &Value<'_>) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_patterns),
        Value::Object(members) => members.iter().any(|(name, value)| {
            matches!(name.as_ref(), "pattern" | "patternProperties") || has_patterns(value)
        }),
        _ => false,
    }
}

fn refusal(text: &[u8], path: &[Segment], message: String) -> Failure {
    Failure { code: "schema".into(), offset: locate(text, path), path: write_path(path), message }
}

fn copy(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => Digits(number.as_str()).to_number().into_owned().into(),
        Value::String(string) => string.as_ref().into(),
        Value::Array(items) => items.iter().map(copy).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.as_ref(), copy(value))).collect(),
    }
}
