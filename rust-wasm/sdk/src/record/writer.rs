//! From values to text.

use super::{Record, Room};
use crate::Failure;
use crate::table::Table;
use wasmrecords_engine::text::{put_float, put_natural, put_string};
use wasmrecords_json::{ROOM, compact, write_float, write_string};

/// Bytes of room that are made for a record before it is written, at most.
const AT_ONCE: usize = 256 << 10;

/// The text of output records, compact.
pub struct Writer {
    text: Table<u8>,
    failure: Option<Box<Failure>>,
}

impl Default for Writer {
    fn default() -> Self {
        Writer::behind(Table::new(|_| ()))
    }
}

impl Writer {
    /// One that goes on behind a text.
    pub(crate) fn behind(text: Table<u8>) -> Self {
        Writer { text, failure: None }
    }

    /// Bytes of what was written.
    #[inline(always)]
    pub(crate) fn length(&self) -> usize {
        self.text.len()
    }

    /// Takes back what was written behind so many bytes, and the reason why it cannot be.
    #[inline]
    pub(crate) fn go_back(&mut self, length: usize) {
        self.text.truncate(length);
        self.failure = None;
    }

    pub(crate) fn into_text(self) -> Table<u8> {
        self.text
    }

    /// What was written.
    pub(crate) fn text(&self) -> &[u8] {
        self.text.as_slice()
    }

    /// Whether all values were such that JSON has them.
    ///
    /// # Errors
    /// If one was not: why.
    #[inline(always)]
    pub(crate) fn check(&mut self) -> Result<(), Failure> {
        match self.failure.take() {
            None => Ok(()),
            Some(failure) => Err(*failure),
        }
    }

    /// Writes a record and a line feed in one go, if that is possible.
    #[inline(always)]
    pub(crate) fn put<'a, T: Record<'a>>(&mut self, record: &T) -> bool {
        if !T::PUTS {
            return false;
        }
        let most = record.most() + ROOM;
        if self.text.spare().len() < most && !self.more_at_once(most) {
            return false;
        }
        let mut room = Room::new(self.text.spare());
        if record.put(&mut room).and_then(|()| room.raw("\n")).is_none() {
            return false;
        }
        let length = room.length();
        self.text.wrote(length);
        true
    }

    /// Makes room for a record before it is written. False if it is a large one, or there is no memory: numbers may take
    /// far less than that.
    #[cold]
    #[inline(never)]
    fn more_at_once(&mut self, bytes: usize) -> bool {
        bytes <= AT_ONCE && self.text.reserve(bytes)
    }

    /// Room for so many bytes.
    #[inline(always)]
    fn room(&mut self, bytes: usize) -> &mut [u8] {
        if self.text.spare().len() < bytes {
            self.more(bytes);
        }
        self.text.spare()
    }

    #[cold]
    #[inline(never)]
    fn more(&mut self, bytes: usize) {
        assert!(self.text.reserve(bytes), "memory allocation of {bytes} bytes failed");
    }

    /// Lets `write` write where there is room for a number: how many bytes, it says.
    #[inline(always)]
    fn number(&mut self, write: impl FnOnce(&mut [u8; ROOM]) -> usize) {
        let length = self.room(ROOM).first_chunk_mut().map_or(0, write);
        self.text.wrote(length);
    }

    /// Writes JSON text as it is.
    #[inline(always)]
    pub fn raw(&mut self, json: &str) {
        self.bytes(json.as_bytes());
    }

    #[inline(always)]
    fn bytes(&mut self, bytes: &[u8]) {
        self.room(bytes.len())[..bytes.len()].copy_from_slice(bytes);
        self.text.wrote(bytes.len());
    }

    /// What is written by way of a text of its own.
    #[inline(never)]
    fn by_way(&mut self, write: &dyn Fn(&mut Vec<u8>)) {
        let mut text = Vec::new();
        write(&mut text);
        self.bytes(&text);
    }

    /// Writes JSON text without the white space in it.
    pub fn compact(&mut self, json: &str) {
        self.by_way(&|text| compact(json.as_bytes(), text));
    }

    /// Writes a string.
    pub fn string(&mut self, text: &str) {
        let length = text.len() + 2;
        if put_string(text, self.room(length)) {
            self.text.wrote(length);
        } else {
            self.by_way(&|out| write_string(text, out));
        }
    }

    /// Writes an integer.
    pub fn integer(&mut self, value: i64) {
        if value < 0 {
            self.raw("-");
        }
        self.natural(value.unsigned_abs());
    }

    /// Writes an integer that is not negative.
    pub fn natural(&mut self, value: u64) {
        self.number(|room| put_natural(value, room));
    }

    /// Writes a float: the record fails if it is not finite.
    pub fn float(&mut self, value: f64) {
        let before = self.length();
        if value.is_sign_negative() {
            if value == 0.0 {
                // Not `-0`: who reads that as an integer has lost the sign.
                return self.raw("-0.0");
            }
            self.raw("-");
        }
        let mut short = true;
        self.number(|room| {
            put_float(value, room).unwrap_or_else(|| {
                short = false;
                0
            })
        });
        if !short {
            self.text.truncate(before);
            self.any_float(value);
        }
    }

    #[inline(never)]
    fn any_float(&mut self, value: f64) {
        if value.is_finite() {
            self.by_way(&|text| write_float(value, text));
        } else {
            // Not by the standard library, which would bring along how it writes all floats.
            let value = if value.is_nan() {
                "NaN"
            } else if value > 0.0 {
                "inf"
            } else {
                "-inf"
            };
            self.refuse(Failure::new(
                "number",
                wasmrecords_json::joined(&["JSON has no number for ", value]),
            ));
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
        match self.text.at(start) {
            Some(first) => *first = open,
            None => self.bytes(&[open]),
        }
        self.bytes(&[close]);
    }

    /// Says that a value cannot be written: the record fails with the first such reason.
    pub fn refuse(&mut self, failure: Failure) {
        self.failure.get_or_insert_with(|| failure.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_for_a_large_record_is_not_made_for_the_longest_numbers() {
        let (mut out, record) = (Writer::default(), vec![7_u8; 1 << 20]);
        if !out.put(&record) {
            record.write(&mut out);
        }
        assert!(out.text.spare().len() < 4 << 20);
        assert!(out.put(&vec![7_u8; 1 << 10]));
    }

    #[test]
    fn zeros_keep_their_signs() {
        let mut out = Writer::default();
        out.array([0.0, -0.0, -1.0], |out, value| out.float(value));
        assert_eq!(out.text(), b"[0,-0.0,-1]");
    }

    #[test]
    fn floats_that_json_has_not_are_named() {
        for (value, message) in [
            (f64::NAN, "JSON has no number for NaN"),
            (f64::INFINITY, "JSON has no number for inf"),
            (f64::NEG_INFINITY, "JSON has no number for -inf"),
        ] {
            assert_eq!(message, format!("JSON has no number for {value}"));
            let mut out = Writer::default();
            out.float(value);
            assert_eq!(out.check().unwrap_err().message, message);
        }
    }
}
