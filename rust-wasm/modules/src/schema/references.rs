//! References: that they do not go round in circles, and where in the schema one stands.

use std::collections::BTreeMap;
use wasmrecords_json::{Segment, Value};

use super::place::{follow, unescaped};

/// Keywords whose value is data, in which nothing is a keyword.
const DATA: [&str; 5] = ["const", "enum", "default", "examples", "example"];

/// Keywords that apply schemas to the same value as the schema they stand in.
const IN_PLACE: [&str; 9] =
    ["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"];

/// Keywords that refer.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// A keyword whose value is a string, with its place.
pub(super) struct Keyword<'v> {
    pub path: Vec<Segment>,
    pub name: &'v str,
    pub text: &'v str,
}

/// All places of the keywords of these names that have a string.
pub(super) fn keywords<'v>(value: &'v Value<'v>, names: &[&str]) -> Vec<Keyword<'v>> {
    let mut found = Vec::new();
    collect(value, names, &mut Vec::new(), &mut found);
    found
}

fn collect<'v>(value: &'v Value<'v>, names: &[&str], path: &mut Vec<Segment>, found: &mut Vec<Keyword<'v>>) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push(Segment::Index(at));
                collect(item, names, path, found);
                path.pop();
            }
        }
        Value::Object(members) => {
            for (name, member) in members.iter() {
                if DATA.contains(&name.as_ref()) && !holds_schemas(path) {
                    continue;
                }
                path.push(Segment::Name(name.to_string()));
                match member {
                    Value::String(text) if names.contains(&name.as_ref()) => {
                        found.push(Keyword { path: path.clone(), name, text });
                    }
                    other => collect(other, names, path, found),
                }
                path.pop();
            }
        }
        _ => {}
    }
}

/// Whether the members of the object at `path` are properties: their names are no keywords.
fn holds_schemas(path: &[Segment]) -> bool {
    let holder = matches!(path.last(), Some(Segment::Name(name)) if matches!(
        name.as_str(), "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas"
    ));
    // A property that is called `properties` is a schema itself.
    holder && !holds_schemas(&path[..path.len() - 1])
}

/// The reference that `key`, as an error names it, stands for.
pub(super) fn find<'v>(value: &'v Value<'v>, key: &str) -> Option<Keyword<'v>> {
    let names = [REFERENCES.as_slice(), &["$id", "id"]].concat();
    let mut all = keywords(value, &names);
    let fits = |keyword: &Keyword<'_>| {
        let (resource, fragment) = keyword.text.split_once('#').unwrap_or((keyword.text, ""));
        keyword.text == key || fragment == key && !fragment.is_empty() || {
            // Errors name a reference with the base that it is relative to.
            let key = key.split_once('#').map_or(key, |(key, _)| key);
            !resource.is_empty() && key.ends_with(resource.trim_start_matches("./"))
        }
    };
    let at = all.iter().position(|keyword| keyword.text == key).or_else(|| all.iter().position(fits))?;
    Some(all.swap_remove(at))
}

/// A reference that leads back to where it stands without a step into the record: checking it would
/// never end.
pub(super) fn endless<'v>(root: &'v Value<'v>) -> Option<Keyword<'v>> {
    let references = keywords(root, &REFERENCES);
    let mut schemas = Schemas::new(root, &references);
    references.into_iter().find(|keyword| schemas.circle_from(holder(root, keyword)))
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// On the way from where the search began.
    Open,
    /// No circle behind it.
    Done,
}

/// What leads from schema to schema for one and the same value. Schemas are told apart by address.
struct Schemas<'v> {
    /// What `#` means in a schema that refers.
    resources: BTreeMap<usize, &'v Value<'v>>,
    /// By the resource and the name.
    anchors: BTreeMap<(usize, &'v str), &'v Value<'v>>,
    states: BTreeMap<usize, State>,
}

