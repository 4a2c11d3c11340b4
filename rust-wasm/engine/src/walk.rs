//! A walk through the text of one record: safe to use, and as strict as the parser.

mod ahead;
mod names;

pub(crate) use ahead::Ahead;
pub(crate) use names::{LONG, NO_NAME, Name, brief};

use crate::bytes::{self, Letters, PAD, Short};
use crate::vector::V;
use std::marker::PhantomData;

/// A text that ends with a line feed, which is not counted, with [`BEFORE`] bytes before it and [`PAD`] bytes behind
/// it that can be read.
#[derive(Clone, Copy)]
pub struct Line<'t> {
    start: *const u8,
    length: usize,
    text: PhantomData<&'t [u8]>,
}

/// Bytes before a text that can be read: a character of UTF-8 may begin there.
pub(crate) const BEFORE: usize = 3;

impl<'t> Line<'t> {
    /// The part of a buffer from `start` to `end`, if a line feed and enough bytes stand behind it, and enough before
    /// it.
    pub fn new(buffer: &'t [u8], start: usize, end: usize) -> Option<Line<'t>> {
        (BEFORE <= start && start <= end && Line::ends(buffer, end)).then(|| Line {
            // From the buffer's own start, since bytes before the line are read too.
            start: buffer.as_ptr().wrapping_add(start),
            length: end - start,
            text: PhantomData,
        })
    }

    /// Whether a text of this buffer may end there.
    pub fn ends(buffer: &[u8], end: usize) -> bool {
        let enough = buffer.len().checked_sub(PAD).is_some_and(|most| end <= most);
        // The place is within the buffer if there are enough bytes.
        enough && buffer[end] == b'\n'
    }

    /// The short number that begins at a place, if one does.
    #[inline(always)]
    pub(crate) fn short(self, start: usize) -> Option<Short> {
        self.ahead().short(start)
    }

    /// The bytes between two places, as far as there are any.
    #[inline(always)]
    pub fn part(self, start: usize, end: usize) -> &'t [u8] {
        self.ahead().part(start, end)
    }

    #[inline(always)]
    fn ahead(self) -> Ahead<'t> {
        Ahead { start: self.start, length: self.length, text: PhantomData }
    }
}

/// The end of the line that begins at `at`: a line feed, of which one stands right before `end`, behind which bytes
/// can be read.
pub(crate) fn line_end(buffer: &[u8], at: usize, end: usize) -> usize {
    assert!(at < end && Line::ends(buffer, end - 1), "the text ends with a line feed");
    let start = buffer.as_ptr().wrapping_add(at);
    // SAFETY: the text ends with a line feed, with enough bytes behind it.
    let found = unsafe { bytes::line_feed(start) };
    at + (found as usize - start as usize)
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
#[derive(Clone, Copy)]
pub(crate) struct Walk<'t> {
    line: Line<'t>,
    /// The place.
    to: *const u8,
    /// Up to here a line feed is white space.
    feeds: *const u8,
    /// White space was passed.
    pub spaced: bool,
    /// What is wrong with strings as UTF-8.
    pub wrong: Wrong,
}

/// What is wrong with strings as UTF-8; it may be wrong where nothing is.
#[derive(Clone, Copy)]
pub(crate) struct Wrong(V);

