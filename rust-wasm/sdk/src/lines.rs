//! Whole lines of a batch, for transforms that take many records in one go.

use crate::output::Output;
use crate::reply::{OUTPUT, Progress, REPLY, address};
use wasmrecords_engine::{Engine, Ledger, Stop, Why};

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
    pub(crate) done: &'l mut Progress,
}

/// Room that is made for output at first, and then twice as much each time.
const ROOM: usize = 64 << 10;

impl Lines<'_> {
    /// Runs the lines through an engine, up to the end or to one that is for the general engine: then why.
    pub fn run(&mut self, engine: &mut Engine) -> Option<Why> {
        let mut more = ROOM.max(self.end - self.at);
        loop {
            let before = *self.done;
            let passing = self.alone && self.out.is_empty();
            let room = self.out.room(more);
            let size = room.len();
            let start = self.at;
            let mut noted = Noted {
                done: self.done,
                before: before.output_length,
                start: start as u32,
                room: address(room),
                passing,
            };
            if passing {
                OUTPUT.set_address(address(&self.buffer[start..]));
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
            let (at, why) = match stop {
                Stop::End => (self.end, None),
                Stop::General(at, why) => (at, Some(why)),
                Stop::Full(at) if self.out.room(size * 2).len() > size => {
                    self.at = at;
                    more = size * 2;
                    continue;
                }
                // What is done with one that does not fit is the same for all.
                Stop::Full(at) => (at, None),
            };
            self.at = at;
            return why;
        }
    }
}

/// Keeps the reply true after each record.
struct Noted<'n> {
    done: &'n mut Progress,
    /// Bytes of output before these lines.
    before: u32,
    /// Where these lines begin in the batch.
    start: u32,
    /// The address of the room for their output.
    room: u32,
    /// Output stays where it is in the batch.
    passing: bool,
}

impl Ledger for Noted<'_> {
    #[inline(always)]
    fn done(&mut self, outputs: u32, consumed: usize, written: usize) {
        self.done.finished += 1;
        self.done.consumed = consumed as u32;
        if outputs == 0 {
            self.done.dropped += 1;
            REPLY.drop_one(self.done);
        } else {
            self.done.emitted += outputs;
            self.done.output_length = self.before + written as u32;
            REPLY.keep_one(self.done);
        }
    }

    fn blank(&mut self, consumed: usize) {
        self.done.blank += 1;
        self.done.consumed = consumed as u32;
        REPLY.pass_blank(self.done);
    }

    fn passes(&self) -> bool {
        self.passing
    }

    #[inline(always)]
    fn passed(&mut self, consumed: usize) {
        self.done.finished += 1;
        self.done.consumed = consumed as u32;
        self.done.emitted += 1;
        self.done.output_length = consumed as u32 - self.start;
        REPLY.keep_one(self.done);
    }

    fn copied(&mut self) {
        self.passing = false;
        OUTPUT.set_address(self.room);
    }
}
