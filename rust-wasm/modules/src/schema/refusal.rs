//! Schemas that cannot be used, told with their place.

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ReferencingError, ValidationError};
use wasmrecords::Failure;
use wasmrecords_json::{Segment, SyntaxError, Value, locate, write_path};

use super::place::{follow, last};
use super::source::Source;
use super::words::{cut, listed, quoted, shown, type_name};
use super::{alternatives, explain::explain, pattern, references};
use crate::nearest::nearest;

/// The `$schema` of each draft that is known. Each also goes with or without a `#` at its end.
const DIALECTS: [&str; 5] = [
    "https://json-schema.org/draft/2020-12/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "http://json-schema.org/draft-07/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-04/schema#",
];

/// A text that is no JSON.
pub(super) fn syntax(error: SyntaxError) -> Failure {
    let code = if error.kind.code() == "nesting" { "nesting" } else { "schema" };
    Failure { code: code.into(), offset: error.offset, path: error.path, message: error.message }
}

/// The schema as the validator takes it, if nothing is wrong with it that the validator would let
/// pass, or tell without its place.
pub(super) fn check(value: &Value, text: &[u8]) -> Result<Source, Failure> {
    if !matches!(value, Value::Object(_) | Value::Bool(_)) {
        let message = format!("expected an object or a boolean, found {}", type_name(value));
        return Err(refusal(text, &[], message));
    }
    for dialect in references::keywords(value, &["$schema"]) {
        let same = |known: &&str| without_hash(known) == without_hash(dialect.text);
        // Many write the scheme that the other drafts have.
        let known = |text: &str| DIALECTS.iter().any(|known| same(known) || without_scheme(known) == text);
        if !known(without_scheme(dialect.text)) {
            let drafts = listed(DIALECTS.iter().map(|known| quoted(known)));
            let message = format!("expected one of {drafts}, found {}", quoted(dialect.text));
            return Err(refusal(text, &dialect.path, message));
        }
    }
    if let Some(reference) = references::endless(value) {
        let message = format!(
            "the reference {} leads back to itself without a step into the record, so checking it would \
             never end",
            quoted(reference.text)
        );
        return Err(refusal(text, &reference.path, message));
    }
    Source::read(value).map_err(|(path, digits)| {
        let message = format!("expected a number within the range of a 64-bit float, found {}", cut(digits));
        refusal(text, &path, message)
    })
}

fn without_hash(text: &str) -> &str {
    text.strip_suffix('#').unwrap_or(text)
}

fn without_scheme(text: &str) -> &str {
    let text = without_hash(text);
    text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text)
}

/// What the validator says against the schema.
pub(super) fn refused(error: &ValidationError<'_>, value: &Value, text: &[u8]) -> Failure {
    if let Kind::Referencing(why) = error.kind() {
        return reference(why, value, text);
    }
    // Of alternatives the nearest says best what is wrong, and in which of the inner places.
    let mut error = error;
    while let Kind::AnyOf { context } | Kind::OneOfNotValid { context } = error.kind() {
        match alternatives::nearest(context, error, value) {
            Some((_, inner)) => error = inner,
            None => break,
        }
    }
    let (_, at) = follow(error.instance_path().as_str(), value);
    let told = explain(error, value, &Source::default());
    let message = match (error.kind(), at) {
        (Kind::Format { format }, Value::String(text)) if format == "regex" => pattern::refusal(text),
        (Kind::Format { format }, _) if format == "regex" => {
            // Of `patternProperties` the pattern is the name.
            let name = told.path.last().and_then(|step| match step {
                Segment::Name(name) => Some(name.as_str()),
                Segment::Index(_) => None,
            });
            pattern::refusal(name.unwrap_or_default())
        }
        (Kind::Format { format }, at) => format!("expected a {format}, found {}", shown(at)),
        (Kind::Enum { options }, Value::String(found)) => {
            let options = options.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
            match nearest(found, options) {
                Some(near) => format!("{}; did you mean {}?", told.message, quoted(near)),
                None => told.message,
            }
        }
        _ => match hint(last(error.instance_path().as_str()), at) {
            Some(hint) => format!("{} ({hint})", told.message),
            None => told.message,
        },
    };
    refusal(text, &told.path, message)
}

/// What the writer of the schema may have had in mind.
fn hint(keyword: &str, value: &Value) -> Option<&'static str> {
    match (keyword, value) {
        ("items", Value::Array(_)) => Some(
            "a list of schemas is `prefixItems` since draft 2020-12; or name an older draft in `$schema`",
        ),
        ("exclusiveMinimum" | "exclusiveMaximum", Value::Bool(_)) => {
            Some("it is a bound of its own since draft 6; or name draft 4 in `$schema`")
        }
        ("exclusiveMinimum" | "exclusiveMaximum", Value::Number(_)) => {
            Some("in draft 4 it goes with `minimum` or `maximum`; or name a newer draft in `$schema`")
        }
        ("required", Value::Bool(_)) => {
            Some("the names of required properties are listed beside `properties`")
        }
        _ => None,
    }
}

fn reference(why: &ReferencingError, value: &Value, text: &[u8]) -> Failure {
    let key = match why {
        ReferencingError::Unretrievable { uri, .. } => uri.as_str(),
        ReferencingError::PointerToNowhere { pointer }
        | ReferencingError::InvalidPercentEncoding { pointer, .. }
        | ReferencingError::InvalidArrayIndex { pointer, .. } => pointer,
        ReferencingError::NoSuchAnchor { anchor } | ReferencingError::InvalidAnchor { anchor } => anchor,
        _ => "",
    };
    let at = if key.is_empty() {
        // The validator names the text of what is no URI only within its sentence.
        let sentence = why.to_string();
        let all = references::keywords(value, &["$ref", "$dynamicRef", "$recursiveRef", "$id", "id"]);
        all.into_iter().find(|keyword| sentence.contains(&format!("'{}'", keyword.text)))
    } else {
        references::find(value, key)
    };
    let shown = quoted(at.as_ref().map_or(key, |reference| reference.text));
    let message = match why {
        ReferencingError::Unretrievable { .. } => format!(
            "the reference {shown} leads out of the schema, and nothing is fetched: copy what it means into \
             `$defs` and refer to it as \"#/$defs/NAME\""
        ),
        ReferencingError::PointerToNowhere { pointer } => match references::nearest_place(value, pointer) {
            Some(near) => {
                format!("the reference {shown} leads nowhere; did you mean {}?", quoted(&near))
            }
            None => format!("the reference {shown} leads nowhere: the schema has no such place"),
        },
        ReferencingError::InvalidPercentEncoding { .. } | ReferencingError::InvalidArrayIndex { .. } => {
            format!("the reference {shown} leads nowhere: the schema has no such place")
        }
        ReferencingError::NoSuchAnchor { .. } | ReferencingError::InvalidAnchor { .. } => {
            format!("the reference {shown} leads nowhere: the schema has no such `$anchor`")
        }
        ReferencingError::InvalidUri(_) => format!("expected a URI reference, found {shown}"),
        other => cut(other.to_string()),
    };
    refusal(text, at.as_ref().map_or(&[], |reference| &reference.path), message)
}

fn refusal(text: &[u8], path: &[Segment], message: String) -> Failure {
    Failure { code: "schema".into(), offset: locate(text, path), path: write_path(path), message }
}

/// Whether any keyword searches with a regular expression.
pub(super) fn has_patterns(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_patterns),
        Value::Object(members) => members.iter().any(|(name, value)| {
            matches!(name.as_str(), "pattern" | "patternProperties") || has_patterns(value)
        }),
        _ => false,
    }
}
