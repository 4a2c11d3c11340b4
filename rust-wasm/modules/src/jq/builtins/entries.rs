//! Objects as arrays of entries, and back.

use super::convert::{children, named};
use super::{Answer, Builtin};
use jaq_core::Error;
use wasmrecords_json::{Object, Text, Value};

pub(super) fn all() -> Vec<Builtin> {
    vec![one!("to_entries", |v| to_entries(&v)), one!("from_entries", |v| from_entries(&v))]
}

fn to_entries(value: &Value) -> Answer {
    let (key, value_key) = (Text::from("key"), Text::from("value"));
    let entry = |k: Value, v: &Value| {
        Value::from([(key.clone(), k), (value_key.clone(), v.clone())].into_iter().collect::<Object>())
    };
    match value {
        Value::Object(members) => Ok(members.iter().map(|(k, v)| entry(k.clone().into(), v)).collect()),
        Value::Array(items) => {
            Ok(items.iter().enumerate().map(|(at, v)| entry(Value::from(at), v)).collect())
        }
        _ => Err(Error::str(format_args!("expected an object or an array, found {}", named(value)))),
    }
}

/// Takes the names that jq takes for keys and values.
fn from_entries(value: &Value) -> Answer {
    let keys = ["key", "Key", "name", "Name"];
    let values = ["value", "Value"];
    let mut object = Object::default();
    for item in children(value)? {
        let entry = match item {
            Value::Object(entry) => &**entry,
            item => {
                return Err(Error::str(format_args!(
                    "expected an object as an entry, found {}",
                    named(item)
                )));
            }
        };
        let is_given = |key: &&Value| !matches!(key, Value::Null | Value::Bool(false));
        let key = keys.iter().filter_map(|name| entry.get(name)).find(is_given);
        let Some(Value::String(key)) = key else {
            let found = named(key.unwrap_or(&Value::Null));
            return Err(Error::str(format_args!("expected a string as the key of an entry, found {found}")));
        };
        let value = values.iter().find_map(|name| entry.get(name)).cloned();
        object.insert(key.clone(), value.unwrap_or_default());
    }
    Ok(object.into())
}
