//! From values to text.

use crate::Failure;
use wasmrecords_json::{compact, write_float, write_integer, write_natural, write_string};

/// The text of one output record, compact.
#[derive(Default)]
pub struct Writer {
    text: Vec<u8>,
    failure: Option<Failure>,
}

impl Writer {
    /// Begins anew, and keeps its memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.failure = None;
    }

    /// One that goes on behind a text.
    pub(crate) fn behind(text: Vec<u8>) -> Self {
        Writer { text, failure: None }
    }

    /// False if a value was one that JSON has not.
    pub(crate) fn is_right(&self) -> bool {
        self.failure.is_none()
    }

    /// Bytes of what was written.
    #[inline(always)]
    pub(crate) fn length(&self) -> usize {
        self.text.len()
    }

    pub(crate) fn into_text(self) -> Vec<u8> {
        self.text
    }

    /// What was written.
    ///
    /// # Errors
    /// If a value was one that JSON has not.
    pub fn text(&mut self) -> Result<&[u8], Failure> {
        match self.failure.take() {
            None => Ok(&self.text),
            Some(failure) => Err(failure),
        }
    }

    /// Writes JSON text as it is.
    #[inline]
    pub fn raw(&mut self, json: &str) {
        self.text.extend_from_slice(json.as_bytes());
    }

    /// Writes JSON text without the white space in it.
    pub fn compact(&mut self, json: &str) {
        compact(json.as_bytes(), &mut self.text);
    }

    /// Writes a string.
    #[inline]
    pub fn string(&mut self, text: &str) {
        write_string(text, &mut self.text);
    }

    /// Writes an integer.
    #[inline]
    pub fn integer(&mut self, value: i64) {
        write_integer(value, &mut self.text);
    }

    /// Writes an integer that is not negative.
    #[inline]
    pub fn natural(&mut self, value: u64) {
        write_natural(value, &mut self.text);
    }

    /// Writes a float: the record fails if it is not finite.
    pub fn float(&mut self, value: f64) {
        if value.is_finite() {
            write_float(value, &mut self.text);
        } else {
            self.refuse(Failure::new("number", format!("JSON has no number for {value}")));
        }
    }

    /// Writes an array.
    pub fn array<T>(&mut self, items: impl IntoIterator<Item = T>, mut item: impl FnMut(&mut Self, T)) {
        self.listed(b'[', b']', |out| {
            for value in items {
                out.raw(",");
                item(out, value);
            }
        });
    }

    /// Writes an object: `members` writes each as `,"name":value`.
    #[inline]
    pub fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.listed(b'{', b'}', members);
    }

    /// Writes what has a comma in front of each part, the first of which becomes the bracket.
    #[inline]
    pub(super) fn listed(&mut self, open: u8, close: u8, parts: impl FnOnce(&mut Self)) {
        let start = self.text.len();
        parts(self);
        match self.text.get_mut(start) {
            Some(first) => *first = open,
            None => self.text.push(open),
        }
        self.text.push(close);
    }

    /// Says that a value cannot be written: the record fails with the first such reason.
    pub fn refuse(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }
}
