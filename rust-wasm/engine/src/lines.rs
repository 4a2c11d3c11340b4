//! A run over the lines of a text.

use crate::hot::{Hot, Ledger};

/// The lines of a text, where in it the next one begins, and the output so far.
pub(crate) struct Lines<'l> {
    pub buffer: &'l [u8],
    pub start: usize,
    pub at: usize,
    /// Behind the last line feed.
    pub end: usize,
    pub out: &'l mut [u8],
    pub written: usize,
    pub longest: usize,
    /// All output so far is the text from `start` to `at`; for as much there is room.
    pub passing: bool,
}

impl Lines<'_> {
    /// Copies what was passed: other output follows, or none.
    pub fn copy<L: Ledger>(&mut self, ledger: &mut L) {
        if std::mem::take(&mut self.passing) {
            self.written = self.at - self.start;
            self.out[..self.written].copy_from_slice(&self.buffer[self.start..self.at]);
            ledger.copied();
        }
    }

    /// The same, for a loop that goes on.
    pub fn copy_for<L: Ledger>(&mut self, hot: &mut Hot<'_>, ledger: &mut L) {
        if std::mem::take(&mut hot.passing) {
            self.written = self.at - self.start;
            // SAFETY: there is room for all of the text; not by the borrow in `self`, so that the loop's pointer
            // stays good.
            unsafe {
                std::ptr::copy_nonoverlapping(self.buffer[self.start..].as_ptr(), hot.out, self.written)
            };
            hot.out = hot.out.wrapping_add(self.written);
            self.passing = false;
            ledger.copied();
        }
    }
}
