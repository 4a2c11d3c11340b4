//! The parts of a schema that have a URI of their own: references and errors name places by them.

use jsonschema::{Uri, uri};
use std::collections::BTreeMap;
use wasmrecords_json::{Segment, Value};

use super::place::pointer;
use super::references::{DATA, holds_schemas};

/// The URI of a schema that does not name one itself.
pub(super) const BASE: &str = "schema:///";

/// A schema with a URI: the whole one, or a part of it with an `$id`.
struct Resource<'v> {
    uri: Uri<String>,
    pointer: String,
    root: &'v Value,
}

/// All of them, and which one each object of the schema belongs to.
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
    pub fn new(root: &'v Value) -> Self {
        let mut resources = Resources::default();
        if let Ok(uri) = uri::from_str(BASE) {
            resources.all.push(Resource { uri, pointer: String::new(), root });
            resources.walk(root, &mut Vec::new(), Naming::Always, 0);
        }
        resources
    }

    /// The pointer to each resource by its URI.
    pub fn pointers(&self) -> BTreeMap<String, String> {
        self.all.iter().map(|resource| (resource.uri.as_str().to_owned(), resource.pointer.clone())).collect()
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
        let base = &self.all[*self.of.get(&address(object))?].uri;
        let target = uri::resolve_against(&base.borrow(), reference).ok()?;
        let named = target.strip_fragment();
        let resource = self.all.iter().find(|resource| resource.uri.as_str() == named.as_str())?;
        let fragment = target.fragment().map(|fragment| fragment.decode().to_string_lossy().into_owned());
        Some(Target { root: resource.root, fragment: fragment.unwrap_or_default() })
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
        self.all.push(Resource { uri, pointer: pointer(path), root: schema });
        Some(self.all.len() - 1)
    }
}

fn draft(schema: &Value) -> Option<Naming> {
    let Value::Object(members) = schema else { return None };
    let Some(Value::String(draft)) = members.get("$schema") else { return None };
    Some(match draft.as_str() {
        draft if draft.contains("draft-04") => Naming::Id,
        draft if draft.contains("draft-0") => Naming::DollarId,
        _ => Naming::Always,
    })
}

/// Schemas are told apart by address.
pub(super) fn address(schema: &Value) -> usize {
    std::ptr::from_ref(schema).addr()
}
