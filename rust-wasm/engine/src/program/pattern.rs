//! `test` with regular expressions that are literals, or small machines.

use super::functions::holds;
use super::strings::decode;
use super::value::Value;
use super::{Exit, Left};
use crate::rule::pattern::Pattern as Machine;

/// A regular expression and its flags.
#[derive(Debug, Clone)]
pub struct Pattern(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// Texts of which each is perhaps tied to the start or the end.
    Alternatives { all: Vec<Alternative>, any_case: bool },
    /// It says nothing certain of texts with some characters.
    Machine { machine: Machine, ascii: bool, no_return: bool },
}

#[derive(Debug, Clone)]
struct Alternative {
    text: Vec<u8>,
    starts: bool,
    ends: bool,
}

impl Pattern {
    /// The pattern of a regular expression and its flags; none if it is more than that.
    pub fn new(regex: &str, flags: &str) -> Option<Pattern> {
        let mut any_case = false;
        for flag in flags.chars() {
            match flag {
                'i' => any_case = true,
                'x' if !regex.contains(|c: char| c.is_whitespace() || c == '#') => {}
                'g' | 's' | 'l' => {}
                _ => return None,
            }
        }
        if any_case && !regex.is_ascii() {
            return None;
        }
        let all = regex.split('|').map(|text| alternative(text, any_case)).collect::<Option<_>>();
        if let Some(all) = all {
            return Some(Pattern(Kind::Alternatives { all, any_case }));
        }
        if any_case {
            return None;
        }
        let machine = Machine::new(regex)?;
        // `\w` and its like hold more than ASCII, and `.` holds a carriage return.
        let ascii = regex.as_bytes().windows(2).any(|pair| pair[0] == b'\\' && pair[1].is_ascii_alphabetic());
        Some(Pattern(Kind::Machine { machine, ascii, no_return: regex.contains('.') }))
    }

    /// Whether a string matches. All else is an error. A `$` may stand before a newline at the end, too: so it also
    /// matches if it does without that.
    pub(super) fn is_in(&self, value: Value<'_>) -> Result<bool, Exit> {
        let Value::String(text) = value else { return Err(Left::Error.into()) };
        let mut text = decode(text.bytes);
        match &self.0 {
            Kind::Alternatives { all, any_case } => {
                if *any_case {
                    if !text.is_ascii() {
                        return Err(Left::Letters.into());
                    }
                    text.to_mut().make_ascii_lowercase();
                }
                let found = |text: &[u8]| all.iter().any(|alternative| alternative.is_in(text));
                Ok(found(&text) || text.strip_suffix(b"\n").is_some_and(found))
            }
            Kind::Machine { machine, ascii, no_return } => {
                let is_ascii = text.is_ascii();
                if *ascii && !is_ascii || *no_return && text.contains(&b'\r') {
                    return Err(Left::Letters.into());
                }
                // Of what it does not match, it is not certain beyond ASCII.
                let found = |text: &[u8]| machine.matches(text);
                let found = found(&text) || text.strip_suffix(b"\n").is_some_and(found);
                if found || is_ascii { Ok(found) } else { Err(Left::Letters.into()) }
            }
        }
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
