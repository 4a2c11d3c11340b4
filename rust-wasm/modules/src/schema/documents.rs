//! A schema with the documents that it may refer to: all of them were handed over, none is fetched.

use jsonschema::{Draft, ReferencingError, Registry, ValidationError};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use wasmrecords::Failure;
use wasmrecords_json::{Segment, Value, locate, parse, write_path};

use super::resources::{BASE, Resources};
use super::{NESTING, refusal};

/// What goes with a schema.
#[derive(Default)]
pub struct Settings<'t> {
    /// The URI of the schema itself, as far as it does not name one.
    pub base: Option<&'t str>,
    /// JSON texts of other documents, by the URI that they were found by.
    pub documents: BTreeMap<&'t str, &'t [u8]>,
    /// Why further references lead nowhere, by URI: what to say behind the reference.
    pub missing: BTreeMap<String, String>,
    /// Whether `format` refuses.
    pub formats: bool,
    /// Whether all errors of a record are told, and not only the first.
    pub all: bool,
}

/// One text: the schema itself or another document.
pub(super) struct Document<'t> {
    pub uri: &'t str,
    pub text: &'t [u8],
    pub value: Value,
}

/// All of them, the schema first.
pub(super) struct Documents<'t> {
    pub all: Vec<Document<'t>>,
    pub missing: &'t BTreeMap<String, String>,
}

impl<'t> Documents<'t> {
    /// Parses all texts.
    pub fn read(text: &'t [u8], settings: &'t Settings<'t>) -> Result<Self, Failure> {
        let schema = (settings.base.unwrap_or(BASE), text);
        let others = settings.documents.iter().map(|(uri, text)| (*uri, *text));
        let mut all = Vec::new();
        for (uri, text) in std::iter::once(schema).chain(others) {
            let value = parse(text, NESTING).map_err(|error| {
                let rule = if all.is_empty() { "" } else { uri };
                Failure { rule: rule.into(), ..refusal::syntax(error) }
            })?;
            all.push(Document { uri, text, value });
        }
        Ok(Documents { all, missing: &settings.missing })
    }

    /// The schema itself.
    pub fn schema(&self) -> &Document<'t> {
        &self.all[0]
    }

    /// A refusal of what stands at a place.
    pub fn refusal(&self, place: &Place, message: String) -> Failure {
        let document = &self.all[place.document];
        Failure {
            offset: locate(document.text, &place.path),
            path: write_path(&place.path),
            rule: if place.document == 0 { "" } else { document.uri }.into(),
            ..Failure::new("schema", message)
        }
    }
}

/// Where something stands: the number of a document and the path in it.
#[derive(Default)]
pub(super) struct Place {
    pub document: usize,
    pub path: Vec<Segment>,
}

/// How a document is called in messages: files by their path, others by their URI.
pub(super) fn shown(uri: &str) -> &str {
    uri.strip_prefix(BASE).unwrap_or(uri)
}

/// The draft that the schema is written for, by way of meta-schemas that were handed over.
pub(super) fn draft(documents: &Documents<'_>, resources: &Resources<'_>) -> Draft {
    let mut schema = &documents.schema().value;
    // As many steps as anybody takes: the validator refuses a circle.
    for _ in 0..16 {
        let Some(name) = declared(schema) else { break };
        let draft = Draft::from_schema_uri(name);
        match resources.root(name) {
            Some(meta) if draft == Draft::Unknown => schema = meta,
            _ => return draft,
        }
    }
    Draft::default()
}

/// What a schema has as its `$schema`.
pub(super) fn declared(schema: &Value) -> Option<&str> {
    match schema {
        Value::Object(members) => match members.get("$schema") {
            Some(Value::String(name)) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

/// What is wrong with a schema by the meta-schema of its draft, or of the one that it is read by otherwise. The
/// validator looks at the schema itself in this way, and not at what goes with it.
pub(super) fn fault(json: &Json, draft: Draft) -> Option<ValidationError<'_>> {
    let draft = draft.detect(json);
    // Parts for other drafts are told apart by the validator alone.
    if !json.is_object() || declares(json, 0) {
        return None;
    }
    match draft {
        Draft::Draft4 => jsonschema::draft4::meta::validate(json),
        Draft::Draft6 => jsonschema::draft6::meta::validate(json),
        Draft::Draft7 => jsonschema::draft7::meta::validate(json),
        Draft::Draft201909 => jsonschema::draft201909::meta::validate(json),
        _ => jsonschema::draft202012::meta::validate(json),
    }
    .err()
}

/// Whether a part of a schema names a draft of its own.
fn declares(json: &Json, level: usize) -> bool {
    match json {
        Json::Array(items) => items.iter().any(|item| declares(item, level + 1)),
        Json::Object(members) => members.iter().any(|(name, member)| {
            level > 0 && name == "$schema" && member.is_string() || declares(member, level + 1)
        }),
        _ => false,
    }
}

/// What the validator looks references up in.
pub(super) fn registry(
    documents: Vec<(&str, Json)>,
    draft: Draft,
) -> Result<Registry<'static>, ReferencingError> {
    let mut registry = Registry::new().draft(draft).retriever(Nothing);
    for (uri, json) in documents {
        // Each is read by its own draft, and by the schema's where it names none.
        let draft = draft.detect(&json);
        registry = registry.add(uri, draft.create_resource(json))?;
    }
    registry.prepare()
}

/// Finds nothing.
struct Nothing;

impl jsonschema::Retrieve for Nothing {
    fn retrieve(
        &self,
        _: &jsonschema::Uri<String>,
    ) -> Result<Json, Box<dyn std::error::Error + Send + Sync>> {
        Err("nothing is fetched".into())
    }
}
