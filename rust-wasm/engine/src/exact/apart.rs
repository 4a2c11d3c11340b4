//! Arrays of which nothing is asked: as parts of a shape, as long as they look the same in all records.

use super::{Kind, LEVELS, Pass, Reader, Unfit, require};
use crate::RECIPES;
use crate::plan::{Place, PlaceId};
use crate::shape::class;
use wasmrecords_json::string_end;

/// Values of an array that is a part of a shape, at most.
const MOST_VALUES: usize = 16;

/// Names of members with arrays that are remembered. All other arrays are values.
const MOST_NAMES: usize = 64;

/// An array that is a part of the shape: all of its values are known, and where they stand.
#[derive(Clone, Copy)]
pub(crate) struct Apart {
    pub start: usize,
    pub end: usize,
    /// Of the member that it is.
    pub name: u64,
}

/// What is known of the arrays of a text.
#[derive(Default)]
pub(crate) struct Arrays {
    /// Those of the record that was read last which are parts of its shape, inner ones first.
    pub apart: Vec<Apart>,
    /// Names of their members, and whether all that were met looked the same so far.
    names: Vec<(u64, bool)>,
    /// Those of one name look the same no more, and are parts of shapes: these are forgotten before the next record
    /// is learned.
    pub astray: bool,
}

impl Arrays {
    /// Notes that the arrays of this name do not all look the same.
    pub fn vary(&mut self, name: u64) {
        if let Some((_, alike)) = self.names.iter_mut().find(|(other, _)| *other == name) {
            self.astray |= *alike;
            *alike = false;
        }
    }

    /// Notes an array that may be a part of a shape or not. True if it is one.
    fn note(&mut self, name: u64, fits: bool) -> bool {
        match self.names.iter().find(|(other, _)| *other == name) {
            None if self.names.len() < MOST_NAMES => {
                self.names.push((name, fits));
                fits
            }
            None => false,
            Some((_, alike)) => {
                let alike = *alike;
                if !fits {
                    self.vary(name);
                }
                alike && fits
            }
        }
    }
}

impl Reader<'_, '_> {
    /// An array of which nothing is asked.
    pub(super) fn free_array(&mut self, id: PlaceId, place: &Place, nesting: u32) -> Pass {
        let start = self.walk.at();
        let name = if RECIPES && self.exact.levels < LEVELS { self.name_before(start) } else { None };
        let Some(name) = name else {
            self.skip(place.copied, nesting + 1)?;
            let kind = self.kind_of_array(start);
            self.deep_token(start, self.walk.at(), kind, id, nesting + 1);
            return Ok(());
        };
        let (values, arrays) = (self.exact.tokens.len(), self.exact.arrays.apart.len());
        self.exact.levels += 1;
        self.items(place, nesting)?;
        self.exact.levels -= 1;
        let (end, kind) = (self.walk.at(), self.kind_of_array(start));
        let fits = kind == Kind::Other && self.fits(start, values);
        if self.exact.arrays.note(name, fits) {
            self.exact.arrays.apart.push(Apart { start, end, name });
        } else if self.exact.learning {
            self.exact.tokens.truncate(values);
            self.exact.arrays.apart.truncate(arrays);
            self.deep_token(start, end, kind, id, nesting + 1);
        }
        Ok(())
    }

    fn items(&mut self, place: &Place, nesting: u32) -> Pass {
        self.walk.take(b'[');
        self.walk.space();
        if self.walk.take(b']') {
            return Ok(());
        }
        loop {
            self.value(place.items, nesting)?;
            self.walk.space();
            if self.walk.take(b']') {
                return Ok(());
            }
            require(self.walk.take(b','), Unfit::Json)?;
            self.walk.space();
        }
    }

    /// Whether the array from `start` to here, whose values were noted from `values` on, may be a part of a shape.
    fn fits(&self, start: usize, values: usize) -> bool {
        let values = &self.exact.tokens[values.min(self.exact.tokens.len())..];
        // A number that the loop does not read.
        let long = values.iter().filter(|token| token.kind == Kind::Other).any(|token| {
            let first = self.walk.part(token.start, token.end)[0];
            class(first) == class(b'0')
        });
        self.exact.learning && start > 0 && !long && values.len() <= MOST_VALUES
    }

    /// A number for the name of the member whose value begins here; none if it is none, or its name is written with
    /// escapes.
    fn name_before(&self, start: usize) -> Option<u64> {
        let before = self.walk.part(0, start).trim_ascii_end().strip_suffix(b":")?;
        let before = before.trim_ascii_end().strip_suffix(b"\"")?;
        let first = before.iter().rposition(|byte| matches!(byte, b'"' | b'\\'))?;
        (before[first] == b'"').then(|| self.walk.hash(first + 1, before.len()))
    }

    fn kind_of_array(&self, start: usize) -> Kind {
        let strings = start > 0 && is_strings(self.walk.part(start, self.walk.at()));
        if strings { Kind::Strings } else { Kind::Other }
    }
}

/// True if a valid array has nothing but strings in it, and no white space between them.
fn is_strings(array: &[u8]) -> bool {
    let mut at = 1;
    while array.get(at) == Some(&b'"') {
        let Some(end) = string_end(array, at) else { return false };
        match array.get(end) {
            Some(b',') => at = end + 1,
            _ => return end + 1 == array.len(),
        }
    }
    array == b"[]"
}
