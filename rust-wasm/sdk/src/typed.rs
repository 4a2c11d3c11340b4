//! Transforms and functions on typed records: what the macros make of a plain function runs here.

use crate::lines::Lines;
use crate::record::{Arena, Reader, Record, Shape, Slots, Writer, paths, read_all, rule, unread};
use crate::table::Table;
use crate::{Failure, NamedOutputs, Opening, Output, Transform, system};
use std::fmt;
use std::mem::ManuallyDrop;
use std::time::Duration;
use wasmrecords_engine::program::Program;
use wasmrecords_engine::{Engine, Found};

/// Whether the fast engine finds the members of records; without it they are read from their text.
const ENGINE: bool = cfg!(feature = "engine");

/// A function of a module, as the macros see it.
pub trait Typed: Sized + 'static {
    /// What a record looks like.
    const INPUT: Shape;

    /// Made from what the host says at the opening.
    ///
    /// # Errors
    /// A refusal.
    fn open(opening: &Opening) -> Result<Self, Failure>;

    /// Its outputs beyond the main one.
    fn outputs() -> Option<NamedOutputs> {
        None
    }

    /// Reads one record, calls the function, and writes what it gives back.
    ///
    /// # Errors
    /// Why not.
    fn run<'text>(&mut self, given: &mut Given<'text, '_>, ctx: &mut Ctx<'_>) -> Result<(), Stop>;
}

/// What a record is read from.
pub enum Given<'text, 'g> {
    /// Its text.
    Text(&'g mut Reader<'text>),
    /// Its members, which were found before.
    Slots(Slots<'text, 'g>),
}

/// Why a record was not transformed.
pub enum Stop {
    /// Its text is not what the function takes.
    Unread,
    /// The function says so, or its output does not fit.
    Failed(Failure),
}

/// Reads a record, which is all that is given.
///
/// # Errors
/// If it is not.
#[inline(always)]
pub fn read_record<'a, T: Record<'a>>(given: &mut Given<'a, '_>) -> Result<T, Stop> {
    if ENGINE
        && let Given::Slots(slots) = given
        && let Some(mut members) = slots.plain()
    {
        return T::from_plain::<false>(&mut members).ok_or(Stop::Unread);
    }
    read_any(given).ok_or(Stop::Unread)
}

/// The same on roads that are taken more rarely.
#[inline(never)]
fn read_any<'a, T: Record<'a>>(given: &mut Given<'a, '_>) -> Option<T> {
    match given {
        Given::Text(reader) => read_all(reader),
        Given::Slots(slots) => match slots.plain() {
            Some(mut members) => T::from_plain::<true>(&mut members),
            None => T::from_slots(slots),
        },
    }
}

/// What a transform may do beside giving back its outputs.
pub struct Ctx<'o> {
    to: To<'o>,
    writer: &'o mut Writer,
}

/// Where outputs go.
enum To<'o> {
    Output(&'o mut Output),
    /// They stay in the writer, one a line: how many there are, and how many bytes there may be.
    Lines {
        out: &'o mut Output,
        count: u32,
        most: usize,
    },
}

impl<'o> Ctx<'o> {
    pub(crate) fn new(out: &'o mut Output, writer: &'o mut Writer) -> Self {
        Ctx { to: To::Output(out), writer }
    }

    /// Leaves a line for the host's log, which is read only where the module wants `log` and whoever runs it grants
    /// it.
    pub fn log(&mut self, line: impl fmt::Display) {
        let (To::Output(out) | To::Lines { out, .. }) = &mut self.to;
        out.log(format!("{line}\n").as_bytes());
    }

    /// The time since the beginning of 1970, by the clock that was granted: one that counts records, or the machine's.
    ///
    /// # Errors
    /// Where the manifest does not want `clock`, or whoever runs the module does not grant it.
    pub fn clock(&self) -> Result<Duration, Failure> {
        system::clock().map(Duration::from_nanos).ok_or_else(|| not_granted("clock"))
    }

    /// A random number; the same in each run, unless the host says otherwise.
    ///
    /// # Errors
    /// Where the manifest does not want `random`, or whoever runs the module does not grant it.
    pub fn random(&self) -> Result<u64, Failure> {
        let mut bytes = [0; 8];
        system::random(&mut bytes).ok_or_else(|| not_granted("random"))?;
        Ok(u64::from_le_bytes(bytes))
    }

