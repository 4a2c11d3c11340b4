//! A walk through the text of one record: safe to use, and as strict as the parser.

use crate::bytes::{self, PAD, Short};
use crate::vector::V;
use std::marker::PhantomData;

/// A text that ends with a line feed or another control character, which is not counted, with [`PAD`] bytes
/// behind it that can be read.
#[derive(Clone, Copy)]
pub struct Line<'t> {
    pub(crate) start: *const u8,
    length: usize,
    /// Bytes before it that can be read, up to three.
    before: usize,
    text: PhantomData<&'t [u8]>,
}

impl<'t> Line<'t> {
    /// The part of a buffer from `start` to `end`, if a control character and enough bytes stand behind it.
    pub fn new(buffer: &'t [u8], start: usize, end: usize) -> Option<Line<'t>> {
        let enough = buffer.len().checked_sub(PAD).is_some_and(|most| start <= end && end <= most);
        // The place is within the buffer if there are enough bytes.
        (enough && buffer[end] < b' ').then(|| Line {
            // From the buffer's own start, since bytes before the line are read too.
            start: buffer.as_ptr().wrapping_add(start),
            length: end - start,
            before: start.min(3),
            text: PhantomData,
        })
    }

    /// The first bytes of a buffer that has line feeds behind them.
    ///
    /// # Panics
    /// If it has not, or not enough of them.
    pub(crate) fn of(buffer: &'t [u8], length: usize) -> Line<'t> {
        Line::new(buffer, 0, length).expect("the buffer was made with line feeds behind the text")
    }

    /// Its bytes, without the line feed.
    pub fn bytes(self) -> &'t [u8] {
        // SAFETY: `new` saw a buffer with these bytes, which lives as long as the mark says.
        unsafe { std::slice::from_raw_parts(self.start, self.length) }
    }

    /// The bytes between two places, as far as there are any.
    #[inline(always)]
    pub fn part(self, start: usize, end: usize) -> &'t [u8] {
        self.bytes().get(start..end).unwrap_or_default()
    }
}

/// The end of the line that begins at `at`: a line feed, of which one stands right before `end`, behind which bytes
/// can be read.
pub(crate) fn line_end(buffer: &[u8], at: usize, end: usize) -> usize {
    assert!(at < end && buffer[end - 1] == b'\n', "the text ends with a line feed");
    let line = Line::of(&buffer[at..], end - 1 - at);
    // SAFETY: the text ends with a line feed.
    let found = unsafe { bytes::line_feed(line.start) };
    at + (found as usize - line.start as usize)
}

/// A string in a text, by its places.
#[derive(Clone, Copy)]
pub(crate) struct Str {
    /// Behind its opening quote.
    pub start: usize,
    /// Its closing quote.
    pub end: usize,
    pub escaped: bool,
    /// It may be written otherwise.
    pub odd: bool,
}

/// A place in a text. No step leads behind its end.
pub(crate) struct Walk<'t> {
    line: Line<'t>,
    at: usize,
    /// A line feed within the text is white space.
    lines: bool,
    /// White space was passed.
    pub spaced: bool,
    /// What is wrong with strings as UTF-8; it may be wrong where nothing is.
    wrong: V,
}

