//! What a schema lets stand at a path.

use wasmrecords_json::{Object, Value};

/// What a value may be: groups of types, in their order.
#[derive(Clone, Copy)]
pub(super) struct Kinds(u8);

impl Kinds {
    /// `null`, also where nothing is, `false` and `true`.
    pub const LOW: u8 = 1;
    pub const NUMBER: u8 = 2;
    pub const STRING: u8 = 4;
    /// Arrays and objects.
    pub const DEEP: u8 = 8;
    pub const ALL: Kinds = Kinds(15);

    /// True if it may be one of these.
    pub fn may_be(self, bits: u8) -> bool {
        self.0 & bits != 0
    }
}

/// What the schema lets stand at a path.
pub(super) fn kinds(schema: Option<&Value>, path: &[&str]) -> Kinds {
    let Some(mut schema) = schema.and_then(members) else { return Kinds::ALL };
    let mut always = true;
    for name in path {
        let required = match schema.get("required") {
            Some(Value::Array(names)) => names.iter().any(|required| required.as_str() == Some(name)),
            _ => false,
        };
        always &= required && schema.get("type").and_then(Value::as_str) == Some("object");
        match schema.get("properties").and_then(members).and_then(|known| known.get(name)).and_then(members) {
            Some(inner) => schema = inner,
            None => return Kinds::ALL,
        }
    }
    let types = match schema.get("type") {
        Some(Value::Array(types)) => types.iter().fold(0, |bits, name| bits | kind(name)),
        Some(name) => kind(name),
        None => return Kinds::ALL,
    };
    Kinds(if always { types } else { types | Kinds::LOW })
}

fn kind(name: &Value) -> u8 {
    match name.as_str() {
        Some("null" | "boolean") => Kinds::LOW,
        Some("number" | "integer") => Kinds::NUMBER,
        Some("string") => Kinds::STRING,
        _ => Kinds::DEEP,
    }
}

fn members(value: &Value) -> Option<&Object> {
    match value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}
