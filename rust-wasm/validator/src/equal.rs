//! Equality as JSON Schema has it: numbers by value, objects whatever the order of their members.

use std::hash::{DefaultHasher, Hash, Hasher};

use wasmrecords_json::Value;

use crate::number::Digits;

/// Up to here comparing each with each beats hashing.
const FEW: usize = 16;

/// Whether a value of a record equals one of the schema.
pub fn equals(value: &Value, expected: &serde_json::Value) -> bool {
    use serde_json::Value as Expected;
    match (value, expected) {
        (Value::Null, Expected::Null) => true,
        (Value::Bool(value), Expected::Bool(expected)) => value == expected,
        (Value::Number(value), Expected::Number(expected)) => {
            jsonschema::json::cmp::equal_numbers(&Digits::of(value), expected)
        }
        (Value::String(value), Expected::String(expected)) => value == expected.as_str(),
        (Value::Array(values), Expected::Array(expected)) => {
            values.len() == expected.len() && values.iter().zip(expected).all(|(v, e)| equals(v, e))
        }
        (Value::Object(members), Expected::Object(expected)) => {
            members.len() == expected.len()
                && members.iter().all(|(name, value)| {
                    expected.get(name.as_str()).is_some_and(|expected| equals(value, expected))
                })
        }
        _ => false,
    }
}

/// Whether no two values are equal.
pub fn all_differ(values: &[Value]) -> bool {
    if values.len() <= FEW {
        return values.iter().enumerate().all(|(at, value)| !values[..at].iter().any(|v| same(v, value)));
    }
    repeated(values).is_none()
}

/// The place of a value that equals an earlier one, and of that one.
pub fn repeated(values: &[Value]) -> Option<(usize, usize)> {
    let mut places: Vec<(u64, usize)> = values.iter().map(hash).zip(0..).collect();
    places.sort_unstable();
    let mut first: Option<(usize, usize)> = None;
    for alike in places.chunk_by(|one, other| one.0 == other.0) {
        // Equal hashes are nearly always equal values, so the pair is found at once.
        'values: for (at, &(_, later)) in alike.iter().enumerate().skip(1) {
            for &(_, earlier) in &alike[..at] {
                if same(&values[earlier], &values[later]) {
                    first = first.min(Some((later, earlier))).or(Some((later, earlier)));
                    break 'values;
                }
            }
        }
    }
    first
}

fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (Value::Number(one), Value::Number(other)) => Digits::of(one).equals(&Digits::of(other)),
        (Value::String(one), Value::String(other)) => one == other,
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(&**other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().zip(other.iter()).all(|((name, value), (place, beside))| {
                    // Mostly the members have the same order in both.
                    if name == place {
                        same(value, beside)
                    } else {
                        other.get(name).is_some_and(|other| same(value, other))
                    }
                })
        }
        _ => false,
    }
}

/// The same for values that are equal. The hasher's keys are fixed: no randomness is asked for.
fn hash(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    std::mem::discriminant(value).hash(&mut hasher);
    match value {
        Value::Null => {}
        Value::Bool(value) => value.hash(&mut hasher),
        Value::Number(number) => Digits::of(number).hash_bits().hash(&mut hasher),
        Value::String(string) => string.hash(&mut hasher),
        Value::Array(items) => items.iter().for_each(|item| hash(item).hash(&mut hasher)),
        Value::Object(members) => {
            // A sum, because the order of members does not count.
            let members = members.iter().map(|(name, value)| {
                let mut hasher = DefaultHasher::new();
                (name, hash(value)).hash(&mut hasher);
                hasher.finish()
            });
            members.fold(0, u64::wrapping_add).hash(&mut hasher);
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmrecords_json::parse;

    fn items(text: &str) -> Vec<Value> {
        let Ok(Value::Array(items)) = parse(text.as_bytes(), 128) else { panic!("{text}") };
        items.to_vec()
    }

    #[test]
    fn few_and_many_find_the_same_repetitions() {
        for (text, expected) in [
            ("[]", None),
            ("[1,true,\"1\",null,[1],{\"a\":1},0,false]", None),
            ("[1,2,1.0]", Some((2, 0))),
            ("[3,4,4,3]", Some((2, 1))),
            ("[1e400,1e401,10e399]", Some((2, 0))),
            ("[{\"a\":1,\"b\":[2]},{\"b\":[2.0],\"a\":1}]", Some((1, 0))),
            ("[{\"a\":1},{\"a\":2},{\"b\":1}]", None),
            ("[0,-0.0]", Some((1, 0))),
            ("[\"\\u0061\",\"a\"]", Some((1, 0))),
        ] {
            let mut values = items(text);
            assert_eq!(repeated(&values), expected, "{text}");
            assert_eq!(all_differ(&values), expected.is_none(), "{text}");
            // Padded, so that hashing decides.
            let padding = format!("[{}]", (100..140).map(|i| i.to_string()).collect::<Vec<_>>().join(","));
            values.extend(items(&padding));
            assert_eq!(all_differ(&values), expected.is_none(), "{text} padded");
        }
    }

    #[test]
    fn hundred_thousand_items_take_no_quadratic_time() {
        let text: Vec<String> = (0..100_000).map(|i| format!("\"{i}\"")).collect();
        assert!(all_differ(&items(&format!("[{}]", text.join(",")))));
    }
}
