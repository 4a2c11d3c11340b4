//! Rules of listed values, and of alternatives.

use wasmrecords_json::{Number, Value};

use super::number::{Short, has};
use super::{Rule, Types};

/// What one keyword lists, by type.
#[derive(Default)]
struct Listed {
    booleans: [bool; 2],
    numbers: Vec<f64>,
    strings: Vec<Box<str>>,
}

/// Narrows a rule to some values. None if one of them cannot be told by its text alone.
pub(super) fn list(rule: &mut Rule, values: &[Value]) -> Option<()> {
    let (mut types, mut listed) = (Types::NONE, Listed::default());
    for value in values {
        types = types
            | match value {
                Value::Null => Types::NULL,
                Value::Bool(value) => {
                    listed.booleans[usize::from(*value)] = true;
                    Types::BOOLEAN
                }
                Value::Number(number) => {
                    listed.numbers.push(short(number)?);
                    Types::INTEGER | Types::NUMBER
                }
                Value::String(text) => {
                    listed.strings.push(text.as_str().into());
                    Types::STRING
                }
                Value::Array(_) | Value::Object(_) => return None,
            };
    }
    rule.types = rule.types.both(types);
    rule.booleans = [0, 1].map(|at| rule.booleans[at] && listed.booleans[at]);
    if let Some(before) = &rule.number.options {
        listed.numbers.retain(|&number| has(before, number));
    }
    listed.numbers.sort_by(f64::total_cmp);
    rule.number.options = Some(listed.numbers);
    if let Some(before) = &rule.string.options {
        listed.strings.retain(|string| before.binary_search(string).is_ok());
    }
    listed.strings.sort();
    rule.string.options = Some(listed.strings);
    Some(())
}

fn short(number: &Number) -> Option<f64> {
    Some(Short::read(number.to_string().as_bytes())?.value())
}

/// The rule of alternatives, of which no two have a type in common. None if they have.
pub(super) fn union(rules: Vec<Rule>) -> Option<Rule> {
    let numbers = Types::INTEGER | Types::NUMBER;
    let mut whole = Rule { types: Types::NONE, ..Rule::any() };
    for rule in rules {
        let types = if rule.types.has(numbers) { rule.types | numbers } else { rule.types };
        if whole.types.has(types) {
            return None;
        }
        whole.types = whole.types | rule.types;
        if rule.types.has(numbers) {
            whole.number = rule.number;
        }
        if rule.types.has(Types::STRING) {
            whole.string = rule.string;
        }
        if rule.types.has(Types::BOOLEAN) {
            whole.booleans = rule.booleans;
        }
        if rule.types.has(Types::ARRAY) {
            (whole.items, whole.item_count) = (rule.items, rule.item_count);
            whole.unique = rule.unique;
        }
        if rule.types.has(Types::OBJECT) {
            whole.object = rule.object;
        }
    }
    Some(whole)
}
