//! The reply block: nineteen words at a fixed address, true at every instant.
//!
//! Atomics only so that a `static` may change without `unsafe`; on wasm32 without threads each store
//! is a plain one. The layout is the ABI: `docs/abi.md`. A word has the size of an address, natively too.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

pub(crate) const MAGIC: usize = u32::from_le_bytes(*b"WRB1") as usize;
pub(crate) const WORDS: usize = 19;

/// Where each field stands, in words.
#[derive(Clone, Copy)]
#[repr(usize)]
pub(crate) enum Field {
    Magic = 0,
    Size = 1,
    Finished = 2,
    Emitted = 3,
    Dropped = 4,
    Failed = 5,
    Consumed = 6,
    State = 7,
    Outputs = 8,
    OutputCount = 9,
    Failures = 10,
    FailureCount = 11,
    Lineage = 12,
    LineageCount = 13,
    Log = 14,
    LogLength = 15,
    Panic = 16,
    PanicLength = 17,
    Blank = 18,
}

#[repr(C, align(8))]
pub(crate) struct Reply([AtomicUsize; WORDS]);

/// Outputs that a module may have, the main one among them.
pub(crate) const MOST_OUTPUTS: usize = 16;

/// A table of outputs, whose rows are address, length in bytes, records. The first row is the main output's.
#[repr(C, align(8))]
pub(crate) struct OutputTable([[AtomicUsize; 3]; MOST_OUTPUTS]);

pub(crate) static REPLY: Reply = Reply([const { AtomicUsize::new(0) }; WORDS]);
/// The table of modules with one output, all of whose rows are stored in one go with the counts.
pub(crate) static OUTPUT: OutputTable = OutputTable::new();
/// The other one of modules with several outputs: one is true while the next is made. See [`crate::named`].
pub(crate) static OTHER: OutputTable = OutputTable::new();

/// What one finished record changes, stored in one go.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    pub finished: u32,
    /// To the main output.
    pub emitted: u32,
    /// To all others.
    pub named: u32,
    pub dropped: u32,
    pub failed: u32,
    /// Of them, at least one each.
    pub reasons: u32,
    pub consumed: u32,
    /// Lines in what is consumed that are no records.
    pub blank: u32,
    pub state: u32,
    pub output_length: u32,
    /// The address of the table of outputs.
    pub outputs: usize,
    pub lineage: u32,
}

impl Reply {
    pub fn set(&self, field: Field, value: usize) {
        self.0[field as usize].store(value, Relaxed);
    }

    pub fn get(&self, field: Field) -> usize {
        self.0[field as usize].load(Relaxed)
    }

    pub fn address(&self) -> usize {
        address(self)
    }

    /// The state before any record, of a module with so many outputs. Tables keep their addresses; they are empty.
    pub fn begin(&self, outputs: usize) {
        self.set(Field::Magic, MAGIC);
        self.set(Field::Size, WORDS * size_of::<usize>());
        self.set(Field::OutputCount, outputs);
        self.reset(Progress { outputs: address(&OUTPUT), ..Progress::default() });
    }

    /// The state before the records of a batch.
    pub fn reset(&self, p: Progress) {
        self.set(Field::LogLength, 0);
        self.set(Field::PanicLength, 0);
        self.commit(p);
    }

    /// Straight-line stores without a call or a loop, so that no trap and no deadline can fall
    /// between them: the host sees all of a record or nothing of it.
    #[inline(always)]
    pub fn commit(&self, p: Progress) {
        self.set(Field::Finished, p.finished as usize);
        self.set(Field::Emitted, (p.emitted + p.named) as usize);
        self.set(Field::Outputs, p.outputs);
        self.set(Field::Dropped, p.dropped as usize);
        self.set(Field::Failed, p.failed as usize);
        self.set(Field::FailureCount, p.reasons as usize);
        self.set(Field::Consumed, p.consumed as usize);
        self.set(Field::Blank, p.blank as usize);
        self.set(Field::State, p.state as usize);
        self.set(Field::LineageCount, p.lineage as usize);
        OUTPUT.0[0][1].store(p.output_length as usize, Relaxed);
        OUTPUT.0[0][2].store(p.emitted as usize, Relaxed);
    }

    /// As [`Self::commit`], where one record that is a line was kept since the last time: what that changes.
    #[inline(always)]
    pub fn keep_one(&self, p: &Progress) {
        self.set(Field::Finished, p.finished as usize);
        self.set(Field::Emitted, p.emitted as usize);
        self.set(Field::Consumed, p.consumed as usize);
        OUTPUT.0[0][1].store(p.output_length as usize, Relaxed);
        OUTPUT.0[0][2].store(p.emitted as usize, Relaxed);
    }

    /// Likewise, where one was dropped.
    #[inline(always)]
    pub fn drop_one(&self, p: &Progress) {
        self.set(Field::Finished, p.finished as usize);
        self.set(Field::Dropped, p.dropped as usize);
        self.set(Field::Consumed, p.consumed as usize);
    }

    /// Likewise, where a line was none.
    pub fn pass_blank(&self, p: &Progress) {
        self.set(Field::Consumed, p.consumed as usize);
        self.set(Field::Blank, p.blank as usize);
    }
}

impl OutputTable {
    const fn new() -> Self {
        OutputTable([const { [const { AtomicUsize::new(0) }; 3] }; MOST_OUTPUTS])
    }

    /// Where an output begins; 0 is the main one.
    pub fn set_address(&self, output: usize, address: usize) {
        self.0[output][0].store(address, Relaxed);
    }

    /// How long an output is, and how many records it has.
    pub fn set_length(&self, output: usize, length: u32, records: u32) {
        self.0[output][1].store(length as usize, Relaxed);
        self.0[output][2].store(records as usize, Relaxed);
    }
}

/// The address of a thing in memory.
pub(crate) fn address<T: ?Sized>(thing: &T) -> usize {
    std::ptr::from_ref(thing).cast::<u8>() as usize
}
