//! From a parsed program to the fast engine's tree.

mod bind;
mod calls;
mod update;

use super::leaves::Leaves;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::ops::{Cmp, Math};
use jaq_core::path::{self, Opt};
use std::cell::{Cell, RefCell};
use wasmrecords_engine::program::{
    Assignment, Calculation, Compare, Constant, Expr, Literal, Name, Part, Place, Program, Step,
};
use wasmrecords_json::Value;

type Node<'s> = Term<&'s str>;
type Compiled<T> = Result<T, Leaves>;

/// The program for the fast engine, or where it leaves the subset. It may not define anything itself, so that all
/// names are those of the builtins. `variables` are those that are given from outside; `text` is the program.
pub(in crate::jq) fn compile(
    term: &Node<'_>,
    variables: &[(String, Value)],
    text: &str,
) -> Result<Program, Leaves> {
    Compiler { variables, text, depth: Cell::new(0), bound: RefCell::default(), numbers: Cell::new(0) }
        .expr(term)
        .map(Program::new)
}

/// Programs with more levels would take too much of the stack.
const DEPTH: usize = 128;

const SEVERAL: &str = "several values in here are combined by the general engine; put one value there";
const KEYS: &str = "indices that are computed are looked up by the general engine; write the name or number";

struct Compiler<'v> {
    variables: &'v [(String, Value)],
    text: &'v str,
    /// How deep in the tree it is.
    depth: Cell<usize>,
    /// Variables that the program has bound so far, the innermost last, and their numbers.
    bound: RefCell<Vec<(String, usize)>>,
    /// The number of the next one. None is used twice: one may be set while another is still in use.
    numbers: Cell<usize>,
}

