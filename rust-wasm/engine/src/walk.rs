//! A walk through the text of one record: safe to use, and as strict as the parser.

use crate::bytes::{self, PAD, Short};
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

/// A text that ends with a line feed, which is not counted, with [`PAD`] bytes behind it that can be read.
#[derive(Clone, Copy)]
pub(crate) struct Ahead<'t> {
    start: *const u8,
    length: usize,
    text: PhantomData<&'t [u8]>,
}

impl<'t> Ahead<'t> {
    /// A buffer up to `end`, if a line feed and enough bytes stand behind it.
    pub fn new(buffer: &'t [u8], end: usize) -> Option<Ahead<'t>> {
        Line::ends(buffer, end).then_some(Ahead { start: buffer.as_ptr(), length: end, text: PhantomData })
    }

    /// The short number that begins at a place, if one does.
    #[inline(always)]
    pub fn short(self, start: usize) -> Option<Short> {
        // SAFETY: the place is in the text.
        let short = unsafe { bytes::short(self.start.add(start.min(self.length)), true) };
        (short.length > 0).then_some(short)
    }

    /// The integer that begins at a place, as far as it has up to fifteen digits.
    #[inline(always)]
    pub fn integer(self, start: usize) -> i64 {
        // SAFETY: the place is in the text.
        unsafe { bytes::integer(self.start.add(start.min(self.length))) }
    }

    /// How far a place in memory is behind the start.
    #[inline(always)]
    pub fn offset(self, place: *const u8) -> usize {
        (place as usize).wrapping_sub(self.start as usize)
    }

    /// The bytes between two places, as far as there are any.
    #[inline(always)]
    pub fn part(self, start: usize, end: usize) -> &'t [u8] {
        // SAFETY: `new` saw a buffer with these bytes, which lives as long as the mark says.
        let text = unsafe { std::slice::from_raw_parts(self.start, self.length) };
        text.get(start..end).unwrap_or_default()
    }
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
    /// What is wrong with strings as UTF-8; it may be wrong where nothing is.
    wrong: V,
}

