//! From a parsed program to the short road, if it can be taken.

use super::super::builtins::{self, Pure};
use super::{Name, Node, Part, Place, Step};
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::path::{self, Opt};
use wasmrecords_json::Value;

/// The program as parts; none if it has one that is not for this road. It may not define anything itself,
/// so that all names are those of the builtins.
pub(in crate::jq) fn compile(term: &Term<&str>) -> Option<Node> {
    Some(match term {
        Term::Id => Node::Input,
        Term::Num(digits) => number(digits)?,
        Term::Str(None, parts) => string(parts)?,
        Term::Arr(None) => Node::Constant(Vec::new().into()),
        Term::Arr(Some(items)) => Node::Array(compile(items)?.into()),
        Term::Obj(members) => Node::Object(members.iter().map(member).collect::<Option<_>>()?),
        Term::Neg(value) => match single(value)? {
            Node::Constant(value) => Node::Constant((-value).ok()?),
            value => Node::Negate(value.into()),
        },
        Term::BinOp(left, op, right) => operator(left, op, right)?,
        Term::IfThenElse(branches, otherwise) => {
            let branches =
                branches.iter().map(|(condition, then)| Some((single(condition)?, compile(then)?)));
            let otherwise = otherwise.as_deref().map_or(Some(Node::Input), compile)?;
            Node::If(branches.collect::<Option<_>>()?, otherwise.into())
        }
        Term::TryCatch(body, None) => Node::Try(compile(body)?.into()),
        Term::Call(name, args) => call(name, args)?,
        Term::Path(from, path::Path(steps)) => {
            let steps = steps.iter().map(|(part, opt)| step(part, *opt)).collect::<Option<_>>()?;
            Node::Path(compile(from)?.into(), steps)
        }
        _ => return None,
    })
}

/// A part with at most one value.
fn single(term: &Term<&str>) -> Option<Node> {
    compile(term).filter(Node::is_single)
}

fn boxed(term: &Term<&str>) -> Option<Box<Node>> {
    single(term).map(Box::new)
}

fn number(digits: &str) -> Option<Node> {
    // What programs may write beyond JSON is for the other road.
    let value = wasmrecords_json::parse(digits.as_bytes(), 0).ok()?;
    Some(Node::Constant(value))
}

fn string(parts: &[StrPart<&str, Term<&str>>]) -> Option<Node> {
    let (mut all, mut text) = (Vec::new(), String::new());
    for part in parts {
        match part {
            StrPart::Str(plain) => text.push_str(plain),
            StrPart::Char(character) => text.push(*character),
            StrPart::Term(value) => {
                all.push(Part::Text(std::mem::take(&mut text).into()));
                all.push(Part::Value(single(value)?));
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
fn constant(term: &Term<&str>) -> Option<Value> {
    match term {
        Term::Str(None, _) => match compile(term)? {
            Node::Constant(value) => Some(value),
            _ => None,
        },
        _ => None,
    }
}

fn member((key, value): &(Term<&str>, Option<Term<&str>>)) -> Option<(Name, Node)> {
    let name = match (constant(key), key) {
        (Some(Value::String(name)), _) => Name::Constant(name),
        // `{$x}` and its like.
        (_, Term::Var(_)) => return None,
        _ => Name::Computed(single(key)?),
    };
    let value = match (value, &name) {
        (Some(value), _) => single(value)?,
        (None, Name::Constant(name)) => {
            let step = Step { to: Place::Name(name.clone()), optional: false };
            Node::Path(Node::Input.into(), vec![step])
        }
        (None, Name::Computed(_)) => return None,
    };
    Some((name, value))
}

fn operator(left: &Term<&str>, op: &BinaryOp<&str>, right: &Term<&str>) -> Option<Node> {
    Some(match op {
        BinaryOp::Pipe(None) => Node::Pipe(compile(left)?.into(), compile(right)?.into()),
        BinaryOp::Comma => Node::Comma(compile(left)?.into(), compile(right)?.into()),
        BinaryOp::Alt => Node::Alternative(boxed(left)?, compile(right)?.into()),
        BinaryOp::And => Node::And(boxed(left)?, boxed(right)?),
        BinaryOp::Or => Node::Or(boxed(left)?, boxed(right)?),
        BinaryOp::Cmp(cmp) => Node::Compare(boxed(left)?, *cmp, boxed(right)?),
        BinaryOp::Math(math) => Node::Calculate(boxed(left)?, *math, boxed(right)?),
        _ => return None,
    })
}

fn step(part: &path::Part<Term<&str>>, opt: Opt) -> Option<Step> {
    let bound = |bound: &Option<Term<&str>>| match bound {
        Some(bound) => single(bound),
        None => Some(Node::Constant(Value::Null)),
    };
    let to = match part {
        path::Part::Index(index) => match constant(index) {
            Some(Value::String(name)) => Place::Name(name),
            _ => Place::At(single(index)?),
        },
        path::Part::Range(None, None) => Place::Each,
        path::Part::Range(from, to) => Place::Slice(bound(from)?, bound(to)?),
    };
    Some(Step { to, optional: matches!(opt, Opt::Optional) })
}

fn call(name: &str, args: &[Term<&str>]) -> Option<Node> {
    Some(match (name, args) {
        ("empty", []) => Node::Empty,
        ("null", []) => Node::Constant(Value::Null),
        ("true", []) => Node::Constant(true.into()),
        ("false", []) => Node::Constant(false.into()),
        ("select", [condition]) => Node::Select(boxed(condition)?),
        ("map", [each]) => {
            let items = vec![Step { to: Place::Each, optional: false }];
            let items = Node::Path(Node::Input.into(), items);
            Node::Array(Node::Pipe(items.into(), compile(each)?.into()).into())
        }
        ("test", [pattern]) => Node::Test(boxed(pattern)?, Node::Constant(Value::Null).into()),
        ("test", [pattern, flags]) => Node::Test(boxed(pattern)?, boxed(flags)?),
        // What begins otherwise is not for programs to say.
        (name, args) if name.starts_with(|c: char| c == '@' || c.is_ascii_lowercase()) => {
            match (builtins::function(name, args.len())?, args) {
                (Pure::One(function), []) => Node::Call(function),
                (Pure::Two(function), [argument]) => Node::CallWith(function, boxed(argument)?),
                _ => return None,
            }
        }
        _ => return None,
    })
}
