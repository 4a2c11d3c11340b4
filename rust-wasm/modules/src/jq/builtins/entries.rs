//! Objects as arrays of entries, and back.

use super::Answer;
use super::convert::{items, named};
use crate::jq::data::Jq;
use crate::jq::value::string;
use jaq_core::Error;
use jaq_core::native::Fun;
use jaq_json::{Map, Val};

pub(super) fn funs() -> Vec<Fun<Jq>> {
    vec![one!("to_entries", |v| to_entries(&v)), one!("from_entries", |v| from_entries(&v))]
}

fn to_entries(value: &Val) -> Answer {
    let Val::Obj(members) = value else {
        return Err(Error::str(format_args!("expected an object, found {}", named(value))));
    };
    let (key, val) = (string("key"), string("value"));
    let entry = |(k, v): (&Val, &Val)| {
        Val::obj([(key.clone(), k.clone()), (val.clone(), v.clone())].into_iter().collect())
    };
    Ok(members.iter().map(entry).collect())
}

/// Takes the names that jq takes for keys and values.
fn from_entries(value: &Val) -> Answer {
    let name = |names: &[&str]| names.iter().map(|name| string(name)).collect::<Vec<_>>();
    let keys = name(&["key", "k", "name", "Name", "Key", "K"]);
    let values = name(&["value", "v", "Value", "V"]);
    let mut map = Map::default();
    for item in items(value)? {
        let Val::Obj(entry) = item else {
            return Err(Error::str(format_args!("expected an object as an entry, found {}", named(item))));
        };
        let key = match keys.iter().filter_map(|name| entry.get(name)).find(|key| !matches!(key, Val::Null)) {
            Some(Val::TStr(key)) => Val::TStr(key.clone()),
            Some(key @ (Val::Bool(_) | Val::Num(_))) => super::convert::to_text(key.clone())?,
            None => string("null"),
            Some(key) => {
                let found = named(key);
                return Err(Error::str(format_args!(
                    "expected a string as the key of an entry, found {found}"
                )));
            }
        };
        let value = values.iter().find_map(|name| entry.get(name)).cloned();
        map.insert(key, value.unwrap_or(Val::Null));
    }
    Ok(Val::obj(map))
}
