//! Indices and slices that may have several values or fail: in a path, the last of them comes first and is
//! the outer loop.

use super::{Node, Rewrite, bindings::is_plain};
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::path::{Part, Path};

impl<'s> Rewrite<'s> {
    /// `before[at]` is `at as $!at | before[$!at]`.
    pub(super) fn path(&mut self, term: &mut Node<'s>) {
        let Term::Path(from, Path(parts)) = &*term else { return };
        let several = |(part, _): &(Part<Node<'s>>, _)| match part {
            Part::Index(index) => !is_plain(index),
            Part::Range(from, to) => from.iter().chain(to).any(|bound| !is_plain(bound)),
        };
        let Some(last) = parts.iter().rposition(several) else { return };
        // A slice has two: which of them comes first shows.
        if last == 0 && matches!(**from, Term::Id) && matches!(parts[0].0, Part::Index(_)) {
            return;
        }
        let Term::Path(from, Path(mut parts)) = std::mem::take(term) else { return };
        let (part, _) = &mut parts[last];
        let mut bound = Vec::new();
        match part {
            Part::Index(index) => bound.push(("$!at", std::mem::replace(index, Term::Var("$!at")))),
            Part::Range(from, to) => {
                for (end, name) in [(from, "$!from"), (to, "$!to")] {
                    if let Some(end) = end {
                        bound.push((name, std::mem::replace(end, Term::Var(name))));
                    }
                }
            }
        }
        let mut path = Term::Path(from, Path(parts));
        // Those in front of it, which are inner loops.
        self.path(&mut path);
        *term = bound.into_iter().rev().fold(path, |path, (name, value)| {
            Term::BinOp(value.into(), BinaryOp::Pipe(Some(Pattern::Var(name))), path.into())
        });
    }
}
