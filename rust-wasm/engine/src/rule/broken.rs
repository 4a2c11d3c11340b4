//! What is wrong with a record, if it is one thing alone.

use wasmrecords_json::{Object, Text, Value};

use super::{Rule, Types, references};

/// The one value in a record that does not match.
#[derive(Debug)]
pub struct Broken<'r, 't> {
    /// Where the schema stands that the value does not match, as a pointer behind `#`.
    pub schema: &'r str,
    /// The number of the place in records at which the value stands; items of an array have the same one. Of one
    /// engine it tells the schema.
    pub place: u32,
    /// Where the value begins in the text.
    pub offset: usize,
    /// The path to it, if that is known.
    pub path: Option<&'r str>,
    /// What is wrong.
    pub found: Found<'r, 't>,
    /// That is all. Else more members are missing in the same object.
    pub alone: bool,
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found<'r, 't> {
    /// This string, number, boolean or null. Of strings all in it stands for itself.
    Scalar(&'t str),
    /// It is an array, and has no business to be one.
    Array,
    /// It is an object, and has no business to be one.
    Object,
    /// There is no member of this name, which is required.
    Missing(&'r str),
}

impl Rule {
    /// Each keyword of the schema that `pointer` leads to, with its own rule. None if one has no rule by itself.
    pub fn keywords(schema: &Value, pointer: &str) -> Option<Vec<(String, Rule)>> {
        let Value::Object(keywords) = references::target(schema, pointer)? else { return None };
        let one = |(name, value): &(Text, Value)| {
            let mut alone = Object::default();
            alone.insert(name.clone(), value.clone());
            Some((name.to_string(), Rule::new(&alone.into(), false).ok()?))
        };
        // What says nothing about scalars says nothing here.
        let within = [
            "properties",
            "items",
            "uniqueItems",
            "additionalProperties",
            "required",
            "$defs",
            "definitions",
            "$schema",
        ];
        keywords.iter().filter(|(name, _)| !within.contains(&name.as_str())).map(one).collect()
    }

    /// Whether what was found matches, of what [`Engine::broken`](crate::Engine::broken) has found.
    pub fn allows(&self, found: Found<'_, '_>) -> bool {
        match found {
            Found::Scalar(text) => match text.as_bytes() {
                [b'"', inner @ .., b'"'] => self.types.has(Types::STRING) && self.string.allows(inner, false),
                b"null" => self.types.has(Types::NULL),
                b"true" => self.types.has(Types::BOOLEAN) && self.booleans[1],
                b"false" => self.types.has(Types::BOOLEAN) && self.booleans[0],
                digits => self.number.allows(digits, self.types),
            },
            Found::Array => self.types.has(Types::ARRAY),
            Found::Object => self.types.has(Types::OBJECT),
            Found::Missing(_) => true,
        }
    }
}
