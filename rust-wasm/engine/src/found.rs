//! What a program finds in the slots of a record.

use crate::shape::{Cut, Op};
use crate::walk::Ahead;

/// The values of a record's slots, where whoever read the record has found them.
#[derive(Clone, Copy)]
pub struct Found<'t, 's> {
    places: Places<'t, 's>,
    clean: bool,
}

#[derive(Clone, Copy)]
enum Places<'t, 's> {
    Texts(&'s [&'t [u8]]),
    Learned(Slots<'t, 's>),
}

/// The slots of a record that the learned tier has read.
#[derive(Clone, Copy)]
pub(crate) struct Slots<'t, 's> {
    /// The text in which the record is.
    pub text: Ahead<'t>,
    pub cuts: &'s [Option<(Cut, Cut)>],
    /// All escapes in strings stand between these two places of the text.
    pub escapes: (usize, usize),
    /// Nothing else is not plain, but for what is in objects and arrays.
    pub plain: bool,
}

/// There are no escapes.
pub(crate) const NONE: (usize, usize) = (usize::MAX, 0);

/// Slots that a program gets without an allocation.
const FEW: usize = 16;

impl<'t, 's> Found<'t, 's> {
    /// As texts: see [`Self::text`]. In a record that is `clean` all are as [`rewrite`](crate::rewrite) writes them.
    pub fn new(texts: &'s [&'t [u8]], clean: bool) -> Self {
        Found { places: Places::Texts(texts), clean }
    }

    /// By the learned tier.
    #[inline(always)]
    pub(crate) fn learned(slots: Slots<'t, 's>, clean: bool) -> Self {
        Found { places: Places::Learned(slots), clean }
    }

    /// Whether all texts are as [`rewrite`](crate::rewrite) writes them.
    pub fn is_clean(&self) -> bool {
        self.clean
    }

    /// The text of a slot: that of a value in JSON, without white space around it. No name stands twice in it at any level,
    /// but for those that [`Runs`](crate::Runs) gets.
    /// Empty if there is none or a parent of it is `null` or missing, [`NO_PARENT`](crate::program::NO_PARENT) if a
    /// parent is neither an object nor `null`.
    #[inline]
    pub fn text(&self, number: usize) -> &'t [u8] {
        match self.places {
            Places::Texts(texts) => texts.get(number).copied().unwrap_or_default(),
            Places::Learned(slots) => slots.value(number).map_or(&[], Plain::text),
        }
    }

    /// Calls `with` for the texts of all slots.
    pub fn all<T>(&self, with: impl FnOnce(&[&[u8]]) -> T) -> T {
        match self.places {
            Places::Texts(texts) => with(texts),
            Places::Learned(slots) => with_texts((0..slots.cuts.len()).map(|slot| self.text(slot)), with),
        }
    }

    /// The slots, if the values of all of them are plain but for escapes in strings, and for what is in objects and
    /// arrays.
    #[inline(always)]
    pub fn plain(&self) -> Option<PlainSlots<'t, 's>> {
        match self.places {
            Places::Learned(slots) if slots.plain => Some(PlainSlots(slots)),
            _ => None,
        }
    }
}

/// Calls `with` for these texts.
pub(crate) fn with_texts<'t, T>(
    texts: impl ExactSizeIterator<Item = &'t [u8]>,
    with: impl FnOnce(&[&[u8]]) -> T,
) -> T {
    let count = texts.len();
    if count > FEW {
        return with(&texts.collect::<Vec<_>>());
    }
    let mut few = [&[][..]; FEW];
    few.iter_mut().zip(texts).for_each(|(place, text)| *place = text);
    with(&few[..count])
}

impl<'t, 's> Slots<'t, 's> {
    #[inline(always)]
    fn value(self, slot: usize) -> Option<Plain<'t, 's>> {
        let (from, to) = (*self.cuts.get(slot)?)?;
        let (start, end) = (self.text.offset(from.place()), self.text.offset(to.place()));
        // SAFETY: operations live as long as the slots of a shape, and nobody changes one while a program runs.
        Some(Plain { within: self.text, start, end, op: Some(unsafe { from.op() }) })
    }
}