impl Compiler<'_> {
    fn leaves<T>(&self, term: &Node<'_>, hint: &'static str) -> Compiled<T> {
        Err(Leaves::at(term, self.text, hint))
    }

    fn expr(&self, term: &Node<'_>) -> Compiled<Expr> {
        if self.depth.get() == DEPTH {
            return self
                .leaves(term, "so many levels are run by the general engine; `IN(..)` compares with many");
        }
        self.depth.set(self.depth.get() + 1);
        let expr = self.part(term);
        self.depth.set(self.depth.get() - 1);
        expr
    }

    fn part(&self, term: &Node<'_>) -> Compiled<Expr> {
        Ok(match term {
            Term::Id => Expr::Input,
            Term::Var(name) if self.variable(name).is_some() => {
                Expr::Variable(self.variable(name).unwrap_or_default())
            }
            Term::Var(name) => match self.variables.iter().find(|(known, _)| known == name) {
                Some((_, value)) => self.constant(value, term)?,
                None => {
                    return self.leaves(term, "this variable is for the general engine");
                }
            },
            Term::Num(digits) => match wasmrecords_json::parse(digits.as_bytes(), 0) {
                Ok(value) => self.constant(&value, term)?,
                Err(_) => return self.leaves(term, "write the number as JSON has it, such as 0.5"),
            },
            Term::Neg(inner) => match &**inner {
                Term::Num(digits) => match wasmrecords_json::parse(format!("-{digits}").as_bytes(), 0) {
                    Ok(value) if !digits.starts_with('-') && !is_zero(digits) => {
                        self.constant(&value, term)?
                    }
                    _ => Expr::Negate(self.boxed(inner)?),
                },
                _ => Expr::Negate(self.boxed(inner)?),
            },
            Term::Str(None, parts) => self.string(parts)?,
            Term::Arr(None) => Expr::Array(Expr::Empty.into()),
            Term::Arr(Some(items)) => Expr::Array(self.expr(items)?.into()),
            Term::Obj(members) => self.object(members)?,
            Term::BinOp(left, op, right) => self.operator(term, left, op, right)?,
            Term::IfThenElse(branches, otherwise) => {
                let branches =
                    branches.iter().map(|(condition, then)| Ok((self.single(condition)?, self.expr(then)?)));
                let branches = branches.collect::<Compiled<_>>()?;
                let otherwise = otherwise.as_deref().map_or(Ok(Expr::Input), |term| self.expr(term))?;
                Expr::If(branches, otherwise.into())
            }
            Term::Path(from, path::Path(steps)) => {
                let steps = steps.iter().map(|(part, opt)| self.step(part, *opt)).collect::<Compiled<_>>()?;
                Expr::path(self.expr(from)?, steps)
            }
            Term::Call(name, args) => self.call(term, name, args)?,
            Term::TryCatch(body, None) if matches!(**body, Term::Call("tonumber" | "fromjson", _)) => {
                Expr::Try(self.boxed(body)?)
            }
            Term::TryCatch(..) => return self.leaves(term, "errors are caught by the general engine"),
            Term::Recurse => return self.leaves(term, "`..` is run by the general engine; name the path"),
            Term::Str(Some(_), _) => {
                return self.leaves(term, "strings with a format are made by the general engine");
            }
            Term::Fold(..) | Term::Label(..) | Term::Break(_) => {
                return self.leaves(term, "loops are run by the general engine");
            }
            Term::Def(..) => {
                return self.leaves(term, "definitions are run by the general engine; write them out");
            }
        })
    }

    /// A part with at most one value.
    fn single(&self, term: &Node<'_>) -> Compiled<Expr> {
        let expr = self.expr(term)?;
        if expr.is_single() { Ok(expr) } else { self.leaves(term, SEVERAL) }
    }

    fn boxed(&self, term: &Node<'_>) -> Compiled<Box<Expr>> {
        self.single(term).map(Box::new)
    }

    fn constant(&self, value: &Value, term: &Node<'_>) -> Compiled<Expr> {
        match Constant::new(value) {
            Some(constant) => Ok(Expr::Constant(constant)),
            None => self.leaves(term, "this constant is for the general engine"),
        }
    }

    fn string(&self, parts: &[StrPart<&str, Node<'_>>]) -> Compiled<Expr> {
        let (mut all, mut text) = (Vec::new(), String::new());
        for part in parts {
            match part {
                StrPart::Str(plain) => text.push_str(plain),
                StrPart::Char(character) => text.push(*character),
                StrPart::Term(value) => {
                    all.push(Part::Text(Literal::new(&std::mem::take(&mut text))));
                    all.push(Part::Value(self.single(value)?));
                }
            }
        }
        let text = Literal::new(&text);
        if all.is_empty() {
            return Ok(Expr::Constant(Constant::String(text)));
        }
        all.push(Part::Text(text));
        Ok(Expr::Interpolation(all))
    }

    /// A string that is known. It looks no deeper, so that nested keys are read once.
    fn known(&self, term: &Node<'_>) -> Option<Literal> {
        match term {
            Term::Str(None, parts) if !parts.iter().any(|part| matches!(part, StrPart::Term(_))) => {
                match self.string(parts).ok()? {
                    Expr::Constant(Constant::String(literal)) => Some(literal),
                    _ => None,
                }
            }
            Term::Var(name) if self.variable(name).is_none() => {
                let (_, value) = self.variables.iter().find(|(known, _)| known == name)?;
                value.as_str().map(Literal::new)
            }
            _ => None,
        }
    }

    fn object(&self, members: &[(Node<'_>, Option<Node<'_>>)]) -> Compiled<Expr> {
        let mut all: Vec<(Name, Expr)> = Vec::new();
        for (key, value) in members {
            let (name, value) = match (key, value) {
                (Term::Var(name), None) => (Name::Constant(Literal::new(&name[1..])), self.single(key)?),
                (key, value) => match (self.known(key), value) {
                    (Some(name), Some(value)) => (Name::Constant(name), self.single(value)?),
                    (Some(name), None) => {
                        let step = Step { to: Place::Name(name.clone()), optional: false };
                        (Name::Constant(name), Expr::path(Expr::Input, vec![step]))
                    }
                    (None, Some(value)) => (Name::Computed(self.single(key)?), self.single(value)?),
                    (None, None) => return self.leaves(key, "write the member as `(key): value`"),
                },
            };
            let repeated = |(other, _): &(Name, Expr)| match (other, &name) {
                (Name::Constant(other), Name::Constant(name)) => other == name,
                _ => false,
            };
            if all.iter().any(repeated) {
                return self.leaves(key, "a name is here twice; name each member once");
            }
            all.push((name, value));
        }
        Ok(Expr::Object(all))
    }

    fn step(&self, part: &path::Part<Node<'_>>, opt: Opt) -> Compiled<Step> {
        let bound = |bound: &Option<Node<'_>>| match bound {
            Some(bound) => self.integer(bound).map(Some),
            None => Ok(None),
        };
        let to = match part {
            path::Part::Index(index) => match self.known(index) {
                Some(name) => Place::Name(name),
                None => Place::At(self.integer(index)?),
            },
            path::Part::Range(None, None) => Place::Each,
            path::Part::Range(from, to) => Place::Slice(bound(from)?, bound(to)?),
        };
        Ok(Step { to, optional: matches!(opt, Opt::Optional) })
    }

    fn integer(&self, term: &Node<'_>) -> Compiled<i64> {
        match self.expr(term)? {
            Expr::Constant(Constant::Number(wasmrecords_engine::program::Numeric::Int(value), _)) => {
                Ok(value)
            }
            _ => self.leaves(term, KEYS),
        }
    }

    fn operator(
        &self,
        term: &Node<'_>,
        left: &Node<'_>,
        op: &BinaryOp<&str>,
        right: &Node<'_>,
    ) -> Compiled<Expr> {
        Ok(match op {
            BinaryOp::Pipe(None) => Expr::pipe(self.expr(left)?, self.expr(right)?),
            BinaryOp::Pipe(Some(pattern)) => self.bind(term, left, pattern, right)?,
            BinaryOp::Comma => Expr::Comma(self.expr(left)?.into(), self.expr(right)?.into()),
            BinaryOp::Alt => Expr::Alternative(self.expr(left)?.into(), self.expr(right)?.into()),
            BinaryOp::And => Expr::And(self.boxed(left)?, self.boxed(right)?),
            BinaryOp::Or => Expr::Or(self.boxed(left)?, self.boxed(right)?),
            BinaryOp::Cmp(cmp) => self.comparison(left, compare(*cmp), right)?,
            BinaryOp::Math(math) => {
                Expr::Calculate(self.boxed(left)?, calculation(*math), self.boxed(right)?)
            }
            BinaryOp::Assign => self.update(left, Assignment::Set, right)?,
            BinaryOp::Update => self.update(left, Assignment::Update, right)?,
            BinaryOp::UpdateAlt => self.update(left, Assignment::Alternative, right)?,
            BinaryOp::UpdateMath(math) => {
                self.update(left, Assignment::Calculate(calculation(*math)), right)?
            }
        })
    }

    fn comparison(&self, left: &Node<'_>, op: Compare, right: &Node<'_>) -> Compiled<Expr> {
        let (left, right) = (self.boxed(left)?, self.boxed(right)?);
        Ok(match *left {
            Expr::Constant(_) => Expr::Compare(right, op.flipped(), left),
            _ => Expr::Compare(left, op, right),
        })
    }
}

/// `-0` is computed, and has another text than what is written.
fn is_zero(digits: &str) -> bool {
    digits.bytes().all(|byte| byte == b'0')
}

fn compare(cmp: Cmp) -> Compare {
    match cmp {
        Cmp::Eq => Compare::Equal,
        Cmp::Ne => Compare::Unequal,
        Cmp::Lt => Compare::Less,
        Cmp::Le => Compare::AtMost,
        Cmp::Gt => Compare::Greater,
        Cmp::Ge => Compare::AtLeast,
    }
}

fn calculation(math: Math) -> Calculation {
    match math {
        Math::Add => Calculation::Add,
        Math::Sub => Calculation::Subtract,
        Math::Mul => Calculation::Multiply,
        Math::Div => Calculation::Divide,
        Math::Rem => Calculation::Remainder,
    }
}
