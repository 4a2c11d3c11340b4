//! Which paths of the record a program looks at.

use super::expr::{Expr, FunctionWith, Name, Part, Place, Step, Update};
use super::literal::Constant;

type Path = Vec<Box<str>>;

/// The program with slots in place of paths from the record's root, and their paths.
pub(super) fn assign(expr: Expr) -> (Expr, Vec<Path>) {
    let mut slots = Slots(Vec::new());
    let expr = slots.root(expr);
    (expr, slots.0)
}

struct Slots(Vec<Path>);

impl Slots {
    fn slot(&mut self, path: Path) -> usize {
        self.0.iter().position(|known| *known == path).unwrap_or_else(|| {
            self.0.push(path);
            self.0.len() - 1
        })
    }

    fn boxed(&mut self, expr: Expr) -> Box<Expr> {
        Box::new(self.root(expr))
    }

    /// A part whose input is the record.
    fn root(&mut self, expr: Expr) -> Expr {
        match expr {
            Expr::Input => Expr::Slot(self.slot(Vec::new())),
            Expr::Path(from, steps) if matches!(*from, Expr::Input) => {
                let (slot, rest) = self.path(steps);
                Expr::path(slot, rest)
            }
            Expr::Walk(from, steps) if matches!(*from, Expr::Input) => {
                let (slot, rest) = self.path(steps);
                Expr::path(slot, rest)
            }
            Expr::Path(from, steps) => Expr::Path(self.boxed(*from), steps),
            Expr::Walk(from, steps) => Expr::Walk(self.boxed(*from), steps),
            Expr::Object(members) => Expr::Object(
                members.into_iter().map(|(name, value)| (self.name(name), self.root(value))).collect(),
            ),
            Expr::Array(items) => Expr::Array(self.boxed(*items)),
            Expr::Pipe(left, right) => self.pipe(*left, *right),
            Expr::Comma(left, right) => Expr::Comma(self.boxed(*left), self.boxed(*right)),
            Expr::Alternative(left, right) => Expr::Alternative(self.boxed(*left), self.boxed(*right)),
            Expr::And(left, right) => Expr::And(self.boxed(*left), self.boxed(*right)),
            Expr::Or(left, right) => Expr::Or(self.boxed(*left), self.boxed(*right)),
            Expr::Compare(left, op, right) => Expr::Compare(self.boxed(*left), op, self.boxed(*right)),
            Expr::Calculate(left, op, right) => Expr::Calculate(self.boxed(*left), op, self.boxed(*right)),
            Expr::Negate(value) => Expr::Negate(self.boxed(*value)),
            Expr::If(branches, otherwise) => Expr::If(
                branches.into_iter().map(|(cond, then)| (self.root(cond), self.root(then))).collect(),
                self.boxed(*otherwise),
            ),
            Expr::Interpolation(parts) => Expr::Interpolation(
                parts
                    .into_iter()
                    .map(|part| match part {
                        Part::Value(value) => Part::Value(self.root(value)),
                        text => text,
                    })
                    .collect(),
            ),
            Expr::Any(values, condition) => Expr::Any(self.boxed(*values), condition),
            Expr::All(values, condition) => Expr::All(self.boxed(*values), condition),
            Expr::Bind(value, variable, body) => Expr::Bind(self.boxed(*value), variable, self.boxed(*body)),
            Expr::First(values) => Expr::First(self.boxed(*values)),
            Expr::Delete(of, edits) => Expr::Delete(self.boxed(*of), edits),
            Expr::Update(update) => {
                let Update { of, path, op, value } = *update;
                let value = if op == super::Assignment::Update { value } else { self.root(value) };
                Expr::Update(Update { of: self.root(of), path, op, value }.into())
            }
            Expr::CallWith(FunctionWith::Has, ref name) if let_name(name).is_some() => {
                self.has(Vec::new(), let_name(name).unwrap_or_default())
            }
            // Of the record itself.
            Expr::Call(_) | Expr::CallWith(..) | Expr::Test(_) | Expr::Among(_) | Expr::Try(_) => {
                Expr::Pipe(Expr::Slot(self.slot(Vec::new())).into(), expr.into())
            }
            Expr::Slot(_)
            | Expr::Present(_)
            | Expr::Constant(_)
            | Expr::Empty
            | Expr::Variable(_)
            | Expr::Fail => expr,
        }
    }

    fn name(&mut self, name: Name) -> Name {
        match name {
            Name::Computed(name) => Name::Computed(self.root(name)),
            constant => constant,
        }
    }

    /// The slot of the names that a path begins with, and the steps behind them.
    fn path(&mut self, steps: Vec<Step>) -> (Expr, Vec<Step>) {
        let names = names(&steps);
        let rest = steps.into_iter().skip(names.len()).collect();
        (Expr::Slot(self.slot(names)), rest)
    }

    fn pipe(&mut self, left: Expr, right: Expr) -> Expr {
        match left {
            Expr::Input => self.root(right),
            // As `select(f)` is: what stands behind it sees the record.
            Expr::If(mut branches, otherwise)
                if matches!(*otherwise, Expr::Empty)
                    && branches.len() == 1
                    && matches!(branches[0].1, Expr::Input) =>
            {
                let condition = branches.swap_remove(0).0;
                Expr::If(vec![(self.root(condition), self.root(right))], otherwise)
            }
            Expr::Path(from, steps)
                if matches!(*from, Expr::Input)
                    && names(&steps).len() == steps.len()
                    && let_has(&right).is_some() =>
            {
                let key = let_has(&right).unwrap_or_default();
                self.has(names(&steps), key)
            }
            left => Expr::Pipe(self.root(left).into(), right.into()),
        }
    }

    fn has(&mut self, mut path: Path, name: Box<str>) -> Expr {
        path.push(name);
        Expr::Present(self.slot(path))
    }
}

/// The names that a path begins with, without those that may be passed over.
fn names(steps: &[Step]) -> Path {
    let name = |step: &Step| match &step.to {
        Place::Name(name) if !step.optional => Some(name.plain().into()),
        _ => None,
    };
    steps.iter().map_while(name).collect()
}

fn let_name(expr: &Expr) -> Option<Box<str>> {
    match expr {
        Expr::Constant(Constant::String(name)) => Some(name.plain().into()),
        _ => None,
    }
}

fn let_has(expr: &Expr) -> Option<Box<str>> {
    match expr {
        Expr::CallWith(FunctionWith::Has, name) => let_name(name),
        _ => None,
    }
}
