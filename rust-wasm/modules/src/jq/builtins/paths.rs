//! Paths, and all that changes a value at a path: as jq does it, with missing parents made on the way,
//! short arrays padded, and the order of what stays kept.

use super::convert::{items, named, number};
use super::deletions::delete;
use super::{Builtin, native};
use crate::jq::data::Jq;
use jaq_core::box_iter::box_once;
use jaq_core::{Bind, Cv, Error, Exn, Native, ValX, ValXs};
use std::ops::Range;
use std::rc::Rc;
use wasmrecords_json::{Number, Object, Value};

/// Longer arrays are not made just because somebody writes to a far index.
const LONGEST: f64 = 536_870_911.0;

/// Longer paths are not gone, as in jq.
const DEEPEST: usize = 10_000;

pub(super) fn all() -> Vec<Builtin> {
    vec![
        native("path", [Bind::Fun(())].into(), paths),
        native("!path", [Bind::Fun(())].into(), paths),
        three!("_setpath", |mut value, path, new| {
            let path = steps(&path)?;
            change(&mut value, path, &mut |_| Ok(new.clone())).map_err(error)?;
            Ok(value)
        }),
        two!("delpaths", |mut value, paths| {
            let each = |path: &Value| match path {
                Value::Array(_) => steps(path).map(<[Value]>::to_vec),
                other => Err(Error::str(format_args!(
                    "Path must be specified as array, not {}",
                    other.type_name()
                ))),
            };
            let paths = items(&paths, "Paths must be specified as an array")?.iter().map(each);
            delete(&mut value, paths.collect::<Result<_, _>>()?)?;
            Ok(value)
        }),
        (
            "getpath",
            jaq_core::native::v(1),
            Native::<Jq>::new(|mut cv| {
                let path = cv.0.pop_var();
                box_once(get(cv.1, &path).map_err(Exn::from))
            })
            .with_paths(|mut cv| {
                let path = cv.0.pop_var();
                let (value, before) = cv.1;
                let found = get(value, &path).map(|found| {
                    let steps = steps(&path).unwrap_or_default();
                    (found, steps.iter().fold(before, |path, step| path.cons(step.clone())))
                });
                box_once(found.map_err(Exn::from))
            }),
        )
            .into(),
        native("!assign", [Bind::Fun(()), Bind::Var(())].into(), |cv| box_once(assign(cv))),
        native("!modify", [Bind::Fun(()), Bind::Fun(())].into(), |cv| box_once(modify(cv))),
    ]
}

/// The steps of a path.
fn steps(path: &Value) -> Result<&[Value], Error<Value>> {
    let steps = items(path, "Path must be specified as an array")?;
    if steps.len() > DEEPEST { Err(Error::str("Path too deep")) } else { Ok(steps) }
}

/// The value at a path; `null` from where there is none.
fn get(mut value: Value, path: &Value) -> Result<Value, Error<Value>> {
    for step in steps(path)? {
        if let Value::Null = value {
            break;
        }
        value = wasmrecords_json::index(value, step)?;
    }
    Ok(value)
}

fn paths<'a>(mut cv: Cv<'a, Jq>) -> ValXs<'a, Value> {
    let (filter, ctx) = cv.0.pop_fun();
    Box::new(filter.paths((ctx, (cv.1, Default::default()))).map(|found| {
        let (_, path) = found?;
        // The path is a list with its last step in front.
        let mut path: Vec<_> = path.iter().cloned().collect();
        path.reverse();
        Ok(path.into())
    }))
}

/// `paths = value`
fn assign<'a>(mut cv: Cv<'a, Jq>) -> ValX<'a, Value> {
    let new = cv.0.pop_var();
    let (paths, ctx) = cv.0.pop_fun();
    let mut value = cv.1;
    // All paths first: none sees a change, and the value is shared with nobody while it changes.
    let paths = paths.run((ctx, value.clone())).collect::<Result<Vec<_>, _>>()?;
    for path in paths {
        change(&mut value, steps(&path)?, &mut |_| Ok(new.clone()))?;
    }
    Ok(value)
}

/// `paths |= update`: the first output at each path; where there is none, the path is deleted.
fn modify<'a>(mut cv: Cv<'a, Jq>) -> ValX<'a, Value> {
    let (update, update_ctx) = cv.0.pop_fun();
    let (paths, ctx) = cv.0.pop_fun();
    let mut value = cv.1;
    let paths = paths.run((ctx, value.clone())).collect::<Result<Vec<_>, _>>()?;
    let mut gone = Vec::new();
    for path in paths {
        let path = steps(&path)?;
        if exists(&value, path) {
            let mut empty = false;
            // What is in the place of a slice until it goes must be an array.
            let is_slice = matches!(path.last(), Some(Value::Object(_)));
            change(&mut value, path, &mut |old| {
                let between = if is_slice { old.clone() } else { Value::Null };
                let new = update.run((update_ctx.clone(), old)).next().transpose()?;
                empty = new.is_none();
                Ok(new.unwrap_or(between))
            })?;
            if empty {
                gone.push(path.to_vec());
            }
        } else if let Some(new) = update.run((update_ctx.clone(), Value::Null)).next().transpose()? {
            change(&mut value, path, &mut |_| Ok(new.clone()))?;
        }
    }
    delete(&mut value, gone)?;
    Ok(value)
}

