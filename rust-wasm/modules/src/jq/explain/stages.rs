//! A program in stages: what stands between its pipes.

use jaq_core::load::lex::{Tok, Token};
use jaq_core::load::span;
use std::ops::Range;

/// The tokens of each stage. What defines or binds a name stands in one stage with all behind it, which may
/// use the name.
pub(super) fn split<'t, 's>(tokens: &'t [Token<&'s str>]) -> Vec<&'t [Token<&'s str>]> {
    let mut stages = Vec::new();
    let (mut start, mut open, mut folds) = (0, 0_usize, 0_usize);
    for (at, Token(text, kind)) in tokens.iter().enumerate() {
        match (*text, kind) {
            ("if", Tok::Word) => open += 1,
            ("end", Tok::Word) => open = open.saturating_sub(1),
            _ if open > 0 => {}
            ("reduce" | "foreach", Tok::Word) => folds += 1,
            // The name of a fold is for its own brackets.
            ("as", Tok::Word) if folds > 0 => folds -= 1,
            ("as" | "def" | "label", Tok::Word) => break,
            ("|", Tok::Sym) => {
                stages.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    stages.push(&tokens[start..]);
    stages
}

/// Where tokens stand in the text, in bytes.
pub(super) fn place(tokens: &[Token<&str>], text: &str) -> Range<usize> {
    match tokens {
        [] => 0..0,
        [Token(first, _), ..] => {
            let Token(last, _) = &tokens[tokens.len() - 1];
            span(text, first).start..span(text, last).end
        }
    }
}
