//! From text to values.

use super::Arena;
use crate::Failure;
use std::borrow::Cow;
use wasmrecords_json::{Cursor, Raw};

/// A place in the text of a record. Whatever reads from it gets None where the text is not what it asks for, or no
/// JSON.
pub struct Reader<'a> {
    text: &'a str,
    cursor: Cursor<'a>,
    arena: &'a Arena,
    /// How many levels may still be opened.
    levels: u32,
    failure: Option<Failure>,
}

impl<'a> Reader<'a> {
    /// At the beginning of a text with at most so many levels of arrays and objects.
    pub fn new(text: &'a str, arena: &'a Arena, levels: u32) -> Self {
        Reader { text, cursor: Cursor::new(text), arena, levels, failure: None }
    }

    /// The first byte of what comes next.
    #[inline]
    pub fn peek(&self) -> Option<u8> {
        self.cursor.peek()
    }

    /// Passes over one of the words `true`, `false` and `null`.
    #[inline]
    pub fn word(&mut self, word: &str) -> Option<()> {
        self.cursor.word(word)
    }

    /// The digits of a number.
    #[inline]
    pub fn number(&mut self) -> Option<&'a str> {
        self.cursor.number()
    }

    /// The characters of a string, decoded only if it has an escape.
    #[inline]
    pub fn string(&mut self) -> Option<Cow<'a, str>> {
        Some(self.raw_string()?.decoded())
    }

    /// The same as a reference: what had to be decoded is kept as long as the record's text.
    #[inline]
    pub fn str(&mut self) -> Option<&'a str> {
        match self.string()? {
            Cow::Borrowed(text) => Some(text),
            Cow::Owned(text) => self.keep(text),
        }
    }

    /// Keeps a text as long as the record's.
    pub fn keep(&self, text: String) -> Option<&'a str> {
        self.arena.keep(text)
    }

    #[inline]
    fn raw_string(&mut self) -> Option<Raw<'a>> {
        if self.peek() != Some(b'"') {
            return None;
        }
        self.cursor.string()
    }

    /// Passes over an opening bracket: whether something is within.
    #[inline]
    pub fn open(&mut self, open: u8, close: u8) -> Option<bool> {
        self.levels = self.levels.checked_sub(1)?;
        self.cursor.take(open)?;
        Some(!self.closed(close))
    }

    /// Passes over a comma or the closing bracket behind an item or a member: whether another one comes.
    #[inline]
    pub fn more(&mut self, close: u8) -> Option<bool> {
        if self.cursor.take(b',').is_some() {
            return Some(true);
        }
        self.closed(close).then_some(false)
    }

    #[inline]
    fn closed(&mut self, close: u8) -> bool {
        let closed = self.cursor.take(close).is_some();
        self.levels += u32::from(closed);
        closed
    }

    /// Passes over a name and its colon.
    #[inline]
    pub fn name(&mut self) -> Option<Cow<'a, str>> {
        Some(self.cursor.name()?.decoded())
    }

    /// Calls `item` at the beginning of each item of an array.
    #[inline]
    pub fn array(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        let mut more = self.open(b'[', b']')?;
        while more {
            item(self)?;
            more = self.more(b']')?;
        }
        Some(())
    }

    /// Calls `member` with each name of an object, at the beginning of its value.
    pub fn object(&mut self, member: &mut dyn FnMut(&mut Self, Cow<'a, str>) -> Option<()>) -> Option<()> {
        let mut more = self.open(b'{', b'}')?;
        while more {
            let name = self.name()?;
            member(self, name)?;
            more = self.more(b'}')?;
        }
        Some(())
    }

    /// Passes over a value of any kind.
    #[inline]
    pub fn skip(&mut self) -> Option<()> {
        self.cursor.value(self.levels)
    }

    /// The text of a value of any kind, without white space around it.
    pub fn raw(&mut self) -> Option<&'a str> {
        let start = self.cursor.at();
        self.skip()?;
        Some(self.text.get(start..self.cursor.at())?.trim_end_matches([' ', '\t', '\r', '\n']))
    }

    /// Where the next token begins in the text.
    pub fn at(&self) -> usize {
        self.cursor.at()
    }

    /// True at the end of the text.
    #[inline]
    pub fn at_end(&self) -> bool {
        self.cursor.at_end()
    }

    /// How many levels may still be opened.
    pub fn levels(&self) -> u32 {
        self.levels
    }

    /// Remembers why a value cannot be read, for what no shape tells. It counts if the text has no other fault.
    pub fn refuse<T>(&mut self, failure: Failure) -> Option<T> {
        if self.failure.is_none() {
            // Who refuses a value knows where it stands, and not in what.
            let path = wasmrecords_json::path_at(self.text.as_bytes(), failure.offset);
            self.failure = Some(Failure { path: path.unwrap_or_else(|| failure.path.clone()), ..failure });
        }
        None
    }

    /// Why a value could not be read, where somebody remembered.
    pub(crate) fn refusal(self) -> Option<Failure> {
        self.failure
    }
}
