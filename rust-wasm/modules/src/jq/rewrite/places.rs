//! Paths, step by step.

use super::{Node, Rewrite, is_constant};
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::path::{Opt, Part, Path};

impl<'s> Rewrite<'s> {
    /// Indices and slices are ours: jq's index has a fraction and is an error on an object, and jq's
    /// slice of `null` is `null`. Names and `.[]` stay with jaq.
    pub(super) fn path(&mut self, term: &mut Node<'s>) {
        let Term::Path(_, Path(parts)) = &*term else { return };
        let Some(first) = parts.iter().position(|(part, _)| !is_plain(part)) else { return };
        let Term::Path(from, Path(mut parts)) = std::mem::take(term) else { return };
        let behind = parts.split_off(first);
        *term = if parts.is_empty() { *from } else { Term::Path(from, Path(parts)) };
        for (part, opt) in behind {
            let before = std::mem::take(term);
            *term = match part {
                Part::Index(index) if !is_plain_index(&index) => {
                    self.step(before, "!index", vec![index], opt)
                }
                Part::Range(from, to) if from.is_some() || to.is_some() => {
                    self.called.insert("null");
                    let bound = |bound: Option<Node<'s>>| bound.unwrap_or(Term::Call("null", vec![]));
                    self.step(before, "!slice", vec![bound(from), bound(to)], opt)
                }
                part => Term::Path(before.into(), Path(vec![(part, opt)])),
            };
        }
    }

    /// `at as $!at | before | name($!at)`: arguments see the input of the whole path.
    fn step(&self, before: Node<'s>, name: &'static str, mut args: Vec<Node<'s>>, opt: Opt) -> Node<'s> {
        let mut bound = Vec::new();
        if !matches!(before, Term::Id) || args.len() > 1 {
            for (arg, name) in args.iter_mut().zip(["$!at", "$!to"]) {
                if !is_constant(arg) && !matches!(arg, Term::Call("null", _)) {
                    bound.push((name, std::mem::replace(arg, Term::Var(name))));
                }
            }
        }
        let call = Term::Call(name, args);
        let call = if let Opt::Optional = opt { Term::TryCatch(call.into(), None) } else { call };
        let step = match before {
            Term::Id => call,
            before => Term::BinOp(before.into(), BinaryOp::Pipe(None), call.into()),
        };
        bound.into_iter().rev().fold(step, |step, (name, value)| {
            Term::BinOp(value.into(), BinaryOp::Pipe(Some(Pattern::Var(name))), step.into())
        })
    }
}

fn is_plain(part: &Part<Node<'_>>) -> bool {
    match part {
        Part::Index(index) => is_plain_index(index),
        Part::Range(from, to) => from.is_none() && to.is_none(),
    }
}

fn is_plain_index(index: &Node<'_>) -> bool {
    matches!(index, Term::Str(None, parts) if parts.iter().all(|part| !matches!(part, StrPart::Term(_))))
}
