//! One record a line.

use crate::scan::newline;

/// The records of a piece of NDJSON, as places `(start, end)` of their text without the end of the
/// line (LF or CR LF). Lines with nothing but spaces, tabs and CR are no records.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    piece: &'a [u8],
    last: bool,
    consumed: usize,
    blank: usize,
}

impl<'a> Lines<'a> {
    /// `last` says that nothing comes after `piece`, so that its end ends a line.
    pub fn new(piece: &'a [u8], last: bool) -> Lines<'a> {
        Lines { piece, last, consumed: 0, blank: 0 }
    }

    /// Goes on at a place behind those that are done: the start of a line. Of those before it so many are `blank`.
    pub fn skip_to(&mut self, place: usize, blank: usize) {
        self.consumed = self.consumed.max(place);
        self.blank += blank;
    }

    /// The bytes of the lines that are done: up to the record yielded last, or, once there are no
    /// more records, up to the unfinished line.
    pub fn consumed(&self) -> usize {
        self.consumed
    }

    /// How many of those lines are no records.
    pub fn blank(&self) -> usize {
        self.blank
    }
}

impl Iterator for Lines<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        loop {
            let start = self.consumed;
            let mut end = newline(self.piece, start);
            if end < self.piece.len() {
                self.consumed = end + 1;
            } else if self.last && start < end {
                self.consumed = end;
            } else {
                return None;
            }
            let line = &self.piece[start..end];
            if line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')) {
                self.blank += 1;
                continue;
            }
            if line.last() == Some(&b'\r') {
                end -= 1;
            }
            return Some((start, end));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(piece: &str, last: bool) -> (Vec<&str>, usize) {
        let mut lines = Lines::new(piece.as_bytes(), last);
        let records = lines.by_ref().map(|(start, end)| &piece[start..end]).collect();
        (records, lines.consumed())
    }

    #[test]
    fn a_tail_is_a_record_only_at_the_end() {
        assert_eq!(lines("1\n2\n3", false), (vec!["1", "2"], 4));
        assert_eq!(lines("1\n2\n3", true), (vec!["1", "2", "3"], 5));
        assert_eq!(lines("3", false), (vec![], 0));
        assert_eq!(lines("", true), (vec![], 0));
    }

    #[test]
    fn blank_lines_are_consumed_and_no_records() {
        assert_eq!(lines("\n \t\r\n1\n\n", false), (vec!["1"], 8));
        assert_eq!(lines("1\n  ", false), (vec!["1"], 2));
        assert_eq!(lines("1\n  ", true), (vec!["1"], 4));
    }

    #[test]
    fn one_carriage_return_belongs_to_the_end_of_the_line() {
        assert_eq!(lines("1\r\n2 \r\r\n3\r", true), (vec!["1", "2 \r", "3"], 10));
        assert_eq!(lines("a\rb\n", false), (vec!["a\rb"], 4));
    }

    #[test]
    fn consumed_follows_the_records() {
        let mut lines = Lines::new(b"\n1\n\n2\n", false);
        assert_eq!((lines.next(), lines.consumed()), (Some((1, 2)), 3));
        assert_eq!((lines.next(), lines.consumed()), (Some((4, 5)), 6));
        assert_eq!((lines.next(), lines.consumed()), (None, 6));
    }
}
