//! The learned tier's memory: a trie of the shapes that records have had.
//!
//! A record is literal, value, literal, value ... literal. A literal is all that stands between two values: closing
//! quote, brackets, comma, names, colon, white space, opening quote. So the order of members, nesting and white
//! space cost one comparison each, and that names are right and complete was checked when the shape was learned.
//! A chain of [`Op`]s that follow one another is one shape; where another shape parts from it, an alternative
//! leads to the rest of that one.

mod trie;

pub(crate) use trie::{Trie, Way};

use crate::fails::Path;
use crate::plan::PlaceId;
use crate::watch::Watch;
use std::cell::Cell;
use std::ptr;
use std::rc::Rc;

/// Operations of a trie, at most: with more it would not stay near the processor.
pub(crate) const MOST_OPS: usize = 1024;

/// Operations that follow one for an array of strings, for its own use; none has more.
pub(crate) const MORE_OF_STRINGS: usize = 2;

/// Bytes of a literal that one operation compares.
pub(crate) const CHUNK: usize = 16;

/// What an operation does behind its literal: it reads a value, if it is one of its kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub(crate) enum Do {
    /// The literal goes on in the next operation.
    Nothing,
    /// The characters of a string.
    String,
    /// The same, and the program asks something of it.
    Watched,
    /// A string with its quotes, or `null`. The next operation has the closing quote of one that has more in it than
    /// plain characters.
    StringOrNull,
    /// An array of strings. The next operations stand between two of them ([`Do::Again`]), and behind the last one.
    Strings,
    /// One more string of an array: this operation comes again.
    Again,
    /// The same, and each is an output.
    Item,
    /// Nothing: the array is done.
    Close,
    Integer,
    Number,
    /// A number of which the program asks something.
    Tested,
    /// A number in a range, of which the program may ask something.
    Bounded,
    Boolean,
    /// A value that is read outside of the loop.
    Other,
    /// The same, where it has to break the schema.
    Wrong,
    /// Nothing: the record is done.
    End,
}

/// The string before a literal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub(crate) enum Within {
    /// The value before it is none.
    Nothing,
    /// How it is written does not matter.
    String,
    /// It may be copied.
    Copied,
    /// The program compares it.
    Watched,
}

/// A literal, and the value behind it.
#[repr(C, align(16))]
pub(crate) struct Op {
    pub literal: [u8; CHUNK],
    /// Ones for the bytes of the literal.
    pub mask: [u8; CHUNK],
    /// Where the literal stood in the record that was read last.
    pub at: *const u8,
    /// What else may stand here; null if nothing is known.
    pub other: *mut Op,
    /// Integers from here on ...
    pub low: i64,
    /// ... up to so many more are allowed.
    pub width: u64,
    /// The least and the most of numbers that are written with decimals.
    pub decimals: (f64, f64),
    /// An integer without a sign is allowed and has no more to tell if it has so many digits, or fewer.
    pub sure: u32,
    /// What the program wants to know of the value.
    pub watches: *const Watch,
    pub watch_count: u32,
    pub length: u32,
    pub does: Do,
    /// The string that this literal may stand further behind in.
    pub within: Within,
    /// How the value is written matters.
    pub copied: bool,
    /// Each item of the value is an output.
    pub items: bool,
    /// Somebody took the number as a double: then it is one when the loop has passed it, in `double`.
    pub wanted: Cell<bool>,
    pub double: Cell<f64>,
    /// The first byte that the value had.
    pub first: u8,
    pub place: PlaceId,
    /// Levels that the value may have.
    pub nesting: u32,
    /// How the record ends, for `Do::End`.
    pub end: u32,
    /// Its output is then its line as it is, since there is no program.
    pub passes: bool,
}

/// A place in a record, told from where an operation's literal stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    pub op: *const Op,
    pub offset: isize,
}

impl Cut {
    /// Where it is told from.
    ///
    /// # Safety
    /// The operation lives so long, and nobody changes it meanwhile.
    #[inline(always)]
    pub unsafe fn op<'s>(self) -> &'s Op {
        // SAFETY: as the caller says.
        unsafe { &*self.op }
    }

