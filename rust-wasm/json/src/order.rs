//! The order of values: `null`, `false`, `true`, numbers, strings, arrays, objects, as in jq.

use crate::{Object, Value};
use std::cmp::Ordering;

impl Value {
    fn rank(&self) -> u8 {
        match self {
            Value::Null => 0,
            Value::Bool(false) => 1,
            Value::Bool(true) => 2,
            Value::Number(_) => 3,
            Value::String(_) => 4,
            Value::Array(_) => 5,
            Value::Object(_) => 6,
        }
    }

    /// `nan` is how two of what is no number compare.
    fn compare(&self, other: &Value, nan: Ordering) -> Ordering {
        match (self, other) {
            (Value::Number(left), Value::Number(right)) => left.compare(right, nan),
            (Value::String(left), Value::String(right)) => left.cmp(right),
            (Value::Array(left), Value::Array(right)) => {
                first_difference(left.iter().zip(&**right), nan).then(left.len().cmp(&right.len()))
            }
            (Value::Object(left), Value::Object(right)) => left.compare(right, nan),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl Object {
    /// By the sorted names first, then by the values in the order of the names.
    fn compare(&self, other: &Object, nan: Ordering) -> Ordering {
        let (left, right) = (self.sorted(), other.sorted());
        let names = left.iter().map(|(name, _)| name).cmp(right.iter().map(|(name, _)| name));
        names.then_with(|| first_difference(left.iter().map(|m| &m.1).zip(right.iter().map(|m| &m.1)), nan))
    }
}

fn first_difference<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>, nan: Ordering) -> Ordering {
    let mut orders = pairs.map(|(left, right)| left.compare(right, nan));
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Number(left), Value::Number(right)) => left == right,
            (Value::String(left), Value::String(right)) => left == right,
            (Value::Array(left), Value::Array(right)) => left == right,
            (Value::Object(left), Value::Object(right)) => left == right,
            _ => false,
        }
    }
}

impl Eq for Value {}

impl PartialEq for Object {
    /// The same names with the same values, whatever their order.
    fn eq(&self, other: &Object) -> bool {
        self.len() == other.len()
            && self.iter().all(|(name, value)| other.get(name).is_some_and(|other| value == other))
    }
}

/// As jq's operators have it: what is no number is less than itself.
#[allow(clippy::non_canonical_partial_ord_impl)]
impl PartialOrd for Value {
    #[inline]
    fn partial_cmp(&self, other: &Value) -> Option<Ordering> {
        Some(self.compare(other, Ordering::Less))
    }
}

/// For sorting, which needs an order that is total.
impl Ord for Value {
    fn cmp(&self, other: &Value) -> Ordering {
        self.compare(other, Ordering::Equal)
    }
}

impl std::fmt::Debug for Value {
    /// As JSON text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// Takes a shared thing out of its box, or a copy if others hold it too.
#[cfg(feature = "jaq")]
pub(crate) fn unshared<T: Clone>(shared: std::rc::Rc<T>) -> T {
    std::rc::Rc::try_unwrap(shared).unwrap_or_else(|shared| (*shared).clone())
}
