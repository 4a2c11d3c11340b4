//! Changes tokens where jq's grammar knows what jaq's does not.

use jaq_core::load::lex::{StrPart, Tok, Token};
use jaq_core::load::span;
use std::borrow::Cow;

/// The bytes of `\ud83d\ude00`.
const PAIR: usize = 12;

/// The program with `\(   "c")` for each character that is written as two surrogates, which the lexer
/// refuses. All else stays where it is; [`adapt`] makes characters of it again.
pub(super) fn without_surrogates(program: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(program);
    let mut at = 0;
    while let Some(found) = program[at..].find('\\') {
        at += found;
        if let Some(c) = program.get(at..at + PAIR).and_then(surrogates) {
            text.to_mut().replace_range(at..at + PAIR, &format!("\\(   \"{c}\")"));
            at += PAIR;
        } else {
            // What is escaped goes with it.
            at += 1 + program[at + 1..].chars().next().map_or(0, char::len_utf8);
        }
    }
    text
}

fn surrogates(pair: &str) -> Option<char> {
    let unit = |part: &str| {
        let digits = part.strip_prefix("\\u").filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        digits.and_then(|digits| u16::from_str_radix(digits, 16).ok())
    };
    let (high, low) = pair.split_at_checked(PAIR / 2)?;
    let found = char::decode_utf16([unit(high)?, unit(low)?]).next()?.ok()?;
    (u32::from(found) > 0xffff).then_some(found)
}

/// Makes `.5` a number, and characters of surrogates.
pub(super) fn adapt<'s>(tokens: &mut Vec<Token<&'s str>>, text: &'s str, program: &str) {
    join_decimals(tokens, text);
    for Token(_, kind) in tokens {
        match kind {
            Tok::Block(inner) => adapt(inner, text, program),
            Tok::Str(parts) => {
                for part in parts {
                    let StrPart::Term(Token(full, Tok::Block(inner))) = part else { continue };
                    match (&inner[..], program.as_bytes().get(span(text, full).start)) {
                        ([Token(_, Tok::Str(inner)), _], Some(b'u')) => {
                            let c = inner.iter().find_map(|part| match part {
                                StrPart::Str(c) => c.chars().next(),
                                _ => None,
                            });
                            *part = StrPart::Char(c.unwrap_or(char::REPLACEMENT_CHARACTER));
                        }
                        _ => adapt(inner, text, program),
                    }
                }
            }
            _ => {}
        }
    }
}

/// `.` and a number right behind it are one number.
fn join_decimals<'s>(tokens: &mut Vec<Token<&'s str>>, text: &'s str) {
    let mut joined: Vec<Token<&'s str>> = Vec::with_capacity(tokens.len());
    for token in tokens.drain(..) {
        if let (Some(Token(point @ ".", Tok::Sym)), Token(digits, Tok::Num)) = (joined.last(), &token) {
            let (point, digits) = (span(text, point), span(text, digits));
            if point.end == digits.start {
                joined.pop();
                joined.push(Token(&text[point.start..digits.end], Tok::Num));
                continue;
            }
        }
        joined.push(token);
    }
    *tokens = joined;
}
