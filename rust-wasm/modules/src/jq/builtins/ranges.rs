//! Numbers one after the other.

use super::{Builtin, native};
use crate::jq::value::whole;
use jaq_core::box_iter::box_once;
use jaq_core::native::v;
use jaq_core::{Error, Exn, ValXs};
use wasmrecords_json::{Number, Value};

pub(super) fn all() -> Vec<Builtin> {
    vec![native("range", v(2), |mut cv| {
        let to = cv.0.pop_var();
        range(&cv.0.pop_var(), &to)
    })]
}

/// From a number up to another, by ones.
fn range<'a>(from: &Value, to: &Value) -> ValXs<'a, Value> {
    match (from, to) {
        (Value::Number(Number::Int(from)), Value::Number(Number::Int(to))) => {
            Box::new((*from..*to).map(|at| Ok(Value::from(at))))
        }
        (Value::Number(from), Value::Number(to)) => {
            let (mut next, to) = (from.as_f64(), to.as_f64());
            Box::new(std::iter::from_fn(move || {
                let at = next;
                next += 1.0;
                (at < to).then(|| Ok(whole(at)))
            }))
        }
        _ => box_once(Err(Exn::from(Error::str("Range bounds must be numeric")))),
    }
}