// Each step below stops at the line feed that ends the text at the latest, so `to` never goes beyond it, and up
// to `PAD` bytes from `to` on can be read. A line feed within the text, where records are no lines, only stops
// a step early.
impl<'t> Walk<'t> {
    pub fn new(line: Line<'t>) -> Walk<'t> {
        let feeds = line.start.wrapping_add(line.length);
        Walk { line, to: line.start, feeds, spaced: false, wrong: Wrong(V::splat(0)) }
    }

    /// Over the start of a text that goes on behind the next line feed, which is not passed.
    pub fn of_line(line: Line<'t>) -> Walk<'t> {
        Walk { feeds: line.start, ..Walk::new(line) }
    }

    #[inline(always)]
    pub fn at(&self) -> usize {
        self.offset(self.to)
    }

    /// Goes back to a place before this one.
    #[inline(always)]
    pub fn back(&mut self, at: usize) {
        self.to = self.line.start.wrapping_add(at.min(self.at()));
    }

    /// Whether the text ends here, or its line.
    #[inline(always)]
    pub fn ends(&self) -> bool {
        // SAFETY: behind a carriage return, which is not the end of a text, it goes on.
        let feed = self.peek() == b'\n' || self.peek() == b'\r' && unsafe { *self.to.add(1) } == b'\n';
        self.at() == self.line.length || feed && self.to >= self.feeds
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
        unsafe { *self.to }
    }

    /// Passes over so many bytes, all of them before the end.
    #[inline(always)]
    fn pass(&mut self, bytes: usize) {
        self.to = self.to.wrapping_add(bytes);
    }

    /// Passes over one byte, if it is this one, which is no line feed.
    #[inline(always)]
    pub fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        if found {
            self.pass(1);
        }
        found
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
        let before = self.to;
        while self.take(b' ') || self.take(b'\t') || self.take(b'\r') || self.feed() {}
        self.spaced |= self.to != before;
    }

    /// Passes over a line feed, if it is white space.
    #[inline(always)]
    pub fn feed(&mut self) -> bool {
        let found = self.peek() == b'\n' && self.to < self.feeds;
        if found {
            self.pass(1);
        }
        found
    }

    /// Passes over a string, which begins here.
    #[inline(always)]
    pub fn string(&mut self) -> Option<Str> {
        if self.peek() != b'"' {
            return None;
        }
        let start = self.to.wrapping_add(1);
        // SAFETY: behind a quote, which is no line feed, the text goes on; three bytes before can be read.
        let ended = unsafe { bytes::string(start, &mut self.wrong.0) };
        if ended.quote.is_null() {
            return None;
        }
        self.to = ended.quote.wrapping_add(1);
        let (start, end) = (self.offset(start), self.offset(ended.quote));
        Some(Str { start, end, escaped: ended.escaped, odd: ended.odd })
    }

    /// Passes over up to 32 plain characters of a string, which begins here. True if that is all of it.
    #[inline(always)]
    pub fn short_string(&mut self) -> bool {
        if self.peek() != b'"' {
            return false;
        }
        // SAFETY: behind a quote, which is no line feed, the text goes on.
        self.to = unsafe { bytes::plain32(self.to.add(1)) };
        self.take(b'"')
    }

    /// Goes on in a string, with no loop: behind an escape, in up to 32 characters that are not ASCII, or in up to 64
    /// plain ones. True if that is the rest of it. What is wrong with them as UTF-8 is added to `wrong`.
    #[inline(always)]
    pub fn more_of_string(&mut self, wrong: &mut Wrong, letters: &Letters) -> bool {
        let byte = self.peek();
        // SAFETY: the place is in the text, before which three bytes can be read. Where sixteen bytes have no control
        // character in them the text goes on behind them, and so it does behind an escape.
        unsafe {
            if byte >= 0x80 {
                let mut place = self.to;
                let mut found = bytes::beyond(place, &mut wrong.0, letters);
                if found == 0 {
                    place = place.add(16);
                    found = bytes::beyond(place, &mut wrong.0, letters);
                }
                if found == 0 {
                    // All of it is looked at again, since a character may go on behind these.
                    return false;
                }
                self.to = place.add(found.trailing_zeros() as usize);
            } else if byte == b'\\' {
                if !bytes::is_plain_escape(self.to) {
                    return false;
                }
                self.to = bytes::plain64(self.to.add(2));
            } else if (byte < b' ') | (byte == 0x7f) {
                return false;
            } else {
                self.to = bytes::plain64(self.to);
            }
        }
        self.take(b'"')
    }

    /// Passes over the rest of a string, of which some was passed: whether it may be written otherwise.
    #[inline(never)]
    pub fn rest_of_string(&mut self) -> Option<bool> {
        // SAFETY: the place is in the text, before which three bytes can be read.
        let ended = unsafe { bytes::behind(bytes::plain(self.to), &mut self.wrong.0) };
        if ended.quote.is_null() {
            return None;
        }
        self.to = ended.quote.wrapping_add(1);
        Some(ended.odd)
    }

    /// True if the text up to here is UTF-8.
    pub fn is_utf8(&self) -> bool {
        !self.wrong.0.any() || std::str::from_utf8(self.part(0, self.at())).is_ok()
    }

    /// Passes over a short number, if one begins here, and says what it is worth if that is asked for.
    #[inline(always)]
    pub fn short(&mut self, value: bool) -> Option<Short> {
        // SAFETY: the place is in the text.
        let short = unsafe { bytes::short(self.to, value) };
        if short.length == 0 {
            return None;
        }
        self.pass(short.length);
        Some(short)
    }

    /// Passes over a plain integer of at most so many digits, if one stands here as a member or an item. There may be
    /// one where none is found.
    #[inline(always)]
    pub fn few_digits(&mut self, most: usize) -> bool {
        // SAFETY: 17 bytes from the place can be read.
        let (length, next) = unsafe {
            let length = bytes::digits(V::load(self.to));
            (length, *self.to.add(length))
        };
        let plain = (length.wrapping_sub(1) < most) & ((self.peek() != b'0') | (length == 1));
        let found = plain & ((next == b',') | (next | 0x20 == b'}'));
        if found {
            self.pass(length);
        }
        found
    }

    /// Passes over any number, and gives its digits.
    #[cfg_attr(feature = "recipes", inline(always))]
    pub fn number(&mut self) -> Option<&'t [u8]> {
        let start = self.at();
        if self.short(false).is_none() {
            // SAFETY: the place is in the text.
            let end = unsafe { bytes::long(self.to) };
            if end.is_null() {
                return None;
            }
            self.to = end;
        }
        Some(self.line.part(start, self.at()))
    }

