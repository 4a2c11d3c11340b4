//! A stream of values separated by white space; the items of a top-level array are the records.
//!
//! Records are found by structure only, so a broken one costs no other: the strict parse of its
//! text says what is wrong. Faults between records have no text that a parse could judge, they are
//! items of their own kind.

use crate::fault::found;
use crate::scan::{skip_space, value_end};

/// What stands in the stream. Offsets count from the start of the piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A record, by structure.
    Record {
        /// Its first byte.
        start: usize,
        /// Behind its last byte.
        end: usize,
    },
    /// A fault between records: a token that is out of place, or a value behind a missing comma.
    Broken {
        /// The first byte of what is lost.
        start: usize,
        /// Behind its last byte; equal to `start` at the end of an array that is not closed.
        end: usize,
        /// The first byte that is wrong.
        offset: usize,
        /// What was expected and what was found, in plain words.
        message: String,
    },
}

/// Where in a stream a piece begins; a host carries it from one piece to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u32)]
pub enum State {
    /// In no array.
    #[default]
    Between = 0,
    /// Just behind the bracket that opens a top-level array.
    First = 1,
    /// In a top-level array, behind an item.
    AfterItem = 2,
    /// In a top-level array, behind a comma.
    AfterComma = 3,
}

impl From<State> for u32 {
    fn from(state: State) -> u32 {
        state as u32
    }
}

impl TryFrom<u32> for State {
    /// The number that stands for no state.
    type Error = u32;

    fn try_from(number: u32) -> Result<State, u32> {
        [State::Between, State::First, State::AfterItem, State::AfterComma]
            .into_iter()
            .find(|state| *state as u32 == number)
            .ok_or(number)
    }
}

/// The items of a piece of a stream.
///
/// Every byte of the input that is no white space belongs to exactly one item or is a bracket or
/// comma of a top-level array that is in order.
#[derive(Debug, Clone)]
pub struct Stream<'a> {
    piece: &'a [u8],
    last: bool,
    state: State,
    consumed: usize,
}

impl<'a> Stream<'a> {
    /// `last` says that nothing comes after `piece`, `state` is where in the stream it begins.
    pub fn new(piece: &'a [u8], last: bool, state: State) -> Stream<'a> {
        Stream { piece, last, state, consumed: 0 }
    }

    /// The bytes that are done: up to the item yielded last, or, once there are no more items, up to
    /// the unfinished one.
    pub fn consumed(&self) -> usize {
        self.consumed
    }

    /// Where in the stream the bytes that are not consumed begin.
    pub fn state(&self) -> State {
        self.state
    }

    fn go(&mut self, end: usize, state: State) {
        self.consumed = end;
        self.state = state;
    }

    /// One token that is out of place, or nothing at the end of the input.
    fn broken(&mut self, length: usize, message: String, state: State) -> Option<Item> {
        let start = self.consumed;
        self.go(start + length, state);
        Some(Item::Broken { start, end: start + length, offset: start, message })
    }

    fn end_of_piece(&mut self) -> Option<Item> {
        let expected = match self.state {
            _ if !self.last => return None,
            State::Between => return None,
            State::First => "a value or `]`",
            State::AfterItem => "`,` or `]`",
            State::AfterComma => "a value",
        };
        let message = format!("the array is not closed: expected {expected}, found end of input");
        self.broken(0, message, State::Between)
    }

    fn value(&mut self) -> Option<Item> {
        let start = self.consumed;
        let end = match value_end(self.piece, start) {
            Some(end) if self.last || end < self.piece.len() => end,
            // At the end of the piece a string or container is done; anything else may go on.
            Some(end) if matches!(self.piece[start], b'"' | b'[' | b'{') => end,
            None if self.last => self.piece.len(),
            _ => return None,
        };
        let missing_comma = self.state == State::AfterItem;
        self.go(end, if self.state == State::Between { State::Between } else { State::AfterItem });
        if missing_comma {
            let found = found(&self.piece[start..end]);
            let message = format!("expected `,` or `]` after an item, found {found}");
            return Some(Item::Broken { start, end, offset: start, message });
        }
        Some(Item::Record { start, end })
    }
}

impl Iterator for Stream<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        use State::*;
        loop {
            self.consumed = skip_space(self.piece, self.consumed);
            let Some(&byte) = self.piece.get(self.consumed) else { return self.end_of_piece() };
            let here = self.consumed;
            let found = byte as char;
            match (self.state, byte) {
                (Between, b'[') => self.go(here + 1, First),
                (First | AfterItem, b']') => self.go(here + 1, Between),
                (AfterItem, b',') => self.go(here + 1, AfterComma),
                (Between, b']' | b'}' | b',' | b':') => {
                    return self.broken(1, format!("expected a value, found `{found}`"), Between);
                }
                (First, b',') => {
                    return self.broken(1, "expected a value or `]`, found `,`".to_owned(), AfterComma);
                }
                (AfterComma, b',') => {
                    return self.broken(1, "expected a value, found `,`".to_owned(), AfterComma);
                }
                (AfterComma, b']') => {
                    let message = "expected a value, found `]` (a comma must not stand before `]`)";
                    return self.broken(1, message.to_owned(), Between);
                }
                // It takes the place of the item that it is not, so that one fault is told once.
                (First | AfterComma, b'}' | b':') => {
                    return self.broken(1, format!("expected a value, found `{found}`"), AfterItem);
                }
                (AfterItem, b'}' | b':') => {
                    let message = format!("expected `,` or `]` after an item, found `{found}`");
                    return self.broken(1, message, AfterItem);
                }
                _ => return self.value(),
            }
        }
    }
}
