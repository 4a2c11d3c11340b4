//! What a schema asks of an object.

use std::ops::RangeInclusive;

use super::{ANY_COUNT, Rule};

/// Names of one object: each new one takes a look at all before it.
pub(crate) const MOST_NAMES: usize = 256;

/// The members that an object may have and must have.
#[derive(Clone, Debug)]
pub struct ObjectRule {
    /// Members that have a rule or must be there, each name once. No name has a character that a string must
    /// escape, so each can be compared with a text as it stands, as long as nothing in that is escaped.
    pub known: Vec<(Box<str>, Rule)>,
    /// The places of those that must be there, in the order of the schema.
    pub required: Vec<usize>,
    /// Whether there may be others.
    pub others: bool,
    /// How many members there may be; a name that stands twice counts once.
    pub count: RangeInclusive<u64>,
}

impl ObjectRule {
    pub(super) fn any() -> ObjectRule {
        ObjectRule { known: Vec::new(), required: Vec::new(), others: true, count: ANY_COUNT }
    }

    pub(super) fn is_any(&self) -> bool {
        self.known.is_empty() && self.others && self.count == ANY_COUNT
    }

    /// The place of a name among the known ones; it is new and may be anything if it was not there. None if there
    /// are too many.
    pub(super) fn place(&mut self, name: &str) -> Option<usize> {
        self.known.iter().position(|(known, _)| **known == *name).or_else(|| {
            self.known.push((name.into(), Rule::any()));
            Some(self.known.len() - 1).filter(|&place| place < MOST_NAMES)
        })
    }
}
