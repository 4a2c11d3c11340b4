//! How long, and where: lengths and searches.

use super::convert::{items, named};
use super::{Answer, Builtin};
use crate::jq::value::string;
use jaq_core::Error;
use wasmrecords_json::{Value, index};

pub(super) fn all() -> Vec<Builtin> {
    vec![
        one!("length", length),
        two!("_indices", indices),
        two!("bsearch", |value, wanted| {
            let place = items(&value)?.binary_search(&wanted);
            let place = place.map_or_else(|place| -1 - place as i64, |place| place as i64);
            Ok(Value::from(place))
        }),
    ]
}

fn length(value: Value) -> Answer {
    Ok(match value {
        Value::Null => Value::from(0_usize),
        Value::Bool(_) => return Err(Error::str(format_args!("{} has no length", named(&value)))),
        Value::Number(number) => number.absolute().into(),
        Value::String(text) => Value::from(text.chars().count()),
        Value::Array(items) => Value::from(items.len()),
        Value::Object(members) => Value::from(members.len()),
    })
}

/// All places of a part: of a text in characters, of items in a row, of one item.
fn indices(value: Value, part: Value) -> Answer {
    match (&value, &part) {
        (Value::String(_), Value::String(part)) if part.is_empty() => Ok(Value::Null),
        (Value::String(text), Value::String(part)) => {
            let (mut places, mut character, mut behind) = (Vec::new(), 0, 0);
            let starts = text.char_indices().filter(|(at, _)| text[*at..].starts_with(part.as_str()));
            for (at, _) in starts {
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
        (_, Value::String(_)) => {
            Err(Error::str(format_args!("Cannot determine indices of {} in {}", named(&part), named(&value))))
        }
        _ => index(value, &string(&part.to_string())),
    }
}
