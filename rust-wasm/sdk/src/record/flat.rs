//! Structs whose members stand among those of another one: what may be wrong with that is told while it is compiled.

use super::shape::{Object, Part, Shape};
use super::text::Text;

/// The shape of an object that has flat parts. `denies` says whether other members are to be refused.
///
/// # Panics
/// If a name stands there twice, or a part would not be what it is alone.
#[track_caller]
pub const fn flattened(object: &'static Object, denies: bool) -> Shape {
    let parts = object.parts;
    let (mut at, mut all_taken) = (0, false);
    while at < parts.len() {
        if let Part::Flat(shape) = &parts[at] {
            assert!(
                !all_taken,
                "a map takes all members that are left: expected it as the last field with `flatten`"
            );
            all_taken = shape.rest().is_some();
            if let Shape::Object(inner) = shape {
                assert!(
                    inner.open || !object.open,
                    "`deny_unknown_fields` does nothing on a struct that is flattened: expected it on the outer one"
                );
            }
        }
        at += 1;
    }
    assert!(
        !(denies && all_taken),
        "`deny_unknown_fields` refuses nothing where a map takes all members that are left: expected one of the two"
    );
    once(object, object);
    Shape::Object(object)
}

/// Looks at the type of a field of a config.
///
/// # Panics
/// If there is an object in it that passes over what it does not know: a name that is misspelt would be lost.
#[track_caller]
pub const fn closed(shape: &Shape) {
    match shape {
        Shape::Array(inner) | Shape::Map(inner) | Shape::Nullable(inner) => closed(inner),
        Shape::Tuple(items) => {
            let mut at = 0;
            while at < items.len() {
                closed(&items[at]);
                at += 1;
            }
        }
        Shape::Object(object) => assert!(
            !object.open,
            "a struct within a config passes over names that are misspelt: expected `#[derive(Config)]` on it, in the \
             place of `#[derive(Record)]`"
        ),
        _ => {}
    }
}

/// Each member of a part has a name that is its own in all of the object.
#[track_caller]
const fn once(all: &Object, part: &Object) {
    let mut at = 0;
    while at < part.parts.len() {
        match &part.parts[at] {
            Part::Member(member) => {
                if count(all, member.name) > 1 {
                    let mut message = Text::<200>::new();
                    message.raw("two members have the name ").string(member.name);
                    message.raw(": with `flatten` they stand in one object");
                    panic!("{}", message.as_str());
                }
            }
            Part::Flat(Shape::Object(inner)) => once(all, inner),
            Part::Flat(_) => {}
        }
        at += 1;
    }
}

/// How many members are called so.
const fn count(object: &Object, name: &str) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < object.parts.len() {
        count += match &object.parts[at] {
            Part::Member(member) => is_same(member.name, name) as usize,
            Part::Flat(Shape::Object(inner)) => self::count(inner, name),
            Part::Flat(_) => 0,
        };
        at += 1;
    }
    count
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}
