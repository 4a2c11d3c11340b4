//! The short way to write a record: in one go, where there is room for all of it before it begins.

use wasmrecords_engine::text::{put_float, put_natural, put_string};
use wasmrecords_json::{ROOM, write_float};

/// Room that was made for a record. What does not fit, or is not written as plainly as that, gives None; then all of the
/// record goes the longer way, by a [`Writer`](super::Writer).
pub struct Room<'w> {
    bytes: &'w mut [u8],
    at: usize,
}

/// Bytes that any number takes, at most.
pub const NUMBER: usize = ROOM;

impl<'w> Room<'w> {
    pub(crate) fn new(bytes: &'w mut [u8]) -> Self {
        Room { bytes, at: 0 }
    }

    /// How many bytes were written.
    pub(crate) fn length(&self) -> usize {
        self.at
    }

    /// Writes JSON text as it is: a short one.
    #[inline(always)]
    pub fn raw(&mut self, json: &'static str) -> Option<()> {
        let end = self.at + json.len();
        self.bytes.get_mut(self.at..end)?.copy_from_slice(json.as_bytes());
        self.at = end;
        Some(())
    }

    #[inline(always)]
    fn number(&mut self, write: impl FnOnce(&mut [u8; ROOM]) -> Option<usize>) -> Option<()> {
        self.at += write(self.bytes.get_mut(self.at..)?.first_chunk_mut()?)?;
        Some(())
    }

    /// Writes an integer that is not negative.
    #[inline(always)]
    pub fn natural(&mut self, value: u64) -> Option<()> {
        self.number(|room| Some(put_natural(value, room)))
    }

    /// Writes an integer.
    #[inline(always)]
    pub fn integer(&mut self, value: i64) -> Option<()> {
        if value < 0 {
            self.raw("-")?;
        }
        self.natural(value.unsigned_abs())
    }

    /// Writes a float as a [`Writer`](super::Writer) does, if it is finite.
    #[inline(always)]
    pub fn float(&mut self, value: f64) -> Option<()> {
        let before = self.at;
        if value.is_sign_negative() {
            if value == 0.0 {
                return self.raw("-0.0");
            }
            self.raw("-")?;
        }
        if self.number(|room| put_float(value, room)).is_none() {
            self.at = before;
            self.any_float(value)?;
        }
        Some(())
    }

    #[inline(never)]
    fn any_float(&mut self, value: f64) -> Option<()> {
        if !value.is_finite() {
            return None;
        }
        let mut text = Vec::new();
        write_float(value, &mut text);
        self.bytes.get_mut(self.at..self.at + text.len())?.copy_from_slice(&text);
        self.at += text.len();
        Some(())
    }

    /// Writes a string, if nothing in it has to be escaped.
    #[inline(always)]
    pub fn string(&mut self, text: &str) -> Option<()> {
        let end = self.at + text.len() + 2;
        if !put_string(text, self.bytes.get_mut(self.at..end)?) {
            return None;
        }
        self.at = end;
        Some(())
    }
}
