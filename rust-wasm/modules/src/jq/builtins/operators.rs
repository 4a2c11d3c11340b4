//! Operators where jq's differ from jaq's: calculations, indices, and the update of `reduce`.

use super::Answer;
use super::convert::named;
use super::paths::{place, slice};
use crate::jq::data::Jq;
use crate::jq::value::{float, string, text};
use jaq_core::box_iter::box_once;
use jaq_core::native::{Fun, v};
use jaq_core::{Bind, Error, Exn, Native, ValT as _, ValX};
use jaq_json::{Num, Val};

/// jq makes no longer strings by repetition.
const LONGEST: f64 = 2_147_483_647.0;

pub(super) fn funs() -> Vec<Fun<Jq>> {
    vec![
        // The right side comes first: it is the outer loop.
        three!("!mul", |_, right, left| mul(left, right)),
        three!("!div", |_, right, left| match float(&right) {
            Some(0.0) if float(&left).is_some() => Err(by_zero(&left, &right, "divided")),
            _ => left / right,
        }),
        three!("!rem", |_, right, left| rem(left, right)),
        // These where both sides may have several values, else they are jaq's.
        three!("!add", |_, right, left| left + right),
        three!("!sub", |_, right, left| left - right),
        three!("!lt", |_, right, left| Ok(Val::Bool(left < right))),
        three!("!le", |_, right, left| Ok(Val::Bool(left <= right))),
        three!("!gt", |_, right, left| Ok(Val::Bool(left > right))),
        three!("!ge", |_, right, left| Ok(Val::Bool(left >= right))),
        three!("!eq", |_, right, left| Ok(Val::Bool(left == right))),
        three!("!ne", |_, right, left| Ok(Val::Bool(left != right))),
        (
            "!alt",
            [Bind::Fun(()), Bind::Fun(())].into(),
            Native::<Jq>::new(|mut cv| {
                let (otherwise, otherwise_ctx) = cv.0.pop_fun();
                let (filter, ctx) = cv.0.pop_fun();
                let is_kept = |found: &ValX<'_, Val>| found.as_ref().map_or(true, is_true);
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
                    .filter(|found| found.as_ref().map_or(true, |(value, _)| is_true(value)));
                match found.next() {
                    Some(first) => Box::new(std::iter::once(first).chain(found)),
                    None => otherwise.paths((otherwise_ctx, cv.1)),
                }
            }),
        ),
        two!("has", |value, key| has(&value, &key).map(Val::Bool)),
        two!("contains", |whole, part| match (&whole, &part) {
            (Val::Bool(a), Val::Bool(b)) if a != b => Err(incomparable(&whole, &part)),
            _ if std::mem::discriminant(&whole) != std::mem::discriminant(&part) => {
                Err(incomparable(&whole, &part))
            }
            _ => Ok(Val::Bool(contains(&whole, &part))),
        }),
        (
            "!index",
            v(1),
            Native::<Jq>::new(|mut cv| {
                let key = cv.0.pop_var();
                box_once(index(cv.1, key).map_err(Exn::from))
            })
            .with_paths(|mut cv| {
                let key = cv.0.pop_var();
                let (value, path) = cv.1;
                let item = index(value, key.clone()).map(|value| (value, path.cons(key)));
                box_once(item.map_err(Exn::from))
            }),
        ),
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
                box_once(last.map(|last| last.unwrap_or((Val::Null, Default::default()))))
            }),
        ),
    ]
}

fn is_true(value: &Val) -> bool {
    !matches!(value, Val::Null | Val::Bool(false))
}

fn latest<'a>(mut values: impl Iterator<Item = ValX<'a, Val>>) -> ValX<'a, Val> {
    values.try_fold(Val::Null, |_, value| value)
}

fn by_zero(left: &Val, right: &Val, what: &str) -> Error<Val> {
    let (left, right) = (named(left), named(right));
    Error::str(format_args!("{left} and {right} cannot be {what} because the divisor is zero"))
}

fn mul(left: Val, right: Val) -> Answer {
    let (text, times) = match (&left, &right) {
        (Val::TStr(text), Val::Num(_)) => (text, float(&right)),
        (Val::Num(_), Val::TStr(text)) => (text, float(&left)),
        _ => return left * right,
    };
    let Some(times) = times.filter(|times| *times >= 0.0) else { return Ok(Val::Null) };
    if times * text.len() as f64 > LONGEST {
        return Err(Error::str("the repeated string is too long"));
    }
    Ok(Val::utf8_str(text.repeat(if text.is_empty() { 0 } else { times as usize })))
}

/// The remainder of whole numbers: fractions are left out, and what is too large is the largest.
fn rem(left: Val, right: Val) -> Answer {
    let (Some(dividend), Some(divisor)) = (float(&left), float(&right)) else {
        return left % right;
    };
    if dividend.is_nan() || divisor.is_nan() {
        return Ok(Val::from(f64::NAN));
    }
    if divisor.trunc() == 0.0 {
        return Err(by_zero(&left, &right, "divided (remainder)"));
    }
    let exact = |number: &Val| matches!(number, Val::Num(Num::Int(_) | Num::BigInt(_)));
    if exact(&left) && exact(&right) {
        return left % right;
    }
    // The casts saturate.
    let rest = (dividend as i64).unsigned_abs() % (divisor as i64).unsigned_abs();
    let rest = rest as i64;
    Ok(Val::Num(Num::from_integral(if dividend < 0.0 { -rest } else { rest })))
}

fn index(value: Val, key: Val) -> Answer {
    match (&value, &key) {
        (Val::Null, Val::TStr(_) | Val::Num(_) | Val::Obj(_)) => Ok(Val::Null),
        (Val::Obj(_), Val::TStr(_)) | (Val::Arr(_), Val::Arr(_)) => value.index(&key),
        (Val::Arr(_), Val::Num(_)) => value.index(&place(key)),
        (Val::Arr(_) | Val::TStr(_), Val::Obj(bounds)) => {
            match (bounds.get(&string("start")), bounds.get(&string("end"))) {
                (Some(from), Some(to)) => slice(value, from, to),
                _ => Err(Error::index(value, key.clone())),
            }
        }
        _ => Err(Error::index(value, key)),
    }
}

fn has(value: &Val, key: &Val) -> Result<bool, Error<Val>> {
    match (value, key) {
        (Val::Null, Val::TStr(_) | Val::Num(_)) => Ok(false),
        (Val::Obj(members), Val::TStr(_)) => Ok(members.contains_key(key)),
        (Val::Arr(items), Val::Num(_)) => {
            Ok(float(key).is_some_and(|at| at.trunc() >= 0.0 && at.trunc() < items.len() as f64))
        }
        _ => Err(Error::index(value.clone(), key.clone())),
    }
}

fn incomparable(whole: &Val, part: &Val) -> Error<Val> {
    Error::str(format_args!("{} cannot contain {}: their types differ", named(whole), named(part)))
}

fn contains(whole: &Val, part: &Val) -> bool {
    match (whole, part) {
        (Val::Obj(whole), Val::Obj(part)) => {
            part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| contains(whole, part)))
        }
        (Val::Arr(whole), Val::Arr(part)) => {
            part.iter().all(|part| whole.iter().any(|whole| contains(whole, part)))
        }
        (Val::TStr(_), Val::TStr(_)) => {
            matches!((text(whole), text(part)), (Some(whole), Some(part)) if whole.contains(part))
        }
        _ => whole == part,
    }
}
