//! How long, and where: lengths and searches.

use super::convert::wrong;
use super::{Answer, Builtin};
use memchr::memmem;
use wasmrecords_json::{Value, index};

pub(super) fn all() -> Vec<Builtin> {
    vec![
        one!("length", length),
        two!("_indices", indices),
        two!("bsearch", |value, wanted| match &value {
            Value::Array(items) => {
                let place = items.binary_search(&wanted);
                Ok(Value::from(place.map_or_else(|place| -1 - place as i64, |place| place as i64)))
            }
            other => Err(wrong(other, "cannot be searched from")),
        }),
    ]
}

fn length(value: Value) -> Answer {
    Ok(match value {
        Value::Null => Value::from(0_usize),
        Value::Bool(_) => return Err(wrong(&value, "has no length")),
        Value::Number(number) => number.absolute().into(),
        Value::String(text) => Value::from(text.chars().count()),
        Value::Array(items) => Value::from(items.len()),
        Value::Object(members) => Value::from(members.len()),
    })
}

/// All places of a part: of a text in characters, of items in a row, of one item.
fn indices(value: Value, part: Value) -> Answer {
    match (&value, &part) {
        (Value::String(_), Value::String(part)) if part.is_empty() => Ok(Vec::new().into()),
        (Value::String(text), Value::String(part)) => {
            let (mut places, mut character, mut behind) = (Vec::new(), 0, 0);
            let finder = memmem::Finder::new(part.as_bytes());
            let mut from = 0;
            while let Some(at) = finder.find(&text.as_bytes()[from..]) {
                let at = from + at;
                // They may overlap.
                from = at + 1;
                character += text[behind..at].chars().count();
                behind = at;
                places.push(Value::from(character));
            }
            Ok(places.into())
        }
        (Value::Array(_), Value::Array(_)) => index(value, &part),
        (Value::Array(items), _) => {
            let found = items.iter().enumerate().filter(|(_, item)| **item == part);
            Ok(found.map(|(at, _)| Value::from(at)).collect())
        }
        _ => index(value, &part),
    }
}
