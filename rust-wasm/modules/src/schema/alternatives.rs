//! `anyOf` and `oneOf` in words: what all alternatives together wanted, or what the nearest one did.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use wasmrecords_json::{Value, write_path};

use super::explain::{enum_values, explain, type_names};
use super::place::follow;
use super::source::Source;
use super::words::{either, listed, shown};

/// Farther off than any number of other errors: another type altogether.
const FAR: usize = 1_000_000;

type Alternative = Vec<ValidationError<'static>>;

/// No alternative matches.
pub(super) fn none_matches(
    alternatives: &[Alternative],
    error: &ValidationError<'_>,
    value: &Value,
    root: &Value,
    schema: &Source,
) -> String {
    if let Some(together) = together(alternatives, error, value, schema) {
        return together;
    }
    match nearest(alternatives, error, root) {
        Some((place, inner)) => {
            let told = explain(inner, root, schema);
            if let [_] = alternatives {
                return told.message;
            }
            let deeper = inner.instance_path() != error.instance_path();
            let at = if deeper { format!(" at {}", write_path(&told.path)) } else { String::new() };
            format!(
                "expected a match of one of {} alternatives; the nearest, number {}, says{at}: {}",
                alternatives.len(),
                place + 1,
                told.message
            )
        }
        None => format!("expected a match of one of {} alternatives", alternatives.len()),
    }
}

/// More alternatives match than the one that may.
pub(super) fn several_match(alternatives: &[Alternative]) -> String {
    let matching = alternatives.iter().enumerate().filter(|(_, errors)| errors.is_empty());
    let matching: Vec<String> = matching.map(|(place, _)| (place + 1).to_string()).collect();
    format!(
        "expected a match of exactly one of {} alternatives, found {}: numbers {}",
        alternatives.len(),
        matching.len(),
        listed(matching.iter().cloned())
    )
}

/// Where all that each alternative says is which types or values it takes, that is one list.
fn together(
    alternatives: &[Alternative],
    error: &ValidationError<'_>,
    value: &Value,
    schema: &Source,
) -> Option<String> {
    let (mut types, mut values) = (Vec::new(), Vec::new());
    for alternative in alternatives {
        let [only] = alternative.as_slice() else { return None };
        if only.instance_path() != error.instance_path() {
            return None;
        }
        match only.kind() {
            Kind::Type { kind } => types.extend(type_names(kind).into_iter().map(str::to_owned)),
            Kind::Constant { expected_value } => values.push(schema.keyword(only).written(expected_value)),
            Kind::Enum { options } => values.extend(enum_values(options, &schema.keyword(only))),
            _ => return None,
        }
    }
    let found = match value {
        value if !values.is_empty() => shown(value),
        Value::Number(_) if types.iter().any(|name| name == "integer") => shown(value),
        value => value.type_name().to_owned(),
    };
    if types.is_empty() {
        return Some(format!("expected one of {}, found {found}", listed(values.into_iter())));
    }
    let mut words: Vec<String> = Vec::new();
    for word in values.into_iter().chain(types) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    // A list that is cut has no last word for the `or`.
    let list = if words.len() > 8 { listed(words.into_iter()) } else { either(&words) };
    Some(format!("expected {list}, found {found}"))
}

/// The alternative that the value comes nearest to, and its first error.
pub(super) fn nearest<'e>(
    alternatives: &'e [Alternative],
    error: &ValidationError<'_>,
    root: &Value,
) -> Option<(usize, &'e ValidationError<'static>)> {
    let distance = |alternative: &Alternative| {
        alternative.iter().map(|inner| weight(inner, error, root)).fold(0, usize::saturating_add)
    };
    let (place, alternative) = alternatives.iter().enumerate().min_by_key(|(_, errors)| distance(errors))?;
    Some((place, alternative.first()?))
}

/// How much an error speaks against its alternative being the one that was meant.
fn weight(inner: &ValidationError<'_>, error: &ValidationError<'_>, root: &Value) -> usize {
    let own = inner.instance_path() == error.instance_path();
    let (_, value) = follow(inner.instance_path().as_str(), root);
    let same_type = |expected: &serde_json::Value| {
        use serde_json::Value as Expected;
        matches!(
            (value, expected),
            (Value::Null, Expected::Null)
                | (Value::Bool(_), Expected::Bool(_))
                | (Value::Number(_), Expected::Number(_))
                | (Value::String(_), Expected::String(_))
                | (Value::Array(_), Expected::Array(_))
                | (Value::Object(_), Expected::Object(_))
        )
    };
    match inner.kind() {
        Kind::Type { .. } if own => FAR,
        Kind::Constant { expected_value } if own && !same_type(expected_value) => FAR,
        Kind::Enum { options } if own => {
            let near = options.as_array().is_some_and(|options| options.iter().any(same_type));
            if near { 1 } else { FAR }
        }
        // A property whose value is one of a few says which alternative is meant.
        Kind::Constant { .. } | Kind::Enum { .. } => 100,
        _ => 1,
    }
}
