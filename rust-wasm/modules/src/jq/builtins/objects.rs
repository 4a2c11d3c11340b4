//! Construction of objects: `{a: f, (g): h}` is `!object("a"; f; g; h)`.
//!
//! jaq adds up an object of one member after the other, and forgets the error of one if the next has no
//! value.

use super::{Builtin, native};
use crate::jq::data::Jq;
use jaq_core::box_iter::{box_once, flat_map_then_with};
use jaq_core::compile::TermId;
use jaq_core::{Bind, Ctx, Cv, RunPtr, ValXs};
use std::rc::Rc;
use wasmrecords_json::{Object, Value, no_key};

/// Larger objects are jaq's.
pub(in crate::jq) const MOST: usize = 24;

pub(super) fn all() -> Vec<Builtin> {
    let runs: [RunPtr<Jq>; MOST] = [
        run::<1>, run::<2>, run::<3>, run::<4>, run::<5>, run::<6>, run::<7>, run::<8>, run::<9>, run::<10>,
        run::<11>, run::<12>, run::<13>, run::<14>, run::<15>, run::<16>, run::<17>, run::<18>, run::<19>,
        run::<20>, run::<21>, run::<22>, run::<23>, run::<24>,
    ];
    let of = |(members, run): (usize, _)| native("!object", vec![Bind::Fun(()); 2 * members].into(), run);
    (1..=MOST).zip(runs).map(of).collect()
}

type Filter<'a> = (TermId, Ctx<'a, Jq>);
type Members<'a> = Rc<[(Filter<'a>, Filter<'a>)]>;

fn run<'a, const MEMBERS: usize>(mut cv: Cv<'a, Jq>) -> ValXs<'a, Value> {
    let mut members: Vec<_> = (0..MEMBERS)
        .map(|_| {
            let value = cv.0.pop_fun();
            (cv.0.pop_fun(), value)
        })
        .collect();
    members.reverse();
    from(0, members.into(), cv.1, Object::with_capacity(MEMBERS))
}

/// All objects with what `object` has, and all ways to go on from member `at`: the last varies fastest.
fn from<'a>(at: usize, members: Members<'a>, input: Value, object: Object) -> ValXs<'a, Value> {
    let Some(((name, name_ctx), _)) = members.get(at) else {
        return box_once(Ok(object.into()));
    };
    let names = name.run((name_ctx.clone(), input.clone()));
    flat_map_then_with(names, (members, input, object), move |name, (members, input, object)| {
        let (_, (value, value_ctx)) = &members[at];
        let values = value.run((value_ctx.clone(), input.clone()));
        flat_map_then_with(values, (members, input, object), move |value, (members, input, mut object)| {
            // That a name is none is only an error if there is a value, as in jq.
            let Value::String(name) = &name else { return box_once(Err(no_key(&name).into())) };
            object.insert(name.clone(), value);
            from(at + 1, members, input, object)
        })
    })
}
