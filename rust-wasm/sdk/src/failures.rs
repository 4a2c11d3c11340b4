//! The failures of one batch, and their rows as the host reads them.

use crate::Failure;
use crate::output::{FailureRow, failure_row};
use crate::reply::{Field, REPLY};
use crate::system;
use crate::table::Table;
use std::ops::Range;

/// Failures in one batch, after which it ends: rubbish is left off there and goes on in the next.
pub(crate) const MOST: usize = 4096;

/// So many bytes are taken at once for texts, if one alone does not need more.
const CHUNK: usize = 16 << 10;

/// A [`Failure`] whose texts stand elsewhere.
pub struct Told<'t> {
    /// See [`Failure::code`].
    pub code: &'t str,
    /// See [`Failure::offset`].
    pub offset: usize,
    /// See [`Failure::path`].
    pub path: &'t str,
    /// See [`Failure::rule`].
    pub rule: &'t str,
    /// See [`Failure::message`]: one part behind the other.
    pub message: [&'t str; 2],
}

impl<'t> From<&'t Failure> for Told<'t> {
    fn from(failure: &'t Failure) -> Self {
        let Failure { code, offset, path, rule, message, .. } = failure;
        Told { code: word(code), offset: *offset, path, rule, message: [message, ""] }
    }
}

/// A code that hosts take, in the place of one that they would not believe.
fn word(code: &str) -> &str {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$';
    if matches!(code.len(), 1..=64) && code.bytes().all(is_word) { code } else { "error" }
}

impl From<Told<'_>> for Failure {
    fn from(told: Told<'_>) -> Self {
        Failure {
            code: told.code.to_owned().into(),
            offset: told.offset,
            path: told.path.to_owned(),
            message: wasmrecords_json::joined(&told.message),
            rule: told.rule.into(),
            further: Vec::new(),
        }
    }
}

/// Why records failed.
pub(crate) struct Failures {
    rows: Table<FailureRow>,
    /// None of them ever moves: the host has addresses of what is in them.
    texts: Vec<Sheet>,
}

/// A place for texts, one behind the other.
struct Sheet {
    bytes: Box<[u8]>,
    /// The next one begins here.
    end: usize,
}

impl Sheet {
    fn new(size: usize) -> Sheet {
        Sheet { bytes: vec![0; size].into(), end: 0 }
    }

    /// Adds a text, for which there is room: where it ends.
    fn add(&mut self, text: &str) -> usize {
        let end = self.end + text.len();
        copy(text.as_bytes(), &mut self.bytes[self.end..end]);
        self.end = end;
        end
    }

    fn part(&self, start: usize, end: usize) -> &[u8] {
        &self.bytes[start..end]
    }
}

/// Copies a text, most of which are short, to as many bytes. To copy any number of bytes the sandbox calls the host, which
/// takes longer; a loop that may end with none, which it never does, stays one.
#[inline]
fn copy(from: &[u8], to: &mut [u8]) -> Option<()> {
    if let Some(last) = from.last_chunk::<16>() {
        let mut at = 0;
        while at + 16 < from.len() {
            *to.get_mut(at..)?.first_chunk_mut::<16>()? = *from.get(at..)?.first_chunk()?;
            at += 16;
        }
        *to.last_chunk_mut()? = *last;
    } else if let (Some(first), Some(last)) = (from.first_chunk::<8>(), from.last_chunk::<8>()) {
        *to.first_chunk_mut()? = *first;
        *to.last_chunk_mut()? = *last;
    } else if let (Some(first), Some(last)) = (from.first_chunk::<4>(), from.last_chunk::<4>()) {
        *to.first_chunk_mut()? = *first;
        *to.last_chunk_mut()? = *last;
    } else {
        for (at, byte) in from.iter().enumerate() {
            *to.get_mut(at)? = *byte;
        }
    }
    Some(())
}

impl Failures {
    pub fn new() -> Failures {
        let rows = Table::new(|a| REPLY.set(Field::Failures, a));
        Failures { rows, texts: Vec::new() }
    }

    pub fn clear(&mut self) {
        self.rows.truncate(0);
        self.texts.truncate(1);
        self.texts.retain(|text| text.bytes.len() <= CHUNK);
        self.texts.iter_mut().for_each(|text| text.end = 0);
    }

    /// True if the batch had better end.
    pub fn are_many(&self) -> bool {
        self.rows.len() >= MOST
    }

