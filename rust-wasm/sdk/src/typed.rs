//! Transforms and functions on typed records: what the macros make of a plain function runs here.

use crate::lines::Lines;
use crate::record::{Arena, Reader, Record, Shape, Slots, Writer, paths, read_all, rule, unread};
use crate::{Failure, NamedOutputs, Opening, Output, Transform, system};
use std::cell::RefCell;
use std::fmt;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::time::Duration;
use wasmrecords_engine::program::{Left, Program, Run};
use wasmrecords_engine::{Engine, Found};

/// A function of a module, as the macros see it.
pub trait Typed: Sized + 'static {
    /// What a record looks like.
    const INPUT: Shape;
    /// Whether all that it does to the world is what it gives back: then nobody can tell if it is called twice.
    const ALONE: bool = false;

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
    if let Given::Slots(slots) = given
        && let Some(mut members) = slots.plain()
    {
        return T::from_plain(&mut members).ok_or(Stop::Unread);
    }
    read_any(given).ok_or(Stop::Unread)
}

/// The same on roads that are taken more rarely.
#[inline(never)]
fn read_any<'a, T: Record<'a>>(given: &mut Given<'a, '_>) -> Option<T> {
    match given {
        Given::Text(reader) => read_all(reader),
        Given::Slots(slots) => T::from_slots(slots),
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
    Lines(&'o mut u32, usize),
}

impl<'o> Ctx<'o> {
    pub(crate) fn new(out: &'o mut Output, writer: &'o mut Writer) -> Self {
        Ctx { to: To::Output(out), writer }
    }

    /// Leaves a line for the host's log, which is read only where the module wants `log` and whoever runs it grants
    /// it.
    pub fn log(&mut self, line: impl fmt::Display) {
        if let To::Output(out) = &mut self.to {
            out.log(format!("{line}\n").as_bytes());
        }
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
        let To::Output(out) = &mut self.to else {
            return Err(Failure::new("undeclared", format!("no output is called `{output}`")));
        };
        self.writer.clear();
        record.write(self.writer);
        out.emit_to(output, self.writer.text()?)
    }

    /// Adds an output record.
    ///
    /// # Errors
    /// If it does not fit, or has a value that JSON has not.
    #[inline(always)]
    pub fn keep<'a, T: Record<'a>>(&mut self, record: &T) -> Result<(), Failure> {
        if let To::Output(_) = self.to {
            self.writer.clear();
        }
        record.write(self.writer);
        self.written()
    }

    /// Takes what stands in the writer for an output record.
    fn written(&mut self) -> Result<(), Failure> {
        match &mut self.to {
            To::Output(out) => out.emit(self.writer.text()?),
            To::Lines(count, most) => {
                self.writer.raw("\n");
                **count += 1;
                if self.writer.length() > *most { Err(too_much()) } else { Ok(()) }
            }
        }
    }
}

/// Of outputs without an end. What there is to say is found out on the other road.
#[cold]
fn too_much() -> Failure {
    Failure::new("output", String::new())
}

fn not_granted(capability: &str) -> Failure {
    let message =
        format!("`{capability}` was not granted: it has to stand in #[transform(capabilities = [...])]");
    Failure::new("capability", message)
}

/// Runs a function on one record after the other.
pub struct Runner<T> {
    function: Rc<Function<T>>,
    engine: Option<Engine>,
    road: Road,
}

/// The function, for the fast engine and for what that one leaves.
struct Function<T> {
    typed: RefCell<T>,
    arena: RefCell<Arena>,
    levels: u32,
    /// Bytes of output, at most.
    most: usize,
}

impl<T> fmt::Debug for Function<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::any::type_name::<T>())
    }
}