/// True if all steps of a path are there; a step that is an error is left for [`change`] to report.
fn exists(value: &Value, path: &[Value]) -> bool {
    let mut value = value;
    for step in path {
        value = match (value, step) {
            (Value::Null, _) => return false,
            (Value::Object(members), Value::String(name)) => match members.get(name) {
                Some(member) => member,
                None => return false,
            },
            (Value::Array(items), Value::Number(_)) => {
                match index(step, items.len()).ok().and_then(|i| items.get(i)) {
                    Some(item) => item,
                    None => return false,
                }
            }
            _ => return true,
        };
    }
    true
}

/// Puts what `with` makes of the value at a path in its place.
fn change<'a>(
    value: &mut Value,
    path: &[Value],
    with: &mut dyn FnMut(Value) -> ValX<'a, Value>,
) -> Result<(), Exn<'a, Value>> {
    let Some((step, rest)) = path.split_first() else {
        // Taken out, so that it is shared with nobody while it changes.
        *value = with(std::mem::take(value))?;
        return Ok(());
    };
    if let Value::Null = value {
        *value = match step {
            Value::String(_) => Object::default().into(),
            _ => Vec::new().into(),
        };
    }
    match (value, step) {
        (Value::Object(members), Value::String(name)) => {
            change(Rc::make_mut(members).entry(name), rest, with)
        }
        (Value::Array(items), Value::Number(_)) => {
            let at = index(step, items.len())?;
            let items = Rc::make_mut(items);
            if at >= items.len() {
                items.resize(at + 1, Value::Null);
            }
            change(&mut items[at], rest, with)
        }
        (Value::Array(items), Value::Object(bounds)) => {
            let range = range(bounds, items.len())?;
            let mut part: Value = items[range.clone()].iter().cloned().collect();
            change(&mut part, rest, with)?;
            let Value::Array(part) = part else {
                return Err(Error::str("A slice of an array can only be assigned another array").into());
            };
            Rc::make_mut(items).splice(range, part.iter().cloned());
            Ok(())
        }
        (Value::String(_), Value::Object(_)) => Err(Error::str("Cannot update string slices").into()),
        (Value::Array(_), Value::Array(_)) => {
            Err(Error::str("Cannot update field at array index of array").into())
        }
        (value, step) => Err(no_index(value, step).into()),
    }
}

pub(super) fn no_index(value: &Value, step: &Value) -> Error<Value> {
    Error::str(format_args!("Cannot index {} with {}", value.type_name(), named(step)))
}

/// The place that an index means in an array to write to.
fn index(step: &Value, length: usize) -> Result<usize, Error<Value>> {
    let at = number(step)?.trunc();
    if at > LONGEST {
        return Err(Error::str("Array index too large"));
    }
    if at.is_nan() {
        return Err(Error::str("Cannot set array element at NaN index"));
    }
    position(step, length)?.ok_or_else(|| Error::str("Out of bounds negative array index"))
}

/// The place that an index means, none if it lies before the first.
pub(super) fn position(step: &Value, length: usize) -> Result<Option<usize>, Error<Value>> {
    let at = number(step)?.trunc();
    let at = if at < 0.0 { at + length as f64 } else { at };
    Ok((at >= 0.0).then_some(at as usize))
}

pub(super) fn range(bounds: &Object, length: usize) -> Result<Range<usize>, Error<Value>> {
    let bound = |name: &str, otherwise: usize, round: fn(f64) -> f64| match bounds.get(name) {
        Some(Value::Null) => Ok(otherwise),
        bound => {
            let at = bound.and_then(Value::as_number).map(Number::as_f64);
            let at = round(at.ok_or_else(|| Error::str("Array/string slice indices must be integers"))?);
            if at.is_nan() {
                return Ok(otherwise);
            }
            let at = if at < 0.0 { at + length as f64 } else { at };
            Ok((at.max(0.0) as usize).min(length))
        }
    };
    let start = bound("start", 0, f64::floor)?;
    Ok(start..bound("end", length, f64::ceil)?.max(start))
}

/// Nothing but errors comes from a change by a given value.
fn error(raised: Exn<'_, Value>) -> Error<Value> {
    raised.get_err().unwrap_or_else(|_| Error::str("the program broke off"))
}
