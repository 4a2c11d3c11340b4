//! Deleting what stands at paths.

use super::paths::{no_index, position, range};
use jaq_core::Error;
use std::rc::Rc;
use wasmrecords_json::Value;

/// Deletes all paths at once: what one deletion moves is not in the way of the next.
pub(super) fn delete(value: &mut Value, mut paths: Vec<Vec<Value>>) -> Result<(), Error<Value>> {
    // What is within something that goes, goes with it: such a path may lead through what it cannot.
    paths.sort_by(Ord::cmp);
    paths.dedup_by(|path, before| path.starts_with(before));
    // From the last to the first, and within something before things beside it.
    paths.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| b.cmp(a)));
    let parent = |path: &[Value]| path.split_last().map(|(_, parent)| parent.to_vec());
    for siblings in paths.chunk_by(|a, b| parent(a) == parent(b)) {
        let Some(parent) = parent(&siblings[0]) else {
            *value = Value::Null;
            return Ok(());
        };
        let steps: Vec<&Value> = siblings.iter().filter_map(|path| path.last()).collect();
        delete_steps(value, &parent, &steps)?;
    }
    Ok(())
}

/// Deletes `steps`, which are sorted from the last to the first, of the value at `parent`.
fn delete_steps(value: &mut Value, parent: &[Value], steps: &[&Value]) -> Result<(), Error<Value>> {
    let Some((step, rest)) = parent.split_first() else {
        return delete_children(value, steps);
    };
    match (value, step) {
        (Value::Null, _) => Ok(()),
        (Value::Object(members), Value::String(name)) => {
            Rc::make_mut(members).get_mut(name).map_or(Ok(()), |member| delete_steps(member, rest, steps))
        }
        (Value::Array(items), Value::Number(_)) => {
            let at = position(step, items.len())?;
            let item = at.and_then(|at| Rc::make_mut(items).get_mut(at));
            item.map_or(Ok(()), |item| delete_steps(item, rest, steps))
        }
        (Value::Array(items), Value::Object(bounds)) => {
            let range = range(bounds, items.len())?;
            let mut part: Value = items[range.clone()].iter().cloned().collect();
            delete_steps(&mut part, rest, steps)?;
            if let Value::Array(part) = part {
                Rc::make_mut(items).splice(range, part.iter().cloned());
            }
            Ok(())
        }
        (value, step) => Err(no_index(value, step)),
    }
}

fn delete_children(value: &mut Value, steps: &[&Value]) -> Result<(), Error<Value>> {
    let wrong = |value: &Value, step: &Value| {
        let step = step.type_name();
        match value {
            Value::Array(_) => Error::str(format_args!("Cannot delete {step} element of array")),
            Value::Object(_) => Error::str(format_args!("Cannot delete {step} field of object")),
            other => Error::str(format_args!("Cannot delete fields from {}", other.type_name())),
        }
    };
    if let Value::Null = value {
        return Ok(());
    }
    if let Some(step) = steps.iter().find(|step| {
        !matches!(
            (&*value, step),
            (Value::Object(_), Value::String(_)) | (Value::Array(_), Value::Number(_) | Value::Object(_))
        )
    }) {
        return Err(wrong(value, step));
    }
    match value {
        Value::Object(members) => {
            let members = Rc::make_mut(members);
            if let [step] = steps {
                if let Value::String(name) = step {
                    members.remove(name);
                }
            } else {
                let mut names: Vec<&str> = steps.iter().filter_map(|step| step.as_str()).collect();
                names.sort_unstable();
                members.retain(|name, _| names.binary_search(&name.as_str()).is_err());
            }
        }
        Value::Array(items) => {
            let mut keep = vec![true; items.len()];
            for step in steps {
                let range = match step {
                    Value::Object(bounds) => range(bounds, items.len())?,
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
