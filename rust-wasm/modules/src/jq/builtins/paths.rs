//! Paths, and all that changes a value at a path: as jq does it, with missing parents made on the way,
//! short arrays padded, and the order of what stays kept.

use super::convert::{items, named, number};
use super::{Answer, native};
use crate::jq::data::Jq;
use crate::jq::value::string;
use jaq_core::box_iter::box_once;
use jaq_core::native::{Fun, v};
use jaq_core::{Bind, Cv, Error, Exn, Native, ValT as _, ValX, ValXs};
use jaq_json::{Map, Num, Val};
use std::ops::Range;
use std::rc::Rc;

/// Longer arrays are not made just because somebody writes to a far index.
const LONGEST: f64 = 536_870_911.0;

pub(super) fn funs() -> Vec<Fun<Jq>> {
    vec![
        native("path", [Bind::Fun(())].into(), paths),
        native("!path", [Bind::Fun(())].into(), paths),
        three!("setpath", |mut value, path, new| {
            let path = items(&path)?;
            change(&mut value, path, &mut |_| Ok(new.clone())).map_err(error)?;
            Ok(value)
        }),
        two!("delpaths", |mut value, paths| {
            let paths = items(&paths)?.iter().map(|path| items(path).map(<[Val]>::to_vec));
            delete(&mut value, paths.collect::<Result<_, _>>()?)?;
            Ok(value)
        }),
        one!("!key", |key| match key {
            Val::TStr(_) => Ok(key),
            key => Err(Error::str(format_args!(
                "expected a string as the key of an object, found {}",
                named(&key)
            ))),
        }),
        native("!assign", [Bind::Fun(()), Bind::Var(())].into(), |cv| box_once(assign(cv))),
        native("!modify", [Bind::Fun(()), Bind::Fun(())].into(), |cv| box_once(modify(cv))),
        (
            "!slice",
            v(2),
            Native::<Jq>::new(|mut cv| {
                let (to, from) = (cv.0.pop_var(), cv.0.pop_var());
                box_once(slice(cv.1, &from, &to).map_err(Exn::from))
            })
            .with_paths(|mut cv| {
                let (to, from) = (cv.0.pop_var(), cv.0.pop_var());
                let (value, path) = cv.1;
                let key = Val::obj(
                    [(string("start"), from.clone()), (string("end"), to.clone())].into_iter().collect(),
                );
                box_once(slice(value, &from, &to).map(|value| (value, path.cons(key))).map_err(Exn::from))
            }),
        ),
    ]
}

fn paths<'a>(mut cv: Cv<'a, Jq>) -> ValXs<'a, Val> {
    let (filter, ctx) = cv.0.pop_fun();
    Box::new(filter.paths((ctx, (cv.1, Default::default()))).map(|found| {
        let (_, path) = found?;
        // The path is a list with its last step in front.
        let mut path: Vec<_> = path.iter().cloned().collect();
        path.reverse();
        Ok(Val::Arr(path.into()))
    }))
}

/// `paths = value`
fn assign<'a>(mut cv: Cv<'a, Jq>) -> ValX<'a, Val> {
    let new = cv.0.pop_var();
    let (paths, ctx) = cv.0.pop_fun();
    let mut value = cv.1;
    // All paths first: none sees a change, and the value is shared with nobody while it changes.
    let paths = paths.run((ctx, value.clone())).collect::<Result<Vec<_>, _>>()?;
    for path in paths {
        change(&mut value, items(&path)?, &mut |_| Ok(new.clone()))?;
    }
    Ok(value)
}

/// `paths |= update`: the first output at each path; where there is none, the path is deleted.
fn modify<'a>(mut cv: Cv<'a, Jq>) -> ValX<'a, Val> {
    let (update, update_ctx) = cv.0.pop_fun();
    let (paths, ctx) = cv.0.pop_fun();
    let mut value = cv.1;
    let paths = paths.run((ctx, value.clone())).collect::<Result<Vec<_>, _>>()?;
    let mut gone = Vec::new();
    for path in paths {
        let path = items(&path)?;
        if exists(&value, path) {
            let mut empty = false;
            // What is in the place of a slice until it goes must be an array.
            let is_slice = matches!(path.last(), Some(Val::Obj(_)));
            change(&mut value, path, &mut |old| {
                let between = if is_slice { old.clone() } else { Val::Null };
                let new = update.run((update_ctx.clone(), old)).next().transpose()?;
                empty = new.is_none();
                Ok(new.unwrap_or(between))
            })?;
            if empty {
                gone.push(path.to_vec());
            }
        } else if let Some(new) = update.run((update_ctx.clone(), Val::Null)).next().transpose()? {
            change(&mut value, path, &mut |_| Ok(new.clone()))?;
        }
    }
    delete(&mut value, gone)?;
    Ok(value)
}

