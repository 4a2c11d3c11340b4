//! Conditions as tests, and which of their outcomes keep a record.

use super::super::expr::{Expr, Function, FunctionWith};
use super::super::literal::Constant;
use super::{Op, Test};
use std::rc::Rc;

/// So that their outcomes are a number below 64.
const MOST: usize = 6;

/// A combination of tests.
enum Tree {
    Test(usize),
    Not(Box<Tree>),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
}

impl Tree {
    fn holds(&self, outcomes: usize) -> bool {
        match self {
            Tree::Test(test) => outcomes >> test & 1 == 1,
            Tree::Not(inner) => !inner.holds(outcomes),
            Tree::And(left, right) => left.holds(outcomes) && right.holds(outcomes),
            Tree::Or(left, right) => left.holds(outcomes) || right.holds(outcomes),
        }
    }
}

/// The tests of conditions that must all hold, and their table.
pub(super) fn table(conditions: &[&Expr]) -> Option<(Vec<Test>, u64)> {
    let mut tests = Vec::new();
    let trees = conditions.iter().map(|condition| tree(condition, &mut tests)).collect::<Option<Vec<_>>>()?;
    if tests.len() > MOST {
        return None;
    }
    let kept = (0..1_usize << tests.len()).filter(|outcomes| trees.iter().all(|tree| tree.holds(*outcomes)));
    let keep = kept.fold(0, |keep, outcomes| keep | 1_u64 << outcomes);
    Some((tests, keep))
}

fn tree(condition: &Expr, tests: &mut Vec<Test>) -> Option<Tree> {
    // More are too many, and not looked at.
    if tests.len() > MOST {
        return None;
    }
    Some(match condition {
        Expr::And(left, right) => Tree::And(tree(left, tests)?.into(), tree(right, tests)?.into()),
        Expr::Or(left, right) => Tree::Or(tree(left, tests)?.into(), tree(right, tests)?.into()),
        Expr::Pipe(left, right) if matches!(**right, Expr::Call(Function::Not)) => {
            Tree::Not(tree(left, tests)?.into())
        }
        Expr::Pipe(left, right) if matches!(&**right, Expr::Pipe(_, last) if matches!(**last, Expr::Call(Function::Not))) =>
        {
            let Expr::Pipe(middle, _) = &**right else { return None };
            Tree::Not(tree(&Expr::Pipe(left.clone(), middle.clone()), tests)?.into())
        }
        Expr::Slot(slot) => test(tests, *slot, Op::True),
        Expr::Present(slot) => test(tests, *slot, Op::Present),
        Expr::Compare(left, op, right) => match (&**left, &**right) {
            (Expr::Slot(slot), Expr::Constant(constant)) if is_scalar(constant) => {
                test(tests, *slot, Op::Is(*op, constant.clone()))
            }
            (Expr::Pipe(from, value), Expr::Constant(_)) => match (&**from, value) {
                (Expr::Slot(slot), value) if is_own(value) => {
                    let holds = Expr::Compare(value.clone(), *op, right.clone());
                    test(tests, *slot, Op::Holds(Rc::new(holds)))
                }
                _ => return None,
            },
            _ => return None,
        },
        Expr::Pipe(from, condition) => match (&**from, condition) {
            (Expr::Slot(slot), condition) if is_own(condition) => {
                test(tests, *slot, Op::Holds(Rc::new((**condition).clone())))
            }
            _ => return None,
        },
        _ => return None,
    })
}

fn test(tests: &mut Vec<Test>, slot: usize, op: Op) -> Tree {
    tests.push(Test { slot, op });
    Tree::Test(tests.len() - 1)
}

fn is_scalar(constant: &Constant) -> bool {
    !matches!(constant, Constant::Array(_) | Constant::Object(_))
}

/// True for what asks nothing but its input, and has a value for any.
fn is_own(expr: &Expr) -> bool {
    match expr {
        Expr::Input | Expr::Constant(_) | Expr::Test(_) => true,
        Expr::Call(
            Function::Length | Function::Type | Function::Not | Function::Downcase | Function::Upcase,
        ) => true,
        Expr::CallWith(FunctionWith::StartsWith | FunctionWith::EndsWith | FunctionWith::Contains, part) => {
            matches!(**part, Expr::Constant(_))
        }
        Expr::Among(values) => values.iter().all(|value| matches!(value, Expr::Constant(_))),
        Expr::Compare(left, _, right) => is_own(left) && is_own(right),
        Expr::Pipe(left, right) => is_own(left) && is_own(right),
        Expr::And(left, right) | Expr::Or(left, right) => is_own(left) && is_own(right),
        _ => false,
    }
}
