//! A broken keyword in plain words: what was expected, what was found.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use std::borrow::Cow;
use wasmrecords_json::{Object, Segment, Value};

use super::alternatives;
use super::equal::repeated;
use super::place::{follow, last, parent, unescaped};
use super::words::{counted, cut, either, expected, listed, plural, quoted, shown, type_name};
use crate::nearest::nearest;

/// What is told about one error.
pub(super) struct Told {
    /// The keyword that is broken; `false` where the schema is `false`.
    pub code: String,
    pub path: Vec<Segment>,
    pub message: String,
}

/// Puts an error about `root` into words. Where the schema is at hand it says more.
pub(super) fn explain(error: &ValidationError<'_>, root: &Value<'_>, schema: &serde_json::Value) -> Told {
    let (mut path, value) = follow(error.instance_path().as_str(), root);
    let keyword = schema.pointer(error.schema_path().as_str());
    let keyword_name = last(error.schema_path().as_str());
    // The path leads to what is too much, not to what holds it.
    let message = match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            path.extend(unexpected.first().cloned().map(Segment::Name));
            let known = schema.pointer(parent(error.schema_path().as_str()));
            let known = known.and_then(|schema| schema.get("properties")?.as_object());
            too_many_properties(unexpected, known)
        }
        Kind::AdditionalItems { limit } => {
            path.push(Segment::Index(*limit));
            too_many(*limit as u64, "item", length(value))
        }
        // Beside no other keyword of its kind, `additionalProperties` is told as a schema of its own.
        Kind::FalseSchema if keyword_name == "additionalProperties" => {
            let members = if let Value::Object(members) = value { members } else { &Object::default() };
            let names: Vec<String> = members.iter().map(|(name, _)| name.to_string()).collect();
            path.extend(names.first().cloned().map(Segment::Name));
            too_many_properties(&names, None)
        }
        Kind::FalseSchema => match (path.last(), keyword_name) {
            (Some(Segment::Index(limit)), "items") => {
                let (array, limit) = (follow(parent(error.instance_path().as_str()), root).1, *limit as u64);
                too_many(limit, "item", length(array))
            }
            (_, "propertyNames") => format!("expected no properties, found {}", shown(value)),
            _ => format!("expected no value here, found {}", shown(value)),
        },
        Kind::PropertyNames { error } => {
            let name = error.instance().as_str().unwrap_or_default();
            path.push(Segment::Name(name.to_owned()));
            let value = Value::String(Cow::Borrowed(name));
            format!("the property name {} breaks a rule: {}", quoted(name), message(error, &value, None))
        }
        Kind::UniqueItems => {
            let items = if let Value::Array(items) = value { items.as_slice() } else { &[] };
            let (later, earlier) = repeated(items).unwrap_or_default();
            path.push(Segment::Index(later));
            let item = items.get(later).map(shown).unwrap_or_default();
            format!("expected items that all differ, found {item} again, which is also item {earlier}")
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            alternatives::none_matches(context, error, value, root, schema)
        }
        _ => message(error, value, keyword),
    };
    Told { code: code(error, keyword_name), path, message }
}

/// The keyword as the schema has it: several may have the same kind of error.
fn code(error: &ValidationError<'_>, keyword: &str) -> String {
    match (error.kind(), keyword) {
        (
            Kind::Required { .. } | Kind::Contains | Kind::FalseSchema,
            "dependentRequired"
            | "dependencies"
            | "minContains"
            | "maxContains"
            | "items"
            | "propertyNames"
            | "additionalProperties",
        ) => keyword.to_owned(),
        (Kind::FalseSchema, _) => "false".to_owned(),
        (kind, _) => kind.keyword().to_owned(),
    }
}