/// True if all steps of a path are there; a step that is an error is left for [`change`] to report.
fn exists(value: &Val, path: &[Val]) -> bool {
    let mut value = value;
    for step in path {
        value = match (value, step) {
            (Val::Null, _) => return false,
            (Val::Obj(members), key) => match members.get(key) {
                Some(member) => member,
                None => return false,
            },
            (Val::Arr(items), Val::Num(_)) => {
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
    value: &mut Val,
    path: &[Val],
    with: &mut dyn FnMut(Val) -> ValX<'a, Val>,
) -> Result<(), Exn<'a, Val>> {
    let Some((step, rest)) = path.split_first() else {
        // Taken out, so that it is shared with nobody while it changes.
        *value = with(std::mem::take(value))?;
        return Ok(());
    };
    if let Val::Null = value {
        *value = match step {
            Val::TStr(_) => Val::obj(Map::default()),
            _ => Val::Arr(Rc::default()),
        };
    }
    match (value, step) {
        (Val::Obj(members), Val::TStr(_)) => {
            change(Rc::make_mut(members).entry(step.clone()).or_default(), rest, with)
        }
        (Val::Arr(items), Val::Num(_)) => {
            let at = index(step, items.len())?;
            let items = Rc::make_mut(items);
            if at >= items.len() {
                items.resize(at + 1, Val::Null);
            }
            change(&mut items[at], rest, with)
        }
        (Val::Arr(items), Val::Obj(bounds)) => {
            let range = range(bounds, items.len())?;
            let mut part: Val = items[range.clone()].iter().cloned().collect();
            change(&mut part, rest, with)?;
            let Val::Arr(part) = part else {
                return Err(Error::str(format_args!(
                    "a slice can only become an array, not {}",
                    named(&part)
                ))
                .into());
            };
            Rc::make_mut(items).splice(range, part.iter().cloned());
            Ok(())
        }
        (value, step) => Err(Error::index(value.clone(), step.clone()).into()),
    }
}

/// Deletes all paths at once: what one deletion moves is not in the way of the next.
fn delete(value: &mut Val, mut paths: Vec<Vec<Val>>) -> Result<(), Error<Val>> {
    paths.sort_by(|a, b| b.cmp(a));
    paths.dedup();
    let parent = |path: &[Val]| path.split_last().map(|(_, parent)| parent.to_vec());
    for siblings in paths.chunk_by(|a, b| parent(a) == parent(b)) {
        let Some(parent) = parent(&siblings[0]) else {
            *value = Val::Null;
            return Ok(());
        };
        let steps: Vec<&Val> = siblings.iter().filter_map(|path| path.last()).collect();
        delete_steps(value, &parent, &steps)?;
    }
    Ok(())
}

/// Deletes `steps`, which are sorted from the last to the first, of the value at `parent`.
fn delete_steps(value: &mut Val, parent: &[Val], steps: &[&Val]) -> Result<(), Error<Val>> {
    let Some((step, rest)) = parent.split_first() else {
        return delete_children(value, steps);
    };
    match (value, step) {
        (Val::Null, _) => Ok(()),
        (Val::Obj(members), Val::TStr(_)) => {
            Rc::make_mut(members).get_mut(step).map_or(Ok(()), |member| delete_steps(member, rest, steps))
        }
        (Val::Arr(items), Val::Num(_)) => {
            let at = position(step, items.len())?;
            let item = at.and_then(|at| Rc::make_mut(items).get_mut(at));
            item.map_or(Ok(()), |item| delete_steps(item, rest, steps))
        }
        (Val::Arr(items), Val::Obj(bounds)) => {
            let range = range(bounds, items.len())?;
            let mut part: Val = items[range.clone()].iter().cloned().collect();
            delete_steps(&mut part, rest, steps)?;
            if let Val::Arr(part) = part {
                Rc::make_mut(items).splice(range, part.iter().cloned());
            }
            Ok(())
        }
        (value, step) => Err(Error::index(value.clone(), step.clone())),
    }
}

fn delete_children(value: &mut Val, steps: &[&Val]) -> Result<(), Error<Val>> {
    let wrong = |value: &Val, step: &Val| {
        Error::str(format_args!("cannot delete {} of {}", named(step), named(value)))
    };
    if let Val::Null = value {
        return Ok(());
    }
    if let Some(step) = steps.iter().find(|step| {
        !matches!((&*value, step), (Val::Obj(_), Val::TStr(_)) | (Val::Arr(_), Val::Num(_) | Val::Obj(_)))
    }) {
        return Err(wrong(value, step));
    }
    match value {
        Val::Obj(members) => {
            let members = Rc::make_mut(members);
            if let [step] = steps {
                members.shift_remove(*step);
            } else {
                members.retain(|key, _| steps.binary_search_by(|step| key.cmp(step)).is_err());
            }
        }
        Val::Arr(items) => {
            let mut keep = vec![true; items.len()];
            for step in steps {
                let range = match step {
                    Val::Obj(bounds) => range(bounds, items.len())?,
                    step => position(step, items.len())?.map_or(0..0, |at| at..at + 1),
                };
                // A position may lie behind the end.
                keep.iter_mut().take(range.end).skip(range.start).for_each(|keep| *keep = false);
            }
            let mut keep = keep.into_iter();
            Rc::make_mut(items).retain(|_| keep.next() != Some(false));
        }
        _ => {}
    }
    Ok(())
}

/// The place that an index means in an array to write to.
fn index(step: &Val, length: usize) -> Result<usize, Error<Val>> {
    let at = number(step)?.trunc();
    if at > LONGEST {
        return Err(Error::str("the array index is too large"));
    }
    position(step, length)?.ok_or_else(|| Error::str("the negative array index is out of bounds"))
}

/// An index without its fraction, if it is a number that is not whole.
pub(super) fn place(index: Val) -> Val {
    match &index {
        Val::Num(Num::Int(_)) => index,
        Val::Num(_) => match number(&index) {
            // No place is behind all places, and none is at what is no number.
            Ok(at) if at.is_nan() => Val::from(isize::MAX),
            Ok(at) => Val::from(at.trunc().clamp(-LONGEST - 1.0, LONGEST + 1.0) as isize),
            Err(_) => index,
        },
        _ => index,
    }
}

/// The place that an index means, none if it lies before the first.
fn position(step: &Val, length: usize) -> Result<Option<usize>, Error<Val>> {
    let at = number(step)?.trunc();
    let at = if at < 0.0 { at + length as f64 } else { at };
    Ok((at >= 0.0).then_some(at as usize))
}

fn range(bounds: &Map, length: usize) -> Result<Range<usize>, Error<Val>> {
    let bound = |name: &str, otherwise: usize, round: fn(f64) -> f64| match bounds.get(&string(name)) {
        None | Some(Val::Null) => Ok(otherwise),
        Some(bound) => {
            let at = round(number(bound)?);
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

/// `.[from:to]`, of `null` too.
pub(super) fn slice(value: Val, from: &Val, to: &Val) -> Answer {
    if let Val::Null = value {
        return Ok(Val::Null);
    }
    let bound = |bound: &Val, round: fn(f64) -> f64| match bound {
        Val::Null => Ok(None),
        bound => number(bound).map(|at| (!at.is_nan()).then(|| place(Val::from(round(at))))),
    };
    let (from, to) = (bound(from, f64::floor)?, bound(to, f64::ceil)?);
    value.range(from.as_ref()..to.as_ref())
}

/// Nothing but errors comes from a change by a given value.
fn error(raised: Exn<'_, Val>) -> Error<Val> {
    raised.get_err().unwrap_or_else(|_| Error::str("the program broke off"))
}
