//! References: that they do not go round in circles, and where in the schema one stands.

use std::collections::BTreeMap;
use wasmrecords_json::{Segment, Value};

use super::documents::{Document, Documents, Place};
use super::place::{follow, unescaped};
use super::resources::{Resources, address};

/// Keywords whose value is data, in which nothing is a keyword.
pub(super) const DATA: [&str; 5] = ["const", "enum", "default", "examples", "example"];

/// Keywords that apply schemas to the same value as the schema they stand in.
const IN_PLACE: [&str; 9] =
    ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"];

/// Keywords that refer.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// A keyword whose value is a string, with its place.
pub(super) struct Keyword<'v> {
    pub place: Place,
    pub name: &'v str,
    pub text: &'v str,
}

/// All places of the keywords of these names that have a string.
pub(super) fn keywords<'v>(documents: &'v Documents<'v>, names: &[&str]) -> Vec<Keyword<'v>> {
    let mut found = Vec::new();
    for (document, Document { value, .. }) in documents.all.iter().enumerate() {
        collect(value, names, document, &mut Vec::new(), &mut found);
    }
    found
}

fn collect<'v>(
    value: &'v Value,
    names: &[&str],
    document: usize,
    path: &mut Vec<Segment>,
    found: &mut Vec<Keyword<'v>>,
) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push(Segment::Index(at));
                collect(item, names, document, path, found);
                path.pop();
            }
        }
        Value::Object(members) => {
            for (name, member) in members.iter() {
                if DATA.contains(&name.as_str()) && !holds_schemas(path) {
                    continue;
                }
                path.push(Segment::Name(name.to_string()));
                match member {
                    Value::String(text) if names.contains(&name.as_str()) => {
                        let place = Place { document, path: path.clone() };
                        found.push(Keyword { place, name, text });
                    }
                    other => collect(other, names, document, path, found),
                }
                path.pop();
            }
        }
        _ => {}
    }
}

/// Whether the members of the object at `path` are properties: their names are no keywords.
pub(super) fn holds_schemas(path: &[Segment]) -> bool {
    let holder = matches!(path.last(), Some(Segment::Name(name)) if matches!(
        name.as_str(), "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" | "dependencies"
    ));
    // A property that is called `properties` is a schema itself.
    holder && !holds_schemas(&path[..path.len() - 1])
}

/// The first reference that leads to what is not there: for which `missing` holds.
pub(super) fn broken<'v>(
    documents: &'v Documents<'v>,
    missing: impl Fn(&Keyword<'v>, &'v Value) -> bool,
) -> Option<Keyword<'v>> {
    let all = keywords(documents, &[&REFERENCES[..], &["$schema"]].concat());
    all.into_iter().find(|keyword| missing(keyword, holder(documents, keyword)))
}

/// A reference that leads back to where it stands without a step into the record: checking it would
/// never end.
pub(super) fn endless<'v>(documents: &'v Documents<'v>, resources: &Resources<'v>) -> Option<Keyword<'v>> {
    let references = keywords(documents, &REFERENCES);
    let mut schemas = Schemas::new(documents, resources);
    references.into_iter().find(|keyword| schemas.circle_from(holder(documents, keyword)))
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// On the way from where the search began.
    Open,
    /// No circle behind it.
    Done,
}

/// What leads from schema to schema for one and the same value.
struct Schemas<'r, 'v> {
    resources: &'r Resources<'v>,
    /// By the resource and the name.
    anchors: BTreeMap<(usize, &'v str), &'v Value>,
    /// What a dynamic reference may lead to, by the name of the anchor.
    dynamic: BTreeMap<&'v str, Vec<&'v Value>>,
    /// What a `$recursiveRef` may lead to.
    recursive: Vec<&'v Value>,
    states: BTreeMap<usize, State>,
}

impl<'r, 'v> Schemas<'r, 'v> {
    fn new(documents: &'v Documents<'v>, resources: &'r Resources<'v>) -> Self {
        let mut anchors = BTreeMap::new();
        let mut dynamic: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for keyword in keywords(documents, &["$anchor", "$dynamicAnchor", "$id", "id"]) {
            let schema = holder(documents, &keyword);
            let name = match keyword.name {
                "$id" | "id" => keyword.text.strip_prefix('#'),
                _ => Some(keyword.text),
            };
            let (Some(name), Some(resource)) = (name, resources.root_of(schema)) else { continue };
            anchors.insert((address(resource), name), schema);
            if keyword.name == "$dynamicAnchor" {
                dynamic.entry(name).or_default().push(schema);
            }
        }
        let recursive = resources.roots().filter(|root| is_true(root, "$recursiveAnchor")).collect();
        Schemas { resources, anchors, dynamic, recursive, states: BTreeMap::new() }
    }

