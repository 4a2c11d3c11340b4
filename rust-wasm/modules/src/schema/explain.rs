//! A broken keyword in plain words: what was expected, what was found.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use std::rc::Rc;
use wasmrecords_json::{Segment, Value, nearest};
use wasmrecords_validator::{copy, repeated};

use super::alternatives;
use super::place::{follow, last, parent, unescaped};
use super::source::{Keyword, Source, Step};
use super::words::{counted, cut, either, expected, listed, plural, quoted, shown};

/// What is told about one error.
pub(super) struct Told {
    /// The keyword that is broken; `false` where the schema is `false`.
    pub code: String,
    pub path: Vec<Segment>,
    pub message: String,
}

/// Puts an error about `root` into words. Where the schema is at hand it says more.
pub(super) fn explain(error: &ValidationError<'_>, root: &Value, schema: &Source) -> Told {
    let (mut path, value) = follow(error.instance_path().as_str(), root);
    let keyword = schema.keyword(error);
    let step = Step::last(error);
    // The path leads to what is too much, not to what holds it.
    let message = match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            path.extend(unexpected.first().cloned().map(Segment::Name));
            too_many_properties(unexpected, &keyword)
        }
        Kind::UnevaluatedItems { unexpected } => {
            let items = if let Value::Array(items) = value { items.as_slice() } else { &[] };
            let places = unevaluated(items, unexpected);
            path.extend(places.first().copied().map(Segment::Index));
            too_many_items(items, &places, &keyword)
        }
        Kind::AdditionalItems { limit } => {
            path.push(Segment::Index(*limit));
            too_many(*limit as u64, "item", length(value))
        }
        // Beside no other keyword of its kind, `additionalProperties` is told as a schema of its own.
        Kind::FalseSchema if step.keyword() == "additionalProperties" => {
            let members = if let Value::Object(members) = value { members } else { &Rc::default() };
            let names: Vec<String> = members.iter().map(|(name, _)| name.to_string()).collect();
            path.extend(names.first().cloned().map(Segment::Name));
            too_many_properties(&names, &Keyword::default())
        }
        Kind::FalseSchema => match (path.last(), &step) {
            (Some(Segment::Index(limit)), Step::Keyword(keyword)) if keyword == "items" => {
                let (array, limit) = (follow(parent(error.instance_path().as_str()), root).1, *limit as u64);
                too_many(limit, "item", length(array))
            }
            (_, Step::Keyword(keyword)) if keyword == "propertyNames" => {
                format!("expected no properties, found {}", shown(value))
            }
            // With such a property there is no way to be right, whatever else the object has.
            (_, Step::Name { holder, name }) if holder.starts_with("depend") => {
                let member = if let Value::Object(members) = value { members.get(name) } else { None };
                path.extend(member.map(|_| Segment::Name(name.clone())));
                format!("expected no value here, found {}", shown(member.unwrap_or(value)))
            }
            _ => format!("expected no value here, found {}", shown(value)),
        },
        Kind::PropertyNames { error } => {
            let name = error.instance().as_str().unwrap_or_default();
            path.push(Segment::Name(name.to_owned()));
            let value = Value::from(name);
            format!(
                "the property name {} breaks a rule: {}",
                quoted(name),
                message(error, &value, &Keyword::default())
            )
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
        _ => message(error, value, &keyword),
    };
    Told { code: code(error, &keyword, step.keyword()), path, message }
}

/// The keyword as the schema has it: several may have the same kind of error.
fn code(error: &ValidationError<'_>, keyword: &Keyword<'_>, step: &str) -> String {
    match (error.kind(), step) {
        (Kind::Required { .. }, "dependentRequired" | "dependencies")
        | (Kind::FalseSchema, "items" | "propertyNames" | "additionalProperties") => step,
        (Kind::FalseSchema, _) => "false",
        (Kind::Contains, _) => counting(error, keyword).0,
        (kind, _) => kind.keyword(),
    }
    .to_owned()
}

