//! The values of a text that is there as a whole.

use crate::scan::{skip_space, value_end};

/// Where each value of a text begins and ends, one behind the other with white space between; found by
/// structure only, so each of them is yet to be parsed. An unfinished one ends with the text.
pub struct Values<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Values<'t> {
    /// The values of this text.
    pub fn new(text: &'t [u8]) -> Self {
        Values { text, at: 0 }
    }
}

impl Iterator for Values<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        let start = skip_space(self.text, self.at);
        if start == self.text.len() {
            return None;
        }
        self.at = value_end(self.text, start).unwrap_or(self.text.len());
        Some((start, self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_one_behind_the_other() {
        let text = b" 1 [2, 3]{\"a\":\"]\"}\n\"x\" [4";
        let found: Vec<_> = Values::new(text).map(|(start, end)| &text[start..end]).collect();
        assert_eq!(found, [&b"1"[..], b"[2, 3]", b"{\"a\":\"]\"}", b"\"x\"", b"[4"]);
        assert_eq!(Values::new(b" \n").next(), None);
    }
}
