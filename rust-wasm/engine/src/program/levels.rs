//! How much deeper than a record its values become in a program.

use super::expr::{Expr, Function, FunctionWith, Name, Part};
use super::literal::Constant;
use wasmrecords_json::string_end;

/// Levels that a text may have that is read.
pub(super) const READ: u32 = 128;

impl Expr {
    /// At the most so many levels are added to those of the input. As many as are in a constant, if that has more.
    pub(super) fn levels(&self) -> usize {
        let most = |parts: &[&Expr]| parts.iter().map(|part| part.levels()).max().unwrap_or(0);
        match self {
            Expr::Constant(Constant::Array(text) | Constant::Object(text)) => depth(text),
            Expr::Input
            | Expr::Slot(_)
            | Expr::Present(_)
            | Expr::Variable(_)
            | Expr::Fail
            | Expr::Constant(_)
            | Expr::Empty
            | Expr::Test(_) => 0,
            Expr::Object(members) => {
                let member = |(name, value): &(Name, Expr)| match name {
                    Name::Computed(name) => most(&[name, value]),
                    Name::Constant(_) => value.levels(),
                };
                1 + members.iter().map(member).max().unwrap_or(0)
            }
            Expr::Array(items) => 1 + items.levels(),
            Expr::Pipe(left, right) | Expr::Bind(left, _, right) => left.levels() + right.levels(),
            Expr::Path(from, _) | Expr::Walk(from, _) => 1 + from.levels(),
            Expr::Negate(value) | Expr::First(value) | Expr::Try(value) | Expr::Delete(value, _) => {
                value.levels()
            }
            Expr::Any(values, condition) | Expr::All(values, condition) => {
                values.levels() + condition.levels()
            }
            Expr::Comma(left, right)
            | Expr::Alternative(left, right)
            | Expr::And(left, right)
            | Expr::Or(left, right)
            | Expr::Compare(left, _, right)
            | Expr::Calculate(left, _, right) => 1 + most(&[left, right]),
            Expr::If(branches, otherwise) => {
                let branches = branches.iter().map(|(condition, then)| most(&[condition, then])).max();
                branches.unwrap_or(0).max(otherwise.levels())
            }
            Expr::Interpolation(parts) => {
                let part = |part: &Part| if let Part::Value(value) = part { value.levels() } else { 0 };
                parts.iter().map(part).max().unwrap_or(0)
            }
            // A text that is read has levels of its own.
            Expr::Call(Function::FromJson) => READ as usize,
            Expr::Call(Function::ToEntries) => 2,
            Expr::Call(_) => 1,
            Expr::CallWith(FunctionWith::Split, argument) => 1 + argument.levels(),
            Expr::CallWith(_, argument) => argument.levels(),
            Expr::Among(values) => values.iter().map(Expr::levels).max().unwrap_or(0),
            Expr::Update(update) => update.of.levels() + update.path.len() + 1 + update.value.levels(),
        }
    }
}

/// The levels of a text.
fn depth(text: &[u8]) -> usize {
    let (mut at, mut open, mut most) = (0, 0_usize, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                at = string_end(text, at).unwrap_or(text.len());
                continue;
            }
            b'[' | b'{' => {
                open += 1;
                most = most.max(open);
            }
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    most
}

#[cfg(test)]
mod tests {
    use super::depth;

    #[test]
    fn the_deepest_place_counts() {
        for (text, levels) in [("1", 0), ("[]", 1), (r#"{"[[":[1,[2]],"]":{}}"#, 3)] {
            assert_eq!(depth(text.as_bytes()), levels, "{text}");
        }
    }
}
