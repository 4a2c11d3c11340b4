//! Variables that a program binds itself.

use super::{Compiled, Compiler, Node};
use jaq_core::load::parse::Pattern;
use wasmrecords_engine::program::{Expr, Place, Step, VARIABLES};

impl Compiler<'_> {
    /// The number of a variable that the program binds: the innermost of this name.
    pub(super) fn variable(&self, name: &str) -> Option<usize> {
        self.bound.borrow().iter().rfind(|(bound, _)| bound == name).map(|(_, number)| *number)
    }

    fn new_variable(&self, name: &str) -> usize {
        let number = self.numbers.get();
        self.numbers.set(number + 1);
        self.bound.borrow_mut().push((name.into(), number));
        number
    }

    /// `value as pattern | body`
    pub(super) fn bind(
        &self,
        term: &Node<'_>,
        value: &Node<'_>,
        pattern: &Pattern<&str>,
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
    fn bound_parts(&self, value: Expr, pattern: &Pattern<&str>) -> Option<Vec<(Expr, usize)>> {
        match pattern {
            Pattern::Var(name) => Some(vec![(value, self.new_variable(name))]),
            Pattern::Obj(members) => {
                // What is taken apart has a number as well, and no name.
                let whole = self.new_variable("");
                let mut parts = vec![(value, whole)];
                for (key, pattern) in members {
                    let (name, Pattern::Var(variable)) = (self.known(key)?, pattern) else { return None };
                    let step = Step { to: Place::Name(name), optional: false };
                    let part = Expr::path(Expr::Variable(whole), vec![step]);
                    parts.push((part, self.new_variable(variable)));
                }
                Some(parts)
            }
            Pattern::Arr(_) => None,
        }
    }
}
