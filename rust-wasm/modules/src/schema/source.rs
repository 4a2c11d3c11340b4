//! The schema as it was written: where the keyword of an error stands in it, and what stands there.

use jsonschema::json::JsonNumber as _;
use jsonschema::{Draft, ValidationError};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use wasmrecords_json::{Segment, Value};
use wasmrecords_validator::Digits;

use super::documents::{Document, Documents, Place, shown};
use super::place::{last, parent, pointer, unescaped};
use super::references::{DATA, holds_schemas};
use super::resources::Resources;
use super::words::{cut, expected};

/// A schema in the validator's form, with what that form lacks.
#[derive(Default)]
pub(super) struct Source {
    /// Each document with its URI, the schema first.
    documents: Vec<(String, Json)>,
    /// The document of each part with a URI of its own and the pointer to it there, by that URI.
    resources: BTreeMap<String, (usize, String)>,
    /// The digits of numbers that the form above spells otherwise, by document and pointer.
    digits: BTreeMap<(usize, String), String>,
}

impl Source {
    /// A copy, or the place and digits of a number that it cannot hold.
    pub fn read(documents: &Documents<'_>, resources: &Resources<'_>) -> Result<Source, (Place, String)> {
        let mut source = Source { resources: resources.places(), ..Source::default() };
        for (document, Document { uri, value, .. }) in documents.all.iter().enumerate() {
            let mut digits = BTreeMap::new();
            let json = copy(value, &mut Vec::new(), &mut digits)
                .map_err(|(path, digits)| (Place { document, path }, digits))?;
            source.documents.push(((*uri).to_owned(), json));
            source.digits.extend(digits.into_iter().map(|(pointer, digits)| ((document, pointer), digits)));
        }
        Ok(source)
    }

    /// The documents as the validator is to have them, each with its URI, the schema first.
    pub fn for_validator(&self) -> Vec<(&str, Json)> {
        let mut documents: Vec<_> =
            self.documents.iter().map(|(uri, json)| (uri.as_str(), json.clone())).collect();
        documents.iter_mut().for_each(|(_, json)| adapt(json, &mut Vec::new()));
        documents
    }

    /// Documents that have a meta-schema of their writer's own: it has a say in what they may be.
    pub fn for_other_drafts(&self) -> impl Iterator<Item = (usize, &Json)> {
        let documents = self.documents.iter().map(|(_, json)| json).enumerate();
        documents.filter(|(_, json)| Draft::default().detect(json) == Draft::Unknown)
    }

    /// The document that an error about a schema belongs to: it only tells the path, and what stands there.
    pub fn document(&self, error: &ValidationError<'_>) -> usize {
        let (path, found) = (error.instance_path().as_str(), error.instance());
        let holds = |(_, json): &(String, Json)| json.pointer(path) == Some(&*found);
        // Of a name that is at fault it is not told what stands there.
        let leads = |(_, json): &(String, Json)| json.pointer(path).is_some();
        let mut documents = self.documents.iter();
        documents.position(holds).or_else(|| self.documents.iter().position(leads)).unwrap_or(0)
    }

    /// Where the keyword of an error stands, as a pointer behind `#`; in front of it the document, if it is not
    /// the schema itself.
    pub fn rule(&self, error: &ValidationError<'_>) -> String {
        match self.place(error) {
            Some((document, mut pointer)) => {
                let (uri, json) = &self.documents[document];
                // It may be one that only the validator's form has: see `adapt`.
                if json.pointer(&pointer).is_none() && last(&pointer) == "minContains" {
                    pointer = format!("{}/contains", parent(&pointer));
                }
                format!("{}#{pointer}", if document == 0 { "" } else { shown(uri) })
            }
            // The schemas of the drafts.
            None => error.absolute_keyword_location().map(|uri| uri.as_str().to_owned()).unwrap_or_default(),
        }
    }

    /// The keyword that an error is about.
    pub fn keyword(&self, error: &ValidationError<'_>) -> Keyword<'_> {
        Keyword { place: self.place(error).map(|place| (self, place)) }
    }

    fn place(&self, error: &ValidationError<'_>) -> Option<(usize, String)> {
        let path = error.schema_path().as_str();
        let Some(uri) = error.absolute_keyword_location() else {
            // The path begins at a resource, and may only be taken if there is no other.
            return (self.resources.len() == 1).then(|| (0, path.to_owned()));
        };
        let (document, resource) = self.resources.get(uri.strip_fragment().as_str())?;
        let fragment = uri.fragment().map(|fragment| fragment.decode().to_string_lossy());
        let pointer = format!("{resource}{}", fragment.unwrap_or_default());
        // The URI goes on to one of several dependencies, by a number that is no name in the schema.
        let beyond = last(&pointer) != last(path) && last(parent(&pointer)) == last(path);
        Some((*document, if beyond { parent(&pointer).to_owned() } else { pointer }))
    }
}

/// A keyword in the schema; nowhere if it is not known where it stands.
#[derive(Default)]
pub(super) struct Keyword<'s> {
    place: Option<(&'s Source, (usize, String))>,
}

impl<'s> Keyword<'s> {
    pub fn value(&self) -> Option<&'s Json> {
        let (source, (document, pointer)) = self.place.as_ref()?;
        source.documents[*document].1.pointer(pointer)
    }

