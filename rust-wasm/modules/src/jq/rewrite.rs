//! Rewrites a parsed program where jaq would run it otherwise than jq.
//!
//! Names that begin with `!` are ours: no program can say them, so none can redefine them.

use super::builtins::Names;
use jaq_core::load::Arena;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::load::span;
use jaq_core::path::{Opt, Part, Path};

/// The rewriting of one program.
pub(super) struct Rewrite<'s> {
    pub text: &'s str,
    pub arena: &'s Arena,
    /// All filters that the program calls.
    pub called: Names<'s>,
    /// Leaves assignments and `//` with jaq, where they are known to do the same and faster.
    pub keeps_operators: bool,
}

type Node<'s> = Term<&'s str>;

impl<'s> Rewrite<'s> {
    pub fn term(&mut self, term: &mut Node<'s>) {
        match term {
            Term::Id | Term::Recurse | Term::Break(_) | Term::Arr(None) => {}
            Term::Num(digits) => *digits = without_leading_zeros(digits),
            Term::Var(name) if *name == "$__loc__" => *term = self.location(name),
            Term::Var(_) => {}
            Term::Str(format, parts) => {
                let mut interpolated = false;
                for part in parts {
                    if let StrPart::Term(inner) = part {
                        interpolated = true;
                        self.term(inner);
                    }
                }
                if interpolated {
                    // jaq's own conversion writes what is no JSON.
                    format.get_or_insert("!text");
                }
                self.called.extend(*format);
            }
            Term::Arr(Some(inner)) | Term::Neg(inner) | Term::Label(_, inner) => self.term(inner),
            Term::Obj(members) => members.iter_mut().for_each(|(key, value)| self.member(key, value)),
            Term::BinOp(left, op, right) => {
                self.term(left);
                self.term(right);
                if let BinaryOp::Pipe(Some(pattern)) = op {
                    self.pattern(pattern);
                }
                if !self.keeps_operators {
                    self.operator(term);
                }
            }
            Term::Fold(_, xs, pattern, args) => {
                self.term(xs);
                self.pattern(pattern);
                args.iter_mut().for_each(|arg| self.term(arg));
            }
            Term::TryCatch(body, catch) => {
                self.term(body);
                catch.iter_mut().for_each(|catch| self.term(catch));
            }
            Term::IfThenElse(branches, otherwise) => {
                for (condition, then) in branches {
                    self.term(condition);
                    self.term(then);
                }
                otherwise.iter_mut().for_each(|otherwise| self.term(otherwise));
            }
            Term::Def(definitions, rest) => {
                definitions.iter_mut().for_each(|Def { body, .. }| self.term(body));
                self.term(rest);
            }
            Term::Call(name, args) => {
                self.called.insert(name);
                args.iter_mut().for_each(|arg| self.term(arg));
            }
            Term::Path(from, path) => {
                self.term(from);
                for (part, _) in &mut path.0 {
                    match part {
                        Part::Index(index) => {
                            self.term(index);
                            self.place(index);
                        }
                        Part::Range(from, to) => from.iter_mut().chain(to).for_each(|bound| self.term(bound)),
                    }
                }
                self.slices(term);
            }
        }
    }

    fn member(&mut self, key: &mut Node<'s>, value: &mut Option<Node<'s>>) {
        match (key, value) {
            (key @ Term::Var("$__loc__"), value @ None) => {
                let Term::Var(name) = *key else { return };
                (*key, *value) = (string("__loc__"), Some(self.location(name)));
            }
            // `{$x}` is jaq's to expand.
            (Term::Var(_), None) => {}
            (key, value) => {
                self.term(key);
                if !matches!(key, Term::Str(..) | Term::Var(_)) {
                    // jaq's objects may have any key, which is no JSON.
                    let any = std::mem::take(key);
                    *key = Term::BinOp(any.into(), BinaryOp::Pipe(None), Term::Call("!key", vec![]).into());
                }
                value.iter_mut().for_each(|value| self.term(value));
            }
        }
    }

    fn pattern(&mut self, pattern: &mut Pattern<&'s str>) {
        match pattern {
            Pattern::Var(_) => {}
            Pattern::Arr(items) => items.iter_mut().for_each(|item| self.pattern(item)),
            Pattern::Obj(members) => members.iter_mut().for_each(|(key, pattern)| {
                self.term(key);
                self.pattern(pattern);
            }),
        }
    }

    /// jq leaves the fraction of an index out. jaq takes whole numbers only.
    fn place(&mut self, index: &mut Node<'s>) {
        let whole = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
        match index {
            Term::Str(..) => {}
            Term::Num(digits) if whole(digits) => {}
            Term::Neg(inner) if matches!(**inner, Term::Num(digits) if whole(digits)) => {}
            index => {
                let any = std::mem::take(index);
                *index = Term::BinOp(any.into(), BinaryOp::Pipe(None), Term::Call("!place", vec![]).into());
            }
        }
    }

