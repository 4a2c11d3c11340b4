//! Steps into a value.

use super::env::{Env, One, Values};
use super::expr::{Place, Step};
use super::value::{Text, Value};
use super::{Exit, Left, containers, strings, text};

/// The value at the end of steps that are all single.
pub(super) fn follow<'v>(mut value: Value<'v>, steps: &'v [Step], env: &Env<'v>) -> One<'v> {
    for step in steps {
        match stepped(value, step, env)? {
            Some(next) => value = next,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

/// One step, not to each item.
fn stepped<'v>(value: Value<'v>, step: &'v Step, env: &Env<'v>) -> One<'v> {
    Ok(Some(match (&step.to, value) {
        (Place::Name(_) | Place::At(_) | Place::Slice(..), Value::Null) => Value::Null,
        (Place::Name(name), Value::Object(object)) => {
            text::member(object.bytes, name).map_or(Value::Null, |text| Value::of(text, object.clean))
        }
        (Place::At(at), Value::Array(array)) => {
            let mut items = text::Items::of(array.bytes);
            let item = match usize::try_from(*at) {
                Ok(at) => items.nth(at),
                Err(_) => {
                    let count = text::Items::of(array.bytes).count();
                    let back = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
                    count.checked_sub(back).and_then(|at| items.nth(at))
                }
            };
            item.map_or(Value::Null, |text| Value::of(text, array.clean))
        }
        (Place::Slice(from, to), Value::String(string)) => {
            let (from, to) = bounds(*from, *to, || strings::length(string.bytes));
            let start = strings::place(string.bytes, from);
            let rest = &string.bytes[start..];
            let end = to.map_or(rest.len(), |to| strings::place(rest, to.saturating_sub(from)));
            Value::String(Text { bytes: &rest[..end], clean: string.clean })
        }
        (Place::Slice(from, to), Value::Array(array)) => {
            let (from, to) = bounds(*from, *to, || text::Items::of(array.bytes).count());
            return containers::part(array, from, to, env);
        }
        _ if step.optional => return Ok(None),
        _ => return Err(Left::Error.into()),
    }))
}

/// Bounds as places; the last is none if it is open.
fn bounds(from: Option<i64>, to: Option<i64>, length: impl Fn() -> usize) -> (usize, Option<usize>) {
    let place = |at: i64| match usize::try_from(at) {
        Ok(at) => at,
        Err(_) => length().saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    (from.map_or(0, place), to.map(place))
}

/// Gives what stands at the end of steps of all kinds to `values`.
pub(super) fn walk<'v>(
    value: Value<'v>,
    steps: &'v [Step],
    env: &Env<'v>,
    values: &mut Values<'_, 'v>,
) -> Result<(), Exit> {
    let [step, rest @ ..] = steps else { return values(value) };
    let Place::Each = step.to else {
        return match stepped(value, step, env)? {
            Some(value) => walk(value, rest, env, values),
            None => Ok(()),
        };
    };
    match value {
        Value::Array(array) => text::Items::of(array.bytes)
            .try_for_each(|item| walk(Value::of(item, array.clean), rest, env, values)),
        Value::Object(object) => text::Members::of(object.bytes)
            .try_for_each(|member| walk(Value::of(member.value, object.clean), rest, env, values)),
        _ if step.optional => Ok(()),
        _ => Err(Left::Error.into()),
    }
}
