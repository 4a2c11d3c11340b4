//! Objects as arrays of entries, and back.

use super::convert::{children, named, wrong};
use super::{Answer, Builtin};
use jaq_core::Error;
use wasmrecords_json::{Object, Text, Value};

pub(super) fn all() -> Vec<Builtin> {
    vec![
        one!("to_entries", |v| to_entries(&v)),
        one!("from_entries", |v| from_entries(&v)),
        one!("keys_unsorted", |v| keys(&v)),
        one!("keys", |v| match &v {
            Value::Object(members) => {
                let mut names: Vec<_> = members.iter().map(|(name, _)| name.clone()).collect();
                names.sort_unstable();
                Ok(names.into_iter().map(Value::from).collect())
            }
            other => keys(other),
        }),
    ]
}

fn keys(value: &Value) -> Answer {
    match value {
        Value::Object(members) => Ok(members.iter().map(|(name, _)| Value::from(name.clone())).collect()),
        Value::Array(items) => Ok((0..items.len()).map(Value::from).collect()),
        other => Err(wrong(other, "has no keys")),
    }
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
        _ => Err(wrong(value, "has no keys")),
    }
}

/// Takes the names that jq takes for keys and values.
fn from_entries(value: &Value) -> Answer {
    let keys = ["key", "Key", "name", "Name"];
    let values = ["value", "Value"];
    let (nothing, mut object) = (Object::default(), Object::default());
    for item in children(value)? {
        let entry = match item {
            Value::Object(entry) => &**entry,
            Value::Null => &nothing,
            item => {
                let found = item.type_name();
                return Err(Error::str(format_args!("Cannot index {found} with string (\"key\")")));
            }
        };
        let key = keys.iter().filter_map(|name| entry.get(name)).find(|key| key.is_true());
        // What is left of `//` when nothing is true.
        let key = key.or_else(|| entry.get("Name")).unwrap_or(&Value::Null);
        let Value::String(key) = key else {
            return Err(Error::str(format_args!("Cannot use {} as object key", named(key))));
        };
        let value = values.iter().find_map(|name| entry.get(name)).cloned();
        object.insert(key.clone(), value.unwrap_or_default());
    }
    Ok(object.into())
}
