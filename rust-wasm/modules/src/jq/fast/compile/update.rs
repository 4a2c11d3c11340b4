//! Assignments and deletions.

use super::{Compiled, Compiler, Node};
use jaq_core::load::parse::{BinaryOp, Term};
use wasmrecords_engine::program::{Assignment, Edits, Expr, Place, Step, Update, Way};

impl Compiler<'_> {
    pub(super) fn update(&self, path: &Node<'_>, op: Assignment, value: &Node<'_>) -> Compiled<Expr> {
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

    pub(super) fn delete(&self, paths: &Node<'_>, edits: &mut Edits) -> Compiled<()> {
        if let Term::BinOp(left, BinaryOp::Comma, right) = paths {
            self.delete(left, edits)?;
            return self.delete(right, edits);
        }
        if edits.add(&self.way(paths)?) {
            return Ok(());
        }
        self.leaves(paths, "this is deleted by the general engine; name each member once")
    }
}
