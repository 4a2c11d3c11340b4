//! A text in which values are read whose places are known.

use super::Line;
use crate::bytes::{self, Short};
use crate::vector::V;
use std::marker::PhantomData;

/// A text that ends with a line feed, which is not counted, with [`PAD`](crate::PAD) bytes behind it that can be read.
#[derive(Clone, Copy)]
pub(crate) struct Ahead<'t> {
    pub(super) start: *const u8,
    pub(super) length: usize,
    pub(super) text: PhantomData<&'t [u8]>,
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

    /// The integer between two places, as far as it has up to fifteen digits.
    #[inline(always)]
    pub fn integer(self, start: usize, end: usize) -> i64 {
        // SAFETY: the place is in the text.
        unsafe { bytes::integer(self.start.add(start.min(self.length)), end.wrapping_sub(start)) }
    }

    /// The short number between two places, as a double.
    #[inline(always)]
    pub fn float(self, start: usize, end: usize) -> f64 {
        // SAFETY: the place is in the text.
        unsafe { bytes::float(self.start.add(start.min(self.length)), end.wrapping_sub(start)) }
    }

    /// The byte at a place.
    #[inline(always)]
    pub fn byte(self, place: usize) -> u8 {
        // SAFETY: the place is in the text, or that of its line feed.
        unsafe { *self.start.add(place.min(self.length)) }
    }

    /// The first quote at or behind a place; the end of the text if there is none.
    #[inline(always)]
    pub fn quote(self, place: usize) -> usize {
        let place = place.min(self.length);
        // SAFETY: the place is in the text, or that of its line feed, with enough bytes behind it.
        let first = unsafe { V::load(self.start.add(place)) }.equal(V::splat(b'"')).bits();
        if first != 0 { place + first.trailing_zeros() as usize } else { self.far_quote(place + 16) }
    }

    #[inline(never)]
    fn far_quote(self, mut place: usize) -> usize {
        while place < self.length {
            // SAFETY: the place is in the text.
            let found = unsafe { V::load(self.start.add(place)) }.equal(V::splat(b'"')).bits();
            if found != 0 {
                return (place + found.trailing_zeros() as usize).min(self.length);
            }
            place += 16;
        }
        self.length
    }

    /// What the characters of a right string mean that stand between two places; none if no escape is among them.
    #[inline]
    pub fn decoded(self, start: usize, end: usize) -> Option<Vec<u8>> {
        let length = self.part(start, end).len();
        // SAFETY: the places are in the text.
        unsafe { bytes::decoded(self.start.add(start.min(self.length)), length) }
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
