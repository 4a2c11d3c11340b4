//! The parts of a schema that have a URI of their own: references and errors name places by them.

use jsonschema::{Uri, uri};
use std::collections::BTreeMap;
use wasmrecords_json::{Segment, Value};

use super::documents::{Document, Documents, declared};
use super::place::pointer;
use super::references::{DATA, holds_schemas};

/// The URI of a schema that does not name one itself.
pub(super) const BASE: &str = "schema:///";

/// A schema with a URI: a whole document, or a part of it with an `$id`.
struct Resource<'v> {
    uri: Uri<String>,
    document: usize,
    pointer: String,
    root: &'v Value,
}

/// All of them, and which one each object of a schema belongs to.
#[derive(Default)]
pub(super) struct Resources<'v> {
    all: Vec<Resource<'v>>,
    of: BTreeMap<usize, usize>,
}

/// What a reference leads to.
pub(super) struct Target<'v> {
    /// The root of the resource.
    pub root: &'v Value,
    /// What stands behind the `#`, decoded.
    pub fragment: String,
}

/// Drafts as far as they differ in how a resource is named.
#[derive(Clone, Copy)]
enum Naming {
    Id,
    DollarId,
    /// Since 2019-09 also beside a `$ref`.
    Always,
}

impl<'v> Resources<'v> {
    pub fn new(documents: &'v Documents<'v>) -> Self {
        let mut resources = Resources::default();
        // What names no draft is read as the schema is.
        let naming = draft(&documents.schema().value).unwrap_or(Naming::Always);
        for (document, Document { uri, value: root, .. }) in documents.all.iter().enumerate() {
            let Ok(uri) = uri::from_str(uri) else { continue };
            let within = resources.all.len();
            resources.all.push(Resource { uri, document, pointer: String::new(), root });
            resources.walk(root, &mut Vec::new(), naming, within);
        }
        resources
    }

    /// The document of each resource and the pointer to it there, by its URI.
    pub fn places(&self) -> BTreeMap<String, (usize, String)> {
        let places = self.all.iter().map(|resource| {
            (resource.uri.as_str().to_owned(), (resource.document, resource.pointer.clone()))
        });
        places.collect()
    }

    /// The resource with a URI.
    pub fn root(&self, uri: &str) -> Option<&'v Value> {
        let uri = uri::from_str(uri.trim_end_matches('#')).ok()?;
        Some(self.all.iter().find(|resource| resource.uri == uri)?.root)
    }

    /// The root of each resource.
    pub fn roots(&self) -> impl Iterator<Item = &'v Value> {
        self.all.iter().map(|resource| resource.root)
    }

    /// The root of the resource that an object of the schema belongs to.
    pub fn root_of(&self, object: &Value) -> Option<&'v Value> {
        Some(self.all[*self.of.get(&address(object))?].root)
    }

    /// Where a reference in `object` leads; none if that is no part of the schema.
    pub fn target(&self, object: &Value, reference: &str) -> Option<Target<'v>> {
        let target = self.resolved(object, reference)?;
        let named = target.strip_fragment();
        let resource = self.all.iter().find(|resource| resource.uri.as_str() == named.as_str())?;
        let fragment = target.fragment().map(|fragment| fragment.decode().to_string_lossy().into_owned());
        Some(Target { root: resource.root, fragment: fragment.unwrap_or_default() })
    }

    /// The URI that a reference in `object` leads to.
    pub fn resolved(&self, object: &Value, reference: &str) -> Option<Uri<String>> {
        let base = &self.all[*self.of.get(&address(object))?].uri;
        uri::resolve_against(&base.borrow(), reference).ok()
    }

    fn walk(&mut self, value: &'v Value, path: &mut Vec<Segment>, naming: Naming, within: usize) {
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    path.push(Segment::Index(at));
                    self.walk(item, path, naming, within);
                    path.pop();
                }
            }
            Value::Object(members) => {
                let names = holds_schemas(path);
                let naming = if names { naming } else { draft(value).unwrap_or(naming) };
                let own = if names { None } else { self.own(value, path, naming, within) };
                let within = own.unwrap_or(within);
                self.of.insert(address(value), within);
                for (name, member) in
                    members.iter().filter(|(name, _)| names || !DATA.contains(&name.as_str()))
                {
                    path.push(Segment::Name(name.to_string()));
                    self.walk(member, path, naming, within);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// A schema that names itself begins a resource.
    fn own(&mut self, schema: &'v Value, path: &[Segment], naming: Naming, within: usize) -> Option<usize> {
        let Value::Object(members) = schema else { return None };
        let keyword = if matches!(naming, Naming::Id) { "id" } else { "$id" };
        if !matches!(naming, Naming::Always) && members.get("$ref").is_some() {
            return None;
        }
        let Some(Value::String(id)) = members.get(keyword) else { return None };
        let id = id.split('#').next().filter(|id| !id.is_empty())?;
        let uri = uri::resolve_against(&self.all[within].uri.borrow(), id).ok()?;
        let document = self.all[within].document;
        self.all.push(Resource { uri, document, pointer: pointer(path), root: schema });
        Some(self.all.len() - 1)
    }
}

fn draft(schema: &Value) -> Option<Naming> {
    Some(match declared(schema)? {
        draft if draft.contains("draft-04") => Naming::Id,
        draft if draft.contains("draft-0") => Naming::DollarId,
        _ => Naming::Always,
    })
}

/// Schemas are told apart by address.
pub(super) fn address(schema: &Value) -> usize {
    std::ptr::from_ref(schema).addr()
}