    /// Adds a record to a further output, one that `#[transform(outputs = ["audit"])]` or `#[aggregate(...)]` names.
    /// What becomes of the record in hand is decided by the main output alone: where none goes there it is dropped.
    /// Of a record that fails nothing stays in any output.
    ///
    /// # Errors
    /// As for [`Ctx::keep`], and `undeclared` if no output has this name; the macros refuse such a name where it stands
    /// in the function as a literal.
    pub fn emit<'a, T: Record<'a>>(&mut self, output: &str, record: &T) -> Result<(), Failure> {
        match &mut self.to {
            To::Output(out) => {
                self.writer.go_back(0);
                record.write(self.writer);
                self.writer.check()?;
                out.emit_to(output, self.writer.text())
            }
            // There are no others. What the writer has is not touched.
            To::Lines { out, .. } => {
                let mut writer = Writer::default();
                record.write(&mut writer);
                writer.check()?;
                out.emit_to(output, writer.text())
            }
        }
    }

    /// Adds an output record.
    ///
    /// # Errors
    /// If it does not fit, or has a value that JSON has not.
    #[inline(always)]
    pub fn keep<'a, T: Record<'a>>(&mut self, record: &T) -> Result<(), Failure> {
        if let To::Lines { out, count, most } = &mut self.to
            && self.writer.put(record)
        {
            *count += 1;
            return if self.writer.length() > *most { Err(out.overflow()) } else { Ok(()) };
        }
        self.keep_any(record)
    }

    /// The longer way to do that.
    #[inline(never)]
    fn keep_any<'a, T: Record<'a>>(&mut self, record: &T) -> Result<(), Failure> {
        if let To::Output(_) = self.to {
            self.writer.go_back(0);
        }
        let before = self.writer.length();
        record.write(self.writer);
        self.kept(before)
    }

    /// Takes what stands in the writer behind a place for an output record.
    #[inline]
    fn kept(&mut self, before: usize) -> Result<(), Failure> {
        self.writer.check().inspect_err(|_| self.writer.go_back(before))?;
        match &mut self.to {
            To::Output(out) => out.emit(self.writer.text()),
            To::Lines { out, count, most } => {
                self.writer.raw("\n");
                *count += 1;
                if self.writer.length() > *most {
                    return Err(out.overflow());
                }
                Ok(())
            }
        }
    }
}

fn not_granted(capability: &str) -> Failure {
    let message =
        format!("`{capability}` was not granted: it has to stand in #[transform(capabilities = [...])]");
    Failure::new("capability", message)
}

/// Runs a function on one record after the other.
pub struct Runner<T> {
    function: T,
    engine: Option<Engine>,
    calls: Calls,
    writer: Writer,
}

/// Any function of a module.
pub(crate) trait Call {
    fn call(&mut self, given: Given<'_, '_>, ctx: &mut Ctx<'_>) -> Result<(), Stop>;
}

impl<T: Typed> Call for T {
    fn call(&mut self, mut given: Given<'_, '_>, ctx: &mut Ctx<'_>) -> Result<(), Stop> {
        self.run(&mut given, ctx)
    }
}

/// What it takes to read records; the same code for all functions.
pub(crate) struct Calls {
    arena: Arena,
    levels: u32,
    /// Why the record fails that is next: the function has said so.
    failure: Option<Failure>,
}

impl Calls {
    fn record(
        &mut self,
        function: &mut dyn Call,
        shape: &Shape,
        record: &[u8],
        mut ctx: Ctx<'_>,
    ) -> Result<(), Failure> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        self.arena.clear();
        // What is no UTF-8 is no JSON: there is a reason to be found.
        let text = std::str::from_utf8(record).unwrap_or_default();
        let mut reader = Reader::new(text, &self.arena, self.levels);
        match function.call(Given::Text(&mut reader), &mut ctx) {
            Ok(()) => Ok(()),
            Err(Stop::Failed(failure)) => Err(failure),
            Err(Stop::Unread) => Err(unread(shape, record, self.levels, reader)),
        }
    }
}

/// A function that is called with records whose outputs are lines.
pub(crate) struct Calling<'c> {
    function: &'c mut dyn Call,
    calls: &'c mut Calls,
    out: &'c mut Output,
    writer: Writer,
    /// Bytes of output before the first record, and those behind which no other record begins.
    start: usize,
    enough: usize,
    most: usize,
}

impl<'c> Calling<'c> {
    #[inline]
    pub fn new(
        function: &'c mut dyn Call,
        calls: &'c mut Calls,
        out: &'c mut Output,
        text: Table<u8>,
    ) -> Self {
        calls.failure = None;
        let (most, enough) = out.limits();
        Calling { function, calls, out, start: text.len(), writer: Writer::behind(text), enough, most }
    }