    /// The value of another keyword in the same schema.
    pub fn beside(&self, name: &str) -> Option<&'s Json> {
        let (source, (document, pointer)) = self.place.as_ref()?;
        source.documents[*document].1.pointer(parent(pointer))?.get(name)
    }

    /// The keyword's value in words, with the digits of the schema.
    pub fn written(&self, value: &Json) -> String {
        self.written_at("", value)
    }

    /// An item of the keyword's value in words.
    pub fn item(&self, at: usize, value: &Json) -> String {
        self.written_at(&format!("/{at}"), value)
    }

    fn written_at(&self, step: &str, value: &Json) -> String {
        let digits = self.place.as_ref().and_then(|(source, (document, pointer))| {
            source.digits.get(&(*document, format!("{pointer}{step}")))
        });
        match digits {
            Some(digits) if value.is_number() => cut(digits.clone()),
            _ => expected(value),
        }
    }
}

/// The last step on the way to an error's keyword, references included: a name if it is the name of
/// a property, a definition and the like.
pub(super) enum Step {
    Keyword(String),
    Name { holder: String, name: String },
}

impl Step {
    pub fn last(error: &ValidationError<'_>) -> Step {
        let steps = error.evaluation_path().as_str().split('/').skip(1);
        let mut path: Vec<_> = steps.map(|step| Segment::Name(unescaped(step))).collect();
        let Some(Segment::Name(last)) = path.pop() else { return Step::Keyword(String::new()) };
        match path.last() {
            Some(Segment::Name(holder)) if holds_schemas(&path) => {
                Step::Name { holder: holder.clone(), name: last }
            }
            _ => Step::Keyword(last),
        }
    }

    /// The keyword, empty if the last step is none.
    pub fn keyword(&self) -> &str {
        match self {
            Step::Keyword(keyword) => keyword,
            Step::Name { .. } => "",
        }
    }
}

/// What the validator would get wrong is said in another way.
fn adapt(schema: &mut Json, path: &mut Vec<Segment>) {
    match schema {
        Json::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                path.push(Segment::Index(at));
                adapt(item, path);
                path.pop();
            }
        }
        Json::Object(members) => {
            let names = holds_schemas(path);
            if !names {
                // Beside `maxContains` alone, none is told like too many.
                let least = members.contains_key("contains") && !members.contains_key("minContains");
                if least && members.get("maxContains").is_some_and(Json::is_number) {
                    members.insert("minContains".to_owned(), 1.into());
                }
                // An empty reference is passed over.
                if let Some(Json::String(reference)) = members.get_mut("$ref")
                    && reference.is_empty()
                {
                    reference.push('#');
                }
            }
            for (name, member) in
                members.iter_mut().filter(|(name, _)| names || !DATA.contains(&name.as_str()))
            {
                path.push(Segment::Name(name.clone()));
                adapt(member, path);
                path.pop();
            }
        }
        _ => {}
    }
}

fn copy(
    value: &Value,
    path: &mut Vec<Segment>,
    digits: &mut BTreeMap<String, String>,
) -> Result<Json, (Vec<Segment>, String)> {
    Ok(match value {
        Value::Null => Json::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => {
            let written = Digits::of(number);
            let Some(number) = written.rounded() else {
                return Err((path.clone(), written.as_str().into_owned()));
            };
            if number.to_string() != written.as_str() {
                digits.insert(pointer(path), written.as_str().into_owned());
            }
            number.into()
        }
        Value::String(string) => string.as_str().into(),
        Value::Array(items) => {
            let mut copies = Vec::with_capacity(items.len());
            for (at, item) in items.iter().enumerate() {
                path.push(Segment::Index(at));
                copies.push(copy(item, path, digits)?);
                path.pop();
            }
            copies.into()
        }
        Value::Object(members) => {
            let mut copies = serde_json::Map::new();
            for (name, member) in members.iter() {
                path.push(Segment::Name(name.to_string()));
                copies.insert(name.to_string(), copy(member, path, digits)?);
                path.pop();
            }
            copies.into()
        }
    })
}
