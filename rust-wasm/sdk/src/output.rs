//! Where a transform puts what it makes of a record.

use crate::Failure;
use crate::named::{Further, NamedOutputs};
use crate::opening::{Encoding, Opening};
use crate::reply::{Field, OTHER, OUTPUT, REPLY, address};
use crate::table::Table;
use wasmrecords_json::pretty;

/// The output of one batch, and its log.
pub struct Output {
    text: Table<u8>,
    /// Outputs beyond this one.
    named: Option<Box<dyn Further>>,
    /// Where the output is a part of the batch: its start and length.
    passed: Option<(usize, usize)>,
    log: Table<u8>,
    lineage: Table<[u32; 2]>,
    encoding: Encoding,
    wants_lineage: bool,
    limit: usize,
    log_limit: usize,
    emitted: u32,
    record: u32,
    overflowed: bool,
}

/// A place to go back to when a record fails after it has emitted.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    text: usize,
    lineage: usize,
    log: usize,
    emitted: u32,
}

impl Output {
    pub(crate) fn new(opening: &Opening, named: Option<NamedOutputs>) -> Self {
        let named = named.map(|named| named.0);
        REPLY.begin(1 + named.as_ref().map_or(0, |named| named.names().len()));
        Output {
            text: Table::new(|a| {
                OUTPUT.set_address(0, a);
                OTHER.set_address(0, a);
            }),
            named,
            passed: None,
            log: Table::new(|a| REPLY.set(Field::Log, a)),
            lineage: Table::new(|a| REPLY.set(Field::Lineage, a)),
            encoding: opening.output,
            wants_lineage: opening.lineage,
            limit: opening.limits.output as usize,
            log_limit: opening.limits.log as usize,
            emitted: 0,
            record: 0,
            overflowed: false,
        }
    }

    /// Adds one output record: one JSON value, compact, without a newline.
    ///
    /// # Errors
    /// `output` or `memory` when it does not fit; give it back from [`crate::Transform::record`].
    pub fn emit(&mut self, record: &[u8]) -> Result<(), Failure> {
        self.add(0, record)
    }

    /// Adds a record to a further output, one of [`crate::Transform::outputs`]. What becomes of the record in hand
    /// is not decided by that: without a record for the main output it is dropped.
    ///
    /// # Errors
    /// As for [`Output::emit`]; `undeclared` if no output has this name.
    pub fn emit_to(&mut self, name: &str, record: &[u8]) -> Result<(), Failure> {
        self.add(self.number(name)?, record)
    }

    /// The number of a further output.
    ///
    /// # Errors
    /// If none has this name.
    pub(crate) fn number(&self, name: &str) -> Result<usize, Failure> {
        let names = self.named.as_ref().map(|named| named.names()).unwrap_or_default();
        let place = names.iter().position(|other| *other == name);
        place.map(|place| place + 1).ok_or_else(|| {
            let message = format!("no output is called `{name}`: `outputs = [...]` has to name it");
            Failure::new("undeclared", message)
        })
    }

    fn add(&mut self, output: usize, record: &[u8]) -> Result<(), Failure> {
        match self.encoding {
            Encoding::Pretty => {
                let first = self.text_of(output, &[]).is_empty();
                let separator: &[u8] = if first { b"  " } else { b",\n  " };
                let mut text = Vec::new();
                pretty(record, 1, &mut text);
                self.put(output, &[separator, &text])?;
            }
            _ => self.put(output, &[record, b"\n"])?,
        }
        if self.wants_lineage {
            if !self.lineage.reserve(1) {
                return Err(self.exhausts());
            }
            self.lineage.extend(&[[self.record, output as u32]]);
        }
        Ok(())
    }

    /// Leaves a text for the host's log. What goes over the log's limit is cut: that is all of it unless the
    /// manifest wants `log` and whoever runs the module grants it.
    pub fn log(&mut self, text: &[u8]) {
        let room = self.log_limit.saturating_sub(self.log.len());
        let text = &text[..text.len().min(room)];
        if self.log.reserve(text.len()) {
            self.log.extend(text);
            REPLY.set(Field::LogLength, self.log.len());
        }
    }

