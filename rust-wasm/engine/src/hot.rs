//! The loop that runs for nearly every record, over the trie of shapes.
//!
//! It makes no call: with one call anywhere in it the compiler would keep its place and its vectors in memory.
//! What is rare leaves it with a reason, is done outside, and comes back.

mod ledger;
mod rare;
mod run;

pub(crate) use ledger::Running;
pub use ledger::{Ledger, Runs};
pub(crate) use rare::{each, items, letters, long, tests, text};
pub(crate) use run::run;

use crate::bytes::Letters;
use crate::found::{Found, NONE, Slots};
use crate::shape::{Cut, End, Op};
use crate::vector::V;
use crate::walk::Ahead;

/// Commas between items that are noted; an array with more is for the exact tier.
pub(crate) const MOST_ITEMS: usize = 64;

/// Why the loop was left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Leave {
    /// All records are done.
    Done,
    /// The record has no known shape.
    Miss,
    /// The same: the operation's literal does not stand here.
    Literal,
    /// The same: the value behind the operation's literal, which stands where it was last, is none that is known.
    Value,
    /// A value that the exact tier has to read stands behind the operation's literal, which stands here.
    Other,
    /// The record has been read, and it is more than tests and copies: the program has to be run, or its outputs are
    /// items.
    Run,
    /// A plain string is long: it goes on here.
    Long,
    /// One that is not ASCII is.
    Letters,
    /// Something rare stands in a string.
    Text,
    /// The program asks several things of the value that stands here.
    Tests,
    /// There is not enough room for the output.
    Full,
    /// The record, whose last operation stands here, has an output of its own, and those before it were passed.
    Copy,
}

/// Where the loop is. It begins at a record, or behind a value that was read outside.
pub(crate) struct Hot<'t> {
    /// The next byte.
    pub at: *const u8,
    /// The operation that stands there.
    pub op: *mut Op,
    /// The first operation of all shapes.
    pub root: *mut Op,
    /// Where the record begins.
    pub record: *const u8,
    /// Where the text of all records begins, which ends with a line feed, and where it ends.
    pub text: *const u8,
    pub ahead: Ahead<'t>,
    pub end: *const u8,
    /// The next byte of the output, with its start and its end.
    pub out: *mut u8,
    pub out_start: *mut u8,
    pub out_end: *mut u8,
    pub ends: *const End,
    /// Which outcomes of the program's tests keep a record: a bit for each.
    pub keep: u64,
    /// Bytes of a record, at most.
    pub longest: usize,
    /// The outcomes for this record so far.
    pub bits: u64,
    /// Constants that the compiler does not see, or they would take the loop's registers.
    pub letters: *const Letters,
    /// What is wrong with this record as UTF-8.
    pub wrong: V,
    /// Something that may be copied is not written as our writer writes it.
    pub odd: bool,
    /// Where the first and the last escape stands in what may be copied of this record. Before it, if there is none:
    /// then a program takes strings as they stand.
    pub first: *const u8,
    pub last: *const u8,
    /// Where the last value stands, no object and no array, that may be copied and was read outside. Before this record, if there is none: then
    /// a program takes all other values as they stand.
    pub outside: *const u8,
    /// All output so far is the text up to this record.
    pub passing: bool,
    /// The commas between the items that are outputs.
    pub items: [*const u8; MOST_ITEMS],
    pub item_count: usize,
    /// Records done in this loop.
    pub records: u32,
}

impl<'t> Hot<'t> {
    /// What a program finds in the record that was read, in these slots.
    #[inline(always)]
    pub fn found<'s>(&self, cuts: &'s [Option<(Cut, Cut)>]) -> Found<'t, 's> {
        let (escapes, plain) = (self.escapes(), self.outside < self.record);
        Found::learned(Slots { text: self.ahead, cuts, escapes, plain }, !self.odd)
    }

    /// Notes that an escape stands here.
    #[inline(always)]
    pub fn escape_at(&mut self, place: *const u8) {
        if self.first < self.record || place < self.first {
            self.first = place;
        }
        self.last = self.last.max(place);
    }

    /// The two places between which all escapes stand.
    #[inline(always)]
    pub fn escapes(&self) -> (usize, usize) {
        if self.first < self.record {
            return NONE;
        }
        (self.first as usize - self.text as usize, self.last as usize - self.text as usize)
    }

    /// The record is done: goes on with the next one, if there is one.
    pub fn next(&mut self) -> Option<Leave> {
        self.records += 1;
        self.begin()
    }

    /// Begins a record, if there is one more.
    pub fn begin(&mut self) -> Option<Leave> {
        (self.record, self.op, self.bits, self.odd) = (self.at, self.root, 0, false);
        self.item_count = 0;
        if self.at >= self.end { Some(Leave::Done) } else { None }
    }
}
