//! Whole lines of a batch, for transforms that take many records in one go.

use crate::failures::{Failing, Failures};
use crate::output::Output;
use crate::reply::{OUTPUT, Progress, REPLY, address};
use crate::typed::{Call, Calling, Calls};
use wasmrecords_engine::{Engine, Found, Ledger, Runs, Stop, Why};

/// Lines of a batch that are records and may be transformed all at once.
pub struct Lines<'l> {
    /// The batch, with what can be read behind it.
    pub(crate) buffer: &'l [u8],
    /// The start of the next line.
    pub(crate) at: usize,
    /// Behind the last line feed.
    pub(crate) end: usize,
    pub(crate) longest: usize,
    /// No output can follow that of these lines.
    pub(crate) alone: bool,
    pub(crate) out: &'l mut Output,
    pub(crate) failures: &'l mut Failures,
    pub(crate) done: &'l mut Progress,
}

/// Says why a record fails that an engine has just left, if it knows that.
pub type Fails<'f> = dyn FnMut(&mut Engine, Why, &[u8], &mut Failing<'_>) -> Option<()> + 'f;

/// Room that is made for output at first, and then twice as much each time.
const ROOM: usize = 64 << 10;

impl Lines<'_> {
    /// Runs the lines through an engine, up to the end or to one that is for the general engine: then why. Where a
    /// record fails, `fails` says why it does, if it knows without the general engine.
    pub fn run(&mut self, engine: &mut Engine, fails: &mut Fails<'_>) -> Option<Why> {
        let mut more = ROOM.max(self.end - self.at);
        while self.at < self.end {
            let before = *self.done;
            let passing = self.alone && self.out.is_empty();
            // These lines do not fill it: their room ends where it is half full.
            let full = self.out.is_half_full();
            let room = self.out.room(more);
            let size = room.len();
            let start = self.at;
            let mut noted = Noted {
                done: self.done,
                failures: self.failures,
                fails,
                longest: self.longest,
                full,
                before: before.output_length,
                start: start as u32,
                room: address(room),
                passing,
            };
            if passing {
                OUTPUT.set_address(0, address(&self.buffer[start..]));
            }
            let stop = engine.lines((self.buffer, start, self.end), self.longest, room, &mut noted);
            let passed = noted.passing;
            let written = (self.done.output_length - before.output_length) as usize;
            let emitted = self.done.emitted - before.emitted;
            if passed {
                self.out.passed(start, written, emitted);
            } else {
                self.out.wrote(written, emitted);
            }
            match stop {
                Stop::End => self.at = self.end,
                Stop::General(at, why) | Stop::Fails { at, why, .. } => {
                    self.at = at;
                    return Some(why);
                }
                Stop::Full(at) if self.out.room(size * 2).len() > size => {
                    self.at = at;
                    more = size * 2;
                }
                // What is done with one that does not fit is the same for all.
                Stop::Full(at) => {
                    self.at = at;
                    return None;
                }
            }
        }
        None
    }

    /// Gives the records to a function, one after the other: by an engine, if there is one. Up to the end, or to a line
    /// that is none or too long, or whose record the function does not take, or behind which there is enough output.
    ///
    /// It may stand in another crate, as what it calls: that of the functions is compiled to be fast, this one to be small.
    #[inline]
    pub(crate) fn call(&mut self, engine: Option<&mut Engine>, function: &mut dyn Call, calls: &mut Calls) {
        if self.failures.are_many() {
            return;
        }
        let before = *self.done;
        let mut text = self.out.lend();
        // What there is not now is asked for when it is needed.
        let _ = text.reserve(ROOM.max(self.end - self.at).min(self.out.limits().1));
        let mut calling = Calling::new(function, calls, self.out, text);
        let mut called = Called { done: self.done, calling: &mut calling, before: before.output_length };
        let text = (self.buffer, self.at, self.end);
        self.at = match engine {
            Some(engine) => match engine.runs(text, self.longest, &mut called) {
                Stop::End => self.end,
                Stop::General(at, _) | Stop::Fails { at, .. } | Stop::Full(at) => at,
            },
            None => called.each(text, self.longest),
        };
        let text = calling.finish();
        let emitted = self.done.emitted - before.emitted;
        self.out.give_back(text, emitted);
    }
}