    fn put(&mut self, output: usize, parts: &[&[u8]]) -> Result<(), Failure> {
        let length = parts.iter().map(|p| p.len()).sum::<usize>();
        if length > self.limit.saturating_sub(self.all()) {
            self.overflows();
            return Err(self.overflow());
        }
        if output > 0 {
            let put = self.named.as_mut().is_some_and(|named| named.put(output, parts));
            return if put { Ok(()) } else { Err(self.exhausts()) };
        }
        if !self.text.reserve(length) {
            return Err(self.exhausts());
        }
        parts.iter().for_each(|p| self.text.extend(p));
        self.emitted += 1;
        Ok(())
    }

    /// Bytes in all outputs.
    fn all(&self) -> usize {
        self.text.len() + self.named.as_ref().map_or(0, |named| named.size().0)
    }

    pub(crate) fn clear(&mut self) {
        self.text.truncate(0);
        if self.passed.take().is_some() {
            self.text.publish();
        }
        self.with_named(|named| named.clear());
        self.log.truncate(0);
        self.lineage.truncate(0);
        (self.emitted, self.record, self.overflowed) = (0, 0, false);
    }

    pub(crate) fn begin(&mut self, record: u32) -> Mark {
        self.record = record;
        self.with_named(|named| named.begin());
        Mark {
            text: self.text.len(),
            lineage: self.lineage.len(),
            log: self.log.len(),
            emitted: self.emitted,
        }
    }

    /// What the record logged stays.
    pub(crate) fn go_back(&mut self, mark: Mark) {
        self.text.truncate(mark.text);
        self.with_named(|named| named.go_back());
        self.lineage.truncate(mark.lineage);
        (self.emitted, self.overflowed) = (mark.emitted, false);
    }

    /// The same where the record comes again with the next batch, and with it what it logs.
    pub(crate) fn put_off(&mut self, mark: Mark) {
        self.go_back(mark);
        self.go_back_in_log(mark.log);
    }

    pub(crate) fn log_length(&self) -> usize {
        self.log.len()
    }

    pub(crate) fn go_back_in_log(&mut self, length: usize) {
        self.log.truncate(length);
        REPLY.set(Field::LogLength, self.log.len());
    }

    pub(crate) fn emitted_since(&self, mark: Mark) -> u32 {
        self.emitted - mark.emitted
    }

    /// True once a record did not fit behind the ones before it.
    pub(crate) fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// The record in hand does not fit behind the ones before it.
    pub(crate) fn overflows(&mut self) {
        self.overflowed = true;
    }

    /// There is no memory for it, with the ones before it there: alone it may have some.
    fn exhausts(&mut self) -> Failure {
        self.overflows();
        Failure::new("memory", "there is no memory left for the output")
    }

    /// The failure of a record whose output alone is too large.
    pub(crate) fn overflow(&self) -> Failure {
        Failure::new("output", format!("the record's output is larger than {} bytes", self.limit))
    }

    /// True when the batch had better end here, so that output stays small and one limit serves all.
    pub(crate) fn is_half_full(&self) -> bool {
        self.all() > self.limit / 2
    }

    /// True when there is as much output as leaves nearly all of the limit for the next record.
    pub(crate) fn is_begun(&self) -> bool {
        self.all() > self.limit / 16
    }

    /// True if outputs are lines, and nothing else is to be noted of them.
    pub(crate) fn takes_lines(&self) -> bool {
        self.encoding != Encoding::Pretty && !self.wants_lineage && self.named.is_none()
    }

    /// Room for lines of output, as far as there may be more before the batch had better end; at least `more`
    /// bytes, if they are to be had.
    pub(crate) fn room(&mut self, more: usize) -> &mut [u8] {
        let most = (self.limit / 2).saturating_sub(self.text.len());
        let room = if self.text.reserve(more.min(most)) { most } else { 0 };
        let spare = self.text.spare();
        let room = room.min(spare.len());
        &mut spare[..room]
    }