impl<'v> Schemas<'v> {
    fn new(root: &'v Value<'v>, references: &[Keyword<'v>]) -> Self {
        let resource = |keyword: &Keyword<'v>| {
            // The innermost schema around it that has a name of its own.
            let mut at = root;
            let mut resource = root;
            for segment in &keyword.path[..keyword.path.len() - 1] {
                at = step(at, segment).unwrap_or(at);
                if is_resource(at) {
                    resource = at;
                }
            }
            resource
        };
        let of = |keyword| (address(holder(root, keyword)), resource(keyword));
        let anchors = keywords(root, &["$anchor", "$dynamicAnchor", "$id", "id"]);
        let anchors = anchors.iter().filter_map(|keyword| {
            let name = match keyword.name {
                "$id" | "id" => keyword.text.strip_prefix('#')?,
                _ => keyword.text,
            };
            Some(((address(resource(keyword)), name), holder(root, keyword)))
        });
        Schemas {
            resources: references.iter().map(of).collect(),
            anchors: anchors.collect(),
            states: BTreeMap::new(),
        }
    }

    /// Whether a circle is reached from this schema. Without recursion: a chain of references may be
    /// as long as the schema.
    fn circle_from(&mut self, from: &'v Value<'v>) -> bool {
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
    fn next(&self, schema: &'v Value<'v>) -> Vec<&'v Value<'v>> {
        let Value::Object(members) = schema else { return Vec::new() };
        let mut schemas = Vec::new();
        for name in REFERENCES {
            if let Some(Value::String(reference)) = members.get(name) {
                schemas.extend(self.target(schema, reference));
            }
        }
        for name in IN_PLACE {
            match members.get(name) {
                Some(Value::Array(items)) => schemas.extend(items),
                Some(Value::Object(inner)) if name.starts_with("depend") => {
                    schemas.extend(inner.iter().map(|(_, schema)| schema));
                }
                Some(inner) => schemas.push(inner),
                None => {}
            }
        }
        schemas
    }

    /// Where a reference within the same resource leads. Others are no concern here: what has an `$id`
    /// of its own is looked up by the validator, whose own guard ends a circle there.
    fn target(&self, schema: &'v Value<'v>, reference: &str) -> Option<&'v Value<'v>> {
        let fragment = reference.strip_prefix('#')?;
        let resource = *self.resources.get(&address(schema))?;
        if fragment.is_empty() || fragment.starts_with('/') {
            let (path, found) = follow(fragment, resource);
            return (path.len() == fragment.matches('/').count()).then_some(found);
        }
        self.anchors.get(&(address(resource), fragment)).copied()
    }
}

fn address(schema: &Value<'_>) -> usize {
    std::ptr::from_ref(schema).addr()
}

fn is_resource(schema: &Value<'_>) -> bool {
    let Value::Object(members) = schema else { return false };
    let name = members.get("$id").or_else(|| members.get("id"));
    matches!(name, Some(Value::String(name)) if !name.starts_with('#'))
}

/// The schema that a keyword stands in.
fn holder<'v>(root: &'v Value<'v>, keyword: &Keyword<'v>) -> &'v Value<'v> {
    let steps = &keyword.path[..keyword.path.len() - 1];
    steps.iter().fold(root, |at, segment| step(at, segment).unwrap_or(at))
}

fn step<'v>(at: &'v Value<'v>, segment: &Segment) -> Option<&'v Value<'v>> {
    match (at, segment) {
        (Value::Array(items), Segment::Index(index)) => items.get(*index),
        (Value::Object(members), Segment::Name(name)) => members.get(name),
        _ => None,
    }
}

/// A pointer that leads somewhere, where only the name of one step is spelt otherwise.
pub(super) fn nearest_place(root: &Value<'_>, pointer: &str) -> Option<String> {
    let (path, at) = follow(pointer, root);
    let missing = pointer.split('/').nth(path.len() + 1).map(unescaped)?;
    let Value::Object(members) = at else { return None };
    let near = crate::nearest::nearest(&missing, members.iter().map(|(name, _)| name.as_ref()))?;
    let mut steps: Vec<&str> = pointer.split('/').collect();
    steps[path.len() + 1] = near;
    Some(format!("#{}", steps.join("/")))
}
