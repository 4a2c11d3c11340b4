//! Operators where jq's differ from jaq's: calculations, indices, and the update of `reduce`.

use super::Builtin;
use super::convert::named;
use crate::jq::data::Jq;
use crate::jq::value::float;
use jaq_core::box_iter::box_once;
use jaq_core::{Bind, Error, Native, ValX};
use wasmrecords_json::Value;

pub(super) fn all() -> Vec<Builtin> {
    vec![
        // Where both sides may have several values. The right side comes first: it is the outer loop.
        three!("!mul", |_, right, left| left * right),
        three!("!div", |_, right, left| left / right),
        three!("!rem", |_, right, left| left % right),
        three!("!add", |_, right, left| left + right),
        three!("!sub", |_, right, left| left - right),
        three!("!lt", |_, right, left| Ok(Value::Bool(left < right))),
        three!("!le", |_, right, left| Ok(Value::Bool(left <= right))),
        three!("!gt", |_, right, left| Ok(Value::Bool(left > right))),
        three!("!ge", |_, right, left| Ok(Value::Bool(left >= right))),
        three!("!eq", |_, right, left| Ok(Value::Bool(left == right))),
        three!("!ne", |_, right, left| Ok(Value::Bool(left != right))),
        (
            "!alt",
            [Bind::Fun(()), Bind::Fun(())].into(),
            Native::<Jq>::new(|mut cv| {
                let (otherwise, otherwise_ctx) = cv.0.pop_fun();
                let (filter, ctx) = cv.0.pop_fun();
                let is_kept = |found: &ValX<'_, Value>| found.as_ref().map_or(true, Value::is_true);
                let mut found = filter.run((ctx, cv.1.clone())).filter(is_kept);
                match found.next() {
                    Some(first) => Box::new(std::iter::once(first).chain(found)),
                    None => otherwise.run((otherwise_ctx, cv.1)),
                }
            })
            .with_paths(|mut cv| {
                let (otherwise, otherwise_ctx) = cv.0.pop_fun();
                let (filter, ctx) = cv.0.pop_fun();
                let mut found = filter
                    .paths((ctx, cv.1.clone()))
                    .filter(|found| found.as_ref().map_or(true, |(value, _)| value.is_true()));
                match found.next() {
                    Some(first) => Box::new(std::iter::once(first).chain(found)),
                    None => otherwise.paths((otherwise_ctx, cv.1)),
                }
            }),
        )
            .into(),
        two!("has", |value, key| has(&value, &key).map(Value::Bool)),
        two!("contains", |whole, part| match (&whole, &part) {
            (Value::Bool(a), Value::Bool(b)) if a != b => Err(incomparable(&whole, &part)),
            _ if std::mem::discriminant(&whole) != std::mem::discriminant(&part) => {
                Err(incomparable(&whole, &part))
            }
            _ => Ok(Value::Bool(contains(&whole, &part))),
        }),
        (
            "!latest",
            [Bind::Fun(())].into(),
            Native::<Jq>::new(|mut cv| {
                let (filter, ctx) = cv.0.pop_fun();
                box_once(latest(filter.run((ctx, cv.1))))
            })
            .with_paths(|mut cv| {
                let (filter, ctx) = cv.0.pop_fun();
                let last = filter.paths((ctx, cv.1)).try_fold(None, |_, found| found.map(Some));
                box_once(last.map(|last| last.unwrap_or((Value::Null, Default::default()))))
            }),
        )
            .into(),
    ]
}

fn latest<'a>(mut values: impl Iterator<Item = ValX<'a, Value>>) -> ValX<'a, Value> {
    values.try_fold(Value::Null, |_, value| value)
}

fn has(value: &Value, key: &Value) -> Result<bool, Error<Value>> {
    match (value, key) {
        (Value::Null, _) => Ok(false),
        (Value::Object(members), Value::String(name)) => Ok(members.get(name).is_some()),
        (Value::Array(items), Value::Number(_)) => {
            Ok(float(key).is_some_and(|at| at.trunc() >= 0.0 && at.trunc() < items.len() as f64))
        }
        _ => Err(Error::str(format_args!(
            "Cannot check whether {} has a {} key",
            value.type_name(),
            key.type_name()
        ))),
    }
}

fn incomparable(whole: &Value, part: &Value) -> Error<Value> {
    Error::str(format_args!("{} and {} cannot have their containment checked", named(whole), named(part)))
}

fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| contains(whole, part)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            part.iter().all(|part| whole.iter().any(|whole| contains(whole, part)))
        }
        (Value::String(whole), Value::String(part)) => whole.contains(part.as_str()),
        _ => whole == part,
    }
}
