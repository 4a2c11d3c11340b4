//! `?//`: one filter, and another on the same input when the first raises an error.

use super::Builtin;
use crate::jq::data::Jq;
use jaq_core::{Bind, Exn, Native};
use wasmrecords_json::Value;

pub(super) fn all() -> Vec<Builtin> {
    let both: Box<[Bind]> = [Bind::Fun(()), Bind::Fun(())].into();
    let filter = Native::<Jq>::new(|mut cv| {
        let (second, second_ctx) = cv.0.pop_fun();
        let (first, ctx) = cv.0.pop_fun();
        let input = cv.1.clone();
        either(first.run((ctx, cv.1)), move || second.run((second_ctx, input)))
    })
    .with_paths(|mut cv| {
        let (second, second_ctx) = cv.0.pop_fun();
        let (first, ctx) = cv.0.pop_fun();
        let input = cv.1.clone();
        either(first.paths((ctx, cv.1)), move || second.paths((second_ctx, input)))
    });
    vec![("!either", both, filter).into()]
}

/// What the first yields up to an error, then what the second does.
fn either<'a, T: 'a>(first: Outputs<'a, T>, second: impl FnOnce() -> Outputs<'a, T> + 'a) -> Outputs<'a, T> {
    let (mut outputs, mut second) = (first, Some(second));
    Box::new(std::iter::from_fn(move || {
        let raised = match outputs.next()? {
            Err(raised) if second.is_some() => raised,
            output => return Some(output),
        };
        match raised.get_err() {
            Ok(_) => {
                outputs = second.take()?();
                outputs.next()
            }
            // The end of a label, or of the run.
            Err(other) => Some(Err(other)),
        }
    }))
}

type Outputs<'a, T> = Box<dyn Iterator<Item = Result<T, Exn<'a, Value>>> + 'a>;
