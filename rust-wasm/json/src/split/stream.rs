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
        let whole = value_end(self.piece, start);
        let end = match whole {
            Some(end) if self.last || end < self.piece.len() => end,
            // At the end of the piece a string or container is done; anything else may go on.
            Some(end) if matches!(self.piece[start], b'"' | b'[' | b'{') => end,
            None if self.last => self.piece.len(),
            _ => return None,
        };
        let missing_comma = self.state == State::AfterItem;
        // A value that the end of the input cuts is the fault; that the array is not closed says no more.
        let between = whole.is_none() || self.state == State::Between;
        self.go(end, if between { State::Between } else { State::AfterItem });
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

    #[inline(never)]
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Each item's text; for a fault also its message.
    fn items(input: &str) -> Vec<String> {
        Stream::new(input.as_bytes(), true, State::Between)
            .map(|item| match item {
                Item::Record { start, end } => input[start..end].to_owned(),
                Item::Broken { start, end, message, .. } => format!("{} -- {message}", &input[start..end]),
            })
            .collect()
    }

    #[test]
    fn values_and_items_are_records() {
        assert_eq!(items(r#" {"a": [1]} 12 "x y""#), [r#"{"a": [1]}"#, "12", r#""x y""#]);
        assert_eq!(items("[[1], {}, null ]\n[2] 3"), ["[1]", "{}", "null", "2", "3"]);
        assert_eq!(items("{}{}[1][2]"), ["{}", "{}", "1", "2"]);
        assert!(items(" [] [ ] ").is_empty());
    }

    #[test]
    fn a_broken_record_costs_only_itself() {
        assert_eq!(
            items(r#"[{"a":tru]}, nope, {"b" 1}, 2]"#),
            [r#"{"a":tru]"#, "} -- expected `,` or `]` after an item, found `}`", "nope", r#"{"b" 1}"#, "2"]
        );
        assert_eq!(items(r#"{"a" "#), [r#"{"a" "#]);
        assert_eq!(items(r#"[1, {"a" "#), ["1", r#"{"a" "#]);
        assert_eq!(items(r#"[1, [2, "x"#), ["1", r#"[2, "x"#]);
        assert_eq!(items(r#""a\"#), [r#""a\"#]);
    }

    #[test]
    fn faults_between_records_are_told() {
        for (input, expected) in [
            ("1 ] 2", "] -- expected a value, found `]`"),
            ("1 } 2", "} -- expected a value, found `}`"),
            ("1 , 2", ", -- expected a value, found `,`"),
            ("1 : 2", ": -- expected a value, found `:`"),
            ("[,1,2]", ", -- expected a value or `]`, found `,`"),
            ("[1,,2]", ", -- expected a value, found `,`"),
            ("[1,2,]", "] -- expected a value, found `]` (a comma must not stand before `]`)"),
            ("[1 true,2]", "true -- expected `,` or `]` after an item, found `true`"),
            ("[1,2", " -- the array is not closed: expected `,` or `]`, found end of input"),
            ("1 2 [", " -- the array is not closed: expected a value or `]`, found end of input"),
            ("[1,2,", " -- the array is not closed: expected a value, found end of input"),
        ] {
            let broken: Vec<_> = items(input).into_iter().filter(|item| item.contains("--")).collect();
            assert_eq!(broken, [expected], "{input}");
            let records = items(input).into_iter().filter(|item| !item.contains("--")).count();
            assert_eq!(records, 2, "{input}");
        }
    }

    #[test]
    fn a_scalar_at_the_end_of_a_piece_may_go_on() {
        let mut stream = Stream::new(b"[1, 2", false, State::Between);
        assert_eq!(stream.next(), Some(Item::Record { start: 1, end: 2 }));
        assert_eq!((stream.consumed(), stream.state()), (2, State::AfterItem));
        assert_eq!(stream.next(), None);
        assert_eq!((stream.consumed(), stream.state()), (4, State::AfterComma));
        // A string or container cannot.
        assert!(Stream::new(b"\"a\"", false, State::Between).next().is_some());
        assert!(Stream::new(b"{}", false, State::Between).next().is_some());
    }

    #[test]
    fn states_are_stable_numbers() {
        for (number, state) in
            [State::Between, State::First, State::AfterItem, State::AfterComma].into_iter().enumerate()
        {
            assert_eq!(u32::from(state), number as u32);
            assert_eq!(State::try_from(number as u32), Ok(state));
        }
        assert_eq!(State::try_from(4), Err(4));
    }
}
