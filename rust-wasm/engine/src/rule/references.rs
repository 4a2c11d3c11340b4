//! References into the same schema.

use wasmrecords_json::{Object, Value};

/// The text of a schema's `$ref`.
pub(super) fn reference(keywords: &Object) -> Option<&str> {
    keywords.get("$ref").and_then(Value::as_str)
}

/// What a pointer behind `#` leads to; none if that has another base on its way.
pub(super) fn target<'s>(root: &'s Value, reference: &str) -> Option<&'s Value> {
    let pointer = reference.strip_prefix('#')?;
    let mut steps = pointer.split('/');
    // A name at the front is an anchor, and percent signs stand for characters.
    if !steps.next()?.is_empty() || pointer.contains('%') {
        return None;
    }
    let mut at = root;
    for step in steps {
        let Value::Object(members) = at else { return None };
        at = members.get(&step.replace("~1", "/").replace("~0", "~"))?;
        if let Value::Object(members) = at
            && ["$id", "id"].iter().any(|name| matches!(members.get(name), Some(Value::String(_))))
        {
            return None;
        }
    }
    Some(at)
}

/// A name as a step of a pointer.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
