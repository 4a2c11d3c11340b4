//! The learned tier's memory: a trie of the shapes that records have had.
//!
//! A record is literal, value, literal, value ... literal. A literal is all that stands between two values: closing
//! quote, brackets, comma, names, colon, white space, opening quote. So the order of members, nesting and white
//! space cost one comparison each, and that names are right and complete was checked when the shape was learned.
//! A chain of [`Op`]s that follow one another is one shape; where another shape parts from it, an alternative
//! leads to the rest of that one.

use crate::exact::Token;
use crate::plan::PlaceId;
use crate::watch::Watch;
use std::ptr;

/// Operations of a trie, at most: with more it would not stay near the processor.
pub(crate) const MOST_OPS: usize = 1024;

/// Alternatives at one place, at most: each costs a comparison for all that come behind it.
const MOST_ALTERNATIVES: usize = 8;

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
    /// The first byte that the value had.
    pub first: u8,
    pub place: PlaceId,
    /// Levels that the value may have.
    pub nesting: u32,
    /// How the record ends, for `Do::End`.
    pub end: u32,
}

/// A place in a record, told from where an operation's literal stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    pub op: *const Op,
    pub offset: isize,
}

impl Cut {
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
    /// come to is `literals` and for each of `spans` the length of the record. `alone` is the one piece, if it is
    /// a part of the record; it may be the `whole` of its line.
    Replay {
        bits: u64,
        pieces: Vec<Piece>,
        literals: usize,
        spans: usize,
        alone: Option<(Cut, Cut)>,
        whole: bool,
    },
    /// The bits that all records of the shape have, and the array of strings whose items are the outputs of a record
    /// that is kept.
    Items { bits: u64, array: (Cut, Cut) },
    /// The program has to be run, with these slots; none where there is nothing.
    Run { slots: Vec<Option<(Cut, Cut)>> },
}

/// The shapes. Operations never move, since they point at each other: the vector never grows beyond the room that
/// it was made with. Whoever holds one of the pointers drops it before `clear`.
pub(crate) struct Trie {
    ops: Vec<Op>,
    pub ends: Vec<End>,
}

/// A record's way through the trie: each operation with the place of its literal, and the token behind it.
pub(crate) struct Way {
    steps: Vec<(*mut Op, usize)>,
}

impl Trie {
    pub fn new() -> Trie {
        Trie { ops: Vec::with_capacity(MOST_OPS), ends: vec![End::Unknown] }
    }

    pub fn clear(&mut self) {
        self.ops.clear();
        self.ends.truncate(1);
    }

    /// How many shapes end in something that is known.
    pub fn shapes(&self) -> usize {
        self.ends.len() - 1
    }