    /// The text, for whoever appends lines to it and [gives it back](Self::give_back).
    pub(crate) fn lend(&mut self) -> Table<u8> {
        std::mem::replace(&mut self.text, Table::new(|_| ()))
    }

    /// Takes the text back, with so many outputs more in it.
    pub(crate) fn give_back(&mut self, text: Table<u8>, outputs: u32) {
        self.text = text;
        self.emitted += outputs;
    }

    /// Bytes of output, at most, and when the batch had better end.
    pub(crate) fn limits(&self) -> (usize, usize) {
        (self.limit, self.limit / 2)
    }

    /// So much of the room was written, with so many outputs.
    pub(crate) fn wrote(&mut self, bytes: usize, outputs: u32) {
        self.text.wrote(bytes);
        self.emitted += outputs;
    }

    /// All output is this part of the batch. None follows.
    pub(crate) fn passed(&mut self, start: usize, length: usize, outputs: u32) {
        self.passed = Some((start, length));
        self.emitted = outputs;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.len() == 0 && self.emitted == 0
    }

    /// Bytes of the main output.
    pub(crate) fn length(&self) -> usize {
        self.passed.map_or(self.text.len(), |(_, length)| length)
    }

    pub(crate) fn emitted(&self) -> u32 {
        self.emitted
    }

    /// How many records went to further outputs.
    pub(crate) fn emitted_to_named(&self) -> u32 {
        self.named.as_ref().map_or(0, |named| named.size().1)
    }

    /// The address of a table of outputs that says what is in them. Of modules with one output the counts say it.
    pub(crate) fn table(&mut self) -> usize {
        let main = (self.length() as u32, self.emitted);
        self.named.as_mut().map_or_else(|| address(&OUTPUT), |named| named.table(main))
    }

    /// The same before any record.
    pub(crate) fn empty_table(&mut self) -> usize {
        self.named.as_mut().map_or_else(|| address(&OUTPUT), |named| named.empty_table())
    }

    fn with_named(&mut self, what: impl FnOnce(&mut dyn Further)) {
        if let Some(named) = &mut self.named {
            what(&mut **named);
        }
    }

    /// What went to further outputs, with their names.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        let each = self.named.iter().flat_map(|named| named.names().into_iter().zip(1..));
        each.map(|(name, number)| (name, self.text_of(number, &[])))
    }

    /// All of the output with this number; a part of the batch may be the main one.
    pub(crate) fn text_of<'t>(&'t self, number: usize, batch: &'t [u8]) -> &'t [u8] {
        match &self.named {
            Some(named) if number > 0 => named.text(number),
            _ => self.text(batch),
        }
    }

    /// All of the main output; a part of the batch may be it.
    pub(crate) fn text<'t>(&'t self, batch: &'t [u8]) -> &'t [u8] {
        match self.passed {
            Some((start, length)) => &batch[start..start + length],
            None => self.text.as_slice(),
        }
    }

    pub(crate) fn lineage(&self) -> &[[u32; 2]] {
        self.lineage.as_slice()
    }

    pub(crate) fn log_text(&self) -> &[u8] {
        self.log.as_slice()
    }
}

/// Rows of the failures table: record, its start and length, offset of the fault, then address and length
/// of code, path and message.
pub(crate) type FailureRow = [usize; 10];

/// `extent` is where the record's text stands in the batch, `offset` counts from its start. The texts are code,
/// path, with the rule behind a line feed if there is one, and message.
pub(crate) fn failure_row(
    record: u32,
    extent: (usize, usize),
    offset: usize,
    texts: [&[u8]; 3],
) -> FailureRow {
    let [code, path, message] = texts.map(|text| (address(text), text.len()));
    let (start, end) = extent;
    [
        record as usize,
        start,
        end - start,
        start + offset,
        code.0,
        code.1,
        path.0,
        path.1,
        message.0,
        message.1,
    ]
}
