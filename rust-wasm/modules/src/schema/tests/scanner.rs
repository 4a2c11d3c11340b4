//! A scanner that asks rules about a text, as plain as can be.

use std::collections::BTreeSet;
use wasmrecords_engine::rule::{ObjectRule, Rule, Types};
use wasmrecords_json::Cursor;

/// Whether a text is certainly JSON of up to `depth` levels that matches a rule.
pub fn matches(text: &[u8], depth: u32, rule: &Rule) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let mut cursor = Cursor::new(text);
    value(&mut cursor, text, depth, rule).is_some() && cursor.at_end()
}

fn value(cursor: &mut Cursor<'_>, text: &str, depth: u32, rule: &Rule) -> Option<()> {
    let allowed = |types: Types, part: bool| (rule.types.has(types) && part).then_some(());
    match cursor.peek()? {
        b'"' => {
            let found = cursor.string()?;
            allowed(Types::STRING, rule.string.allows(found.text.as_bytes(), found.escaped))
        }
        b'-' | b'0'..=b'9' => {
            let digits = cursor.number()?.as_bytes();
            let allows = rule.number.allows(digits, rule.types);
            in_range(digits, rule, allows);
            allows.then_some(())
        }
        b'n' => {
            cursor.word("null")?;
            allowed(Types::NULL, true)
        }
        b't' => {
            cursor.word("true")?;
            allowed(Types::BOOLEAN, rule.booleans[1])
        }
        b'f' => {
            cursor.word("false")?;
            allowed(Types::BOOLEAN, rule.booleans[0])
        }
        b'{' => {
            allowed(Types::OBJECT, true)?;
            object(cursor, text, depth.checked_sub(1)?, rule.object.as_ref())
        }
        b'[' => {
            allowed(Types::ARRAY, true)?;
            let depth = depth.checked_sub(1)?;
            let (mut count, mut items) = (0, BTreeSet::new());
            cursor.take(b'[')?;
            while cursor.take(b']').is_none() {
                if count > 0 {
                    cursor.take(b',')?;
                }
                let start = cursor.at();
                value(cursor, text, depth, rule.items.as_deref().unwrap_or(&Rule::any()))?;
                let item = text[start..cursor.at()].trim_end();
                // With an escape it may be another item in other words.
                if rule.unique && (item.contains('\\') || !items.insert(item)) {
                    return None;
                }
                count += 1;
            }
            rule.item_count.contains(&count).then_some(())
        }
        _ => None,
    }
}

/// The range of a rule, where it has one, answers as the rule does.
fn in_range(digits: &[u8], rule: &Rule, allows: bool) {
    let short = digits.len() <= 15 && !digits.iter().any(|byte| b".eE".contains(byte));
    if let Some((least, most)) = rule.number.integer_range().filter(|_| short) {
        let value: i64 = std::str::from_utf8(digits).unwrap().parse().unwrap();
        let within = least <= value && value <= most;
        assert_eq!(within && rule.types.has(Types::NUMBER | Types::INTEGER), allows, "{value} {rule:?}");
    }
}

fn object(cursor: &mut Cursor<'_>, text: &str, depth: u32, rule: Option<&ObjectRule>) -> Option<()> {
    let mut names = BTreeSet::new();
    cursor.take(b'{')?;
    while cursor.take(b'}').is_none() {
        if !names.is_empty() {
            cursor.take(b',')?;
        }
        let name = cursor.name()?;
        let known = rule
            .and_then(|rule| rule.known.iter().find(|(known, _)| known.as_bytes() == name.text.as_bytes()));
        if name.escaped || !names.insert(name.text.as_bytes()) {
            return None;
        }
        match (known, rule) {
            (Some((_, member)), _) => value(cursor, text, depth, member)?,
            (None, Some(rule)) if !rule.others => return None,
            _ => value(cursor, text, depth, &Rule::any())?,
        }
    }
    let Some(rule) = rule else { return Some(()) };
    let all = rule.required.iter().all(|&place| names.contains(rule.known[place].0.as_bytes()));
    (all && rule.count.contains(&(names.len() as u64))).then_some(())
}
