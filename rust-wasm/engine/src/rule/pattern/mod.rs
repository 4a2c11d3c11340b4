//! Regular expressions without look-around and references back, each a machine of up to 64 states (Glushkov's).
//!
//! Every state is one place of the expression that takes a character; the bits of a word are the places that the
//! text read so far may have ended at. So a character costs a look into a table and a few operations, whatever
//! the expression.

mod class;
mod parse;

use std::ops::RangeInclusive;

/// A pattern that is certain of what it matches, not of what it does not.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// By character: the places that take it.
    ascii: Box<[u64; 128]>,
    /// The places that take all other characters but white space.
    others: u64,
    /// The places that take one character beyond ASCII.
    wide: Vec<(char, u64)>,
    /// By place: those that may be next.
    follow: Vec<u64>,
    /// Where it may begin at the start of a text, and anywhere.
    start: u64,
    anywhere: u64,
    /// Where it may end at the end of a text, and anywhere.
    end: u64,
    open: u64,
    /// The empty text matches; all texts do.
    empty: bool,
    all: bool,
}

impl Pattern {
    /// None if it says more than such a machine can tell.
    pub fn new(pattern: &str) -> Option<Pattern> {
        parse::parse(pattern)
    }

    /// The same for `^[a-z]{1,200}$`, where one thing is counted up to any number: the pattern without the count,
    /// and the count.
    pub fn counted(pattern: &str) -> Option<(Pattern, RangeInclusive<u64>)> {
        let (one, count) = pattern.strip_suffix("}$")?.rsplit_once('{')?;
        let counted = Pattern::new(&format!("{one}$"))?;
        let anchored = counted.anywhere == 0 && counted.open == 0;
        if !anchored || counted.empty || counted.all || counted.follow != [0] {
            return None;
        }
        let (least, most) = parse::bounds(count)?;
        Some((Pattern::new(&format!("{one}*$"))?, least as u64..=most.map_or(u64::MAX, |most| most as u64)))
    }

    /// Whether a text in UTF-8 certainly matches.
    pub fn matches(&self, text: &[u8]) -> bool {
        if self.all || text.is_empty() && self.empty {
            return true;
        }
        let (mut at, mut state, mut enter) = (0, 0_u64, self.start | self.anywhere);
        while let Some(&byte) = text.get(at) {
            let mut next = enter;
            while state != 0 {
                next |= self.follow[state.trailing_zeros() as usize];
                state &= state - 1;
            }
            let takes = if byte < 0x80 {
                at += 1;
                self.ascii[usize::from(byte)]
            } else {
                let (takes, length) = self.beyond(&text[at..]);
                at += length;
                takes
            };
            state = next & takes;
            if state & self.open != 0 {
                return true;
            }
            enter = self.anywhere;
            if state | enter == 0 {
                return false;
            }
        }
        state & self.end != 0
    }

    /// The places that take the first character of a text, which is beyond ASCII, and its bytes.
    #[inline(never)]
    fn beyond(&self, text: &[u8]) -> (u64, usize) {
        let length = match text[0] {
            0xf0.. => 4,
            0xe0.. => 3,
            _ => 2,
        };
        let character = text.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let Some(character) = character.and_then(|text| text.chars().next()) else { return (0, length) };
        // What counts as white space, or as a new line, is not the same everywhere.
        let spacious = character.is_whitespace() || character == '\u{feff}';
        let others = if spacious { 0 } else { self.others };
        let wide = self.wide.iter().filter(|(taken, _)| *taken == character);
        (wide.fold(others, |takes, (_, place)| takes | place), length)
    }
}