    /// All output.
    #[inline]
    pub fn finish(self) -> Table<u8> {
        self.writer.into_text()
    }

    /// A record whose members were found: how many outputs it has, and the bytes of all. None if somebody else has to
    /// see to it.
    #[inline(always)]
    pub fn slots(&mut self, found: &Found<'_, '_>) -> Option<(u32, usize)> {
        if self.is_done() {
            return None;
        }
        let Calling { function, calls: Calls { arena, levels, failure }, out, writer, most, start, .. } =
            self;
        arena.clear();
        // SAFETY: slots are parts of a record's text that the engine has checked: right JSON in UTF-8.
        let slots = unsafe { Slots::new(found, arena, *levels) };
        let before = (writer.length(), out.log_length());
        let mut ctx = Ctx { to: To::Lines { out, count: 0, most: *most }, writer };
        let result = function.call(Given::Slots(slots), &mut ctx);
        ended(result, ctx, before, failure).map(|count| (count, writer.length() - *start))
    }

    /// The same of one that is given as its text.
    #[inline]
    pub fn text(&mut self, record: &[u8]) -> Option<(u32, usize)> {
        if self.is_done() {
            return None;
        }
        let Calling { function, calls: Calls { arena, levels, failure }, out, writer, most, start, .. } =
            self;
        arena.clear();
        let mut reader = Reader::new(std::str::from_utf8(record).ok()?, arena, *levels);
        let before = (writer.length(), out.log_length());
        let mut ctx = Ctx { to: To::Lines { out, count: 0, most: *most }, writer };
        let result = function.call(Given::Text(&mut reader), &mut ctx);
        ended(result, ctx, before, failure).map(|count| (count, writer.length() - *start))
    }

    /// No more records: one has failed, or there is so much output that the batch had better end.
    #[inline(always)]
    fn is_done(&self) -> bool {
        self.calls.failure.is_some() | (self.writer.length() > self.enough)
    }
}

/// The number of a record's outputs. None if it failed, which leaves nothing of it.
#[inline(always)]
fn ended(
    result: Result<(), Stop>,
    ctx: Ctx<'_>,
    (before, logged): (usize, usize),
    failure: &mut Option<Failure>,
) -> Option<u32> {
    let To::Lines { out, count, most } = ctx.to else { return None };
    match result {
        Ok(()) if ctx.writer.length() <= most => return Some(count),
        // What does not fit here may fit into the next batch, if there is something in front of it: it comes again
        // there, and not within this one.
        _ if ctx.writer.length() > most => {
            if before > 0 {
                out.go_back_in_log(logged);
                out.overflows();
            }
            *failure = Some(out.overflow());
        }
        Err(Stop::Failed(why)) => *failure = Some(why),
        _ => {}
    }
    ctx.writer.go_back(before);
    None
}

/// What finds the members of records with this shape, if it has some.
#[cold]
#[inline(never)]
fn engine(shape: &Shape, levels: u32) -> Option<Engine> {
    let paths = paths(shape)?;
    // Made once: a module has no code to let it go.
    let rule = ManuallyDrop::new(rule(shape));
    Engine::new(&rule, Some(Program::of(paths)), levels)
}

impl<T: Typed> Runner<T> {
    /// Decided while it is compiled: arguments of functions are no object, and take nothing of the engine.
    const FAST: bool = ENGINE && matches!(T::INPUT, Shape::Object(_));
}

impl<T: Typed> Transform for Runner<T> {
    fn open(opening: &Opening) -> Result<Self, Failure> {
        let levels = opening.limits.nesting;
        let function = T::open(opening)?;
        let engine = if Self::FAST { engine(&T::INPUT, levels) } else { None };
        let calls = Calls { arena: Arena::default(), levels, failure: None };
        Ok(Runner { function, engine, calls, writer: Writer::default() })
    }

    fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure> {
        let ctx = Ctx::new(out, &mut self.writer);
        self.calls.record(&mut self.function, &T::INPUT, record, ctx)
    }

    fn outputs(&self) -> Option<NamedOutputs> {
        T::outputs()
    }

    fn lines(&mut self, lines: &mut Lines<'_>) {
        let engine = if Self::FAST { self.engine.as_mut() } else { None };
        lines.call(engine, &mut self.function, &mut self.calls);
    }
}