    /// Notes how the shape ends whose last operation this is, unless that is known.
    pub fn end(&mut self, way: &Way, end: End) {
        let Some((last, _)) = way.steps.last() else { return };
        // SAFETY: an operation of this trie, which made the way.
        let place = unsafe { &mut (**last).end };
        if *place == 0 {
            *place = self.ends.len() as u32;
            self.ends.push(end);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// The first operation of all; only to be used if there is one.
    pub fn root(&mut self) -> *mut Op {
        self.ops.as_mut_ptr()
    }

    /// Adds the shape of a record, given by its text with the line feed and the values that were met in it; none if
    /// there is no more room for it. What `fill` sets of an operation is a part of the shape.
    pub fn add(
        &mut self,
        text: &[u8],
        tokens: &[Token],
        mut fill: impl FnMut(&mut Op, &Token),
    ) -> Option<Way> {
        let mut way = Way { steps: Vec::with_capacity(tokens.len() * 2) };
        let (mut at, mut within) = (0, Within::Nothing);
        // Where the new operations begin, what leads to them, and where the way has come to among the old ones.
        let (mut fresh, mut link, mut now) = (self.ops.is_empty(), ptr::null_mut::<Op>(), self.root());
        // Values stand one behind the other, and for what is between them there is room: else an operation would be
        // without the one that follows it.
        let mut literals = 0;
        for token in tokens {
            literals += token.start.checked_sub(at)?;
            at = token.end;
        }
        literals += text.len().checked_sub(at)?;
        at = 0;
        if self.ops.len() + literals / CHUNK + tokens.len() * (1 + MORE_OF_STRINGS) + 1 > MOST_OPS {
            return None;
        }
        for token in tokens.iter().map(Some).chain([None]) {
            let literal = &text[at..token.map_or(text.len(), |token| token.start)];
            let chunks = literal.chunks(CHUNK).collect::<Vec<_>>();
            let chunks = if chunks.is_empty() { vec![&literal[..0]] } else { chunks };
            for (number, chunk) in chunks.iter().enumerate() {
                let last = number + 1 == chunks.len();
                let mut op = Op::new(chunk, within);
                let mut more = Vec::new();
                within = Within::Nothing;
                match token {
                    _ if !last => {}
                    None => op.does = Do::End,
                    Some(token) => {
                        (op.place, op.nesting) = (token.place, token.nesting);
                        op.first = text[token.start];
                        fill(&mut op, token);
                        more = op.more();
                        within = op.behind();
                    }
                }
                if !fresh {
                    let mut tried = 0;
                    // SAFETY: `now` is an operation of this trie: the root, an alternative or what follows one
                    // that is not the last of its shape, since the last one ends with a line feed and no text
                    // has a second one.
                    unsafe {
                        while !(*now).is_same(&op) {
                            tried += 1;
                            if (*now).other.is_null() {
                                (fresh, link) = (true, now);
                                break;
                            }
                            now = (*now).other;
                        }
                    }
                    if fresh && tried >= MOST_ALTERNATIVES {
                        return None;
                    }
                }
                let behind = 1 + more.len();
                if fresh {
                    assert!(self.ops.len() + behind <= MOST_OPS, "no operation ever moves");
                    self.ops.push(op);
                    // Not by a reference: the others would be no more valid beside it.
                    now = self.ops.as_mut_ptr().wrapping_add(self.ops.len() - 1);
                    let count = more.len();
                    for (number, mut op) in more.into_iter().enumerate() {
                        if number + 1 < count {
                            op.other = now.wrapping_add(number + 2);
                        }
                        self.ops.push(op);
                    }
                    if !link.is_null() {
                        // SAFETY: `link` is an operation of this trie.
                        unsafe { (*link).other = now };
                        link = ptr::null_mut();
                    }
                }
                way.steps.push((now, at));
                at += chunk.len();
                // In the allocation, whether or not there is an operation yet.
                now = now.wrapping_add(behind);
            }
            at = token.map_or(at, |token| token.end);
        }
        Some(way)
    }
}

impl Way {
    /// The cut at a place of the record: one that stands within a literal or at either end of it.
    pub fn cut(&self, place: usize) -> Option<Cut> {
        let step = self.steps.partition_point(|(_, at)| *at <= place).checked_sub(1)?;
        let (op, at) = self.steps[step];
        // SAFETY: an operation of the trie that made this way, which is borrowed by nobody now.
        let length = unsafe { (*op).length } as usize;
        let offset = place - at;
        // A literal goes on in the next operation without a value between.
        (offset <= length).then_some(Cut { op, offset: offset as isize })
    }

    /// True if no value stands between two places.
    pub fn is_literal(&self, from: usize, to: usize) -> bool {
        let mut at = from;
        while at < to {
            let Some(cut) = self.cut(at) else { return false };
            // SAFETY: as in `cut`.
            let end = at - cut.offset as usize + unsafe { (*cut.op).length } as usize;
            if end == at {
                return false;
            }
            at = end;
        }
        true
    }
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
            first: 0,
            place: 0,
            nesting: 0,
            end: 0,
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

    /// True if it asks for the same.
    fn is_same(&self, other: &Op) -> bool {
        let here = (self.literal, self.length, self.does, self.within, self.place, self.copied);
        let there = (other.literal, other.length, other.does, other.within, other.place, other.copied);
        here == there && (self.does != Do::Other || class(self.first) == class(other.first))
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
