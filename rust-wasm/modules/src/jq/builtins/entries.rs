//! Objects as arrays of entries, and back.

use super::Answer;
use super::convert::{children, named};
use crate::jq::data::Jq;
use crate::jq::value::string;
use jaq_core::Error;
use jaq_core::native::Fun;
use jaq_json::{Map, Val};

pub(super) fn funs() -> Vec<Fun<Jq>> {
    vec![one!("to_entries", |v| to_entries(&v)), one!("from_entries", |v| from_entries(&v))]
}

fn to_entries(value: &Val) -> Answer {
    let (key, val) = (string("key"), string("value"));
    let entry =
        |k: Val, v: &Val| Val::obj([(key.clone(), k), (val.clone(), v.clone())].into_iter().collect());
    match value {
        Val::Obj(members) => Ok(members.iter().map(|(k, v)| entry(k.clone(), v)).collect()),
        Val::Arr(items) => Ok(items.iter().enumerate().map(|(at, v)| entry(Val::from(at), v)).collect()),
        _ => Err(Error::str(format_args!("expected an object or an array, found {}", named(value)))),
    }
}

/// Takes the names that jq takes for keys and values.
fn from_entries(value: &Val) -> Answer {
    let keys = ["key", "Key", "name", "Name"].map(string);
    let values = ["value", "Value"].map(string);
    let mut map = Map::default();
    for item in children(value)? {
        let entry = match item {
            Val::Obj(entry) => &**entry,
            item => {
                return Err(Error::str(format_args!(
                    "expected an object as an entry, found {}",
                    named(item)
                )));
            }
        };
        let is_given = |key: &&Val| !matches!(key, Val::Null | Val::Bool(false));
        let key = keys.iter().filter_map(|name| entry.get(name)).find(is_given);
        let Some(key @ Val::TStr(_)) = key else {
            let found = named(key.unwrap_or(&Val::Null));
            return Err(Error::str(format_args!("expected a string as the key of an entry, found {found}")));
        };
        let value = values.iter().find_map(|name| entry.get(name)).cloned();
        map.insert(key.clone(), value.unwrap_or(Val::Null));
    }
    Ok(Val::obj(map))
}
