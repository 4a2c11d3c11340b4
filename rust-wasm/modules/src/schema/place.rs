//! From a JSON Pointer, as the validator names places, to a path and the value there.

use wasmrecords_json::{Segment, Value};

/// The steps of a pointer into `value`, and the value they lead to. Where a step leads nowhere it ends
/// at the innermost value that is there.
pub(super) fn follow<'v>(pointer: &str, value: &'v Value) -> (Vec<Segment>, &'v Value) {
    let mut path = Vec::new();
    let mut at = value;
    for step in pointer.split('/').skip(1) {
        let inner = match at {
            Value::Array(items) => step.parse().ok().and_then(|index: usize| {
                let item = items.get(index)?;
                Some((Segment::Index(index), item))
            }),
            Value::Object(members) => {
                let name = unescaped(step);
                members.get(&name).map(|member| (Segment::Name(name), member))
            }
            _ => None,
        };
        let Some((segment, inner)) = inner else { break };
        path.push(segment);
        at = inner;
    }
    (path, at)
}

/// One step of a pointer as the name it stands for.
pub(super) fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// The last step of a pointer, empty at the root.
pub(super) fn last(pointer: &str) -> &str {
    pointer.rsplit_once('/').map_or("", |(_, step)| step)
}

/// The pointer without its last step.
pub(super) fn parent(pointer: &str) -> &str {
    pointer.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The pointer that a path is.
pub(super) fn pointer(path: &[Segment]) -> String {
    let mut pointer = String::new();
    for segment in path {
        pointer.push('/');
        match segment {
            Segment::Index(index) => pointer.push_str(&index.to_string()),
            Segment::Name(name) => pointer.push_str(&name.replace('~', "~0").replace('/', "~1")),
        }
    }
    pointer
}
