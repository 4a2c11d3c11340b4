//! Who takes note of records.

use crate::engine::{Engine, Why};
use crate::found::Found;

/// Takes note of each record that is done.
pub trait Ledger {
    /// The program of the engine is [one of the ledger](crate::program::Program::of), see [`Runs`]: the compiler leaves out
    /// what is done with others.
    const RUNS: bool = false;

    /// One record more is done, with so many outputs; up to it the text has `consumed` bytes and the output
    /// `written`.
    fn done(&mut self, outputs: u32, consumed: usize, written: usize);

    /// A line was passed over that is no record; with it the text has `consumed` bytes.
    fn blank(&mut self, _consumed: usize) {}

    /// True if output may stay where it is in the text, as long as all of it is the text from the start on.
    fn passes(&self) -> bool {
        false
    }

    /// One record more is done: its output is its own text, as for all before it. Up to it the text has `consumed`
    /// bytes. Only called if the ledger [passes](Self::passes).
    fn passed(&mut self, _consumed: usize) {}

    /// The output of all records that were passed has been copied: from now on records are done.
    fn copied(&mut self) {}

    /// Runs its program: see [`Runs::run`].
    fn run(&mut self, _found: &Found<'_, '_>, _consumed: usize) -> Option<()> {
        None
    }

    /// A record fails, for something that is known: see [`Engine::broken`] and [`Engine::syntax`]. It begins at
    /// `line.0` in the text, and its line feed is at `line.1`. True if that was told, so that the record is done.
    fn fails(&mut self, _engine: &mut Engine, _why: Why, _text: &[u8], _line: (usize, usize)) -> bool {
        false
    }
}

/// A program that is none of the engine's. It is called by its address, so that the engine's loops are the same code for
/// all of them, and compiled as the engine is.
pub trait Runs {
    /// Runs it on a record, which is done then: up to it the text has `consumed` bytes. None if the record is for
    /// somebody else; no more records come then.
    fn run(&mut self, found: &Found<'_, '_>, consumed: usize) -> Option<()>;

    /// See [`Ledger::blank`].
    fn blank(&mut self, consumed: usize);
}

/// The ledger of such a program.
pub(crate) struct Running<'r>(pub &'r mut dyn Runs);

impl Ledger for Running<'_> {
    const RUNS: bool = true;

    #[inline(always)]
    fn run(&mut self, found: &Found<'_, '_>, consumed: usize) -> Option<()> {
        self.0.run(found, consumed)
    }

    fn done(&mut self, _outputs: u32, _consumed: usize, _written: usize) {}

    fn blank(&mut self, consumed: usize) {
        self.0.blank(consumed);
    }
}
