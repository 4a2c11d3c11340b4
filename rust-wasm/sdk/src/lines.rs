//! Whole lines of a batch, for transforms that take many records in one go.

use crate::output::Output;
use crate::reply::{Progress, REPLY};
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
            let room = self.out.room(more);
            let size = room.len();
            let before = *self.done;
            let mut noted = Noted { done: self.done, before: before.output_length };
            let stop = engine.lines((self.buffer, self.at, self.end), self.longest, room, &mut noted);
            let written = self.done.output_length - before.output_length;
            self.out.wrote(written as usize, self.done.emitted - before.emitted);
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
}

impl Ledger for Noted<'_> {
    #[inline(always)]
    fn done(&mut self, outputs: u32, consumed: usize, written: usize) {
        self.done.finished += 1;
        self.done.emitted += outputs;
        self.done.dropped += u32::from(outputs == 0);
        self.done.consumed = consumed as u32;
        self.done.output_length = self.before + written as u32;
        REPLY.advance(self.done);
    }

    fn blank(&mut self) {
        self.done.blank += 1;
    }
}