    pub fn count(&self) -> u32 {
        self.rows.len() as u32
    }

    /// Adds what is wrong with a record, whose text stands there in the batch.
    pub fn add(&mut self, record: u32, extent: (usize, usize), failure: &Failure) {
        // Without memory for the rows the module traps here, before anything says that the record is done.
        assert!(self.rows.reserve(1 + failure.further.len()), "memory allocation of one failure failed");
        for failure in std::iter::once(failure).chain(&failure.further) {
            let told = Told::from(failure);
            // A place behind the record is none in it. (A refusal has its place in another text.)
            let most = if extent.1 > extent.0 { extent.1 - extent.0 } else { usize::MAX };
            self.tell(record, extent, &Told { offset: told.offset.min(most), ..told });
        }
    }

    /// Adds one thing that is wrong.
    fn tell(&mut self, record: u32, extent: (usize, usize), told: &Told<'_>) {
        assert!(self.rows.reserve(1), "memory allocation of one failure failed");
        let Told { code, path, rule, message: [message, more], .. } = told;
        let length = code.len() + path.len() + 1 + rule.len() + message.len() + more.len();
        if self.texts.last().is_none_or(|text| text.bytes.len() - text.end < length) {
            self.texts.push(Sheet::new(length.max(CHUNK)));
        }
        let number = self.texts.len() - 1;
        let text = &mut self.texts[number];
        let start = text.end;
        let path_at = text.add(code);
        let mut message_at = text.add(path);
        if !rule.is_empty() {
            text.add("\n");
            message_at = text.add(rule);
        }
        text.add(message);
        let end = text.add(more);
        let texts = [(start, path_at), (path_at, message_at), (message_at, end)];
        let texts = texts.map(|(start, end)| text.part(start, end));
        self.rows.extend(&[failure_row(record, extent, told.offset, texts)]);
    }

    pub fn rows(&self) -> &[FailureRow] {
        self.rows.as_slice()
    }

    /// Each failure with its record and offset in the batch.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize, Failure)> {
        self.rows.as_slice().iter().map(|row| (row[0], row[3], failure(row)))
    }
}

/// A failed record: its number, its start and end, and each reason with its offset, all in the batch.
pub(crate) type Failed = (usize, Range<usize>, Vec<(usize, Failure)>);

/// The failures in these rows, one record after the other.
pub(crate) fn groups(rows: &[FailureRow]) -> impl Iterator<Item = Failed> {
    rows.chunk_by(|row, next| row[0] == next[0]).map(|rows| {
        let [record, start, length, ..] = rows[0];
        (record, start..start + length, rows.iter().map(|row| (row[3], failure(row))).collect())
    })
}

/// The failure of a row; its offset is that in the batch.
#[inline(never)]
fn failure(row: &FailureRow) -> Failure {
    // SAFETY: rows are made here alone, and lead to texts that stay where they are as long as the rows do.
    let text = |at: usize| str::from_utf8(unsafe { system::left(row[at], row[at + 1]) }).unwrap_or_default();
    let path = text(6);
    let rule = memchr::memchr(b'\n', path.as_bytes()).unwrap_or(path.len());
    Told {
        code: text(4),
        offset: row[3],
        path: path.get(..rule).unwrap_or_default(),
        rule: path.get(rule + 1..).unwrap_or_default(),
        message: [text(8), ""],
    }
    .into()
}

/// A record that may fail, of a run over lines.
pub struct Failing<'f> {
    pub(crate) failures: &'f mut Failures,
    pub(crate) record: u32,
    pub(crate) extent: (usize, usize),
}

impl Failing<'_> {
    /// Says why it fails.
    pub fn tell(&mut self, told: &Told<'_>) {
        self.failures.tell(self.record, self.extent, told);
    }
}

#[cfg(test)]
mod tests {
    use super::Sheet;

    #[test]
    fn texts_of_all_lengths_are_copied() {
        let text: String = ('a'..='z').cycle().take(100).collect();
        let mut sheet = Sheet::new(100 * 101 / 2);
        for length in 0..=100 {
            let start = sheet.end;
            let end = sheet.add(&text[..length]);
            assert_eq!(sheet.part(start, end), &text.as_bytes()[..length]);
        }
        let mut end = 0;
        for length in 0..=100 {
            assert_eq!(sheet.part(end, end + length), &text.as_bytes()[..length]);
            end += length;
        }
        assert_eq!(end, sheet.bytes.len());
    }
}
