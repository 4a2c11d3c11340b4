//! What a program of tests and copies makes of a record that the exact tier has read.

use crate::bytes::Short;
use crate::exact::{Exact, Kind, Span};
use crate::learn::watch;
use crate::plan::NO_SLOT;
use crate::program::{Program, Straight, Test};
use crate::shape::CHUNK;
use crate::walk::Line;
use crate::watch::Watch;

/// The tests and the copies, ready for records.
pub(crate) struct Direct {
    tests: Vec<Ask>,
    /// A slot whose number a test asks for; [`NO_SLOT`] if none does.
    pub asked: u16,
    keep: u64,
    parts: Vec<Part>,
    /// The slot that is all of the output.
    alone: Option<usize>,
}

/// A test, with what answers it for numbers and for strings.
struct Ask {
    test: Test,
    bit: usize,
    number: Option<Watch>,
    string: Option<Watch>,
}

/// Up to sixteen bytes of output, then the text of a slot.
struct Part {
    literal: [u8; CHUNK],
    length: usize,
    slot: Option<usize>,
}

/// What is written for a slot with nothing in it.
const NULL: &[u8; CHUNK] = b"null            ";

impl Direct {
    /// None if the program does more.
    pub fn new(program: &Program) -> Option<Direct> {
        let straight = program.straight()?;
        let ask = |(bit, test): (usize, &Test)| Ask {
            number: watch(test, Kind::Number, bit),
            string: watch(test, Kind::String, bit),
            test: test.clone(),
            bit,
        };
        let tests: Vec<_> = straight.tests.iter().enumerate().map(ask).collect();
        let asked = tests.iter().find(|ask| ask.number.is_some());
        let asked = asked.map_or(NO_SLOT, |ask| ask.test.slot as u16);
        let parts = parts(straight)?;
        let alone = match &parts[..] {
            [Part { length: 0, slot, .. }, Part { literal: [b'\n', ..], length: 1, slot: None }] => *slot,
            _ => None,
        };
        Some(Direct { tests, asked, keep: straight.keep, parts, alone })
    }

    /// Whether the record that lies at the start of a text is kept; no answer if it takes more to find that out.
    pub fn keeps(&self, exact: &Exact, line: Line<'_>) -> Option<bool> {
        let mut bits = 0;
        for ask in &self.tests {
            let known = exact.number.filter(|_| ask.test.slot == usize::from(self.asked));
            bits |= ask.bits(line, *exact.slots().get(ask.test.slot)?, known)?;
        }
        Some(self.keep >> (bits & 63) & 1 != 0)
    }

    /// Whether the output of a record that is kept, and has this length, is its text.
    pub fn passes(&self, exact: &Exact, length: usize) -> bool {
        let alone = |slot: &usize| {
            let Some(Span { start, end }) = exact.slots().get(*slot) else { return false };
            *start == 0 && *end as usize == length && !exact.odd && !exact.spaced
        };
        self.alone.as_ref().is_some_and(alone)
    }

    /// Writes the output of a record that is kept, at the start of a text behind which as many bytes can be read as
    /// stand behind a [`Line`]. The bytes written; no answer if it takes more to find out what, or more room.
    pub fn write(&self, exact: &Exact, text: &[u8], out: &mut [u8]) -> Option<usize> {
        if exact.odd {
            return None;
        }
        let mut at = 0;
        for part in &self.parts {
            out.get_mut(at..at + CHUNK)?.copy_from_slice(&part.literal);
            at += part.length;
            let Some(slot) = part.slot else { continue };
            let Span { start, end } = *exact.slots().get(slot)?;
            let (start, end) = (start as usize, end as usize);
            if start >= end {
                if start > end {
                    return None;
                }
                out.get_mut(at..at + CHUNK)?.copy_from_slice(NULL);
                at += 4;
                continue;
            }
            if exact.spaced && matches!(text[start], b'{' | b'[') {
                return None;
            }
            let (from, to) = (text.get(start..)?, out.get_mut(at..)?);
            // Most are that short, and where they end is no matter then.
            to.get_mut(..2 * CHUNK)?.copy_from_slice(from.get(..2 * CHUNK)?);
            let mut done = 2 * CHUNK;
            while start + done < end {
                to.get_mut(done..done + CHUNK)?.copy_from_slice(from.get(done..done + CHUNK)?);
                done += CHUNK;
            }
            at += end - start;
        }
        Some(at)
    }
}

/// What a body of text and slots writes; none if there is more in it.
fn parts(straight: &Straight) -> Option<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    for (text, slot) in straight.parts()? {
        let chunks: Vec<_> = text.chunks(CHUNK).collect();
        let last = chunks.len().max(1) - 1;
        for number in 0..=last {
            let chunk = chunks.get(number).copied().unwrap_or_default();
            let mut literal = [0; CHUNK];
            literal[..chunk.len()].copy_from_slice(chunk);
            parts.push(Part { literal, length: chunk.len(), slot: slot.filter(|_| number == last) });
        }
    }
    Some(parts)
}

impl Ask {
    /// The bits for what is in its slot, of which the number may be known.
    fn bits(&self, line: Line<'_>, span: Span, known: Option<Short>) -> Option<u64> {
        if let (Some(short), Some(watch)) = (known, &self.number) {
            return Some(watch.of_number(short.digits, short.decimals));
        }
        let (start, end) = (span.start as usize, span.end as usize);
        let text = line.part(start, end);
        match (text.first(), &self.number, &self.string) {
            (Some(b'-' | b'0'..=b'9'), Some(watch), _) => {
                if let Some(short) = line.short(start) {
                    return Some(watch.of_number(short.digits, short.decimals));
                }
            }
            (Some(b'"'), _, Some(watch)) => {
                let (constant, _, length) = watch.text();
                if text.get(1..end - start - 1)? == constant.get(..length)? {
                    return Some(watch.yes);
                }
                if !text.contains(&b'\\') {
                    return Some(watch.no);
                }
            }
            // Where nothing can be.
            (None, ..) if start > end => return None,
            _ => {}
        }
        Some(u64::from(self.test.holds(text).ok()?) << self.bit)
    }
}
