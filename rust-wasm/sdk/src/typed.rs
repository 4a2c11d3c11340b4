//! Transforms and functions on typed records: what the macros make of a plain function runs here.

use crate::record::{Arena, Reader, Record, Shape, Writer, read_all, unread};
use crate::{Failure, Opening, Output, Transform};

/// A function of a module, as the macros see it.
pub trait Typed: Sized + 'static {
    /// What a record looks like.
    const INPUT: Shape;

    /// Made from what the host says at the opening.
    ///
    /// # Errors
    /// A refusal.
    fn open(opening: &Opening) -> Result<Self, Failure>;

    /// Reads one record, calls the function, and writes what it gives back.
    ///
    /// # Errors
    /// Why not.
    fn run<'text>(&mut self, reader: &mut Reader<'text>, ctx: &mut Ctx<'_>) -> Result<(), Stop>;
}

/// Why a record was not transformed.
pub enum Stop {
    /// Its text is not what the function takes.
    Unread,
    /// The function says so, or its output does not fit.
    Failed(Failure),
}

/// Reads a record that is all of a text.
///
/// # Errors
/// If it is not.
#[inline]
pub fn read_record<'a, T: Record<'a>>(reader: &mut Reader<'a>) -> Result<T, Stop> {
    read_all(reader).ok_or(Stop::Unread)
}

/// What a transform may do beside giving back its outputs.
pub struct Ctx<'o> {
    out: &'o mut Output,
    writer: &'o mut Writer,
}

impl<'o> Ctx<'o> {
    pub(crate) fn new(out: &'o mut Output, writer: &'o mut Writer) -> Self {
        Ctx { out, writer }
    }

    /// Leaves a line for the host's log, which is read only where the module wants `log` and whoever runs it grants
    /// it.
    pub fn log(&mut self, line: impl std::fmt::Display) {
        self.out.log(format!("{line}\n").as_bytes());
    }

    /// Adds an output record.
    ///
    /// # Errors
    /// If it does not fit, or has a value that JSON has not.
    #[inline]
    pub fn keep<'a, T: Record<'a>>(&mut self, record: &T) -> Result<(), Failure> {
        self.writer.clear();
        record.write(self.writer);
        self.out.emit(self.writer.text()?)
    }
}

/// Runs a function on one record after the other.
pub struct Runner<T> {
    typed: T,
    writer: Writer,
    levels: u32,
}

impl<T: Typed> Transform for Runner<T> {
    fn open(opening: &Opening) -> Result<Self, Failure> {
        Ok(Runner { typed: T::open(opening)?, writer: Writer::default(), levels: opening.limits.nesting })
    }

    fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure> {
        let arena = Arena::default();
        // What is no UTF-8 is no JSON: there is a reason to be found.
        let text = std::str::from_utf8(record).unwrap_or_default();
        let mut reader = Reader::new(text, &arena, self.levels);
        let mut ctx = Ctx::new(out, &mut self.writer);
        match self.typed.run(&mut reader, &mut ctx) {
            Ok(()) => Ok(()),
            Err(Stop::Failed(failure)) => Err(failure),
            Err(Stop::Unread) => Err(unread(&T::INPUT, record, self.levels, reader)),
        }
    }
}
