//! Programs that only test and copy: what is learned of one record holds for others of its shape.

mod body;
mod condition;

use super::arena::Arena;
use super::env::Env;
use super::expr::{Compare, Expr, Place, Step};
use super::literal::Constant;
use super::value::Value;
use super::{Exit, Left, NO_PARENT};
use body::Copy;
pub use body::Piece;
use std::fmt::Debug;
use std::rc::Rc;

/// What a test asks.
#[derive(Debug, Clone)]
pub enum Op {
    /// Whether the value is neither `false` nor `null`.
    True,
    /// Whether there is a value, be it `null`.
    Present,
    /// Whether a comparison with a constant holds.
    Is(Compare, Constant),
    /// Whether another condition of the value holds: see [`Test::holds`].
    Holds(Rc<dyn Condition>),
}

/// A condition of a value. (Behind a pointer: a module whose programs are of its own has no jq in it.)
pub trait Condition: Debug {
    /// Whether it holds; none if it has no value.
    ///
    /// # Errors
    /// If the record is for the general engine, or there is no value.
    fn holds(&self, text: &[u8]) -> Result<Option<bool>, Left>;
}

impl Condition for Expr {
    fn holds(&self, text: &[u8]) -> Result<Option<bool>, Left> {
        match self.truth(Value::of(text, false), &Env::new(&[], false, &Arena::default())) {
            Ok(holds) => Ok(holds),
            Err(Exit::Left(left)) => Err(left),
            Err(Exit::Stop) => Ok(None),
        }
    }
}

/// A question about the value of one slot.
#[derive(Debug, Clone)]
pub struct Test {
    /// The slot.
    pub slot: usize,
    /// What is asked of it.
    pub op: Op,
}

/// A program of tests and one body that copies, or takes items.
#[derive(Debug, Clone)]
pub struct Straight {
    /// The tests, at most six.
    pub tests: Vec<Test>,
    /// Bit `b` is set if a record is kept when the outcomes of the tests, the first as the lowest bit, are the
    /// number `b`.
    pub keep: u64,
    body: Body,
}

/// What a program does with a record that is kept.
#[derive(Debug, Clone)]
enum Body {
    /// It copies, to one output.
    Copies(Vec<Copy>),
    /// It takes each item of a slot's value as an output.
    Items(usize),
}

impl Straight {
    /// The program as tests and copies; none if it is more than that.
    pub(super) fn new(expr: &Expr, slots: &[Vec<Box<str>>]) -> Option<Straight> {
        let mut conditions = Vec::new();
        let mut body = expr;
        while let Expr::If(branches, otherwise) = body
            && let ([(condition, then)], Expr::Empty) = (&branches[..], &**otherwise)
        {
            conditions.push(condition);
            body = then;
        }
        let (tests, keep) = condition::table(&conditions)?;
        let body = match items(body) {
            Some(slot) => Body::Items(slot),
            None => Body::Copies(body::copies(body, slots)?),
        };
        Some(Straight { tests, keep, body })
    }

    /// The slot whose items are the outputs of a kept record, if it has no others.
    pub fn items(&self) -> Option<usize> {
        match self.body {
            Body::Items(slot) => Some(slot),
            Body::Copies(_) => None,
        }
    }

    /// The output of a kept record as texts, each with the slot whose value stands behind it; none if it is more than
    /// that.
    pub fn parts(&self) -> Option<Vec<(&[u8], Option<usize>)>> {
        match &self.body {
            Body::Items(_) => None,
            Body::Copies(copies) => body::parts(copies),
        }
    }

    /// Appends the parts of the output of a kept record that is clean, with the newline at its end. For another
    /// clean record with values of the same kinds at the same places, the same parts are its output.
    ///
    /// # Errors
    /// If the record is for the general engine.
    pub fn pieces<'t>(&'t self, slots: &[&'t [u8]], out: &mut Vec<Piece<'t>>) -> Result<(), Left> {
        let Body::Copies(body) = &self.body else { return Err(Left::Error) };
        body.iter().try_for_each(|copy| copy.pieces(slots, &[], out))
    }
}

/// The slot of a part that takes each item of it.
fn items(body: &Expr) -> Option<usize> {
    match body {
        Expr::Walk(from, steps) => match (&**from, &steps[..]) {
            (Expr::Slot(slot), [Step { to: Place::Each, .. }]) => Some(*slot),
            _ => None,
        },
        _ => None,
    }
}

impl Test {
    /// Whether it holds for the text of a slot: see [`Program::run`](super::Program::run).
    ///
    /// # Errors
    /// If the record is for the general engine.
    pub fn holds(&self, text: &[u8]) -> Result<bool, Left> {
        if text == NO_PARENT {
            return Err(Left::Parent);
        }
        let value = Value::of(text, false);
        match &self.op {
            Op::True => Ok(value.is_true()),
            Op::Present => Ok(!text.is_empty()),
            Op::Is(op, constant) => match constant.compare(value, *op) {
                Ok(holds) => Ok(holds),
                Err(Exit::Left(left)) => Err(left),
                Err(Exit::Stop) => Err(Left::Error),
            },
            // A condition without a value is none.
            Op::Holds(condition) => condition.holds(text)?.ok_or(Left::Error),
        }
    }
}