    /// Where it is in the record that was read last.
    #[inline(always)]
    pub fn place(self) -> *const u8 {
        // SAFETY: `op` is one of a trie that lives as long as what it ends in, see `Trie`.
        unsafe { (*self.op).at }.wrapping_offset(self.offset)
    }
}

/// Up to sixteen bytes of output, then a part of the record.
#[derive(Clone, Copy)]
pub(crate) struct Piece {
    pub literal: [u8; CHUNK],
    pub length: usize,
    /// Where the part begins and ends; none behind the last literals.
    pub span: Option<(Cut, Cut)>,
}

/// What becomes of a record of one shape.
pub(crate) enum End {
    /// That was not found out: the exact tier has to read it.
    Unknown,
    /// The bits that all records of the shape have, and the pieces of a record that is kept; the most that these
    /// come to is `literals` and so many `times` the length of the record. `alone` is the one piece, if it is a part
    /// of the record; it may be the `whole` of its line.
    Replay {
        bits: u64,
        pieces: Vec<Piece>,
        literals: usize,
        times: usize,
        alone: Option<(Cut, Cut)>,
        whole: bool,
    },
    /// The bits that all records of the shape have, and the array of strings whose items are the outputs of a record
    /// that is kept.
    Items { bits: u64, array: (Cut, Cut) },
    /// The program has to be run, with these slots; none where there is nothing.
    Run { slots: Vec<Option<(Cut, Cut)>> },
    /// The record fails, since the object that begins here and has this path lacks something.
    Lacks { place: PlaceId, start: Cut, missing: (usize, bool), path: Option<Rc<Path>> },
}

impl Op {
    fn new(literal: &[u8], within: Within) -> Op {
        let (mut bytes, mut mask) = ([0; CHUNK], [0; CHUNK]);
        bytes[..literal.len()].copy_from_slice(literal);
        mask[..literal.len()].fill(255);
        Op {
            literal: bytes,
            mask,
            at: ptr::null(),
            other: ptr::null_mut(),
            low: i64::MIN,
            width: u64::MAX,
            decimals: (f64::NEG_INFINITY, f64::INFINITY),
            sure: 0,
            watches: ptr::null(),
            watch_count: 0,
            length: literal.len() as u32,
            does: Do::Nothing,
            within,
            copied: false,
            items: false,
            wanted: Cell::new(false),
            double: Cell::new(0.0),
            first: 0,
            place: 0,
            nesting: 0,
            end: 0,
            passes: false,
        }
    }

    /// What the next literal stands behind.
    fn behind(&self) -> Within {
        match self.does {
            Do::Watched => Within::Watched,
            Do::String if self.copied => Within::Copied,
            Do::String => Within::String,
            _ => Within::Nothing,
        }
    }

    /// The operations that follow one for its own use, each the only other one of the one before it. They are on no
    /// way: nothing is cut out at them.
    fn more(&self) -> Vec<Op> {
        let within = if self.copied { Within::Copied } else { Within::String };
        match self.does {
            Do::StringOrNull => vec![Op::new(b"\"", within)],
            Do::Strings => {
                let (between, behind) = (Op::new(b"\",\"", within), Op::new(b"\"]", Within::Nothing));
                let again = if self.items { Do::Item } else { Do::Again };
                vec![Op { does: again, ..between }, Op { does: Do::Close, ..behind }]
            }
            _ => Vec::new(),
        }
    }

    /// Bytes at the start of their literals that are the same.
    fn alike(&self, other: &Op) -> usize {
        let both = self.literal.iter().zip(&other.literal).take(self.length.min(other.length) as usize);
        both.take_while(|(one, other)| one == other).count()
    }

    /// True if it asks for the same.
    fn is_same(&self, other: &Op) -> bool {
        let here = (self.literal, self.length, self.does, self.within, self.place, self.copied);
        let there = (other.literal, other.length, other.does, other.within, other.place, other.copied);
        let any = matches!(self.does, Do::Other | Do::Wrong);
        here == there && (!any || class(self.first) == class(other.first))
    }
}

/// The kind of value that begins with a byte.
#[inline(always)]
pub(crate) fn class(first: u8) -> u8 {
    match first {
        b'0'..=b'9' => b'-',
        b't' => b'f',
        other => other,
    }
}
