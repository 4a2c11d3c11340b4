//! The tree of a program.

use super::edit::Edits;
use super::literal::{Constant, Literal};
use super::pattern::Pattern;
use std::cmp::Ordering;

/// A part of a program: what it makes of its input. Those with one value at most are called single.
#[derive(Debug, Clone)]
pub enum Expr {
    /// `.`
    Input,
    /// What stands at a path from the record's root. [`Program::new`](super::Program::new) makes these.
    Slot(usize),
    /// Whether there is something at a path from the record's root. These too.
    Present(usize),
    /// A constant.
    Constant(Constant),
    /// `empty`
    Empty,
    /// A single value, and steps into it of which none is to each item.
    Path(Box<Expr>, Vec<Step>),
    /// Values, and steps into them.
    Walk(Box<Expr>, Vec<Step>),
    /// An object of members with single values.
    Object(Vec<(Name, Expr)>),
    /// All values in an array.
    Array(Box<Expr>),
    /// `f | g`
    Pipe(Box<Expr>, Box<Expr>),
    /// `f, g`
    Comma(Box<Expr>, Box<Expr>),
    /// `f // g`
    Alternative(Box<Expr>, Box<Expr>),
    /// `f and g`, both single.
    And(Box<Expr>, Box<Expr>),
    /// `f or g`, both single.
    Or(Box<Expr>, Box<Expr>),
    /// A comparison of single values.
    Compare(Box<Expr>, Compare, Box<Expr>),
    /// A calculation with single values.
    Calculate(Box<Expr>, Calculation, Box<Expr>),
    /// `-f` of a single value.
    Negate(Box<Expr>),
    /// Single conditions with what to do, and what to do if none holds.
    If(Vec<(Expr, Expr)>, Box<Expr>),
    /// A string with single values in it.
    Interpolation(Vec<Part>),
    /// A builtin of the input alone.
    Call(Function),
    /// A builtin of the input and a single value.
    CallWith(FunctionWith, Box<Expr>),
    /// `test(re; flags)`
    Test(Box<Pattern>),
    /// `IN(f)`: whether the input is among these values, each single.
    Among(Vec<Expr>),
    /// `any(f; g)`, where `g` is single.
    Any(Box<Expr>, Box<Expr>),
    /// `all(f; g)`, where `g` is single.
    All(Box<Expr>, Box<Expr>),
    /// `first(f)`
    First(Box<Expr>),
    /// `f as $x | g`: the number of the variable, which no other part within has.
    Bind(Box<Expr>, usize, Box<Expr>),
    /// The value of a variable.
    Variable(usize),
    /// `f?`, for builtins of which it is certain when they raise an error.
    Try(Box<Expr>),
    /// `error`: the general engine says what is wrong.
    Fail,
    /// `del(..)` of a single value.
    Delete(Box<Expr>, Edits),
    /// An assignment to a single value's member.
    Update(Box<Update>),
}

/// `path op value`, applied to `of`.
#[derive(Debug, Clone)]
pub struct Update {
    /// The value that is changed.
    pub of: Expr,
    /// Names, at least one.
    pub path: Vec<Literal>,
    /// What is done.
    pub op: Assignment,
    /// A single value. For [`Assignment::Update`] its input is the old value, else that of the whole.
    pub value: Expr,
}

/// What an assignment does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignment {
    /// `=`
    Set,
    /// `|=`
    Update,
    /// `//=`
    Alternative,
    /// `+=` and its like.
    Calculate(Calculation),
}

/// A step into a value; if it is optional, an error is no output.
#[derive(Debug, Clone)]
pub struct Step {
    /// Where it leads.
    pub to: Place,
    /// `?`
    pub optional: bool,
}

/// Where a step leads.
#[derive(Debug, Clone)]
pub enum Place {
    /// A member.
    Name(Literal),
    /// An item, counted from the end if negative.
    At(i64),
    /// Items, or characters.
    Slice(Option<i64>, Option<i64>),
    /// All items or values.
    Each,
}

/// The name of a member that is made.
#[derive(Debug, Clone)]
pub enum Name {
    /// It is known.
    Constant(Literal),
    /// A single value, which must be a string.
    Computed(Expr),
}

/// A part of a string.
#[derive(Debug, Clone)]
pub enum Part {
    /// Characters.
    Text(Literal),
    /// A single value.
    Value(Expr),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Compare {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Compare {
    /// Whether it holds for two values in this order.
    #[inline]
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Compare::Equal => order.is_eq(),
            Compare::Unequal => order.is_ne(),
            Compare::Less => order.is_lt(),
            Compare::AtMost => order.is_le(),
            Compare::Greater => order.is_gt(),
            Compare::AtLeast => order.is_ge(),
        }
    }

    /// The comparison that says the same with the sides exchanged.
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            Compare::Less => Compare::Greater,
            Compare::AtMost => Compare::AtLeast,
            Compare::Greater => Compare::Less,
            Compare::AtLeast => Compare::AtMost,
            same => same,
        }
    }
}

/// A calculation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Calculation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A builtin of its input. Each has the name that jq gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Function {
    Not,
    Length,
    Type,
    ToString,
    ToJson,
    ToNumber,
    Downcase,
    Upcase,
    Csv,
    Tsv,
    Html,
    Keys,
    KeysUnsorted,
    ToEntries,
    FromEntries,
    Add,
    FromJson,
    Sort,
    Unique,
    Min,
    Max,
    Reverse,
    Trim,
    TrimStart,
    TrimEnd,
    ByteLength,
    Floor,
    Ceil,
    Round,
    Absolute,
}

/// A builtin of its input and an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FunctionWith {
    Has,
    StartsWith,
    EndsWith,
    Contains,
    WithoutStart,
    WithoutEnd,
    Join,
    Split,
    Index,
}

impl Expr {
    /// A value and steps into it.
    pub fn path(from: Expr, steps: Vec<Step>) -> Expr {
        if steps.is_empty() {
            from
        } else if from.is_single() && !steps.iter().any(|step| matches!(step.to, Place::Each)) {
            Expr::Path(from.into(), steps)
        } else {
            Expr::Walk(from.into(), steps)
        }
    }

    /// The input where a condition holds.
    pub fn select(condition: Expr) -> Expr {
        Expr::If(vec![(condition, Expr::Input)], Expr::Empty.into())
    }

    /// `f | g`, where the pipes in it hang to the right.
    pub fn pipe(left: Expr, right: Expr) -> Expr {
        match (left, right) {
            (Expr::Input, right) => right,
            (Expr::Pipe(first, second), right) => Expr::pipe(*first, Expr::pipe(*second, right)),
            (Expr::Path(from, mut steps), Expr::Path(input, more)) if matches!(*input, Expr::Input) => {
                steps.extend(more);
                Expr::Path(from, steps)
            }
            (left, right) => Expr::Pipe(left.into(), right.into()),
        }
    }

    /// True if it has at most one value, whatever the input is.
    pub fn is_single(&self) -> bool {
        match self {
            Expr::Walk(..) | Expr::Comma(..) => false,
            Expr::Pipe(left, right) | Expr::Alternative(left, right) | Expr::Bind(left, _, right) => {
                left.is_single() && right.is_single()
            }
            Expr::If(branches, otherwise) => {
                otherwise.is_single() && branches.iter().all(|(_, then)| then.is_single())
            }
            _ => true,
        }
    }
}
