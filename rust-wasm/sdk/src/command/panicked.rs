//! A panic ends a command, as nobody can begin the module anew. What was finished before it is written all the same,
//! and the record in hand becomes a dead letter.

use super::arguments::Format;
use super::format::Input;
use super::{Place, Run, dead_letters};
use crate::Failure;
use crate::output::FailureRow;
use crate::reply::{Field, REPLY};
use crate::system;
use std::cell::Cell;
use std::io::{Read, Write};
use std::mem::ManuallyDrop;
use std::rc::Rc;
use wasmrecords_json::joined;
use wasmrecords_json::split::{Item, State, Stream};

/// Characters that hosts show of a panic.
const LONGEST: usize = 1024;

thread_local!(static PENDING: Cell<Option<ManuallyDrop<Pending>>> = const { Cell::new(None) });

/// A batch that is transformed now.
pub(super) struct Pending {
    pub buffer: Rc<Vec<u8>>,
    pub length: usize,
    pub before: Place,
    pub input: Input,
    /// The output that is written, and how.
    pub output: usize,
    pub format: Format,
    pub wrote: bool,
}

/// A batch begins.
pub(super) fn begins(pending: Pending) {
    PENDING.set(Some(ManuallyDrop::new(pending)));
}

/// It is over.
pub(super) fn is_over() {
    PENDING.take().map(ManuallyDrop::into_inner);
}

/// Ends the process, with the status of a run that did not come to its end, or of a module that did not open.
#[cold]
pub(crate) fn panicked(text: &str) -> ! {
    let (input, output, mut errors) = system::standard();
    let mut run = ManuallyDrop::new(Run::new(input, output, &mut errors));
    let told = PENDING.take().is_some_and(|pending| ended(&mut run, &pending, text).is_some());
    let said = if told { "panicked: records behind this one were not read" } else { text };
    // Nothing is let go: the process ends.
    let said = ManuallyDrop::new(joined(&["error: the module ", said, "\n"]));
    let _ = ManuallyDrop::new(run.errors.write_all(said.as_bytes()));
    system::exit(if REPLY.get(Field::Magic) == 0 { 2 } else { 3 })
}

/// Writes what was finished before the panic, and the dead letter of the record in hand. None if that cannot be.
#[cold]
fn ended<R: Read, W: Write, E: Write>(run: &mut Run<R, W, E>, pending: &Pending, text: &str) -> Option<()> {
    (run.length, run.before, run.wrote) = (pending.length, pending.before, pending.wrote);
    run.buffer.extend_from_slice(&pending.buffer);
    done(run.write(output(pending.output), pending.format))?;
    run.logged(log());
    done(run.told(failures(), REPLY.get(Field::Finished), REPLY.get(Field::Consumed)))?;
    let state = REPLY.get(Field::State) as u32;
    let record = in_hand(run.buffer.get(..run.length)?, pending.input, state);
    run.advance(record.0);
    let mut message = b"the module trapped: ".to_vec();
    dead_letters::show(text, LONGEST, &mut message);
    let message = String::from_utf8(message).unwrap_or_default();
    let place = (run.before.records + 1, run.before.lines + 1);
    let reasons = ManuallyDrop::new([(0, Failure::new("trap", message))]);
    let mut letter = ManuallyDrop::new(Vec::new());
    let record = run.buffer.get(..record.1 - record.0)?;
    dead_letters::letter(&mut letter, place, run.before.offset, &*reasons, record);
    done(run.errors.write_all(&letter))
}

/// An output, as a host finds it.
#[cold]
fn output(number: usize) -> &'static [u8] {
    // SAFETY: the reply is true at every instant: a host reads what it says where it says. Nothing works on behind a
    // panic.
    unsafe {
        let table = system::left::<[usize; 3]>(REPLY.get(Field::Outputs), number + 1);
        table.last().map_or(&[], |[address, length, _]| system::left(*address, *length))
    }
}

/// Likewise the log.
#[cold]
fn log() -> &'static [u8] {
    // SAFETY: as for the output.
    unsafe { system::left(REPLY.get(Field::Log), REPLY.get(Field::LogLength)) }
}

/// Likewise what is wrong with records.
#[cold]
fn failures() -> &'static [FailureRow] {
    // SAFETY: as for the output.
    unsafe { system::left(REPLY.get(Field::Failures), REPLY.get(Field::FailureCount)) }
}

/// What there is without an error, which is let be.
fn done<T: Copy, E>(result: Result<T, E>) -> Option<T> {
    ManuallyDrop::new(result).as_ref().ok().copied()
}

/// Where the first record is.
fn in_hand(text: &[u8], input: Input, state: u32) -> (usize, usize) {
    if input == Input::Json {
        return match Stream::new(text, true, State::try_from(state).unwrap_or_default()).next() {
            Some(Item::Record { start, end } | Item::Broken { start, end, .. }) => (start, end),
            None => (0, 0),
        };
    }
    let (mut start, mut end, mut begun) = (0, text.len(), false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'\n' if begun => {
                end = at;
                break;
            }
            b'\n' => start = at + 1,
            b' ' | b'\t' | b'\r' => {}
            _ => begun = true,
        }
    }
    let carriage = text.get(..end).is_some_and(|line| line.ends_with(b"\r"));
    (start, end - usize::from(carriage))
}
