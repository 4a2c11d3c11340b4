//! Arrays in order, if their items are neither arrays nor objects.

use super::env::{Env, One};
use super::expr::{Compare, Function};
use super::text::Items;
use super::value::{Text, Value};
use super::{Exit, Left};
use std::cmp::Ordering;

/// The value of a builtin that sorts.
pub(super) fn call<'v>(function: Function, array: Text<'v>, env: &Env<'v>) -> One<'v> {
    let mut items: Vec<_> = Items::of(array.bytes).map(|item| Value::of(item, array.clean)).collect();
    if function == Function::Reverse {
        items.reverse();
        return write(&items, env);
    }
    if items.len() > 1 && items.iter().any(|item| matches!(item, Value::Array(_) | Value::Object(_))) {
        return Err(Left::Containers.into());
    }
    // Of the first error. There is none where there are no containers.
    let mut failed: Result<(), Exit> = Ok(());
    let mut order = |left: &Value<'v>, right: &Value<'v>| {
        left.order(*right, Compare::Less).unwrap_or_else(|exit| {
            failed = Err(exit);
            Ordering::Equal
        })
    };
    let one = match function {
        // The first of the least, the last of the greatest.
        Function::Min => Some(items.iter().copied().reduce(|a, b| if order(&b, &a).is_lt() { b } else { a })),
        Function::Max => Some(items.iter().copied().reduce(|a, b| if order(&b, &a).is_ge() { b } else { a })),
        _ => None,
    };
    if one.is_none() {
        items.sort_by(&mut order);
        if function == Function::Unique {
            items.dedup_by(|right, left| order(left, right).is_eq());
        }
    }
    failed?;
    match one {
        Some(one) => Ok(Some(one.unwrap_or(Value::Null))),
        None => write(&items, env),
    }
}

fn write<'v>(items: &[Value<'v>], env: &Env<'v>) -> One<'v> {
    env.made(|out| {
        out.push(b'[');
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            env.write(*item, out);
        }
        out.push(b']');
        Ok(true)
    })
}
