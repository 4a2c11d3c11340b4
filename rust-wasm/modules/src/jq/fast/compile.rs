//! From a parsed program to the fast engine's tree.

use super::leaves::Leaves;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern as BoundTo, Term};
use jaq_core::ops::{Cmp, Math};
use jaq_core::path::{self, Opt};
use std::cell::{Cell, RefCell};
use wasmrecords_engine::program::{
    Assignment, Calculation, Compare, Constant, Edits, Expr, Function, FunctionWith, Literal, Name, Part,
    Pattern, Place, Program, Step, Update, VARIABLES, Way,
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
const CALL: &str = "this is run by the general engine";
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

    /// The number of a variable that the program binds: the innermost of this name.
    fn variable(&self, name: &str) -> Option<usize> {
        self.bound.borrow().iter().rfind(|(bound, _)| bound == name).map(|(_, number)| *number)
    }

    fn new_variable(&self, name: &str) -> usize {
        let number = self.numbers.get();
        self.numbers.set(number + 1);
        self.bound.borrow_mut().push((name.into(), number));
        number
    }

    /// `value as pattern | body`
    fn bind(
        &self,
        term: &Node<'_>,
        value: &Node<'_>,
        pattern: &BoundTo<&str>,
        body: &Node<'_>,
    ) -> Compiled<Expr> {
        let value = self.expr(value)?;
        let outer = self.bound.borrow().len();
        let parts = self.bound_parts(value, pattern);
        let body = match &parts {
            Some(_) if self.numbers.get() <= VARIABLES => self.expr(body),
            _ => self.leaves(term, "only `$x`, `{$x}` and `{x: $x}`, and few of them, are bound here"),
        };
        self.bound.borrow_mut().truncate(outer);
        let bind = |body: Expr, (part, number)| Expr::Bind(Box::new(part), number, body.into());
        Ok(parts.unwrap_or_default().into_iter().rev().fold(body?, bind))
    }

    /// What is bound to which number.
    fn bound_parts(&self, value: Expr, pattern: &BoundTo<&str>) -> Option<Vec<(Expr, usize)>> {
        match pattern {
            BoundTo::Var(name) => Some(vec![(value, self.new_variable(name))]),
            BoundTo::Obj(members) => {
                // What is taken apart has a number as well, and no name.
                let whole = self.new_variable("");
                let mut parts = vec![(value, whole)];
                for (key, pattern) in members {
                    let (name, BoundTo::Var(variable)) = (self.known(key)?, pattern) else { return None };
                    let step = Step { to: Place::Name(name), optional: false };
                    let part = Expr::path(Expr::Variable(whole), vec![step]);
                    parts.push((part, self.new_variable(variable)));
                }
                Some(parts)
            }
            BoundTo::Arr(_) => None,
        }
    }

    fn comparison(&self, left: &Node<'_>, op: Compare, right: &Node<'_>) -> Compiled<Expr> {
        let (left, right) = (self.boxed(left)?, self.boxed(right)?);
        Ok(match *left {
            Expr::Constant(_) => Expr::Compare(right, op.flipped(), left),
            _ => Expr::Compare(left, op, right),
        })
    }

    fn update(&self, path: &Node<'_>, op: Assignment, value: &Node<'_>) -> Compiled<Expr> {
        let names = self.way(path)?.into_iter().map(|step| match step {
            Way::Name(name) => Some(name),
            Way::Each => None,
        });
        let names: Option<Vec<_>> = names.collect();
        match names.filter(|names| !names.is_empty()) {
            Some(path) => {
                let value = self.single(value)?;
                Ok(Expr::Update(Update { of: Expr::Input, path, op, value }.into()))
            }
            None => self.leaves(path, "assignments to more than one name are run by the general engine"),
        }
    }

    /// The steps of a path that is changed.
    fn way(&self, path: &Node<'_>) -> Compiled<Vec<Way>> {
        let steps = match self.expr(path)? {
            Expr::Path(from, steps) | Expr::Walk(from, steps) if matches!(*from, Expr::Input) => steps,
            Expr::Input => Vec::new(),
            _ => return self.leaves(path, "paths other than names are changed by the general engine"),
        };
        let way = |step: Step| match step {
            Step { to: Place::Name(name), optional: false } => Ok(Way::Name(name)),
            Step { to: Place::Each, optional: false } => Ok(Way::Each),
            _ => self.leaves(path, "paths other than names are changed by the general engine"),
        };
        steps.into_iter().map(way).collect()
    }

    fn delete(&self, paths: &Node<'_>, edits: &mut Edits) -> Compiled<()> {
        if let Term::BinOp(left, BinaryOp::Comma, right) = paths {
            self.delete(left, edits)?;
            return self.delete(right, edits);
        }
        if edits.add(&self.way(paths)?) {
            return Ok(());
        }
        self.leaves(paths, "this is deleted by the general engine; name each member once")
    }

    fn call(&self, term: &Node<'_>, name: &str, args: &[Node<'_>]) -> Compiled<Expr> {
        use Function as One;
        use FunctionWith as With;
        let each = |optional| Expr::path(Expr::Input, vec![Step { to: Place::Each, optional }]);
        let at = |at| Expr::path(Expr::Input, vec![Step { to: Place::At(at), optional: false }]);
        let is_type = |names: &[&str]| {
            let is = |name: &&str| {
                let name = Expr::Constant(Constant::String(Literal::new(name)));
                Expr::Compare(Expr::Call(One::Type).into(), Compare::Equal, name.into())
            };
            let any = names.iter().map(is).reduce(|left, right| Expr::Or(left.into(), right.into()));
            Expr::select(any.unwrap_or(Expr::Empty))
        };
        Ok(match (name, args) {
            ("empty", []) => Expr::Empty,
            ("null", []) => Expr::Constant(Constant::Null),
            ("true", []) => Expr::Constant(Constant::Bool(true)),
            ("false", []) => Expr::Constant(Constant::Bool(false)),
            ("select", [condition]) => Expr::select(self.single(condition)?),
            ("values", []) => Expr::select(Expr::Compare(
                Expr::Input.into(),
                Compare::Unequal,
                Expr::Constant(Constant::Null).into(),
            )),
            ("nulls", []) => is_type(&["null"]),
            ("booleans", []) => is_type(&["boolean"]),
            ("numbers", []) => is_type(&["number"]),
            ("strings", []) => is_type(&["string"]),
            ("arrays", []) => is_type(&["array"]),
            ("objects", []) => is_type(&["object"]),
            ("iterables", []) => is_type(&["array", "object"]),
            ("scalars", []) => is_type(&["null", "boolean", "number", "string"]),
            ("map", [each_one]) => Expr::Array(Expr::pipe(each(false), self.expr(each_one)?).into()),
            ("first", []) => at(0),
            ("last", []) => at(-1),
            ("first", [values]) => Expr::First(self.expr(values)?.into()),
            ("any", []) => Expr::Any(each(false).into(), Expr::Input.into()),
            ("all", []) => Expr::All(each(false).into(), Expr::Input.into()),
            ("any", [condition]) => Expr::Any(each(false).into(), self.boxed(condition)?),
            ("all", [condition]) => Expr::All(each(false).into(), self.boxed(condition)?),
            ("any", [values, condition]) => Expr::Any(self.expr(values)?.into(), self.boxed(condition)?),
            ("all", [values, condition]) => Expr::All(self.expr(values)?.into(), self.boxed(condition)?),
            ("IN", [values]) => {
                let mut all = Vec::new();
                self.among(values, &mut all)?;
                Expr::Among(all)
            }
            ("test", [regex]) => self.test(term, regex, None)?,
            ("test", [regex, flags]) => self.test(term, regex, Some(flags))?,
            ("del", [paths]) => {
                let mut edits = Edits::default();
                self.delete(paths, &mut edits)?;
                Expr::Delete(Expr::Input.into(), edits)
            }
            ("with_entries", [change]) => {
                let change = Expr::Array(Expr::pipe(each(false), self.expr(change)?).into());
                let entries = Expr::pipe(Expr::Call(One::ToEntries), change);
                Expr::pipe(entries, Expr::Call(One::FromEntries))
            }
            ("not", []) => Expr::Call(One::Not),
            ("length", []) => Expr::Call(One::Length),
            ("type", []) => Expr::Call(One::Type),
            ("tostring" | "@text", []) => Expr::Call(One::ToString),
            ("tojson" | "@json", []) => Expr::Call(One::ToJson),
            ("tonumber", []) => Expr::Call(One::ToNumber),
            ("ascii_downcase", []) => Expr::Call(One::Downcase),
            ("ascii_upcase", []) => Expr::Call(One::Upcase),
            ("@csv", []) => Expr::Call(One::Csv),
            ("@tsv", []) => Expr::Call(One::Tsv),
            ("@html", []) => Expr::Call(One::Html),
            ("keys", []) => Expr::Call(One::Keys),
            ("keys_unsorted", []) => Expr::Call(One::KeysUnsorted),
            ("to_entries", []) => Expr::Call(One::ToEntries),
            ("from_entries", []) => Expr::Call(One::FromEntries),
            ("add", []) => Expr::Call(One::Add),
            ("add", [values]) => Expr::pipe(Expr::Array(self.expr(values)?.into()), Expr::Call(One::Add)),
            ("error", [] | [_]) => Expr::Fail,
            ("fromjson", []) => Expr::Call(One::FromJson),
            ("sort", []) => Expr::Call(One::Sort),
            ("unique", []) => Expr::Call(One::Unique),
            ("min", []) => Expr::Call(One::Min),
            ("max", []) => Expr::Call(One::Max),
            ("reverse", []) => Expr::Call(One::Reverse),
            ("trim", []) => Expr::Call(One::Trim),
            ("ltrim", []) => Expr::Call(One::TrimStart),
            ("rtrim", []) => Expr::Call(One::TrimEnd),
            ("utf8bytelength", []) => Expr::Call(One::ByteLength),
            ("floor", []) => Expr::Call(One::Floor),
            ("ceil", []) => Expr::Call(One::Ceil),
            ("round", []) => Expr::Call(One::Round),
            ("abs", []) => Expr::Call(One::Absolute),
            ("index", [part]) => Expr::CallWith(With::Index, self.boxed(part)?),
            ("has", [key]) => Expr::CallWith(With::Has, self.boxed(key)?),
            ("startswith", [part]) => Expr::CallWith(With::StartsWith, self.boxed(part)?),
            ("endswith", [part]) => Expr::CallWith(With::EndsWith, self.boxed(part)?),
            ("contains", [part]) => Expr::CallWith(With::Contains, self.boxed(part)?),
            ("ltrimstr", [part]) => Expr::CallWith(With::WithoutStart, self.boxed(part)?),
            ("rtrimstr", [part]) => Expr::CallWith(With::WithoutEnd, self.boxed(part)?),
            ("join", [separator]) => Expr::CallWith(With::Join, self.boxed(separator)?),
            ("split", [separator]) => Expr::CallWith(With::Split, self.boxed(separator)?),
            ("sub" | "gsub" | "capture" | "match" | "scan" | "split" | "splits", _) => {
                return self.leaves(
                    term,
                    "regular expressions that do more than test are run by the general engine",
                );
            }
            _ => return self.leaves(term, CALL),
        })
    }

    fn among(&self, values: &Node<'_>, all: &mut Vec<Expr>) -> Compiled<()> {
        if let Term::BinOp(left, BinaryOp::Comma, right) = values {
            self.among(left, all)?;
            return self.among(right, all);
        }
        all.push(self.single(values)?);
        Ok(())
    }

    fn test(&self, term: &Node<'_>, regex: &Node<'_>, flags: Option<&Node<'_>>) -> Compiled<Expr> {
        const HINT: &str = "this is for the general engine: only constants without flags but `i`, look-around, \
                            references and Unicode classes are tested here";
        let flags = flags.map_or(Some(Literal::new("")), |flags| self.known(flags));
        let pattern = self.known(regex).zip(flags);
        match pattern.and_then(|(regex, flags)| Pattern::new(regex.plain(), flags.plain())) {
            Some(pattern) => Ok(Expr::Test(pattern.into())),
            None => self.leaves(term, HINT),
        }
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
