//! The module as a command: `wasmtime run redact.wasm < in > out`, or natively `cargo run`.
//!
//! It does what a host does, in the simplest way: records come from standard input and go to standard output, dead
//! letters and the log go to standard error, and the exit status is that of `wasmrecords run`.

mod arguments;
mod dead_letters;
mod format;
mod log;
mod panicked;

use crate::entries::Chosen;
use crate::output::FailureRow;
use crate::session::Session;
use crate::system;
use arguments::{Arguments, Asked, Format};
use format::Input;
pub(crate) use panicked::panicked;
use panicked::{Pending, begins, is_over};
use std::io::{self, Read, Write};
use std::mem::ManuallyDrop;
use std::rc::Rc;
use wasmrecords_engine::PAD;
use wasmrecords_json::joined;

/// So much is read at once.
const PIECE: usize = 256 << 10;

/// Runs the module as a command, and ends the process.
pub fn main() -> ! {
    crate::abi::say_panics(true);
    let (input, output, mut errors) = system::standard();
    let said = match Arguments::read(system::words()) {
        Ok(asked) => run(&asked, input, output, &mut errors),
        Err(message) => Err((2, message + " (--help shows what there is)")),
    };
    let status = said.unwrap_or_else(|(status, message)| {
        // If that cannot be said, the status says it.
        let _ = errors.write_all(joined(&["error: ", &message, "\n"]).as_bytes());
        status
    });
    system::exit(status)
}

/// The exit status, with a message if the run ended before its input did.
fn run(
    asked: &Asked,
    input: impl Read,
    mut output: impl Write,
    errors: impl Write,
) -> Result<i32, (i32, String)> {
    let ended = match asked {
        Asked::Run(arguments) => {
            Run::new(input, output, errors).all(arguments).map(|failed| i32::from(failed > 0))
        }
        Asked::Help => output.write_all(arguments::HELP.as_bytes()).map(|()| 0).map_err(Ended::Broken),
    };
    ended.or_else(|ended| match ended {
        Ended::Refused(message) => Err((2, message)),
        // Who reads the output has had enough. Runtimes may say less: of wasmtime it is an I/O error, which ends
        // with 3.
        Ended::Broken(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        Ended::Broken(error) => Err((3, system::said(&error))),
        Ended::Unfinished(message) => Err((3, message)),
    })
}

/// Why a run ended before its input did.
#[derive(Debug)]
enum Ended {
    /// The module does not open.
    Refused(String),
    /// Input or output broke.
    Broken(io::Error),
    /// The module refuses at the end of the input.
    Unfinished(String),
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Ended::Broken(error)
    }
}

/// One run from end to end.
struct Run<R, W, E> {
    input: R,
    output: W,
    errors: E,
    /// What was read and is not finished, with room behind it.
    buffer: Vec<u8>,
    length: usize,
    /// Before the buffer: bytes, lines and records.
    before: Place,
    failed: usize,
    wrote: bool,
}

/// A place in the source.
#[derive(Clone, Copy, Default)]
struct Place {
    pub offset: usize,
    pub lines: usize,
    pub records: usize,
}

impl<R: Read, W: Write, E: Write> Run<R, W, E> {
    pub fn new(input: R, output: W, errors: E) -> Self {
        let (buffer, before) = (Vec::new(), Place::default());
        Run { input, output, errors, buffer, length: 0, before, failed: 0, wrote: false }
    }

