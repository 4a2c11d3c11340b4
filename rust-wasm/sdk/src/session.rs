//! The loop over one batch: split, transform, and keep the reply true.

use crate::Failure;
use crate::failures::Failures;
use crate::lines::Lines;
use crate::named::NamedOutputs;
use crate::opening::{Encoding, Opening};
use crate::output::{FailureRow, Mark, Output};
use crate::reply::{Field, Progress, REPLY};
use wasmrecords_json::split::{self, Item, State, Stream};

/// What a module does with records.
pub trait Transform: Sized {
    /// Makes the transform from what the host says at the opening, its config above all.
    ///
    /// # Errors
    /// A refusal: the host shows it to whoever wrote the config.
    fn open(opening: &Opening) -> Result<Self, Failure>;

    /// Transforms one record, given as its text. Emitting keeps it, emitting nothing drops it.
    ///
    /// # Errors
    /// Fails the record: what it had emitted is taken back, and it becomes a dead letter.
    fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure>;

    /// Transforms whole lines, from the first one on as many as it can in one go; all others go through
    /// [`Self::record`].
    #[doc(hidden)]
    fn lines(&mut self, _lines: &mut Lines<'_>) {}

    /// Further outputs, in the order of the manifest's `outputs`, whose first one is `main`. [`Output::emit_to`] puts
    /// records there.
    fn outputs(&self) -> Option<NamedOutputs> {
        None
    }

    /// Whether each record counts as kept that does not fail, for what becomes of it is given out later.
    #[doc(hidden)]
    fn takes_in(&self) -> bool {
        false
    }

    /// The host asks for what there is so far; more records follow. For modules whose manifest says `stateful`.
    ///
    /// # Errors
    /// Ends the run with this reason.
    fn flush(&mut self, _out: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// The end of the input: the last chance to emit, for modules whose manifest says `stateful`.
    ///
    /// # Errors
    /// Ends the run with this reason.
    fn finish(&mut self, _out: &mut Output) -> Result<(), Failure> {
        Ok(())
    }
}

/// One open transform and the buffers that the host reads.
pub(crate) struct Session<T> {
    transform: T,
    out: Output,
    failures: Failures,
    input: Encoding,
    longest: usize,
    done: Progress,
}

enum Step {
    Done,
    /// The record is left for the next batch.
    Full,
}

impl<T: Transform> Session<T> {
    #[inline(never)]
    pub fn open(text: &[u8]) -> Result<Self, Failure> {
        let opening = Opening::parse(text)?;
        let transform = T::open(&opening)?;
        Ok(Session {
            out: Output::new(&opening, transform.outputs()),
            transform,
            failures: Failures::new(),
            input: opening.input,
            longest: opening.limits.record as usize,
            done: Progress::default(),
        })
    }

    /// Transforms the finished records of a piece, the first `length` bytes of `buffer`; `last` says that nothing
    /// comes after it, `state` is where in a stream of JSON the piece begins.
    #[inline(never)]
    pub fn batch(&mut self, buffer: &[u8], length: usize, last: bool, state: u32) {
        self.begin(state);
        let piece = buffer.get(..length).unwrap_or_default();
        match self.input {
            Encoding::Ndjson => self.lines(buffer, piece, last),
            _ => self.stream(piece, last, State::try_from(state).unwrap_or(State::Between)),
        }
    }

    /// What there is so far, between two batches: `state` is as for the next one.
    pub fn flush(&mut self, state: u32) -> Result<(), Failure> {
        self.begin(state);
        self.transform.flush(&mut self.out)?;
        self.note_output();
        REPLY.commit(self.done);
        Ok(())
    }

    /// The end of the input.
    pub fn finish(&mut self) -> Result<(), Failure> {
        self.begin(0);
        self.transform.finish(&mut self.out)?;
        self.note_output();
        REPLY.commit(self.done);
        Ok(())
    }

    /// What the last batch left: progress, and each failure with its record and offset in the batch.
    pub fn outcome(&self) -> (Progress, impl Iterator<Item = (usize, usize, Failure)>) {
        (self.done, self.failures.iter())
    }

    /// The failures of the last batch.
    pub fn failed(&self) -> &[FailureRow] {
        self.failures.rows()
    }

    /// The output of the last batch, of which this is the text.
    pub fn output<'t>(&'t self, buffer: &'t [u8]) -> &'t [u8] {
        self.out.text(buffer)
    }

    /// The number of an output, by its name; the main one has none.
    ///
    /// # Errors
    /// If none has this name.
    pub fn number(&self, name: Option<&str>) -> Result<usize, Failure> {
        name.map_or(Ok(0), |name| self.out.number(name))
    }

    /// What went to the output with that number in the last batch, of which this is the text.
    pub fn output_of<'t>(&'t self, number: usize, buffer: &'t [u8]) -> &'t [u8] {
        self.out.text_of(number, buffer)
    }

    /// What went to further outputs in the last batch, with their names.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        self.out.named()
    }

    /// For each output of the last batch its record, as far as the host wants to know.
    pub fn lineage(&self) -> &[[u32; 2]] {
        self.out.lineage()
    }

    /// What was left for the log in the last batch.
    pub fn log(&self) -> &[u8] {
        self.out.log_text()
    }

    fn begin(&mut self, state: u32) {
        self.done = Progress { state, outputs: self.out.empty_table(), ..Progress::default() };
        REPLY.reset(self.done);
        self.out.clear();
        self.failures.clear();
    }

    fn lines(&mut self, buffer: &[u8], piece: &[u8], last: bool) {
        let whole = piece.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
        let mut lines = split::Lines::new(piece, last);
        loop {
            if self.out.takes_lines() && lines.consumed() < whole {
                let blank = self.done.blank;
                let alone = whole == piece.len() || !last;
                let place = self.many(buffer, lines.consumed(), whole, alone);
                lines.skip_to(place, (self.done.blank - blank) as usize);
            }
            let Some((start, end)) = lines.next() else { break };
            match self.record(piece, start, end, None) {
                Step::Done => self.commit_lines(&lines),
                Step::Full => return,
            }
        }
        self.commit_lines(&lines);
    }

    /// As many of the lines as the transform takes in one go; where the next one begins. If they are `alone`, no
    /// record stands behind them.
    fn many(&mut self, buffer: &[u8], at: usize, end: usize, alone: bool) -> usize {
        let Session { transform, out, failures, done, longest, .. } = self;
        let mut lines = Lines { buffer, at, end, longest: *longest, alone, out, failures, done };
        transform.lines(&mut lines);
        lines.at
    }

    fn stream(&mut self, piece: &[u8], last: bool, state: State) {
        let mut stream = Stream::new(piece, last, state);
        while let Some(item) = stream.next() {
            let step = match item {
                Item::Record { start, end } => self.record(piece, start, end, None),
                Item::Broken { start, end, offset, message } => {
                    let failure = Failure { offset: offset - start, ..Failure::new("json", message) };
                    self.record(piece, start, end, Some(failure))
                }
            };
            match step {
                Step::Done => self.commit(stream.consumed(), stream.state() as u32),
                Step::Full => return,
            }
        }
        self.commit(stream.consumed(), stream.state() as u32);
    }

    fn record(&mut self, piece: &[u8], start: usize, end: usize, broken: Option<Failure>) -> Step {
        let first = self.done.finished == 0;
        // What takes records in cannot take one in again behind a full batch: there has to be room for it.
        let takes_in = self.transform.takes_in();
        let full = if takes_in { self.out.is_begun() } else { self.out.is_half_full() };
        if !first && (self.failures.are_many() || full) {
            return Step::Full;
        }
        let mark = self.out.begin(self.done.finished);
        let outcome = match broken {
            // Before all else: of what comes in many pieces the host knows no more than the size.
            _ if end - start > self.longest => {
                let message = format!("the record is larger than {} bytes (limit record)", self.longest);
                Err(Failure::new("record_too_large", message))
            }
            Some(failure) => Err(failure),
            None => self.transform.record(&piece[start..end], &mut self.out),
        };
        if self.out.overflowed() && !first && !takes_in {
            self.out.put_off(mark);
            return Step::Full;
        }
        match outcome {
            Ok(()) if self.out.overflowed() => self.fail(mark, (start, end), self.out.overflow()),
            Ok(()) => {
                let dropped = self.out.emitted_since(mark) == 0 && !takes_in;
                self.done.dropped += u32::from(dropped);
            }
            Err(failure) => self.fail(mark, (start, end), failure),
        }
        self.done.finished += 1;
        Step::Done
    }

    fn fail(&mut self, mark: Mark, extent: (usize, usize), failure: Failure) {
        self.out.go_back(mark);
        self.failures.add(self.done.finished, extent, &failure);
        self.done.failed += 1;
        self.done.reasons = self.failures.count();
    }

    fn commit_lines(&mut self, lines: &split::Lines) {
        self.done.blank = lines.blank() as u32;
        self.commit(lines.consumed(), 0);
    }

    fn commit(&mut self, consumed: usize, state: u32) {
        self.done.consumed = consumed as u32;
        self.done.state = state;
        self.note_output();
        self.done.lineage = self.out.lineage().len() as u32;
        REPLY.commit(self.done);
    }

    fn note_output(&mut self) {
        self.done.emitted = self.out.emitted();
        self.done.output_length = self.out.length() as u32;
        self.done.named = self.out.emitted_to_named();
        self.done.outputs = self.out.table();
    }
}

/// Puts one refusal into the reply, as a failure of record 0.
pub(crate) fn refuse(failure: Failure) {
    REPLY.begin(1);
    // Its rows say by themselves where they are.
    Box::leak(Box::new(Failures::new())).add(0, (0, 0), &failure);
    REPLY.set(Field::FailureCount, 1);
}

#[cfg(test)]
mod tests;
