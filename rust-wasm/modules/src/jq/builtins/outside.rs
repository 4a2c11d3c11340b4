//! What a program can ask of the world outside: only what the run has granted and handed over.

use super::convert::named;
use super::{Builtin, native};
use crate::clock;
use crate::jq::value::string;
use jaq_core::Error;
use jaq_core::native::{bome, v};
use wasmrecords_json::Value;

pub(super) fn all() -> Vec<Builtin> {
    vec![
        native("now", v(0), |_| {
            bome(clock::now().map(Value::from).ok_or_else(|| Error::str("there is no clock")))
        }),
        native("input_filename", v(0), |cv| {
            let name = cv.0.data().source;
            bome(Ok(name.map_or(Value::Null, string)))
        }),
        native("get_search_list", v(0), |cv| {
            bome(Ok(cv.0.data().folders.iter().map(|folder| string(folder)).collect()))
        }),
        native("modulemeta", v(0), |cv| {
            let modules = cv.0.data().modules;
            let name = cv.1.as_str();
            bome(name.ok_or_else(|| Error::str("modulemeta input module name must be a string")).and_then(
                |name| {
                    let known = modules.iter().rev().find(|(path, _)| path == name);
                    known.map(|(_, meta)| meta.clone()).ok_or_else(|| {
                        let name = named(&cv.1);
                        Error::str(format_args!(
                            "expected the path of a module that is imported, found {name}"
                        ))
                    })
                },
            ))
        }),
    ]
}