/// Calls a function, and appends its outputs, one a line: their number. None if it fails: why, is found out with the
/// record alone.
#[inline(always)]
fn appended(
    out: &mut Vec<u8>,
    most: usize,
    call: impl FnOnce(&mut Ctx<'_>) -> Result<(), Stop>,
) -> Option<u32> {
    let (start, mut count) = (out.len(), 0);
    let mut writer = Writer::behind(std::mem::take(out));
    let result = call(&mut Ctx { to: To::Lines(&mut count, most), writer: &mut writer });
    let right = result.is_ok() && writer.is_right();
    *out = writer.into_text();
    if right {
        return Some(count);
    }
    out.truncate(start);
    None
}

impl<T: Typed> Run for Function<T> {
    fn run(&self, found: &Found<'_, '_>, out: &mut Vec<u8>) -> Result<u32, Left> {
        let mut arena = self.arena.borrow_mut();
        arena.clear();
        // SAFETY: slots are parts of a record's text that the engine has checked: right JSON in UTF-8.
        let slots = unsafe { Slots::new(found, &arena, self.levels) };
        let mut given = Given::Slots(slots);
        appended(out, self.most, |ctx| self.typed.borrow_mut().run(&mut given, ctx)).ok_or(Left::Error)
    }
}

/// Any function of a module.
trait Call {
    fn call(&self, given: &mut Given<'_, '_>, ctx: &mut Ctx<'_>) -> Result<(), Stop>;
}

impl<T: Typed> Call for Function<T> {
    fn call(&self, given: &mut Given<'_, '_>, ctx: &mut Ctx<'_>) -> Result<(), Stop> {
        self.typed.borrow_mut().run(given, ctx)
    }
}

/// What it takes to read records from their text; the same code for all functions.
struct Road {
    writer: Writer,
    arena: Arena,
    levels: u32,
    most: usize,
}

impl Road {
    fn record(
        &mut self,
        function: &dyn Call,
        shape: &Shape,
        record: &[u8],
        out: &mut Output,
    ) -> Result<(), Failure> {
        self.arena.clear();
        // What is no UTF-8 is no JSON: there is a reason to be found.
        let text = std::str::from_utf8(record).unwrap_or_default();
        let mut reader = Reader::new(text, &self.arena, self.levels);
        let mut ctx = Ctx::new(out, &mut self.writer);
        match function.call(&mut Given::Text(&mut reader), &mut ctx) {
            Ok(()) => Ok(()),
            Err(Stop::Failed(failure)) => Err(failure),
            Err(Stop::Unread) => Err(unread(shape, record, self.levels, reader)),
        }
    }

    /// As many lines as there are before one that fails.
    fn lines(&mut self, function: &dyn Call, lines: &mut Lines<'_>) {
        let Road { arena, levels, most, .. } = self;
        lines.each(&mut |record, out| {
            arena.clear();
            let mut reader = Reader::new(std::str::from_utf8(record).ok()?, arena, *levels);
            appended(out, *most, |ctx| function.call(&mut Given::Text(&mut reader), ctx))
        });
    }
}

impl<T: Typed> Runner<T> {
    /// Decided while it is compiled: arguments of functions are no object, and take nothing of the engine.
    const FAST: bool = T::ALONE && matches!(T::INPUT, Shape::Object(_));
}

impl<T: Typed> Transform for Runner<T> {
    fn open(opening: &Opening) -> Result<Self, Failure> {
        let (levels, most) = (opening.limits.nesting, opening.limits.output as usize);
        let typed = RefCell::new(T::open(opening)?);
        let function = Rc::new(Function { typed, arena: RefCell::default(), levels, most });
        let paths = if Self::FAST { paths(&T::INPUT) } else { None };
        let engine = paths.and_then(|paths| {
            // Made once: a module has no code to let it go.
            let rule = ManuallyDrop::new(rule(&T::INPUT));
            Engine::new(&rule, Some(Program::of(paths, function.clone())), levels)
        });
        let road = Road { writer: Writer::default(), arena: Arena::default(), levels, most };
        Ok(Runner { function, engine, road })
    }

    fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure> {
        self.road.record(&*self.function, &T::INPUT, record, out)
    }

    fn outputs(&self) -> Option<NamedOutputs> {
        T::outputs()
    }

    fn lines(&mut self, lines: &mut Lines<'_>) {
        if Self::FAST
            && let Some(engine) = &mut self.engine
        {
            // Why a record fails is found out with the record alone.
            lines.run(engine, &mut |_, _, _, _| None);
        } else if T::ALONE {
            self.road.lines(&*self.function, lines);
        }
    }
}
