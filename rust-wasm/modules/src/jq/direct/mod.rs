//! The short road: programs of plain steps, which most are, run without iterators.
//!
//! A program takes this road if it has nothing but paths, literals, construction, operators, conditions,
//! `select`, `map` and simple builtins, and if what stands within an operator, an index or a member has at
//! most one value. All others are run by jaq, whole. Outputs and errors are the same on both roads: the
//! operations are the same functions, and `tests` compares the two.

mod compile;
mod run;
#[cfg(test)]
mod tests;

use super::builtins::Answer;
use jaq_core::ops::{Cmp, Math};
use wasmrecords_json::{Text, Value};

pub(super) use compile::compile;
pub(super) use run::Exit;

/// A part of a program.
pub(super) enum Node {
    Input,
    Constant(Value),
    Empty,
    /// A value, then steps into it.
    Path(Box<Node>, Vec<Step>),
    Object(Vec<(Name, Node)>),
    /// All values in an array.
    Array(Box<Node>),
    Pipe(Box<Node>, Box<Node>),
    Comma(Box<Node>, Box<Node>),
    /// `left // right`
    Alternative(Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Compare(Box<Node>, Cmp, Box<Node>),
    Calculate(Box<Node>, Math, Box<Node>),
    Negate(Box<Node>),
    /// Conditions with what to do, and what to do if none holds.
    If(Vec<(Node, Node)>, Box<Node>),
    /// The values up to an error.
    Try(Box<Node>),
    /// Texts and what stands between them.
    Interpolation(Vec<Part>),
    Select(Box<Node>),
    /// A builtin of the input alone.
    Call(fn(Value) -> Answer),
    /// A builtin of the input and an argument.
    CallWith(fn(Value, Value) -> Answer, Box<Node>),
    /// A test by a regular expression, and its flags.
    Test(Box<Node>, Box<Node>),
}

/// A step into a value; the flag is for errors that are passed over, as by `.a?`.
pub(super) struct Step {
    to: Place,
    optional: bool,
}

pub(super) enum Place {
    Name(Text),
    At(Node),
    Slice(Node, Node),
    /// All items or values.
    Each,
}

/// The name of a member.
pub(super) enum Name {
    Constant(Text),
    Computed(Node),
}

pub(super) enum Part {
    Text(Text),
    Value(Node),
}

impl Node {
    /// True if it has at most one value for any input.
    fn is_single(&self) -> bool {
        match self {
            Node::Path(from, steps) => {
                from.is_single() && !steps.iter().any(|step| matches!(step.to, Place::Each))
            }
            Node::Pipe(left, right) => left.is_single() && right.is_single(),
            Node::Comma(..) => false,
            Node::Alternative(_, right) => right.is_single(),
            Node::If(branches, otherwise) => {
                otherwise.is_single() && branches.iter().all(|(_, then)| then.is_single())
            }
            Node::Try(body) => body.is_single(),
            _ => true,
        }
    }
}