    /// Whether a circle is reached from this schema. Without recursion: a chain of references may be
    /// as long as the schema.
    fn circle_from(&mut self, from: &'v Value) -> bool {
        if self.states.contains_key(&address(from)) {
            return false;
        }
        self.states.insert(address(from), State::Open);
        let mut open = vec![(from, self.next(from))];
        while let Some((schema, next)) = open.last_mut() {
            let Some(inner) = next.pop() else {
                self.states.insert(address(schema), State::Done);
                open.pop();
                continue;
            };
            match self.states.get(&address(inner)) {
                Some(State::Open) => return true,
                Some(State::Done) => {}
                None => {
                    self.states.insert(address(inner), State::Open);
                    open.push((inner, self.next(inner)));
                }
            }
        }
        false
    }

    /// The schemas that a schema applies to the value that it is applied to itself.
    fn next(&self, schema: &'v Value) -> Vec<&'v Value> {
        let Value::Object(members) = schema else { return Vec::new() };
        let mut schemas = Vec::new();
        for name in REFERENCES {
            if let Some(Value::String(reference)) = members.get(name) {
                schemas.extend(self.targets(schema, name, reference));
            }
        }
        for name in IN_PLACE {
            match members.get(name) {
                Some(Value::Array(items)) => schemas.extend(&**items),
                Some(Value::Object(inner)) if name.starts_with("depend") => {
                    schemas.extend(inner.iter().map(|(_, schema)| schema));
                }
                Some(inner) => schemas.push(inner),
                None => {}
            }
        }
        schemas
    }

    /// Where a reference leads; a dynamic one to all that it may lead to.
    fn targets(&self, schema: &'v Value, keyword: &str, reference: &str) -> Vec<&'v Value> {
        let Some(target) = self.resources.target(schema, reference) else { return Vec::new() };
        let fragment = target.fragment.as_str();
        if fragment.is_empty() || fragment.starts_with('/') {
            let (path, found) = follow(fragment, target.root);
            let found = (path.len() == fragment.matches('/').count()).then_some(found);
            let recursive = keyword == "$recursiveRef" && is_true(target.root, "$recursiveAnchor");
            let others = if recursive { self.recursive.as_slice() } else { &[] };
            return found.into_iter().chain(others.iter().copied()).collect();
        }
        let Some(&found) = self.anchors.get(&(address(target.root), fragment)) else { return Vec::new() };
        match self.dynamic.get(fragment) {
            Some(all) if keyword == "$dynamicRef" && all.iter().any(|at| std::ptr::eq(*at, found)) => {
                all.clone()
            }
            _ => vec![found],
        }
    }
}

fn is_true(schema: &Value, name: &str) -> bool {
    matches!(schema, Value::Object(members) if matches!(members.get(name), Some(Value::Bool(true))))
}

/// The schema that a keyword stands in.
pub(super) fn holder<'v>(documents: &'v Documents<'v>, keyword: &Keyword<'v>) -> &'v Value {
    let Place { document, path } = &keyword.place;
    let root = &documents.all[*document].value;
    path[..path.len() - 1].iter().fold(root, |at, segment| step(at, segment).unwrap_or(at))
}

fn step<'v>(at: &'v Value, segment: &Segment) -> Option<&'v Value> {
    match (at, segment) {
        (Value::Array(items), Segment::Index(index)) => items.get(*index),
        (Value::Object(members), Segment::Name(name)) => members.get(name),
        _ => None,
    }
}

/// A pointer that leads somewhere, where only the name of one step is spelt otherwise.
pub(super) fn nearest_place(root: &Value, pointer: &str) -> Option<String> {
    let (path, at) = follow(pointer, root);
    let missing = pointer.split('/').nth(path.len() + 1).map(unescaped)?;
    let Value::Object(members) = at else { return None };
    let near = wasmrecords_json::nearest(&missing, members.iter().map(|(name, _)| name.as_str()))?;
    let mut steps: Vec<&str> = pointer.split('/').collect();
    steps[path.len() + 1] = near;
    Some(steps.join("/"))
}
