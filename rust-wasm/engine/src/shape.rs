//! The learned tier's memory: a trie of the shapes that records have had.
//!
//! A record is literal, value, literal, value ... literal. A literal is all that stands between two values: closing
//! quote, brackets, comma, names, colon, white space, opening quote. So the order of members, nesting and white
//! space cost one comparison each, and that names are right and complete was checked when the shape was learned.
//! A chain of [`Op`]s that follow one another is one shape; where another shape parts from it, an alternative
//! leads to the rest of that one.

use crate::exact::{Apart, Kind, Token};
use crate::fails::Path;
use crate::plan::PlaceId;
use crate::watch::Watch;
use std::cell::OnceCell;
use std::ptr;
use std::rc::Rc;

/// Operations of a trie, at most: with more it would not stay near the processor.
pub(crate) const MOST_OPS: usize = 1024;

/// Alternatives at one place, at most: each costs a comparison for all that come behind it. Those with a wrong value
/// come behind all others.
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
    /// The record fails, since the object that begins here and has this path lacks something.
    Lacks { place: PlaceId, start: Cut, missing: (usize, bool), path: Option<Rc<Path>> },
}

/// The shapes. Operations never move, since they point at each other: the vector never grows beyond the room that
/// it was made with. Whoever holds one of the pointers drops it before `clear`.
pub(crate) struct Trie {
    ops: Vec<Op>,
    /// What is rarely asked for, of each operation.
    notes: Vec<Note>,
    pub ends: Vec<End>,
    /// The name of an array in which a shape that was to be added parts from another one. It was not added: arrays of
    /// that name had better be one value, but who is within one finds no way back to where it began.
    pub parted: Option<u64>,
}

/// What is rarely asked for of an operation.
struct Note {
    /// The operation that stands before it on each way.
    before: Option<usize>,
    /// How one comes to its value.
    path: OnceCell<Option<Rc<Path>>>,
}

/// A record's way through the trie: each operation with the place of its literal, and the token behind it.
pub(crate) struct Way {
    steps: Vec<(*mut Op, usize)>,
}

impl Trie {
    pub fn new() -> Trie {
        Trie { ops: Vec::with_capacity(MOST_OPS), notes: Vec::new(), ends: vec![End::Unknown], parted: None }
    }

    pub fn clear(&mut self) {
        self.ops.clear();
        self.notes.clear();
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

    fn number(&self, op: *const Op) -> usize {
        (op as usize - self.ops.as_ptr() as usize) / size_of::<Op>()
    }

    /// The operation that was read before one of this trie, in the same record; none if that is the first.
    pub fn before(&self, op: *const Op) -> Option<&Op> {
        self.ops.get(self.notes[self.number(op)].before?)
    }

    /// The path to an operation's value, which stands behind this beginning of a record; none if there is none for it.
    pub fn path(&self, op: *const Op, beginning: &[u8]) -> Option<Rc<Path>> {
        self.notes[self.number(op)].path.get_or_init(|| Path::behind(beginning)).clone()
    }

    /// Adds an operation with the one that stands before it.
    fn push(&mut self, op: Op, before: Option<usize>) {
        self.ops.push(op);
        self.notes.push(Note { before, path: OnceCell::new() });
    }

    /// Adds the shape of a record, given by its text with the line feed and the values that were met in it, with those
    /// of some arrays among them; none if there is no more room for it, or if it has [parted](Self::parted). What
    /// `fill` sets of an operation is a part of the shape. Records that fail get half of the room, and their wrong
    /// values stand behind right ones that are known.
    pub fn add(
        &mut self,
        text: &[u8],
        tokens: &[Token],
        arrays: &[Apart],
        fails: bool,
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
        let most = if fails { MOST_OPS / 2 } else { MOST_OPS };
        if self.ops.len() + literals / CHUNK + tokens.len() * (1 + MORE_OF_STRINGS) + 1 > most {
            return None;
        }
        let wrong = tokens.iter().position(|token| token.kind == Kind::Wrong);
        if fails && fresh {
            return None;
        }
        for (place, token) in tokens.iter().map(Some).chain([None]).enumerate() {
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
                    let (mut tried, mut alike, is_wrong) = (0, 0, op.does == Do::Wrong);
                    // SAFETY: `now` is an operation of this trie: the root, an alternative or what follows one
                    // that is not the last of its shape, since the last one ends with a line feed and no text
                    // has a second one.
                    unsafe {
                        while !(*now).is_same(&op) {
                            alike = alike.max((*now).alike(&op));
                            if is_wrong || (*now).does != Do::Wrong {
                                (tried, link) = (tried + 1, now);
                            }
                            if (*now).other.is_null() {
                                fresh = true;
                                break;
                            }
                            now = (*now).other;
                        }
                    }
                    let parts = |array: &&Apart| array.start <= at && at + alike < array.end;
                    if fresh && let Some(array) = arrays.iter().find(parts) {
                        self.parted = Some(array.name);
                        return None;
                    }
                    let beside = wrong.is_none_or(|wrong| wrong < place || is_wrong);
                    if fresh && (tried >= MOST_ALTERNATIVES || !beside) {
                        return None;
                    }
                }
                let behind = 1 + more.len();
                if fresh {
                    assert!(self.ops.len() + behind <= MOST_OPS, "no operation ever moves");
                    let at = self.ops.len();
                    let before = way.steps.last().map(|(before, _)| self.number(*before));
                    self.push(op, before);
                    // Not by a reference: the others would be no more valid beside it.
                    now = self.ops.as_mut_ptr().wrapping_add(at);
                    let count = more.len();
                    for (number, mut op) in more.into_iter().enumerate() {
                        if number + 1 < count {
                            op.other = now.wrapping_add(number + 2);
                        }
                        self.push(op, Some(at));
                    }
                    if !link.is_null() {
                        // SAFETY: `link` and `now` are operations of this trie.
                        unsafe { (*now).other = std::mem::replace(&mut (*link).other, now) };
                    }
                }
                link = ptr::null_mut();
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