    /// Assignments by paths, as jq defines them: jaq's own fail on missing parents and reorder objects.
    /// And `//`, whose left side may raise errors in jq.
    fn operator(&mut self, term: &mut Node<'s>) {
        let Term::BinOp(left, op, right) = std::mem::take(term) else { return };
        *term = match op {
            BinaryOp::Assign => self.call("!assign", *left, *right),
            BinaryOp::Update => self.call("!modify", *left, *right),
            BinaryOp::UpdateMath(math) => self.call_bound("!modify", *left, BinaryOp::Math(math), right),
            BinaryOp::UpdateAlt => self.call_bound("!modify", *left, BinaryOp::Alt, right),
            BinaryOp::Alt => Term::BinOp(Term::TryCatch(left, None).into(), BinaryOp::Alt, right),
            op => Term::BinOp(left, op, right),
        };
    }

    fn call(&mut self, name: &'static str, paths: Node<'s>, argument: Node<'s>) -> Node<'s> {
        Term::Call(name, vec![Term::Call("!path", vec![paths]), argument])
    }

    /// `right as $!right | name(left; . op $!right)`
    fn call_bound(
        &mut self,
        name: &'static str,
        left: Node<'s>,
        op: BinaryOp<&'s str>,
        right: Box<Node<'s>>,
    ) -> Node<'s> {
        let updated = Term::BinOp(Term::Id.into(), op, Term::Var("$!right").into());
        let bound = BinaryOp::Pipe(Some(Pattern::Var("$!right")));
        Term::BinOp(right, bound, self.call(name, left, updated).into())
    }

    /// `.a[1:2]` is `null` in jq where `.a` is: jaq's is an error. Bounds that depend on the input stay
    /// with jaq, because behind a pipe they would see another one.
    fn slices(&mut self, term: &mut Node<'s>) {
        let Term::Path(_, Path(parts)) = &*term else { return };
        let Some(first) = parts.iter().position(|(part, _)| is_slice(part)) else { return };
        if !parts[first..].iter().all(|(part, _)| is_constant(part)) {
            return;
        }
        let Term::Path(from, Path(mut parts)) = std::mem::take(term) else { return };
        let behind = parts.split_off(first);
        *term = if parts.is_empty() { *from } else { Term::Path(from, Path(parts)) };
        for (part, opt) in behind {
            let step = match part {
                Part::Range(from, to) if from.is_some() || to.is_some() => {
                    let bound = |bound: Option<Node<'s>>| bound.unwrap_or(Term::Call("null", vec![]));
                    self.called.insert("null");
                    let slice = Term::Call("!slice", vec![bound(from), bound(to)]);
                    if matches!(opt, Opt::Optional) { Term::TryCatch(slice.into(), None) } else { slice }
                }
                part => Term::Path(Term::Id.into(), Path(vec![(part, opt)])),
            };
            *term = Term::BinOp(std::mem::take(term).into(), BinaryOp::Pipe(None), step.into());
        }
    }

    fn location(&self, at: &str) -> Node<'s> {
        let before = &self.text[..span(self.text, at).start];
        let line = self.arena.alloc((before.matches('\n').count() + 1).to_string());
        let members = [("file", string("<top-level>")), ("line", Term::Num(line.as_str()))];
        Term::Obj(members.map(|(key, value)| (string(key), Some(value))).into())
    }
}

fn string(text: &str) -> Term<&str> {
    Term::Str(None, vec![StrPart::Str(text)])
}

fn is_slice<F>(part: &Part<F>) -> bool {
    matches!(part, Part::Range(Some(_), _) | Part::Range(_, Some(_)))
}

fn is_constant(part: &Part<Term<&str>>) -> bool {
    let constant = |term: &Term<&str>| match term {
        Term::Num(_) | Term::Var(_) => true,
        Term::Neg(inner) => matches!(**inner, Term::Num(_)),
        Term::Str(None, parts) => parts.iter().all(|part| !matches!(part, StrPart::Term(_))),
        _ => false,
    };
    match part {
        Part::Index(index) => constant(index),
        Part::Range(from, to) => from.iter().chain(to).all(constant),
    }
}

/// `00.5` is a number in programs, and its digits are written as they stand.
fn without_leading_zeros(digits: &str) -> &str {
    let rest = digits.trim_start_matches('0');
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        rest
    } else {
        &digits[digits.len() - rest.len() - 1..]
    }
}
