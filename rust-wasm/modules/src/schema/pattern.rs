//! Regular expressions that cannot be used: what is wrong with them, and where in the pattern.

use fancy_regex::{CompileError, Error};

use super::words::quoted;

/// What to say about a pattern that the validator does not take.
pub(super) fn refusal(pattern: &str) -> String {
    let shown = quoted(pattern);
    if let Err(error) = regex_syntax::Parser::new().parse(pattern)
        && let Some((offset, why)) = syntax(&error)
        // What only the other engine understands is no fault.
        && !matches!(why.as_str(), LOOK_AROUND | BACK_REFERENCE)
    {
        return told(&shown, pattern, offset, &why);
    }
    match fancy_regex::Regex::new(pattern) {
        Err(Error::ParseError(offset, why)) => told(&shown, pattern, offset, &lower(&why.to_string())),
        Err(Error::CompileError(why)) if !too_large(&why) => {
            let why = lower(&why.to_string());
            let first_line = why.lines().next().unwrap_or_default();
            format!("expected a regular expression, found {shown}: {first_line}")
        }
        _ => match bell(pattern) {
            Some(offset) => told(&shown, pattern, offset, "ECMAScript has no escape `\\a`"),
            None => format!("expected a regular expression of moderate size, found {shown}"),
        },
    }
}

/// The place of `\a`, the one escape that both parsers know and the validator refuses.
fn bell(pattern: &str) -> Option<usize> {
    let mut characters = pattern.char_indices();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && matches!(characters.next(), Some((_, 'a'))) {
            return Some(at);
        }
    }
    None
}

fn too_large(error: &CompileError) -> bool {
    match error {
        CompileError::InnerError(error) => error.size_limit().is_some(),
        CompileError::PatternTooComplex => true,
        _ => false,
    }
}

const LOOK_AROUND: &str = "look-around, including look-ahead and look-behind, is not supported";
const BACK_REFERENCE: &str = "backreferences are not supported";

fn syntax(error: &regex_syntax::Error) -> Option<(usize, String)> {
    match error {
        regex_syntax::Error::Parse(error) => Some((error.span().start.offset, error.kind().to_string())),
        regex_syntax::Error::Translate(error) => Some((error.span().start.offset, error.kind().to_string())),
        _ => None,
    }
}

/// The place counts characters from 1, as an editor does.
fn told(shown: &str, pattern: &str, offset: usize, why: &str) -> String {
    let before = pattern.get(..offset).unwrap_or(pattern);
    let place = before.chars().count() + 1;
    format!("expected a regular expression, found {shown}: {why}, at character {place}")
}

fn lower(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}
