//! Patterns of rules against the validator's regular expressions.

use super::schema as compiled;
use crate::chance::Chance;
use wasmrecords_engine::rule::Rule;
use wasmrecords_json::parse;

/// A pattern of what rules know.
fn pattern(chance: &mut Chance, depth: usize) -> String {
    let mut whole = String::new();
    for _ in 0..chance.below(4) {
        let one = match chance.below(if depth == 0 { 8 } else { 11 }) {
            0..=3 => chance.pick(&["a", "b", "1", "-", "é", "\\.", "\\n", "_"]).to_string(),
            4 => chance.pick(&["\\d", "\\w", "\\s", "\\D", "\\W", "\\S", "."]).to_string(),
            5..=7 => {
                let parts = ["a-c", "0-9", "-", "_", "\\d", "\\w", "\\s", "\\S", "\\W", ".", "\\]", "^"];
                let list: String = (0..=chance.below(2)).map(|_| *chance.pick(&parts)).collect();
                format!("[{}{list}]", chance.pick(&["", "", "^"]))
            }
            _ => {
                let (left, right) = (pattern(chance, depth - 1), pattern(chance, depth - 1));
                format!("({}{left}|{right})", chance.pick(&["", "?:"]))
            }
        };
        whole += &one;
        whole += *chance.pick(&["", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,}", "{2,}"]);
    }
    whole
}

/// What is white space or a new line beyond ASCII stands at the end.
const CHARACTERS: [&str; 20] = [
    "a", "b", "c", "1", "0", "-", "_", ".", "]", "^", " ", "\\n", "\\r", "\\t", "é", "日", "😀", "\u{a0}",
    "\u{2028}", "\u{feff}",
];

fn compare(seed: u64, patterns: usize) {
    let mut chance = Chance::new(seed);
    let (mut fast, mut passed) = (0, 0);
    for _ in 0..patterns {
        let alternatives: Vec<_> = (0..=chance.below(2))
            .map(|_| {
                let (open, close) = (*chance.pick(&["", "^"]), *chance.pick(&["", "$"]));
                format!("{open}{}{close}", pattern(&mut chance, 2))
            })
            .collect();
        let text = serde_json::json!({ "pattern": alternatives.join("|") }).to_string();
        let Ok(rule) = Rule::new(&parse(text.as_bytes(), 128).unwrap(), false) else { continue };
        let schema = compiled(&text);
        fast += 1;
        for _ in 0..30 {
            let sure = chance.below(3) > 0;
            let length = chance.below(7);
            let known = if sure { CHARACTERS.len() - 3 } else { CHARACTERS.len() };
            let found: String = (0..length).map(|_| *chance.pick(&CHARACTERS[..known])).collect();
            let record = format!("\"{found}\"");
            let value = parse(record.as_bytes(), 1).unwrap();
            let matches = schema.check(&value, record.as_bytes(), None).is_ok();
            let certain = rule.string.allows(found.as_bytes(), found.contains('\\'));
            assert!(matches || !certain, "{record} on {text}");
            if sure {
                assert_eq!(matches, certain, "{record} on {text}");
            }
            passed += usize::from(certain);
        }
    }
    // Most of these are known, and match now and then.
    assert!(fast * 10 > patterns * 7 && passed > fast * 2, "{fast} of {patterns}, {passed} passed");
}

#[test]
fn patterns_match_as_the_validator_has_it() {
    compare(3, 2_000);
}

#[test]
#[ignore = "takes minutes"]
fn many_patterns_match_as_the_validator_has_it() {
    (10..20).for_each(|seed| compare(seed, 20_000));
}

#[test]
fn patterns_of_real_schemas_are_known() {
    for pattern in [
        "^[a-z][a-z0-9_]*$",
        r"^\d{4}-\d{2}-\d{2}$",
        r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$",
        "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        "^[0-9a-fA-F]{64}$",
        r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
        "^(open|closed|in progress)$",
        "^https?://",
        r"\.json$",
        "^#[0-9a-f]{6}$",
        r"^\+?[1-9]\d{1,14}$",
        "^[A-Z]{2,3}$",
        r"^v?\d+\.\d+\.\d+(-[\w.]+)?$",
        r"^\S+$",
        "^.{1,255}$",
        "^[a-z]{100}$",
    ] {
        let text = serde_json::json!({ "pattern": pattern }).to_string();
        assert!(Rule::new(&parse(text.as_bytes(), 128).unwrap(), false).is_ok(), "{pattern}");
    }
}

#[test]
fn long_counts_match_as_the_validator_has_it() {
    for (pattern, known) in [
        ("^a{70}$", true),
        ("^[a-c]{2,70}$", true),
        ("^.{69,}$", true),
        ("^(a){70}$", true),
        ("^(ab){70}$", false),
        ("^(a|){70}$", false),
        ("^(a+){70}$", false),
        ("^(a?){70}$", false),
        ("a{70}$", false),
        ("^b|^a{70}$", false),
    ] {
        let text = serde_json::json!({ "pattern": pattern, "minLength": 3 }).to_string();
        let rule = Rule::new(&parse(text.as_bytes(), 128).unwrap(), false);
        assert_eq!(rule.is_ok(), known, "{pattern}");
        let schema = compiled(&text);
        for found in ["", "a", "aa", "aaa", &"a".repeat(69), &"a".repeat(70), &"a".repeat(71)] {
            let record = format!("\"{found}\"");
            let value = parse(record.as_bytes(), 1).unwrap();
            let matches = schema.check(&value, record.as_bytes(), None).is_ok();
            if let Ok(rule) = &rule {
                assert_eq!(rule.string.allows(found.as_bytes(), false), matches, "{record} on {text}");
            }
        }
    }
}