/// The slots of a record in which all values are plain: see [`Plain`].
#[derive(Clone, Copy)]
pub struct PlainSlots<'t, 's>(Slots<'t, 's>);

impl<'t, 's> PlainSlots<'t, 's> {
    /// Whether there are escapes in strings.
    #[inline(always)]
    pub fn escapes(self) -> bool {
        self.0.escapes != NONE
    }

    /// Whether a value may have escapes in it.
    #[inline]
    pub fn may_escape(self, value: Plain<'t, 's>) -> bool {
        let (first, last) = self.0.escapes;
        value.start <= last && first < value.end
    }

    /// The value of a slot; none if there is none.
    #[inline(always)]
    pub fn value(self, slot: usize) -> Option<Plain<'t, 's>> {
        self.0.value(slot)
    }

    /// The value of a slot in which there is one; nothing can be read from it if there is none.
    #[inline(always)]
    pub fn some(self, slot: usize) -> Plain<'t, 's> {
        self.value(slot).unwrap_or(Plain { within: self.0.text, start: 0, end: 0, op: None })
    }
}

/// A value that the learned tier has read, and that has nothing odd in it but escapes in strings: no number beyond
/// fifteen bytes or with an exponent, no white space but in strings. What is in an object or an array may be odd: such
/// a one is read from its text, but for an array that `strings` goes through.
#[derive(Clone, Copy)]
pub struct Plain<'t, 's> {
    within: Ahead<'t>,
    start: usize,
    end: usize,
    /// The operation that has read it.
    op: Option<&'s Op>,
}

impl<'t, 's> Plain<'t, 's> {
    /// Its text.
    #[inline(always)]
    pub fn text(self) -> &'t [u8] {
        self.within.part(self.start, self.end)
    }

    /// The characters of a string, between its quotes, as they are written.
    #[inline(always)]
    pub fn characters(self) -> &'t [u8] {
        self.within.part(self.start.wrapping_add(1), self.end.wrapping_sub(1))
    }

    /// What the characters of a string mean; none if no escape is among them.
    pub fn decoded(self) -> Option<Vec<u8>> {
        self.within.decoded(self.start.wrapping_add(1), self.end.wrapping_sub(1))
    }

    /// The items of an array of strings without white space, which may have escapes. False if it is none.
    #[inline(always)]
    pub fn strings(self, escapes: bool, mut item: impl FnMut(Plain<'t, 's>)) -> bool {
        let (text, mut at) = (self.within, self.start);
        if text.byte(at + 1) == b']' {
            return true;
        }
        while text.byte(at) != b']' {
            // Behind the bracket or a comma.
            let start = at + 1;
            if text.byte(start) != b'"' {
                return false;
            }
            at = if escapes { self.far(start) } else { text.quote(start + 1) + 1 };
            item(Plain { within: text, start, end: at, op: None });
            if at >= self.end {
                return false;
            }
        }
        true
    }

    /// The end of a string that begins here and may have escapes.
    #[inline(never)]
    fn far(self, start: usize) -> usize {
        let end = wasmrecords_json::string_end(self.text(), start - self.start);
        end.map_or(self.end, |end| self.start + end)
    }

    /// The first byte.
    #[inline(always)]
    pub fn first(self) -> u8 {
        self.within.byte(self.start)
    }

    /// An integer, where nothing else was let through.
    #[inline(always)]
    pub fn integer(self) -> i64 {
        self.within.integer(self.start, self.end)
    }

    /// A number as an integer of all its digits, and how many of them stand behind the dot.
    #[inline(always)]
    pub fn number(self) -> (i64, usize) {
        self.within.short(self.start).map_or((0, 0), |short| (short.digits, short.decimals))
    }

    /// A number as a double.
    #[inline(always)]
    pub fn float(self) -> f64 {
        match self.op {
            Some(op) if op.wanted.get() => op.double.get(),
            _ => self.first_float(),
        }
    }

    /// From its text; the next one will be there.
    #[inline(never)]
    fn first_float(self) -> f64 {
        let double = self.within.float(self.start, self.end);
        if let Some(op) = self.op {
            op.wanted.set(true);
            op.double.set(double);
        }
        double
    }
}
