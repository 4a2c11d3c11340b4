//! Runs a transform natively, as a host would: for `cargo test`.

use crate::Failure;
pub use crate::entries::Chosen;
use crate::session::{Session, Transform};
use std::collections::BTreeMap;
use wasmrecords_engine::PAD;

/// What became of an input.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// The output, one record a line.
    pub output: Vec<u8>,
    /// What went to further outputs, by their names.
    pub outputs: BTreeMap<String, Vec<u8>>,
    /// Failed records: their numbers from 0, and reasons with offsets that count from the input's start.
    pub failures: Vec<(usize, Failure)>,
    /// Records with a fate.
    pub finished: usize,
    /// Of these, the dropped ones.
    pub dropped: usize,
    /// For each output record the number of its record, and of its output, where the opening asks for that.
    pub lineage: Vec<(usize, usize)>,
    /// What was left for the log, where the opening gives it room: `"limits": {"log": 1000}`.
    pub log: Vec<u8>,
}

impl Outcome {
    fn take<T: Transform>(&mut self, session: &Session<T>, batch: &[u8]) {
        self.output.extend_from_slice(session.output(batch));
        self.log.extend_from_slice(session.log());
        for (name, text) in session.named() {
            self.outputs.entry(name.to_owned()).or_default().extend_from_slice(text);
        }
    }
}

/// An open transform that takes one batch after another, as a host gives them: to see how long they take.
pub struct Guest<T> {
    session: Session<T>,
    arena: Vec<u8>,
}

impl<T: Transform> Guest<T> {
    /// Opens a transform with an opening text (see `docs/abi.md`).
    ///
    /// # Errors
    /// The refusal, if it does not open.
    pub fn open(opening: &str) -> Result<Self, Failure> {
        Ok(Guest { session: Session::open(opening.as_bytes())?, arena: Vec::new() })
    }

    /// Copies whole lines in, as the host does.
    pub fn bring(&mut self, lines: &[u8]) {
        self.arena.clear();
        self.arena.extend_from_slice(lines);
        self.arena.resize(lines.len() + PAD, 0);
    }

    /// Transforms what was brought: how many bytes of it are finished, and the output of these.
    pub fn batch(&mut self) -> (usize, &[u8]) {
        self.session.batch(&self.arena, self.arena.len() - PAD, true, 0);
        (self.session.outcome().0.consumed as usize, self.session.output(&self.arena))
    }
}

/// Opens a transform with an opening text (see `docs/abi.md`), gives it all of an input, and ends it.
///
/// # Errors
/// The refusal, if it does not open, or the reason why it cannot end.
///
/// # Panics
/// If the transform makes no progress: a bug of the SDK.
pub fn run<T: Transform>(opening: &str, input: &[u8]) -> Result<Outcome, Failure> {
    run_in_pieces::<T>(opening, input, || usize::MAX)
}

/// As [`run`], but gives the input in pieces of so many bytes at most, each asked for anew; a piece without the
/// end of a record is made longer.
///
/// # Errors
/// The refusal, if it does not open.
///
/// # Panics
/// If the transform makes no progress: a bug of the SDK.
pub fn run_in_pieces<T: Transform>(
    opening: &str,
    input: &[u8],
    mut size: impl FnMut() -> usize,
) -> Result<Outcome, Failure> {
    let mut session = Session::<T>::open(opening.as_bytes())?;
    let mut outcome = Outcome::default();
    let (mut at, mut state, mut more) = (0, 0, 0);
    loop {
        let length = size().saturating_add(more).clamp(1, (input.len() - at).max(1)).min(input.len() - at);
        let last = at + length == input.len();
        let padded = [&input[at..at + length], &[0; PAD]].concat();
        session.batch(&padded, length, last, state);
        let (done, failures) = session.outcome();
        outcome.failures.extend(failures.map(|(record, offset, failure)| {
            (outcome.finished + record, Failure { offset: at + offset, ..failure })
        }));
        outcome.take(&session, &padded);
        let pairs = session.lineage().iter();
        outcome
            .lineage
            .extend(pairs.map(|[record, output]| (outcome.finished + *record as usize, *output as usize)));
        outcome.finished += done.finished as usize;
        outcome.dropped += done.dropped as usize;
        (at, state) = (at + done.consumed as usize, done.state);
        if at == input.len() && state == 0 {
            session.finish()?;
            outcome.take(&session, b"");
            return Ok(outcome);
        }
        let stands = done.consumed == 0 && done.finished == 0;
        assert!(!(stands && last), "no progress at byte {at}");
        more = if stands { length * 2 } else { 0 };
    }
}