    /// Passes over four letters, if they stand here.
    #[inline(always)]
    pub fn word(&mut self, word: &[u8; 4]) -> bool {
        // SAFETY: four bytes can be read. They are letters, so the text goes on behind them.
        let found = unsafe { bytes::word4(self.to) } == u32::from_le_bytes(*word);
        if found {
            self.pass(4);
        }
        found
    }

    /// Passes over `true` or `false`, if one of them stands here.
    #[inline(always)]
    pub fn boolean(&mut self) -> bool {
        // SAFETY: eight bytes can be read. Those that are passed are letters, so the text goes on behind them.
        let word = unsafe { bytes::word8(self.to) };
        let yes = word as u32 == u32::from_le_bytes(*b"true");
        let no = word & 0xff_ffff_ffff == u64::from_le_bytes(*b"false\0\0\0");
        if yes | no {
            self.pass(5 - usize::from(yes));
        }
        yes | no
    }

    /// Passes over one byte, if a space stands behind it.
    #[inline(always)]
    pub fn next_is_space(&mut self) -> bool {
        // SAFETY: behind a byte that is no control character the text goes on.
        let found = self.peek() >= b' ' && unsafe { *self.to.add(1) } == b' ';
        if found {
            self.pass(1);
        }
        found
    }

    /// Goes to where another walk over the same text is.
    #[inline(always)]
    pub fn moves(&mut self, other: Walk<'t>) {
        debug_assert!(std::ptr::eq(self.line.start, other.line.start));
        self.to = other.to;
    }

    /// A part of the text.
    #[inline(always)]
    pub fn part(&self, start: usize, end: usize) -> &'t [u8] {
        self.line.part(start, end)
    }
}
