//! What a program says besides its outputs.

use super::convert::{named, to_text};
use super::{Builtin, flow, native};
use crate::jq::data::Jq;
use jaq_core::box_iter::box_once;
use jaq_core::native::v;
use jaq_core::{Cv, Error, Exn, ValXs};
use wasmrecords_json::{Value, write};

pub(super) fn all() -> Vec<Builtin> {
    vec![
        flow(
            "debug",
            |cv| {
                debug(&cv.1, &cv);
                box_once(Ok(cv.1))
            },
            |cv| {
                debug(&cv.1.0, &cv);
                box_once(Ok(cv.1))
            },
        ),
        flow(
            "stderr",
            |cv| {
                log(b"", &cv.1, b"", &cv);
                box_once(Ok(cv.1))
            },
            |cv| {
                log(b"", &cv.1.0, b"", &cv);
                box_once(Ok(cv.1))
            },
        ),
        native("halt_error", v(0), |cv| halt(cv)),
        native("halt_error", v(1), |mut cv| match cv.0.pop_var() {
            Value::Number(_) => halt(cv),
            status => {
                let words = format!("{} halt_error/1: number required", named(&status));
                box_once(Err(Exn::from(Error::str(words))))
            }
        }),
    ]
}

fn debug<T>(value: &Value, cv: &Cv<'_, Jq, T>) {
    log(b"[\"DEBUG:\",", value, b"]\n", cv);
}

fn log<T>(before: &[u8], value: &Value, behind: &[u8], cv: &Cv<'_, Jq, T>) {
    let mut line = before.to_vec();
    if let Err(why) = write(value, &mut line) {
        line.truncate(before.len());
        line.extend_from_slice(format!("\"{why}\"").as_bytes());
    }
    line.extend_from_slice(behind);
    cv.0.data().sink.borrow_mut().log(&line);
}

/// No `try` catches what jaq takes for the end of the process.
fn halt<'a>(cv: Cv<'a, Jq>) -> ValXs<'a, Value> {
    let words = to_text(cv.1.clone()).ok();
    let words = words
        .as_ref()
        .and_then(Value::as_str)
        .map_or_else(|| named(&cv.1), |text| text.trim_end().to_owned());
    cv.0.data().last_words.set(Some(words));
    box_once(Err(Exn::halt(5)))
}