// Each step below stops at the line feed that ends the text at the latest, so `to` never goes beyond it, and up
// to `PAD` bytes from `to` on can be read. A line feed within the text, where records are no lines, only stops
// a step early.
impl<'t> Walk<'t> {
    pub fn new(line: Line<'t>) -> Walk<'t> {
        let feeds = line.start.wrapping_add(line.length);
        Walk { line, to: line.start, feeds, spaced: false, wrong: V::splat(0) }
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
        self.spaced |= self.near_space();
    }

    /// Passes over white space with no call: in a loop that makes none its places are kept in registers. True if there
    /// was any, which is for the caller to remember.
    #[inline(always)]
    pub fn near_space(&mut self) -> bool {
        let before = self.to;
        while matches!(self.peek(), b' ' | b'\t' | b'\r') || self.peek() == b'\n' && self.to < self.feeds {
            self.pass(1);
        }
        self.to != before
    }

    /// Passes over a string, which begins here.
    #[inline(always)]
    pub fn string(&mut self) -> Option<Str> {
        if self.peek() != b'"' {
            return None;
        }
        let start = self.to.wrapping_add(1);
        // SAFETY: behind a quote, which is no line feed, the text goes on; three bytes before can be read.
        let ended = unsafe { bytes::string(start, &mut self.wrong) };
        if ended.quote.is_null() {
            return None;
        }
        self.to = ended.quote.wrapping_add(1);
        let (start, end) = (self.offset(start), self.offset(ended.quote));
        Some(Str { start, end, escaped: ended.escaped, odd: ended.odd })
    }

    /// Passes over the plain beginning of a string, which begins here. True if that is all of it.
    #[inline(always)]
    pub fn plain_string(&mut self) -> bool {
        if self.peek() != b'"' {
            return false;
        }
        // SAFETY: behind a quote, which is no line feed, the text goes on.
        self.to = unsafe { bytes::plain(self.to.add(1)) };
        self.take(b'"')
    }

    /// Passes over the rest of a string of which the plain beginning was passed: whether it may be written otherwise.
    #[inline(always)]
    pub fn rest_of_string(&mut self) -> Option<bool> {
        // SAFETY: the place is in the text, before which three bytes can be read.
        let ended = unsafe { bytes::behind(self.to, &mut self.wrong) };
        if ended.quote.is_null() {
            return None;
        }
        self.to = ended.quote.wrapping_add(1);
        Some(ended.odd)
    }

    /// True if the text up to here is UTF-8.
    pub fn is_utf8(&self) -> bool {
        !self.wrong.any() || std::str::from_utf8(self.part(0, self.at())).is_ok()
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

    /// Passes over a name in quotes and the colon right behind it, if both stand here in just these characters. A
    /// very long name is never found here.
    #[inline(always)]
    pub fn this_name(&mut self, name: &Name) -> bool {
        let length = name.text.len() + 2;
        // SAFETY: where the name stands, which has no line feed in it, the text goes on behind it.
        let found = self.is_at(self.to, name) && unsafe { *self.to.add(length) } == b':';
        if found {
            self.pass(length + 1);
        }
        found
    }

    /// Whether a string in the text is a name. A very long one is never found here.
    #[inline(always)]
    pub fn is_name(&self, string: Str, name: &Name) -> bool {
        let Str { start, end, .. } = string;
        debug_assert!(0 < start && end < self.line.length);
        end - start == name.text.len() && self.is_at(self.line.start.wrapping_add(start - 1), name)
    }

    /// Whether a name in quotes stands at a place of the text.
    #[inline(always)]
    fn is_at(&self, place: *const u8, name: &Name) -> bool {
        let length = name.text.len() + 2;
        // SAFETY: 16 bytes, or up to 32, from a place of the text on can be read; the name's own are arrays of as many.
        unsafe {
            let differs = V::load(place).xor(V::load(name.head.as_ptr())).and(V::load(name.mask.as_ptr()));
            !differs.any()
                && (length <= CHUNK
                    || length <= LONG
                        && !V::load(place.add(length - CHUNK)).xor(V::load(name.tail.as_ptr())).any())
        }
    }

    /// Passes over a name in quotes of less than sixteen bytes and the colon right behind it, if both stand here and
    /// it is the one that `find` finds: by its [`Walk::words`] and its length. There may be anything in it but a quote.
    #[inline(always)]
    pub fn found_name<'n>(&mut self, find: impl FnOnce((u64, u64), usize) -> Option<&'n Name>) -> bool {
        // SAFETY: 17 bytes from the place on can be read, and the masks have 16 from any length on. What stands behind
        // a quote can be read too.
        let (words, length, ends) = unsafe {
            let bytes = V::load(self.to.add(1));
            let length = (bytes.equal(V::splat(b'"')).bits() | 1 << CHUNK).trailing_zeros() as usize;
            let name = bytes.and(V::load(MASKS.as_ptr().add(CHUNK - length)));
            (name.words(), length, *self.to.add(length + 2) == b':')
        };
        let found =
            ends & (length < CHUNK) && find(words, length).is_some_and(|name| self.is_at(self.to, name));
        if found {
            // The first quote closes the name, so it has this length. What stands behind it does not have to wait until
            // the name is found.
            self.pass(length + 3);
        }
        found
    }

    /// The first eight bytes of a part of the text and the next eight, or the last if there are more than sixteen:
    /// what names are looked up by.
    #[inline(always)]
    pub fn words(&self, start: usize, end: usize) -> (u64, u64) {
        debug_assert!(start <= end && end <= self.line.length);
        let length = end - start;
        // SAFETY: 16 bytes from a place of the text can be read, and so can the last eight of more.
        unsafe {
            let place = self.line.start.add(start);
            let (first, second) =
                V::load(place).and(V::load(MASKS.as_ptr().add(CHUNK - length.min(CHUNK)))).words();
            (first, if length > CHUNK { bytes::word8(place.add(length - 8)) } else { second })
        }
    }

    /// A part of the text.
    #[inline(always)]
    pub fn part(&self, start: usize, end: usize) -> &'t [u8] {
        self.line.part(start, end)
    }
}

/// From byte sixteen less n on: n ones, and nothing behind them.
static MASKS: [u8; 2 * CHUNK] = {
    let mut masks = [0; 2 * CHUNK];
    let mut at = 0;
    while at < CHUNK {
        masks[at] = 255;
        at += 1;
    }
    masks
};

/// Bytes of a name that are compared at once.
const CHUNK: usize = 16;
/// With its quotes a longer name is not compared in the loop.
pub(crate) const LONG: usize = 2 * CHUNK;

/// The name of a member, ready to be compared.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub text: Box<[u8]>,
    /// In quotes: its first bytes, ones for each of them, and its last bytes if there are more.
    head: [u8; CHUNK],
    mask: [u8; CHUNK],
    tail: [u8; CHUNK],
    /// See [`Walk::words`].
    pub words: (u64, u64),
}

impl Name {
    pub fn new(name: &str) -> Name {
        let quoted = format!("\"{name}\"").into_bytes();
        let text = name.as_bytes();
        let (mut head, mut mask, mut tail) = ([0; CHUNK], [0; CHUNK], [0; CHUNK]);
        let short = quoted.len().min(CHUNK);
        head[..short].copy_from_slice(&quoted[..short]);
        mask[..short].fill(255);
        tail[..short].copy_from_slice(&quoted[quoted.len() - short..]);
        let word = |bytes: &[u8]| {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            u64::from_le_bytes(word)
        };
        let (first, rest) = text.split_at(text.len().min(8));
        let rest = if text.len() > CHUNK { &text[text.len() - 8..] } else { rest };
        let words = (word(first), word(rest));
        Name { text: text.into(), head, mask, tail, words }
    }
}
