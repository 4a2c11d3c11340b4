//! Schemas that cannot be used, told with their place.

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ReferencingError, ValidationError, uri};
use wasmrecords::Failure;
use wasmrecords_json::{Segment, SyntaxError, Value, nearest};

use super::documents::{Document, Documents, Place};
use super::place::{follow, last};
use super::references::Keyword;
use super::resources::{BASE, Resources, Target};
use super::source::Source;
use super::words::{cut, listed, quoted, shown};
use super::{alternatives, explain::explain, pattern, references};

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
    Failure { offset: error.offset, path: error.path, ..Failure::new(code, error.message) }
}

/// The schemas as the validator takes them, if nothing is wrong with them that the validator would let
/// pass, or tell without its place.
pub(super) fn check(documents: &Documents<'_>, resources: &Resources<'_>) -> Result<Source, Failure> {
    for (document, Document { value, .. }) in documents.all.iter().enumerate() {
        if !matches!(value, Value::Object(_) | Value::Bool(_)) {
            let message = format!("expected an object or a boolean, found {}", value.type_name());
            return Err(documents.refusal(&Place { document, path: Vec::new() }, message));
        }
    }
    for dialect in references::keywords(documents, &["$schema"]) {
        let same = |known: &&str| without_hash(known) == without_hash(dialect.text);
        // Many write the scheme that the other drafts have.
        let known = |text: &str| DIALECTS.iter().any(|known| same(known) || without_scheme(known) == text);
        if !known(without_scheme(dialect.text)) && resources.root(dialect.text).is_none() {
            let drafts = listed(DIALECTS.iter().map(|known| quoted(known)));
            let message = format!("expected one of {drafts}, found {}", quoted(dialect.text));
            return Err(documents.refusal(&dialect.place, message));
        }
    }
    if let Some(reference) = references::endless(documents, resources) {
        let message = format!(
            "the reference {} leads back to itself without a step into the record, so checking it would \
             never end",
            quoted(reference.text)
        );
        return Err(documents.refusal(&reference.place, message));
    }
    Source::read(documents, resources).map_err(|(place, digits)| {
        let message = format!("expected a number within the range of a 64-bit float, found {}", cut(digits));
        documents.refusal(&place, message)
    })
}

fn without_hash(text: &str) -> &str {
    text.strip_suffix('#').unwrap_or(text)
}

fn without_scheme(text: &str) -> &str {
    let text = without_hash(text);
    text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text)
}

/// What the validator says against a document.
pub(super) fn refused(
    error: &ValidationError<'_>,
    documents: &Documents<'_>,
    resources: &Resources<'_>,
    document: usize,
) -> Failure {
    if let Kind::Referencing(why) = error.kind() {
        return reference(why, documents, resources);
    }
    let value = &documents.all[document].value;
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
    documents.refusal(&Place { document, path: told.path }, message)
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

/// What the validator says against a reference.
pub(super) fn reference(
    why: &ReferencingError,
    documents: &Documents<'_>,
    resources: &Resources<'_>,
) -> Failure {
    let nowhere = |keyword: &Keyword<'_>, holder: &Value, pointer: &str| {
        let fragment = |target: Target<'_>| target.fragment == pointer || keyword.text.ends_with(pointer);
        keyword.name != "$schema" && resources.target(holder, keyword.text).is_some_and(fragment)
    };
    let at = match why {
        ReferencingError::Unretrievable { uri, .. } => references::broken(documents, |keyword, holder| {
            let found = resources.resolved(holder, keyword.text);
            found.is_some_and(|found| found.strip_fragment().as_str() == without_hash(uri))
        }),
        ReferencingError::PointerToNowhere { pointer }
        | ReferencingError::InvalidPercentEncoding { pointer, .. }
        | ReferencingError::InvalidArrayIndex { pointer, .. } => {
            references::broken(documents, |keyword, holder| nowhere(keyword, holder, pointer))
        }
        ReferencingError::NoSuchAnchor { anchor } | ReferencingError::InvalidAnchor { anchor } => {
            references::broken(documents, |keyword, holder| nowhere(keyword, holder, anchor))
        }
        other => {
            // The validator names the text of what is no URI only within its sentence.
            let sentence = other.to_string();
            let names = ["$ref", "$dynamicRef", "$recursiveRef", "$id", "id"];
            let mut all = references::keywords(documents, &names).into_iter();
            all.find(|keyword| sentence.contains(&format!("'{}'", keyword.text)))
        }
    };
    let shown = at.as_ref().map_or_else(|| why.to_string(), |reference| quoted(reference.text));
    let message = match why {
        ReferencingError::Unretrievable { uri, .. } => {
            format!("the reference {shown} {}", absent(uri, documents))
        }
        ReferencingError::PointerToNowhere { pointer } => {
            let target = at.as_ref().and_then(|at| {
                let target = resources.target(references::holder(documents, at), at.text)?;
                let near = references::nearest_place(target.root, pointer)?;
                Some(format!("{}#{near}", at.text.split('#').next().unwrap_or_default()))
            });
            match target {
                Some(near) => {
                    format!("the reference {shown} leads nowhere; did you mean {}?", quoted(&near))
                }
                None => format!("the reference {shown} leads nowhere: the schema has no such place"),
            }
        }
        ReferencingError::InvalidPercentEncoding { .. } | ReferencingError::InvalidArrayIndex { .. } => {
            format!("the reference {shown} leads nowhere: the schema has no such place")
        }
        ReferencingError::NoSuchAnchor { .. } | ReferencingError::InvalidAnchor { .. } => {
            format!("the reference {shown} leads nowhere: the schema has no such `$anchor`")
        }
        ReferencingError::InvalidUri(_) => format!("expected a URI reference, found {shown}"),
        other => cut(other.to_string()),
    };
    documents.refusal(&at.map(|at| at.place).unwrap_or_default(), message)
}

/// Why a document is not there.
fn absent(uri: &str, documents: &Documents<'_>) -> String {
    let same = |known: &String| uri::from_str(known).is_ok_and(|known| known.as_str() == without_hash(uri));
    if let Some((_, why)) = documents.missing.iter().find(|(known, _)| same(known)) {
        return why.clone();
    }
    if uri.starts_with(BASE) {
        "leads to another file, and files are only read from a folder that is named: --schema-dir DIR, or \
         schema_dir in Python"
    } else {
        "leads to a URL, and nothing is fetched: have the document as a file with this `$id` in the folder \
         of --schema-dir (schema_dir in Python), or copy what it means into `$defs`"
    }
    .to_owned()
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
