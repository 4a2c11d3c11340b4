//! All keywords of a schema that no rule has.

use std::rc::Rc;
use wasmrecords_engine::rule::{Leaves, Rule};
use wasmrecords_json::Value;

/// Keywords that are told.
const MOST: usize = 20;

/// The keywords that leave a schema to the validator. Where `formats` refuse, `format` is one.
pub fn leaves(schema: &Value, formats: bool) -> Vec<Leaves> {
    let mut schema = schema.clone();
    let mut found: Vec<Leaves> = Vec::new();
    // Making a rule ends at the first: it goes, and the others show.
    while let Err(leaves) = Rule::new(&schema, formats) {
        let mut steps: Vec<_> = leaves.path.split('/').skip(1).map(unescaped).collect();
        let (known, last) = (found.contains(&leaves), steps.pop());
        if known || found.len() == MOST {
            break;
        }
        found.push(leaves);
        if last.and_then(|last| remove(&mut schema, &steps, &last)).is_none() {
            break;
        }
    }
    found
}

fn remove(schema: &mut Value, steps: &[String], name: &str) -> Option<()> {
    let Some((step, rest)) = steps.split_first() else {
        return match schema {
            Value::Object(members) => Rc::make_mut(members).remove(name).map(drop),
            _ => None,
        };
    };
    let inner = match schema {
        Value::Object(members) => Rc::make_mut(members).get_mut(step),
        Value::Array(items) => step.parse().ok().and_then(|at: usize| Rc::make_mut(items).get_mut(at)),
        _ => None,
    };
    remove(inner?, rest, name)
}

fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}
