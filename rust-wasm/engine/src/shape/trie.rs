//! All shapes, and how one more is added.

use super::{CHUNK, Cut, Do, End, MORE_OF_STRINGS, MOST_OPS, Op, Within};
use crate::exact::{Apart, Kind, Token};
use crate::fails::Path;
use std::cell::OnceCell;
use std::ptr;
use std::rc::Rc;

/// Alternatives at one place, at most: each costs a comparison for all that come behind it. Those with a wrong value
/// come behind all others.
const MOST_ALTERNATIVES: usize = 8;

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

    /// Notes how the shape ends whose last operation this is, unless that is known. See [`Op::passes`].
    pub fn end(&mut self, way: &Way, end: End, passes: bool) {
        let Some((last, _)) = way.steps.last() else { return };
        // SAFETY: an operation of this trie, which made the way. Not all of it is borrowed.
        let (place, known) = unsafe { (&mut (**last).end, &mut (**last).passes) };
        if *place == 0 {
            (*place, *known) = (self.ends.len() as u32, passes);
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
