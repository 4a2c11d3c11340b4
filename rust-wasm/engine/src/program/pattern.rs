//! `test` with regular expressions that are literals.

use super::functions::holds;
use super::strings::decode;
use super::value::Value;
use super::{Exit, Left};

/// A regular expression: alternatives of which each is a text, perhaps tied to the start or the end.
#[derive(Debug, Clone)]
pub struct Pattern {
    alternatives: Vec<Alternative>,
    any_case: bool,
}

#[derive(Debug, Clone)]
struct Alternative {
    text: Vec<u8>,
    starts: bool,
    ends: bool,
}

impl Pattern {
    /// The pattern of a regular expression and its flags; none if it is more than such alternatives.
    pub fn new(regex: &str, flags: &str) -> Option<Pattern> {
        let mut any_case = false;
        for flag in flags.chars() {
            match flag {
                'i' => any_case = true,
                'x' if !regex.contains(|c: char| c.is_whitespace() || c == '#') => {}
                'g' | 's' | 'l' | 'p' => {}
                _ => return None,
            }
        }
        if any_case && !regex.is_ascii() {
            return None;
        }
        let alternatives = regex.split('|').map(|text| alternative(text, any_case)).collect::<Option<_>>()?;
        Some(Pattern { alternatives, any_case })
    }

    /// Whether a string matches. All else is an error.
    pub(super) fn is_in(&self, value: Value<'_>) -> Result<bool, Exit> {
        let Value::String(text) = value else { return Err(Left::Error.into()) };
        let mut text = decode(text.bytes);
        if self.any_case {
            if !text.is_ascii() {
                return Err(Left::Letters.into());
            }
            text.to_mut().make_ascii_lowercase();
        }
        Ok(self.alternatives.iter().any(|alternative| alternative.is_in(&text)))
    }
}

impl Alternative {
    fn is_in(&self, text: &[u8]) -> bool {
        match (self.starts, self.ends) {
            (true, true) => text == self.text,
            (true, false) => text.starts_with(&self.text),
            (false, true) => text.ends_with(&self.text),
            (false, false) => holds(text, &self.text),
        }
    }
}

fn alternative(text: &str, any_case: bool) -> Option<Alternative> {
    let (text, starts) = text.strip_prefix('^').map_or((text, false), |rest| (rest, true));
    let (mut characters, mut plain, mut ends) = (text.chars().peekable(), String::new(), false);
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next()? {
                escaped @ ('.' | '^' | '$' | '|' | '(' | ')' | '[' | ']' | '{' | '}' | '*' | '+' | '?'
                | '\\' | '-' | '/') => {
                    plain.push(escaped);
                }
                _ => return None,
            },
            '$' if characters.peek().is_none() => ends = true,
            '.' | '^' | '$' | '(' | ')' | '[' | ']' | '{' | '}' | '*' | '+' | '?' => return None,
            c => plain.push(c),
        }
    }
    if any_case {
        plain.make_ascii_lowercase();
    }
    Some(Alternative { text: plain.into(), starts, ends })
}