/// The words for errors that need nothing but the value at fault and, if it is at hand, the keyword's
/// value in the schema.
pub(super) fn message(
    error: &ValidationError<'_>,
    value: &Value<'_>,
    keyword: Option<&serde_json::Value>,
) -> String {
    match error.kind() {
        Kind::Type { kind } => {
            let names = type_names(kind);
            // That a number is none of the whole ones is only seen by its digits.
            let found = match value {
                Value::Number(_) if names.contains(&"integer") => shown(value),
                value => type_name(value).to_owned(),
            };
            format!("expected {}, found {found}", either(&names))
        }
        Kind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            let one_of = if options.len() == 1 { "" } else { "one of " };
            format!("expected {one_of}{}, found {}", listed(options.iter().map(expected)), shown(value))
        }
        Kind::Constant { expected_value } => {
            format!("expected {}, found {}", expected(expected_value), shown(value))
        }
        Kind::Minimum { limit } => format!("expected at least {limit}, found {}", shown(value)),
        Kind::Maximum { limit } => format!("expected at most {limit}, found {}", shown(value)),
        Kind::ExclusiveMinimum { limit } => format!("expected more than {limit}, found {}", shown(value)),
        Kind::ExclusiveMaximum { limit } => format!("expected less than {limit}, found {}", shown(value)),
        Kind::MultipleOf { multiple_of } => {
            let of = keyword.filter(|value| value.is_number());
            let of = of.map_or_else(|| multiple_of.to_string(), serde_json::Value::to_string);
            format!("expected a multiple of {of}, found {}", shown(value))
        }
        Kind::MinLength { limit } => too_few(*limit, "character", length(value)),
        Kind::MaxLength { limit } => too_many(*limit, "character", length(value)),
        Kind::MinItems { limit } => too_few(*limit, "item", length(value)),
        Kind::MaxItems { limit } => too_many(*limit, "item", length(value)),
        Kind::MinProperties { limit } => too_few(*limit, "property", length(value)),
        Kind::MaxProperties { limit } => too_many(*limit, "property", length(value)),
        Kind::AdditionalItems { limit } => too_many(*limit as u64, "item", length(value)),
        Kind::UnevaluatedItems { unexpected } => {
            let items = unexpected.iter().map(|item| cut(item.clone()));
            format!("unexpected {} {}", plural(unexpected.len() as u64, "item"), listed(items))
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            too_many_properties(unexpected, None)
        }
        Kind::UniqueItems => "expected items that all differ".to_owned(),
        Kind::Required { property } => missing(property, value, keyword),
        Kind::Contains => contains(last(error.schema_path().as_str()), keyword),
        Kind::Pattern { pattern } => {
            format!("expected a match of the pattern {}, found {}", quoted(pattern), shown(value))
        }
        Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } => {
            let pattern = match keyword {
                Some(serde_json::Value::String(pattern)) => quoted(pattern),
                // Of `patternProperties` the last step is the pattern.
                _ => quoted(&unescaped(last(error.schema_path().as_str()))),
            };
            format!("the search for the pattern {pattern} was given up, it takes too many steps")
        }
        Kind::Not { schema } => {
            format!("expected no match of {}, found {}", expected(schema), shown(value))
        }
        Kind::OneOfMultipleValid { context } => alternatives::several_match(context),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            format!("expected a match of one of {} alternatives, found {}", context.len(), shown(value))
        }
        Kind::FalseSchema => format!("expected no value here, found {}", shown(value)),
        Kind::ContentEncoding { content_encoding } => {
            format!("expected text in the encoding {}, found {}", quoted(content_encoding), shown(value))
        }
        Kind::ContentMediaType { content_media_type } => {
            format!("expected text of the type {}, found {}", quoted(content_media_type), shown(value))
        }
        Kind::FromUtf8 { .. } => format!("expected encoded UTF-8, found {}", shown(value)),
        Kind::PropertyNames { .. } => "a property name breaks a rule".to_owned(),
        // Formats are not checked, references are resolved when the schema is compiled, and there are
        // no keywords of our own.
        Kind::Format { .. } | Kind::Referencing(_) | Kind::Custom { .. } => cut(error.to_string()),
    }
}

pub(super) fn type_names(kind: &TypeKind) -> Vec<&'static str> {
    match kind {
        TypeKind::Single(name) => vec![name.as_str()],
        TypeKind::Multiple(names) => names.iter().map(|name| name.as_str()).collect(),
    }
}

/// Of a string the characters, of a container the items or properties.
fn length(value: &Value<'_>) -> u64 {
    let length = match value {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        _ => 0,
    };
    length as u64
}

fn too_few(limit: u64, what: &str, found: u64) -> String {
    format!("expected at least {}, found {found}", counted(limit, what))
}

fn too_many(limit: u64, what: &str, found: u64) -> String {
    format!("expected at most {}, found {found}", counted(limit, what))
}

fn too_many_properties(
    unexpected: &[String],
    known: Option<&serde_json::Map<String, serde_json::Value>>,
) -> String {
    let what = plural(unexpected.len() as u64, "property");
    let names = listed(unexpected.iter().map(|name| quoted(name)));
    let known = known.into_iter().flat_map(|known| known.keys()).map(String::as_str);
    match unexpected {
        [one] => match nearest(one, known) {
            Some(near) => format!("unexpected {what} {names}; did you mean {}?", quoted(near)),
            None => format!("unexpected {what} {names}"),
        },
        _ => format!("unexpected {what} {names}"),
    }
}

fn missing(property: &serde_json::Value, value: &Value<'_>, keyword: Option<&serde_json::Value>) -> String {
    let because = keyword.and_then(|keyword| keyword.as_object()).and_then(|dependencies| {
        let (name, _) = dependencies.iter().find(|(name, wanted)| {
            let present = matches!(value, Value::Object(members) if members.get(name).is_some());
            present && wanted.as_array().is_some_and(|wanted| wanted.contains(property))
        })?;
        Some(name)
    });
    match because {
        Some(name) => {
            format!("missing the property {}, required beside {}", expected(property), quoted(name))
        }
        None => format!("missing the required property {}", expected(property)),
    }
}

fn contains(keyword: &str, limit: Option<&serde_json::Value>) -> String {
    match (keyword, limit.and_then(serde_json::Value::as_u64)) {
        ("minContains", Some(limit)) => {
            format!("expected at least {} that `contains` describes, found fewer", counted(limit, "item"))
        }
        ("maxContains", Some(limit)) => {
            format!("expected at most {} that `contains` describes, found more", counted(limit, "item"))
        }
        _ => "expected an item that `contains` describes, found none".to_owned(),
    }
}
