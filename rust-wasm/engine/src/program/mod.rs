//! The fast subset of jq: programs that run on the text of a record.
//!
//! A program asks for slots: paths by names from the record's root. Whoever scans the record fills them with the
//! text of what stands there, and the program writes its outputs from these texts. Values are never built: most
//! are parts of the record's text, and what is made on the way is text as well.
//!
//! Where jq would raise an error, or an answer would take more than this, the program leaves the record to the
//! general engine: [`Left`] says why. Leaving is always right, at any time.

mod arena;
mod containers;
mod edit;
mod env;
mod expr;
mod functions;
mod levels;
mod literal;
mod numbers;
mod pattern;
mod rows;
mod run;
mod slots;
mod sorted;
mod steps;
mod straight;
mod strings;
mod text;
mod value;

pub use edit::{Edits, Way};
pub use expr::{
    Assignment, Calculation, Compare, Expr, Function, FunctionWith, Name, Part, Place, Step, Update,
};
pub use literal::{Constant, Literal};
pub use numbers::Numeric;
pub use pattern::Pattern;
/// Variables of a program have numbers below this.
pub const VARIABLES: usize = env::VARIABLES;

pub use straight::{Op, Piece, Straight, Test};
pub(crate) use strings::recode;

use crate::RECIPES;
use crate::found::Found;
use arena::Arena;
use env::Env;
use std::fmt::Debug;
use std::rc::Rc;

/// Why a record is left to the general engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Left {
    /// jq would raise an error.
    Error,
    /// A parent on the way to a member is neither an object nor `null`.
    Parent,
    /// Two arrays or two objects are compared.
    Containers,
    /// A number that only the general engine computes with exactly.
    Number,
    /// An object would have a name twice.
    Repeated,
    /// Characters beyond ASCII are looked for in either case, or by a regular expression.
    Letters,
    /// More is made on the way than is kept.
    Large,
}

impl Left {
    /// The reason in a few words.
    pub fn why(self) -> &'static str {
        match self {
            Left::Error => "jq raises an error",
            Left::Parent => "a step leads into what is neither an object nor null",
            Left::Containers => "two arrays or two objects are compared",
            Left::Number => "a number beyond what is computed with here",
            Left::Repeated => "a name is made twice in one object",
            Left::Letters => "characters beyond ASCII are looked for",
            Left::Large => "the values on the way are too large",
        }
    }
}

/// Why a part of a program ends before its end.
#[derive(Debug, Clone, Copy)]
enum Exit {
    Left(Left),
    /// What was looked for is found.
    Stop,
}

impl From<Left> for Exit {
    fn from(left: Left) -> Exit {
        Exit::Left(left)
    }
}

/// A slot's text for a path with a parent that is neither an object nor `null`.
pub const NO_PARENT: &[u8] = b"!";

/// What is run on the slots of a record.
trait Run: Debug {
    /// See [`Program::run`].
    fn run(&self, found: &Found<'_, '_>, out: &mut Vec<u8>) -> Result<u32, Left>;
}

/// A program: one of the fast subset, or one that whoever keeps the ledger runs.
#[derive(Debug, Clone)]
pub struct Program {
    /// Behind a pointer, so that a module with programs of its own has no jq in it.
    run: Option<Rc<dyn Run>>,
    slots: Vec<Vec<Box<str>>>,
    straight: Option<Straight>,
    levels: usize,
}

impl Program {
    /// Decides which slots the program needs.
    pub fn new(expr: Expr) -> Program {
        if !RECIPES {
            panic!("programs of the fast subset need the feature `recipes`");
        }
        let (expr, slots) = slots::assign(expr);
        let straight = Straight::new(&expr, &slots);
        Program { slots, straight, levels: expr.levels(), run: Some(Rc::new(expr)) }
    }

    /// A program that [`Runs`](crate::Runs) runs on what stands at these paths.
    pub fn of(slots: Vec<Vec<Box<str>>>) -> Program {
        Program { run: None, slots, straight: None, levels: 0 }
    }

    /// Whether the ledger runs it.
    pub(crate) fn is_of_ledger(&self) -> bool {
        self.run.is_none()
    }

    /// The path of each slot, as names from the record's root. Without names it is the whole record. No path is
    /// there twice.
    pub fn slots(&self) -> &[Vec<Box<str>>] {
        &self.slots
    }

    /// How many levels of arrays and objects an output has at the most beyond those of the record. More than 512
    /// are not written: whoever runs the program sees to it that no record has so many.
    pub fn levels(&self) -> usize {
        self.levels
    }

    /// Appends each output and a newline to `out`, and gives their number.
    ///
    /// # Errors
    /// If the record is for the general engine; then `out` is what it was before.
    pub fn run(&self, found: &Found<'_, '_>, out: &mut Vec<u8>) -> Result<u32, Left> {
        self.run.as_ref().map_or(Err(Left::Error), |run| run.run(found, out))
    }

    /// The program as tests and copies, if it is no more than that.
    pub fn straight(&self) -> Option<&Straight> {
        self.straight.as_ref().filter(|_| RECIPES)
    }
}

impl Run for Expr {
    fn run(&self, found: &Found<'_, '_>, out: &mut Vec<u8>) -> Result<u32, Left> {
        let start = out.len();
        let arena = Arena::default();
        let mut count = 0;
        let done = found.all(|slots| {
            let env = Env::new(slots, found.is_clean(), &arena);
            self.outputs(value::Value::Null, &env, out, b'\n', &mut count)
        });
        match done {
            Ok(()) => Ok(count),
            Err(exit) => {
                out.truncate(start);
                Err(match exit {
                    Exit::Left(left) => left,
                    // Whoever stops a part is around it.
                    Exit::Stop => Left::Error,
                })
            }
        }
    }
}