// Each step below stops at the line feed that ends the text at the latest, so `at` never goes beyond it, and up
// to `PAD` bytes from `at` on can be read. A line feed within the text, where records are no lines, only stops
// a step early.
impl<'t> Walk<'t> {
    pub fn new(line: Line<'t>) -> Walk<'t> {
        Walk { line, at: 0, lines: true, spaced: false, wrong: V::splat(0) }
    }

    /// Over the start of a text that goes on behind the next line feed, which is not passed.
    pub fn of_line(line: Line<'t>) -> Walk<'t> {
        Walk { lines: false, ..Walk::new(line) }
    }

    #[inline(always)]
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn at_end(&self) -> bool {
        self.at == self.line.length
    }

    #[inline(always)]
    fn place(&self) -> *const u8 {
        // SAFETY: `at` is at most the length.
        unsafe { self.line.start.add(self.at) }
    }

    /// How far a place is behind the start.
    #[inline(always)]
    fn offset(&self, place: *const u8) -> usize {
        place as usize - self.line.start as usize
    }

    /// The next byte: a line feed at the end.
    #[inline(always)]
    pub fn peek(&self) -> u8 {
        // SAFETY: the end is a byte too.
        unsafe { *self.place() }
    }

    /// Passes over one byte, if it is this one, which is no line feed.
    #[inline(always)]
    pub fn take(&mut self, byte: u8) -> bool {
        if self.peek() == byte {
            self.at += 1;
            true
        } else {
            false
        }
    }

    /// Passes over white space.
    #[inline(always)]
    pub fn space(&mut self) {
        if self.peek() <= b' ' {
            self.gap();
        }
    }

    #[inline(never)]
    fn gap(&mut self) {
        while self.at < self.line.length
            && (matches!(self.peek(), b' ' | b'\t' | b'\r') || self.lines && self.peek() == b'\n')
        {
            self.spaced = true;
            self.at += 1;
        }
    }

    /// Passes over a string, which begins here.
    #[inline(always)]
    pub fn string(&mut self) -> Option<Str> {
        let start = self.at + 1;
        if self.peek() != b'"' {
            return None;
        }
        if start + self.line.before < 3 {
            return self.early();
        }
        // SAFETY: behind a quote, which is no line feed, the text goes on; three bytes before can be read.
        let ended = unsafe { bytes::string(self.line.start.add(start), &mut self.wrong) };
        if ended.quote.is_null() {
            return None;
        }
        let end = self.offset(ended.quote);
        self.at = end + 1;
        Some(Str { start, end, escaped: ended.escaped, odd: ended.odd })
    }

    /// As [`Self::string`], at the very start of a buffer, before which nothing can be read: from a copy.
    #[inline(never)]
    fn early(&mut self) -> Option<Str> {
        const BEFORE: [u8; 3] = *b"   ";
        let start = self.at + 1;
        let end = wasmrecords_json::string_end(self.line.bytes(), self.at)?;
        let mut copy = BEFORE.to_vec();
        copy.extend_from_slice(self.part(start, end));
        copy.resize(copy.len() + 1 + PAD, b'\n');
        // SAFETY: behind the three bytes stands a text that ends with a line feed, with enough bytes behind it.
        let ended = unsafe { bytes::string(copy.as_ptr().add(BEFORE.len()), &mut self.wrong) };
        if ended.quote.is_null() {
            return None;
        }
        // The first quote that no backslash stands before, as `string_end` has it.
        self.at = end;
        Some(Str { start, end: end - 1, escaped: ended.escaped, odd: ended.odd })
    }

    /// True if the text up to here is UTF-8.
    pub fn is_utf8(&self) -> bool {
        !self.wrong.any() || std::str::from_utf8(self.part(0, self.at)).is_ok()
    }

    /// Passes over a short number, if one begins here, and says what it is worth if that is asked for.
    #[inline(always)]
    pub fn short(&mut self, value: bool) -> Option<Short> {
        // SAFETY: `at` is in the text.
        let short = unsafe { bytes::short(self.place(), value) };
        if short.length == 0 {
            return None;
        }
        self.at += short.length;
        Some(short)
    }

    /// Passes over any number, and gives its digits.
    #[inline(always)]
    pub fn number(&mut self) -> Option<&'t [u8]> {
        let start = self.at;
        if self.short(false).is_none() {
            // SAFETY: `at` is in the text.
            let end = unsafe { bytes::long(self.place()) };
            if end.is_null() {
                return None;
            }
            self.at = self.offset(end);
        }
        Some(self.line.part(start, self.at))
    }

    /// Passes over four letters, if they stand here.
    #[inline(always)]
    pub fn word(&mut self, word: &[u8; 4]) -> bool {
        // SAFETY: four bytes can be read. They are letters, so the text goes on behind them.
        let found = unsafe { bytes::word4(self.place()) } == u32::from_le_bytes(*word);
        self.at += if found { 4 } else { 0 };
        found
    }

    /// Passes over a name in quotes and the colon right behind it, if both stand here in just these characters.
    #[inline(always)]
    pub fn this_name(&mut self, name: &Name) -> bool {
        let length = name.text.len();
        // SAFETY: at most 2 + 16 + 8 bytes are read here, all of which are there. Longer names are compared
        // as far as the text goes.
        unsafe {
            let place = self.place();
            let first = bytes::word8(place.add(1)) & name.mask == name.first;
            if !(first & (*place == b'"')) {
                return false;
            }
            let fits = match length {
                0..=8 => true,
                9..=16 => bytes::word8(place.add(1 + length - 8)) == name.last,
                _ => self.line.part(self.at + 1, self.at + 1 + length) == &*name.text,
            };
            // The name has no line feed in it, so the text goes on behind it.
            if !(fits && *place.add(1 + length) == b'"' && *place.add(2 + length) == b':') {
                return false;
            }
        }
        self.at += length + 3;
        true
    }

    /// The first eight bytes and the last eight of a part of the text, which is no longer than it: what [`Name`]
    /// compares.
    #[inline(always)]
    pub fn words(&self, start: usize, end: usize) -> (u64, u64) {
        let length = end - start;
        debug_assert!(end <= self.line.length);
        // SAFETY: both are places of the text, and the second eight bytes are in it if there are eight.
        unsafe {
            let first = bytes::word8(self.line.start.add(start)) & Name::mask(length);
            let last = if length > 8 { bytes::word8(self.line.start.add(end - 8)) } else { 0 };
            (first, last)
        }
    }

    /// A part of the text.
    #[inline(always)]
    pub fn part(&self, start: usize, end: usize) -> &'t [u8] {
        self.line.part(start, end)
    }
}

/// The name of a member, ready to be compared.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub text: Box<[u8]>,
    mask: u64,
    pub first: u64,
    pub last: u64,
}

impl Name {
    pub fn new(name: &str) -> Name {
        let text = name.as_bytes();
        let word = |bytes: &[u8]| {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            u64::from_le_bytes(word)
        };
        let last = if text.len() > 8 { word(&text[text.len() - 8..]) } else { 0 };
        let first = word(&text[..text.len().min(8)]);
        Name { text: text.into(), mask: Name::mask(text.len()), first, last }
    }

    /// True if it is this text, whose first and last eight bytes are these.
    #[inline(always)]
    pub fn is(&self, first: u64, last: u64, text: &[u8]) -> bool {
        let same = self.first == first && self.last == last && self.text.len() == text.len();
        same && (text.len() <= 16 || *self.text == *text)
    }

    /// Ones where a name of this length has one of its first eight bytes.
    #[inline(always)]
    fn mask(length: usize) -> u64 {
        if length >= 8 { u64::MAX } else { (1 << (8 * length)) - 1 }
    }
}
