//! Where a program leaves the fast subset.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::load::span;
use jaq_core::path::Part;

/// The first part of a program that only the general engine runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaves {
    /// Where it stands in the program, in bytes.
    pub offset: usize,
    /// The token that stands there.
    pub token: String,
    /// How to write it so that it stays in the subset, or that it cannot.
    pub hint: &'static str,
}

impl Leaves {
    /// At the first token of a term.
    pub(in crate::jq) fn at(term: &Term<&str>, text: &str, hint: &'static str) -> Leaves {
        let whole = text.as_bytes().as_ptr_range();
        let found = match term {
            // What is bound says more than what it is bound to.
            Term::BinOp(_, BinaryOp::Pipe(Some(pattern)), _) => variable(pattern).or_else(|| token(term)),
            _ => token(term),
        };
        let (offset, token) = match found {
            Some(token) if matches!(term, Term::TryCatch(..)) && whole.contains(&token.as_ptr()) => {
                let at = span(text, token).start;
                // A `try` in front; or it is the `?` behind.
                let front = text[..at].trim_end_matches(|c: char| !c.is_alphanumeric());
                if front.ends_with("try") { (front.len() - 3, "try") } else { (at, token) }
            }
            Some(token) if whole.contains(&token.as_ptr()) => (span(text, token).start, token),
            found => {
                // A name that leads into a module has been changed, and the tree does not say where `..` stands.
                let name = match found {
                    Some(name) => name.rsplit('!').next().unwrap_or(name),
                    None if matches!(term, Term::Recurse) => "..",
                    None => ".",
                };
                (text.find(name).unwrap_or(0), name)
            }
        };
        Leaves { offset, token: token.into(), hint }
    }
}

/// The first variable of a pattern.
fn variable<'s>(pattern: &Pattern<&'s str>) -> Option<&'s str> {
    match pattern {
        Pattern::Var(name) => Some(name),
        Pattern::Arr(items) => items.iter().find_map(variable),
        Pattern::Obj(members) => members.iter().find_map(|(_, pattern)| variable(pattern)),
    }
}

/// The first token in a term that the tree knows.
pub(super) fn token<'s>(term: &Term<&'s str>) -> Option<&'s str> {
    match term {
        Term::Id | Term::Recurse | Term::Arr(None) => None,
        Term::Num(text) | Term::Var(text) | Term::Call(text, _) | Term::Break(text) => Some(text),
        Term::Str(Some(format), _) => Some(format),
        Term::Str(None, parts) => parts.iter().find_map(|part| match part {
            StrPart::Str(text) if !text.is_empty() => Some(*text),
            StrPart::Term(inner) => token(inner),
            _ => None,
        }),
        Term::Fold(name, ..) => Some(name),
        Term::Label(name, _) => Some(name),
        Term::Arr(Some(inner)) | Term::Neg(inner) => token(inner),
        Term::TryCatch(body, catch) => token(body).or_else(|| token(catch.as_deref()?)),
        Term::Obj(members) => {
            members.iter().find_map(|(key, value)| token(key).or_else(|| token(value.as_ref()?)))
        }
        Term::Def(definitions, _) => definitions.first().map(|definition| definition.name),
        Term::BinOp(left, op, right) => token(left).or_else(|| match op {
            BinaryOp::Pipe(_) => token(right),
            _ => token(right),
        }),
        Term::IfThenElse(branches, _) => {
            branches.iter().find_map(|(condition, then)| token(condition).or_else(|| token(then)))
        }
        Term::Path(from, path) => token(from).or_else(|| {
            path.0.iter().find_map(|(part, _)| match part {
                Part::Index(index) => token(index),
                Part::Range(from, to) => from.iter().chain(to).find_map(token),
            })
        }),
    }
}
