//! Rewrites a parsed program where jaq would run it otherwise than jq.
//!
//! Names that begin with `!` are ours: no program can say them, so none can redefine them.

mod bindings;
mod places;

use super::builtins::{MOST_MEMBERS, Names};
use jaq_core::load::Arena;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::load::span;
use jaq_core::ops::{Cmp, Math};
use jaq_core::path::{Opt, Part, Path};

/// The rewriting of one program.
pub(super) struct Rewrite<'s> {
    pub text: &'s str,
    /// What `$__loc__` calls the file.
    pub file: &'s str,
    pub arena: &'s Arena,
    /// All filters that the program calls.
    pub called: Names<'s>,
    /// Leaves assignments, calculations and folds with jaq, where they are known to do the same and faster.
    pub keeps_operators: bool,
}

type Node<'s> = Term<&'s str>;

impl<'s> Rewrite<'s> {
    pub fn term(&mut self, term: &mut Node<'s>) {
        match term {
            Term::Id | Term::Recurse | Term::Break(_) | Term::Arr(None) => {}
            Term::Num(digits) if digits.starts_with('.') => {
                *digits = self.arena.alloc(format!("0{digits}"));
            }
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
                self.interpolations(term);
            }
            Term::Arr(Some(inner)) | Term::Neg(inner) | Term::Label(_, inner) => self.term(inner),
            Term::Obj(members) => {
                members.iter_mut().for_each(|(key, value)| self.member(key, value));
                object(term);
            }
            Term::BinOp(left, op, right) => {
                self.term(left);
                self.term(right);
                if let BinaryOp::Pipe(Some(pattern)) = op {
                    self.pattern(pattern);
                    self.destructuring(term);
                } else if !self.keeps_operators {
                    self.operator(term);
                }
            }
            Term::Fold(_, xs, pattern, args) => {
                self.term(xs);
                self.pattern(pattern);
                args.iter_mut().for_each(|arg| self.term(arg));
                if !self.keeps_operators {
                    self.fold(term);
                }
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
                definitions.iter_mut().for_each(|definition| self.definition(definition));
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
                        Part::Index(index) => self.term(index),
                        Part::Range(from, to) => from.iter_mut().chain(to).for_each(|bound| self.term(bound)),
                    }
                }
                self.path(term);
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
                value.iter_mut().for_each(|value| self.term(value));
            }
        }
    }

    fn pattern(&mut self, pattern: &mut Pattern<&'s str>) {
        if let Some(patterns) = super::parse::alternatives(pattern) {
            return patterns.iter_mut().for_each(|(_, pattern)| self.pattern(pattern));
        }
        match pattern {
            Pattern::Var(_) => {}
            Pattern::Arr(items) => items.iter_mut().for_each(|item| self.pattern(item)),
            Pattern::Obj(members) => members.iter_mut().for_each(|(key, pattern)| {
                self.term(key);
                self.pattern(pattern);
            }),
        }
    }

    /// Assignments by paths, as jq defines them: jaq's own fail on missing parents and reorder objects.
    /// And calculations where jq knows errors, or other numbers.
    fn operator(&mut self, term: &mut Node<'s>) {
        let Term::BinOp(left, op, right) = std::mem::take(term) else { return };
        *term = match op {
            BinaryOp::Assign => self.call("!assign", *left, *right),
            BinaryOp::Update => self.call("!modify", *left, *right),
            BinaryOp::UpdateMath(math) => {
                self.call_bound(*left, |old, right| calculation(old, math, right), right)
            }
            BinaryOp::UpdateAlt => {
                let alternative =
                    |old: Node<'s>, right: Node<'s>| Term::BinOp(old.into(), BinaryOp::Alt, right.into());
                self.call_bound(*left, alternative, right)
            }
            BinaryOp::Math(math) => calculation(*left, math, *right),
            // jaq's path of `//` leads to what is `null` as well.
            BinaryOp::Alt => Term::Call("!alt", vec![*left, *right]),
            BinaryOp::Cmp(cmp) if !bindings::is_plain(&left) && !bindings::is_plain(&right) => {
                let name = match cmp {
                    Cmp::Lt => "!lt",
                    Cmp::Le => "!le",
                    Cmp::Gt => "!gt",
                    Cmp::Ge => "!ge",
                    Cmp::Eq => "!eq",
                    Cmp::Ne => "!ne",
                };
                Term::Call(name, vec![*right, *left])
            }
            op => Term::BinOp(left, op, right),
        };
    }

    fn call(&mut self, name: &'static str, paths: Node<'s>, argument: Node<'s>) -> Node<'s> {
        Term::Call(name, vec![Term::Call("!path", vec![paths]), argument])
    }

    /// `right as $!right | !modify(left; updated)`
    fn call_bound(
        &mut self,
        left: Node<'s>,
        updated: impl FnOnce(Node<'s>, Node<'s>) -> Node<'s>,
        right: Box<Node<'s>>,
    ) -> Node<'s> {
        let updated = updated(Term::Id, Term::Var("$!right"));
        let bound = BinaryOp::Pipe(Some(Pattern::Var("$!right")));
        Term::BinOp(right, bound, self.call("!modify", left, updated).into())
    }

    fn location(&self, at: &str) -> Node<'s> {
        let before = &self.text[..span(self.text, at).start];
        let line = self.arena.alloc((before.matches('\n').count() + 1).to_string());
        let members = [("file", string(self.file)), ("line", Term::Num(line.as_str()))];
        Term::Obj(members.map(|(key, value)| (string(key), Some(value))).into())
    }
}

/// `{a: f, b}` as a call of a builtin, unless it is one of the rare forms that are jaq's.
fn object(term: &mut Node<'_>) {
    let Term::Obj(members) = term else { return };
    let is_ours = |(key, value): &(Node<'_>, Option<Node<'_>>)| {
        value.is_some()
            || matches!(key, Term::Str(None, parts) if !parts.iter().any(|part| matches!(part, StrPart::Term(_))))
    };
    if !(1..=MOST_MEMBERS).contains(&members.len()) || !members.iter().all(is_ours) {
        return;
    }
    let args = std::mem::take(members).into_iter().flat_map(|(key, value)| {
        let member = || Term::Path(Term::Id.into(), Path(vec![(Part::Index(key.clone()), Opt::Essential)]));
        let value = value.unwrap_or_else(member);
        [key, value]
    });
    *term = Term::Call("!object", args.collect());
}

fn string(text: &str) -> Term<&str> {
    Term::Str(None, vec![StrPart::Str(text)])
}

/// `left op right`. The right side is the outer loop, as in jq.
fn calculation<'s>(left: Node<'s>, math: Math, right: Node<'s>) -> Node<'s> {
    let name = match math {
        math if bindings::is_plain(&left) || bindings::is_plain(&right) => {
            return Term::BinOp(left.into(), BinaryOp::Math(math), right.into());
        }
        Math::Add => "!add",
        Math::Sub => "!sub",
        Math::Mul => "!mul",
        Math::Div => "!div",
        Math::Rem => "!rem",
    };
    Term::Call(name, vec![right, left])
}

/// True if a term has one value, whatever the input is.
fn is_constant(term: &Node<'_>) -> bool {
    match term {
        Term::Num(_) | Term::Var(_) => true,
        Term::Neg(inner) => matches!(**inner, Term::Num(_)),
        Term::Str(None, parts) => parts.iter().all(|part| !matches!(part, StrPart::Term(_))),
        _ => false,
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
