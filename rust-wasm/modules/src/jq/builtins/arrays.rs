//! Arrays in order.

use super::convert::{named, wrong};
use super::{Answer, Builtin};
use crate::jq::data::Jq;
use jaq_core::box_iter::box_once;
use jaq_core::{Bind, Cv, Error, Exn, ValX};
use std::rc::Rc;
use wasmrecords_json::{Value, index};

/// A builtin `name(f)` from its function of the items, each with the values of `f` for it in front.
macro_rules! by {
    ($name:expr, $why:expr, $function:expr) => {
        super::native($name, [Bind::Fun(())].into(), |cv| {
            let function: fn(Vec<Keyed>) -> Value = $function;
            box_once(keyed(cv, $why).map(function))
        })
    };
}

type Keyed = (Value, Value);

pub(super) fn all() -> Vec<Builtin> {
    vec![
        one!("sort", sort),
        one!("unique", |v| match sort(v)? {
            Value::Array(items) => {
                let mut items = items.to_vec();
                items.dedup();
                Ok(items.into())
            }
            other => Ok(other),
        }),
        one!("min", |v| extreme(&v).map(|items| items.iter().min().cloned().unwrap_or_default())),
        one!("max", |v| extreme(&v).map(|items| items.iter().max().cloned().unwrap_or_default())),
        one!("reverse", reverse),
        by!("sort_by", UNSORTED, |mut items| {
            items.sort_by(|(left, _), (right, _)| left.cmp(right));
            items.into_iter().map(|(_, item)| item).collect()
        }),
        by!("group_by", UNSORTED, |items| {
            groups(items).iter().map(|group| group.iter().map(|(_, item)| item.clone()).collect()).collect()
        }),
        by!("unique_by", UNSORTED, |items| groups(items).iter().map(|group| group[0].1.clone()).collect()),
        // The first of the least, the last of the greatest.
        by!("min_by", UNREAD, |items| {
            items.into_iter().min_by(|(left, _), (right, _)| left.cmp(right)).unwrap_or_default().1
        }),
        by!("max_by", UNREAD, |items| {
            items.into_iter().max_by(|(left, _), (right, _)| left.cmp(right)).unwrap_or_default().1
        }),
    ]
}

const UNSORTED: &str = "cannot be sorted, as they are not both arrays";
const UNREAD: &str = "cannot be iterated over";

fn keyed<'a>(mut cv: Cv<'a, Jq>, why: &str) -> ValX<'a, Vec<Keyed>, Value> {
    let (filter, ctx) = cv.0.pop_fun();
    let keys = |item: &Value| -> ValX<'a, Value> { filter.run((ctx.clone(), item.clone())).collect() };
    match cv.1 {
        Value::Array(items) => items.iter().map(|item| Ok((keys(item)?, item.clone()))).collect(),
        Value::Object(members) => {
            // As in jq, which finds out behind the keys.
            let keys = members.values().map(keys).collect::<ValX<'a, Value>>()?;
            let (left, right) = (named(&Value::Object(members)), named(&keys));
            Err(Exn::from(Error::str(format_args!("{left} and {right} {why}"))))
        }
        other => Err(Exn::from(Error::str(format_args!("Cannot iterate over {}", named(&other))))),
    }
}

fn groups(mut items: Vec<Keyed>) -> Vec<Vec<Keyed>> {
    items.sort_by(|(left, _), (right, _)| left.cmp(right));
    items.chunk_by(|(left, _), (right, _)| left.cmp(right).is_eq()).map(<[Keyed]>::to_vec).collect()
}

fn extreme(value: &Value) -> Result<&[Value], Error<Value>> {
    match value {
        Value::Array(items) => Ok(items),
        other => Err(Error::str(format_args!("{} and {} {UNREAD}", named(other), named(other)))),
    }
}

fn sort(value: Value) -> Answer {
    match value {
        Value::Array(mut items) => {
            // Not by `<`, which is no total order where there is `nan`.
            Rc::make_mut(&mut items).sort_by(Ord::cmp);
            Ok(Value::Array(items))
        }
        other => Err(wrong(&other, "cannot be sorted, as it is not an array")),
    }
}

/// Of what has no items, the error is that of taking the last one.
fn reverse(value: Value) -> Answer {
    let last = match &value {
        Value::Array(items) => return Ok(items.iter().rev().cloned().collect()),
        Value::Null => return Ok(Vec::new().into()),
        Value::Bool(_) => return Err(wrong(&value, "has no length")),
        Value::String(text) => text.chars().count() as f64 - 1.0,
        Value::Number(number) => number.as_f64().abs() - 1.0,
        // From the first, as its members are not counted from behind.
        Value::Object(members) => members.len() as f64 - 1.0,
    };
    if last < 0.0 { Ok(Vec::new().into()) } else { index(value, &crate::jq::value::whole(last)) }
}
