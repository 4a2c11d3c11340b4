//! Programs that only test and copy: what is learned of one record holds for others of its shape.

use super::Left;
use super::expr::{Compare, Expr};
use super::literal::Constant;

/// What a test asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// Whether the value is neither `false` nor `null`.
    True,
    /// Whether a comparison with a constant holds.
    Is(Compare, Constant),
}

/// A question about the value of one slot.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The slot.
    pub slot: usize,
    /// What is asked of it.
    pub op: Op,
}

/// A part of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'t> {
    /// The program's own text.
    Literal(&'t [u8]),
    /// A part of the record's text.
    Span(&'t [u8]),
}

/// A program of tests and one body that copies.
#[derive(Debug, Clone)]
pub struct Straight {
    /// The tests, at most six.
    pub tests: Vec<Test>,
    /// Bit `b` is set if the record is kept when the outcomes of the tests, the first as the lowest bit, are the
    /// number `b`.
    pub keep: u64,
    body: Expr,
}

impl Straight {
    pub(super) fn new(_expr: &Expr, _slots: &[Vec<Box<str>>]) -> Option<Straight> {
        None
    }

    /// Appends the parts of the output of a kept record that is clean, with the newline at its end. For another
    /// record with values of the same kinds at the same places they stand for the same.
    ///
    /// # Errors
    /// If the record is for the general engine.
    pub fn pieces<'t>(&'t self, _slots: &[&'t [u8]], _out: &mut Vec<Piece<'t>>) -> Result<(), Left> {
        let _ = &self.body;
        Err(Left::Error)
    }
}

impl Test {
    /// Whether it holds for the text of a slot.
    ///
    /// # Errors
    /// If the record is for the general engine.
    pub fn holds(&self, value: &[u8]) -> Result<bool, Left> {
        if value == super::NO_PARENT {
            return Err(Left::Parent);
        }
        let value = super::value::Value::of(value, false);
        match &self.op {
            Op::True => Ok(value.is_true()),
            Op::Is(op, constant) => constant.compare(value, *op).map_err(|exit| match exit {
                super::Exit::Left(left) => left,
                super::Exit::Stop => Left::Error,
            }),
        }
    }
}
