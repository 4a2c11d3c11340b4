//! Reading a text from front to back without making values of it: as strict as the parser, and faster.
//!
//! It says what is there, or nothing: whoever gets nothing asks the parser what is wrong.

use std::borrow::Cow;

use crate::digits::number_end;
use crate::scan::{skip_space, string_stop};
use crate::string;

/// A place in a text.
pub struct Cursor<'t> {
    text: &'t str,
    at: usize,
    /// No white space has been passed.
    compact: bool,
}

/// A string as it stands in the text, without its quotes.
#[derive(Clone, Copy)]
pub struct Raw<'t> {
    /// Its characters, as they were written.
    pub text: &'t str,
    /// Some of them are escapes, all of which are right.
    pub escaped: bool,
}

impl<'t> Raw<'t> {
    /// The characters that were meant.
    pub fn decoded(&self) -> Cow<'t, str> {
        if self.escaped { string::decoded(self.text).into() } else { self.text.into() }
    }
}

impl<'t> Cursor<'t> {
    /// At the first token of a text.
    #[inline]
    pub fn new(text: &'t str) -> Self {
        let mut cursor = Cursor { text, at: 0, compact: true };
        cursor.gap();
        cursor
    }

    /// The next byte: the first of a token.
    #[inline]
    pub fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The offset of the next byte.
    #[inline]
    pub fn at(&self) -> usize {
        self.at
    }

    /// True if no white space has been passed.
    pub fn compact(&self) -> bool {
        self.compact
    }

    /// Passes over one byte, if it is this one, and what white space stands behind it.
    #[inline]
    pub fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| {
            self.at += 1;
            self.gap();
        })
    }

    /// Passes over a string.
    #[inline(never)]
    pub fn string(&mut self) -> Option<Raw<'t>> {
        let start = self.at + 1;
        let mut stop = string_stop(self.text.as_bytes(), start);
        let escaped = match self.text.as_bytes().get(stop)? {
            b'"' => false,
            b'\\' => {
                stop = string::right_end(self.text.as_bytes(), stop).ok()? - 1;
                true
            }
            _ => return None,
        };
        self.at = stop + 1;
        self.gap();
        Some(Raw { text: self.text.get(start..stop)?, escaped })
    }

    /// Passes over a number, and gives its digits.
    #[inline(never)]
    pub fn number(&mut self) -> Option<&'t str> {
        let start = self.at;
        let end = number_end(self.text.as_bytes(), start).ok()?;
        self.at = end;
        self.gap();
        self.text.get(start..end)
    }

    /// Passes over one of the three words.
    pub fn word(&mut self, word: &str) -> Option<()> {
        self.text.as_bytes()[self.at..].starts_with(word.as_bytes()).then(|| {
            self.at += word.len();
            self.gap();
        })
    }

    /// Passes over a value of any kind, with up to `depth` levels.
    pub fn value(&mut self, depth: u32) -> Option<()> {
        // A set bit for each open object, a clear one for each array.
        let (mut open, mut levels) = (0_u128, 0_u32);
        loop {
            match self.peek()? {
                b'"' => drop(self.string()?),
                b'-' | b'0'..=b'9' => drop(self.number()?),
                b't' => self.word("true")?,
                b'f' => self.word("false")?,
                b'n' => self.word("null")?,
                // There is no bit left for its level.
                b'{' | b'[' if levels == u128::BITS && levels < depth => self.value(depth - levels)?,
                bracket @ (b'{' | b'[') => {
                    if levels >= depth {
                        return None;
                    }
                    self.take(bracket)?;
                    let object = bracket == b'{';
                    let close = if object { b'}' } else { b']' };
                    if self.take(close).is_none() {
                        open = open << 1 | u128::from(object);
                        levels += 1;
                        if object {
                            self.name()?;
                        }
                        continue;
                    }
                }
                _ => return None,
            }
            // A value ended. So may its container here, and that one's container.
            loop {
                if levels == 0 {
                    return Some(());
                }
                let object = open & 1 == 1;
                if self.take(b',').is_some() {
                    if object {
                        self.name()?;
                    }
                    break;
                }
                self.take(if object { b'}' } else { b']' })?;
                open >>= 1;
                levels -= 1;
            }
        }
    }

    /// Passes over a name and its colon.
    #[inline]
    pub fn name(&mut self) -> Option<Raw<'t>> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let name = self.string()?;
        self.take(b':')?;
        Some(name)
    }

    /// Passes over a name and its colon, if the text has it in just these characters, of which none is one that
    /// strings must escape. Faster than to read the name and compare.
    #[inline]
    pub fn this_name(&mut self, name: &str) -> Option<()> {
        let rest = &self.text.as_bytes()[self.at..];
        let found = rest.first() == Some(&b'"')
            && rest.get(1..=name.len()) == Some(name.as_bytes())
            && rest.get(name.len() + 1) == Some(&b'"');
        if !found {
            return None;
        }
        let start = self.at;
        self.at += name.len() + 2;
        self.gap();
        let colon = self.take(b':');
        if colon.is_none() {
            self.at = start;
        }
        colon
    }

    /// True at the end of the text.
    pub fn at_end(&self) -> bool {
        self.at == self.text.len()
    }

    #[inline(always)]
    fn gap(&mut self) {
        if self.peek().is_some_and(|byte| byte <= b' ') {
            self.spaces();
        }
    }

    /// Called from many places, most of which see no white space.
    #[inline(never)]
    fn spaces(&mut self) {
        let end = skip_space(self.text.as_bytes(), self.at);
        self.compact &= end == self.at;
        self.at = end;
    }
}
