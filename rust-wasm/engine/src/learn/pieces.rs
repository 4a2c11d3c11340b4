//! What the learned tier writes of a record: literals, and spans of its text.

use crate::exact::Token;
use crate::shape::{CHUNK, Cut, Piece, Way};
use wasmrecords_json::string_end;

/// Pieces of output in the making.
pub(super) struct Pieces<'l> {
    pub text: &'l [u8],
    pub way: &'l Way,
    pub spaced: bool,
    pub tokens: &'l [Token],
    pub all: Vec<Part>,
}

pub(super) enum Part {
    Literal(Vec<u8>),
    Span(usize, usize),
}

impl Pieces<'_> {
    pub fn literal(&mut self, literal: &[u8]) {
        match self.all.last_mut() {
            Some(Part::Literal(last)) => last.extend_from_slice(literal),
            _ if literal.is_empty() => {}
            _ => self.all.push(Part::Literal(literal.into())),
        }
    }

    /// A part of the record, in so many spans that no white space between tokens is in them.
    pub fn span(&mut self, span: &[u8]) -> Option<()> {
        let start = (span.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        let end = start + span.len();
        if end > self.text.len() {
            return None;
        }
        if !self.spaced {
            self.join(start, end);
            return Some(());
        }
        let (mut from, mut at) = (start, start);
        while at < end {
            match self.text[at] {
                b'"' => {
                    at = string_end(self.text, at)?;
                    continue;
                }
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => {
                    at += 1;
                    continue;
                }
            }
            // A value of another record of this shape may have white space elsewhere.
            if self.tokens.iter().any(|token| token.start <= at && at < token.end) {
                return None;
            }
            self.join(from, at);
            at += 1;
            from = at;
        }
        self.join(from, end);
        Some(())
    }

    /// Adds a span; to the last one, where what is written between them is what stands between them.
    fn join(&mut self, start: usize, end: usize) {
        if start == end {
            return;
        }
        let way = self.way;
        let joined = |from: usize, literal: &[u8]| {
            let between = self.text.get(from..start);
            between == Some(literal) && way.is_literal(from, start)
        };
        match &self.all[..] {
            [.., Part::Span(from, to), Part::Literal(literal)] if joined(*to, literal) => {
                let from = *from;
                self.all.truncate(self.all.len() - 2);
                self.all.push(Part::Span(from, end));
            }
            [Part::Literal(literal)] if literal.len() <= start && joined(start - literal.len(), literal) => {
                let from = start - literal.len();
                self.all[0] = Part::Span(from, end);
            }
            [.., Part::Span(from, to)] if *to == start => {
                let from = *from;
                self.all.pop();
                self.all.push(Part::Span(from, end));
            }
            _ => self.all.push(Part::Span(start, end)),
        }
    }

    /// The pieces as the loop takes them, the bytes of all literals, how many times all of the record covers all spans,
    /// and whether all is the record's line as it is.
    pub fn finish(mut self) -> Option<(Vec<Piece>, usize, usize, bool)> {
        self.end_of_line();
        let whole = matches!(self.all[..], [Part::Span(0, end)] if end == self.text.len() + 1);
        let (mut pieces, mut literals, mut times, mut last) = (Vec::new(), 0, 0, usize::MAX);
        let mut parts = self.all.into_iter().peekable();
        while let Some(part) = parts.next() {
            let (literal, span) = match part {
                Part::Span(start, end) => (Vec::new(), Some((start, end))),
                Part::Literal(literal) => match parts.next_if(|part| matches!(part, Part::Span(..))) {
                    Some(Part::Span(start, end)) => (literal, Some((start, end))),
                    _ => (literal, None),
                },
            };
            literals += literal.len();
            let cuts = match span {
                None => None,
                Some((start, end)) => {
                    // Spans that stand one behind the other do so in all records of the shape: together they are no
                    // longer than the record.
                    times += usize::from(start < last);
                    last = end;
                    Some((self.way.cut(start)?, self.way.cut(end)?))
                }
            };
            let chunks: Vec<_> = literal.chunks(CHUNK).collect();
            let count = chunks.len().max(1);
            for number in 0..count {
                let chunk = chunks.get(number).copied().unwrap_or_default();
                pieces.push(Piece::new(chunk, cuts.filter(|_| number + 1 == count)));
            }
        }
        Some((pieces, literals, times, whole))
    }

    /// The line feed behind the record is one that may be copied with it.
    fn end_of_line(&mut self) {
        let [.., Part::Span(_, end), Part::Literal(literal)] = &mut self.all[..] else { return };
        let rest = &self.text[*end..];
        if let Some(tail) = literal.strip_suffix(b"\n")
            && tail == rest
            && self.way.is_literal(*end, self.text.len() + 1)
        {
            *end = self.text.len() + 1;
            self.all.pop();
        }
    }
}

impl Piece {
    fn new(chunk: &[u8], span: Option<(Cut, Cut)>) -> Piece {
        let mut literal = [0; CHUNK];
        literal[..chunk.len()].copy_from_slice(chunk);
        Piece { literal, length: chunk.len(), span }
    }
}