/// Keeps the reply true after each record.
struct Noted<'n, 'f> {
    done: &'n mut Progress,
    failures: &'n mut Failures,
    fails: &'n mut Fails<'f>,
    longest: usize,
    /// There is so much output that the batch had better end.
    full: bool,
    /// Bytes of output before these lines.
    before: u32,
    /// Where these lines begin in the batch.
    start: u32,
    /// The address of the room for their output.
    room: usize,
    /// Output stays where it is in the batch.
    passing: bool,
}

impl Ledger for Noted<'_, '_> {
    #[inline]
    fn done(&mut self, outputs: u32, consumed: usize, written: usize) {
        self.done.one(outputs, consumed, self.before + written as u32);
    }

    fn blank(&mut self, consumed: usize) {
        self.done.blank(consumed);
    }

    fn passes(&self) -> bool {
        self.passing
    }

    #[inline]
    fn passed(&mut self, consumed: usize) {
        self.done.finished += 1;
        self.done.consumed = consumed as u32;
        self.done.emitted += 1;
        self.done.output_length = consumed as u32 - self.start;
        REPLY.keep_one(self.done);
    }

    fn copied(&mut self) {
        self.passing = false;
        OUTPUT.set_address(0, self.room);
    }

    fn fails(&mut self, engine: &mut Engine, why: Why, text: &[u8], (at, feed): (usize, usize)) -> bool {
        // What is done then is the same for all.
        if self.full || self.failures.are_many() {
            return false;
        }
        let record = &text[at..feed];
        let record = record.strip_suffix(b"\r").unwrap_or(record);
        if record.len() > self.longest {
            return false;
        }
        let extent = (at, at + record.len());
        let mut failing = Failing { failures: self.failures, record: self.done.finished, extent };
        if (self.fails)(engine, why, record, &mut failing).is_none() {
            return false;
        }
        self.done.finished += 1;
        self.done.failed += 1;
        self.done.reasons = self.failures.count();
        self.done.consumed = feed as u32 + 1;
        REPLY.commit(*self.done);
        true
    }
}

/// Calls a function with each record, and keeps the reply true.
struct Called<'n, 'c> {
    done: &'n mut Progress,
    calling: &'n mut Calling<'c>,
    /// Bytes of output before these lines.
    before: u32,
}

impl Called<'_, '_> {
    /// Without an engine: where the next line begins.
    #[inline]
    fn each(&mut self, (buffer, start, end): (&[u8], usize, usize), longest: usize) -> usize {
        let mut at = start;
        while at < end {
            let rest = &buffer[at..end];
            let Some(feed) = memchr::memchr(b'\n', rest) else { break };
            let line = &rest[..feed];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            // What begins with white space may be blank.
            if line.first().is_none_or(|first| *first <= b' ') || line.len() > longest {
                break;
            }
            let Some((outputs, written)) = self.calling.text(line) else { break };
            at += feed + 1;
            self.done.one(outputs, at, self.before + written as u32);
        }
        at
    }
}

impl Runs for Called<'_, '_> {
    #[inline]
    fn run(&mut self, found: &Found<'_, '_>, consumed: usize) -> Option<()> {
        let (outputs, written) = self.calling.slots(found)?;
        self.done.one(outputs, consumed, self.before + written as u32);
        Some(())
    }

    fn blank(&mut self, consumed: usize) {
        self.done.blank(consumed);
    }
}

impl Progress {
    /// One record more is done, and that shown: so far is read, and so much written.
    #[inline(always)]
    fn one(&mut self, outputs: u32, consumed: usize, output_length: u32) {
        self.finished += 1;
        self.consumed = consumed as u32;
        if outputs == 0 {
            self.dropped += 1;
            REPLY.drop_one(self);
        } else {
            self.emitted += outputs;
            self.output_length = output_length;
            REPLY.keep_one(self);
        }
    }

    /// The same of a line that is no record.
    fn blank(&mut self, consumed: usize) {
        self.blank += 1;
        self.consumed = consumed as u32;
        REPLY.pass_blank(self);
    }
}
