//! From a parsed program to the short road, if it can be taken.

use super::super::builtins::{self, Pure};
use super::{Name, Node, Part, Place, Step};
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::path::{self, Opt};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use wasmrecords_json::Value;

/// The program as parts; none if it has one that is not for this road. It may not define anything itself,
/// so that all names are those of the builtins. `variables` are those that are given from outside.
pub(in crate::jq) fn compile(term: &Term<&str>, variables: &[(String, Value)]) -> Option<Node> {
    Compiler { variables, functions: OnceCell::new() }.node(term)
}

struct Compiler<'v> {
    variables: &'v [(String, Value)],
    /// Made when the first call asks for it.
    functions: OnceCell<BTreeMap<(&'static str, usize), Pure>>,
}

impl Compiler<'_> {
    fn node(&self, term: &Term<&str>) -> Option<Node> {
        Some(match term {
            Term::Var(name) => {
                Node::Constant(self.variables.iter().find(|(known, _)| known == name)?.1.clone())
            }
            Term::Id => Node::Input,
            Term::Num(digits) => number(digits)?,
            Term::Str(None, parts) => self.string(parts)?,
            Term::Arr(None) => Node::Constant(Vec::new().into()),
            Term::Arr(Some(items)) => Node::Array(self.node(items)?.into()),
            Term::Obj(members) => {
                Node::Object(members.iter().map(|member| self.member(member)).collect::<Option<_>>()?)
            }
            Term::Neg(value) => match self.single(value)? {
                Node::Constant(value) => Node::Constant((-value).ok()?),
                value => Node::Negate(value.into()),
            },
            Term::BinOp(left, op, right) => self.operator(left, op, right)?,
            Term::IfThenElse(branches, otherwise) => {
                let branches = branches
                    .iter()
                    .map(|(condition, then)| Some((self.single(condition)?, self.node(then)?)));
                let otherwise = otherwise.as_deref().map_or(Some(Node::Input), |term| self.node(term))?;
                Node::If(branches.collect::<Option<_>>()?, otherwise.into())
            }
            Term::TryCatch(body, None) => Node::Try(self.node(body)?.into()),
            Term::Call(name, args) => self.call(name, args)?,
            Term::Path(from, path::Path(steps)) => {
                let steps = steps.iter().map(|(part, opt)| self.step(part, *opt)).collect::<Option<_>>()?;
                Node::Path(self.node(from)?.into(), steps)
            }
            _ => return None,
        })
    }

    /// A part with at most one value.
    fn single(&self, term: &Term<&str>) -> Option<Node> {
        self.node(term).filter(Node::is_single)
    }

    fn boxed(&self, term: &Term<&str>) -> Option<Box<Node>> {
        self.single(term).map(Box::new)
    }

    fn string(&self, parts: &[StrPart<&str, Term<&str>>]) -> Option<Node> {
        let (mut all, mut text) = (Vec::new(), String::new());
        for part in parts {
            match part {
                StrPart::Str(plain) => text.push_str(plain),
                StrPart::Char(character) => text.push(*character),
                StrPart::Term(value) => {
                    all.push(Part::Text(std::mem::take(&mut text).into()));
                    all.push(Part::Value(self.single(value)?));
                }
            }
        }
        if all.is_empty() {
            return Some(Node::Constant(text.into()));
        }
        all.push(Part::Text(text.into()));
        Some(Node::Interpolation(all))
    }

    /// A string that is known.
    fn constant(&self, term: &Term<&str>) -> Option<Value> {
        match term {
            Term::Str(None, _) => match self.node(term)? {
                Node::Constant(value) => Some(value),
                _ => None,
            },
            _ => None,
        }
    }

    fn member(&self, (key, value): &(Term<&str>, Option<Term<&str>>)) -> Option<(Name, Node)> {
        let name = match (self.constant(key), key) {
            (Some(Value::String(name)), _) => Name::Constant(name),
            // `{$x}` and its like.
            (_, Term::Var(_)) => return None,
            _ => Name::Computed(self.single(key)?),
        };
        let value = match (value, &name) {
            (Some(value), _) => self.single(value)?,
            (None, Name::Constant(name)) => {
                let step = Step { to: Place::Name(name.clone()), optional: false };
                Node::Path(Node::Input.into(), vec![step])
            }
            (None, Name::Computed(_)) => return None,
        };
        Some((name, value))
    }

    fn operator(&self, left: &Term<&str>, op: &BinaryOp<&str>, right: &Term<&str>) -> Option<Node> {
        Some(match op {
            BinaryOp::Pipe(None) => Node::Pipe(self.node(left)?.into(), self.node(right)?.into()),
            BinaryOp::Comma => Node::Comma(self.node(left)?.into(), self.node(right)?.into()),
            BinaryOp::Alt => Node::Alternative(self.boxed(left)?, self.node(right)?.into()),
            BinaryOp::And => Node::And(self.boxed(left)?, self.boxed(right)?),
            BinaryOp::Or => Node::Or(self.boxed(left)?, self.boxed(right)?),
            BinaryOp::Cmp(cmp) => Node::Compare(self.boxed(left)?, *cmp, self.boxed(right)?),
            BinaryOp::Math(math) => Node::Calculate(self.boxed(left)?, *math, self.boxed(right)?),
            _ => return None,
        })
    }

    fn step(&self, part: &path::Part<Term<&str>>, opt: Opt) -> Option<Step> {
        let bound = |bound: &Option<Term<&str>>| match bound {
            Some(bound) => self.single(bound),
            None => Some(Node::Constant(Value::Null)),
        };
        let to = match part {
            path::Part::Index(index) => match self.constant(index) {
                Some(Value::String(name)) => Place::Name(name),
                _ => Place::At(self.single(index)?),
            },
            path::Part::Range(None, None) => Place::Each,
            path::Part::Range(from, to) => Place::Slice(bound(from)?, bound(to)?),
        };
        Some(Step { to, optional: matches!(opt, Opt::Optional) })
    }

    fn call(&self, name: &str, args: &[Term<&str>]) -> Option<Node> {
        Some(match (name, args) {
            ("empty", []) => Node::Empty,
            ("null", []) => Node::Constant(Value::Null),
            ("true", []) => Node::Constant(true.into()),
            ("false", []) => Node::Constant(false.into()),
            ("select", [condition]) => Node::Select(self.boxed(condition)?),
            ("map", [each]) => {
                let items = vec![Step { to: Place::Each, optional: false }];
                let items = Node::Path(Node::Input.into(), items);
                Node::Array(Node::Pipe(items.into(), self.node(each)?.into()).into())
            }
            ("test", [pattern]) => Node::Test(self.boxed(pattern)?, Node::Constant(Value::Null).into()),
            ("test", [pattern, flags]) => Node::Test(self.boxed(pattern)?, self.boxed(flags)?),
            // What begins otherwise is not for programs to say.
            (name, args) if name.starts_with(|c: char| c == '@' || c.is_ascii_lowercase()) => {
                let functions = self.functions.get_or_init(builtins::functions);
                match (*functions.get(&(name, args.len()))?, args) {
                    (Pure::One(function), []) => Node::Call(function),
                    (Pure::Two(function), [argument]) => Node::CallWith(function, self.boxed(argument)?),
                    _ => return None,
                }
            }
            _ => return None,
        })
    }
}

fn number(digits: &str) -> Option<Node> {
    // What programs may write beyond JSON is for the other road.
    let value = wasmrecords_json::parse(digits.as_bytes(), 0).ok()?;
    Some(Node::Constant(value))
}