    /// Runs all of the input; how many records failed.
    pub fn all(mut self, arguments: &Arguments) -> Result<usize, Ended> {
        let mut last = self.read()?;
        while !last && self.length < 3 {
            last = self.read()?;
        }
        self.byte_order_mark();
        let encoding = loop {
            let detected = match arguments.input {
                Some(input) => Some(input),
                None => Input::of(&self.buffer[..self.length], last),
            };
            match detected {
                Some(encoding) => break encoding,
                // A long line is not looked at again before there is another one.
                None => loop {
                    let before = self.length;
                    last = self.read()?;
                    if last || self.buffer[before..self.length].contains(&b'\n') {
                        break;
                    }
                },
            }
        };
        let opening = arguments.opening(encoding);
        let session = Session::<Chosen>::open(&opening).map_err(|failure| {
            let (at, path) = if failure.path == "$" { ("", "") } else { (" at ", &*failure.path) };
            Ended::Refused(joined(&[&failure.code, at, path, ": ", &failure.message]))
        })?;
        // The process ends with it.
        let mut session = ManuallyDrop::new(session);
        let only = arguments.only.as_deref();
        // What would have to be done in the sources is nothing to who runs it.
        let refused =
            |_| Ended::Refused(joined(&["--only: no output is called `", only.unwrap_or_default(), "`"]));
        let output = session.number(only).map_err(refused)?;
        let mut state = 0;
        loop {
            let length = self.length;
            let buffer = Rc::new(std::mem::take(&mut self.buffer));
            begins(Pending {
                buffer: buffer.clone(),
                length,
                before: self.before,
                input: encoding,
                output,
                format: arguments.output,
                wrote: self.wrote,
            });
            session.batch(&buffer, length, last, state);
            is_over();
            // Nobody else has it now: else it would be lost, and said by nobody.
            self.buffer = Rc::into_inner(buffer).unwrap();
            state = self.take(&session, output, arguments.output)?;
            if last && self.length == 0 && state == 0 {
                break;
            }
            // A piece without a whole record is made much longer, so that it is not looked at too often.
            let wanted = if self.length < length { PIECE } else { 2 * length.max(PIECE) };
            while !last && self.length < wanted {
                last = self.read()?;
            }
        }
        // As a host: of an end that fails nothing is written.
        session.finish().map_err(|failure| {
            let said = ["at the end of the input: ", &failure.code, ": ", &failure.message];
            Ended::Unfinished(said.concat())
        })?;
        self.write(session.output_of(output, b""), arguments.output)?;
        self.logged(session.log());
        self.end(arguments.output)?;
        Ok(self.failed)
    }

    /// Reads more behind what is there; true at the end of the input.
    fn read(&mut self) -> io::Result<bool> {
        self.buffer.resize(self.length + PIECE + PAD, 0);
        loop {
            match self.input.read(&mut self.buffer[self.length..][..PIECE]) {
                Ok(0) => return Ok(true),
                Ok(more) => {
                    self.length += more;
                    return Ok(false);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// A byte order mark at the start is no part of a record.
    fn byte_order_mark(&mut self) {
        if self.buffer[..self.length].starts_with(b"\xef\xbb\xbf") {
            self.advance(3);
        }
    }

    /// Takes what a batch left: writes it, and goes on behind it.
    #[inline(never)]
    fn take(&mut self, session: &Session<Chosen>, output: usize, format: Format) -> Result<u32, Ended> {
        let buffer = std::mem::take(&mut self.buffer);
        let written = self.write(session.output_of(output, &buffer), format);
        self.buffer = buffer;
        written?;
        self.logged(session.log());
        let done = session.outcome().0;
        self.failed += done.failed as usize;
        self.told(session.failed(), done.finished as usize, done.consumed as usize)?;
        Ok(done.state)
    }

    /// Shows what was left for the log. Where that cannot be, nobody reads it, which is no reason to end the run.
    #[inline(never)]
    fn logged(&mut self, log: &[u8]) {
        if !log.is_empty() {
            let _ = self.errors.write_all(&log::lines(log));
        }
    }

    /// Tells which records failed, and goes on behind so many records and bytes.
    #[inline(never)]
    fn told(&mut self, failed: &[FailureRow], finished: usize, consumed: usize) -> io::Result<()> {
        let letters = dead_letters::lines(failed, &self.buffer[..self.length], self.before);
        if !letters.is_empty() {
            self.errors.write_all(&letters)?;
        }
        self.before.records += finished;
        self.advance(consumed);
        Ok(())
    }

    #[inline(never)]
    fn advance(&mut self, bytes: usize) {
        self.before.offset += bytes;
        self.before.lines += self.buffer[..bytes].iter().filter(|byte| **byte == b'\n').count();
        self.buffer.copy_within(bytes..self.length, 0);
        self.length -= bytes;
    }

    #[inline(never)]
    fn write(&mut self, output: &[u8], format: Format) -> io::Result<()> {
        if output.is_empty() {
            return Ok(());
        }
        let start: &[u8] = match format {
            Format::Ndjson => return self.output.write_all(output),
            _ if self.wrote => b",\n",
            _ => b"[\n",
        };
        self.wrote = true;
        let mut text = start.to_vec();
        if format == Format::Pretty {
            text.extend_from_slice(output);
        } else {
            // A compact value holds no line feed: these are the places between the items.
            let items = output.strip_suffix(b"\n").unwrap_or(output);
            for (place, item) in items.split(|byte| *byte == b'\n').enumerate() {
                text.extend_from_slice(if place > 0 { b",\n" } else { b"" });
                text.extend_from_slice(item);
            }
        }
        self.output.write_all(&text)
    }

    /// What stands behind all output.
    fn end(&mut self, format: Format) -> io::Result<()> {
        if format != Format::Ndjson {
            self.output.write_all(if self.wrote { b"\n]\n" } else { b"[]\n" })?;
        }
        self.output.flush()
    }
}

#[cfg(test)]
mod tests;