/// The words for errors that need nothing but the value at fault and the keyword in the schema.
pub(super) fn message(error: &ValidationError<'_>, value: &Value, keyword: &Keyword<'_>) -> String {
    match error.kind() {
        Kind::Type { kind } => {
            let names = type_names(kind);
            // That a number is none of the whole ones is only seen by its digits.
            let found = match value {
                Value::Number(_) if names.contains(&"integer") => shown(value),
                value => value.type_name().to_owned(),
            };
            format!("expected {}, found {found}", either(&names))
        }
        Kind::Enum { options } => {
            let options = enum_values(options, keyword);
            let found = shown(value);
            match options.len() {
                0 => format!("expected no value here (`enum` is empty), found {found}"),
                1 => format!("expected {}, found {found}", options.concat()),
                _ => format!("expected one of {}, found {found}", listed(options.into_iter())),
            }
        }
        Kind::Constant { expected_value } => {
            format!("expected {}, found {}", keyword.written(expected_value), shown(value))
        }
        Kind::Minimum { limit } => {
            format!("expected at least {}, found {}", keyword.written(limit), shown(value))
        }
        Kind::Maximum { limit } => {
            format!("expected at most {}, found {}", keyword.written(limit), shown(value))
        }
        Kind::ExclusiveMinimum { limit } => {
            format!("expected more than {}, found {}", keyword.written(limit), shown(value))
        }
        Kind::ExclusiveMaximum { limit } => {
            format!("expected less than {}, found {}", keyword.written(limit), shown(value))
        }
        // The only keyword of our own.
        Kind::Custom { .. } | Kind::MultipleOf { .. } => {
            let of = keyword.value().map(|of| keyword.written(of)).unwrap_or_default();
            format!("expected a multiple of {of}, found {}", shown(value))
        }
        Kind::MinLength { limit } => too_few(*limit, "character", length(value)),
        Kind::MaxLength { limit } => too_many(*limit, "character", length(value)),
        Kind::MinItems { limit } => too_few(*limit, "item", length(value)),
        Kind::MaxItems { limit } => too_many(*limit, "item", length(value)),
        Kind::MinProperties { limit } => too_few(*limit, "property", length(value)),
        Kind::MaxProperties { limit } => too_many(*limit, "property", length(value)),
        Kind::AdditionalItems { limit } => too_many(*limit as u64, "item", length(value)),
        Kind::UnevaluatedItems { .. } => "unexpected items".to_owned(),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            too_many_properties(unexpected, keyword)
        }
        Kind::UniqueItems => "expected items that all differ".to_owned(),
        Kind::Required { property } => missing(property, value, keyword.value()),
        Kind::Contains => contains(counting(error, keyword)),
        Kind::Pattern { pattern } => {
            format!("expected a match of the pattern {}, found {}", quoted(pattern), shown(value))
        }
        Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } => {
            let pattern = match keyword.value() {
                Some(serde_json::Value::String(pattern)) => quoted(pattern),
                // Of `patternProperties` the last step is the pattern.
                _ => quoted(&unescaped(last(error.schema_path().as_str()))),
            };
            format!("the search for the pattern {pattern} was given up, it takes too many steps")
        }
        Kind::Not { schema } => {
            let schema = keyword.value().unwrap_or(schema);
            format!("expected no match of {}, found {}", keyword.written(schema), shown(value))
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
        Kind::Format { format } => {
            format!("expected text of the format {}, found {}", quoted(format), shown(value))
        }
        // References are resolved when the schema is compiled.
        Kind::Referencing(_) => cut(error.to_string()),
    }
}

pub(super) fn type_names(kind: &TypeKind) -> Vec<&'static str> {
    match kind {
        TypeKind::Single(name) => vec![name.as_str()],
        TypeKind::Multiple(names) => names.iter().map(|name| name.as_str()).collect(),
    }
}

/// Of a string the characters, of a container the items or properties.
fn length(value: &Value) -> u64 {
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

fn too_many_properties(unexpected: &[String], keyword: &Keyword<'_>) -> String {
    let count = unexpected.len() as u64;
    let what = plural(count, "property");
    let names = listed(unexpected.iter().map(|name| quoted(name)));
    if has_rule(keyword) {
        return format!("the {what} {names} {} the rule for unevaluated properties", plural_verb(count));
    }
    let known = keyword.beside("properties").and_then(serde_json::Value::as_object);
    let known = known.into_iter().flat_map(|known| known.keys()).map(String::as_str);
    match unexpected {
        [one] => match nearest(one, known) {
            Some(near) => format!("unexpected {what} {names}; did you mean {}?", quoted(near)),
            None => format!("unexpected {what} {names}"),
        },
        _ => format!("unexpected {what} {names}"),
    }
}

fn too_many_items(items: &[Value], places: &[usize], keyword: &Keyword<'_>) -> String {
    let count = places.len() as u64;
    let what = plural(count, "item");
    let list = listed(
        places.iter().filter_map(|&place| items.get(place)).map(shown).collect::<Vec<_>>().into_iter(),
    );
    if has_rule(keyword) {
        return format!("the {what} {list} {} the rule for unevaluated items", plural_verb(count));
    }
    format!("unexpected {what}: {list}")
}

/// Whether the keyword lets values through that match a schema, rather than none.
fn has_rule(keyword: &Keyword<'_>) -> bool {
    keyword.value().is_some_and(serde_json::Value::is_object)
}

fn plural_verb(count: u64) -> &'static str {
    if count == 1 { "breaks" } else { "break" }
}

/// The places of unexpected items, of which only the texts are told. From the end: the same value
/// may stand in front, where an item is expected by its place.
fn unevaluated(items: &[Value], unexpected: &[String]) -> Vec<usize> {
    let mut texts = unexpected.iter().rev().peekable();
    let mut places = Vec::with_capacity(unexpected.len());
    for (place, item) in items.iter().enumerate().rev() {
        let Some(&text) = texts.peek() else { break };
        let found = copy(item).to_string();
        if found == *text {
            places.push(place);
            texts.next();
        }
    }
    places.reverse();
    places
}

pub(super) fn enum_values(options: &serde_json::Value, keyword: &Keyword<'_>) -> Vec<String> {
    let options = options.as_array().into_iter().flatten();
    options.enumerate().map(|(at, option)| keyword.item(at, option)).collect()
}

fn missing(property: &serde_json::Value, value: &Value, keyword: Option<&serde_json::Value>) -> String {
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

/// The keyword that counts what `contains` describes, and its limit. Fewer than one is none at all,
/// which is what `contains` refuses by itself.
fn counting(error: &ValidationError<'_>, keyword: &Keyword<'_>) -> (&'static str, u64) {
    match (last(error.schema_path().as_str()), keyword.value().and_then(serde_json::Value::as_u64)) {
        ("minContains", Some(limit)) if limit > 1 => ("minContains", limit),
        ("maxContains", Some(limit)) => ("maxContains", limit),
        _ => ("contains", 1),
    }
}

fn contains((keyword, limit): (&str, u64)) -> String {
    match keyword {
        "minContains" => {
            format!("expected at least {} that `contains` describes, found fewer", counted(limit, "item"))
        }
        "maxContains" => {
            format!("expected at most {} that `contains` describes, found more", counted(limit, "item"))
        }
        _ => "expected an item that `contains` describes, found none".to_owned(),
    }
}
