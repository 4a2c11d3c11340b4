//! Refuses programs that would overflow the stack of whoever walks them.
//!
//! Lexer, parser, compiler and the run itself recurse: into brackets, and along chains of operators and
//! keywords, each of which makes the tree one level deeper at the worst. So a bound on brackets, then a
//! bound on the longest chain, bounds them all.

use jaq_core::load::lex::{StrPart, Tok, Token};
use wasmrecords::Failure;

/// Brackets and strings that are open at one place.
const BRACKETS: usize = 100;

/// Operators, keywords and path steps from the outermost bracket to the innermost. Measured: three
/// times as many still run in a WebAssembly stack of 512 KiB.
const STEPS: usize = 500;

/// Counts open brackets, without recursion, before the lexer sees them.
pub(super) fn check_brackets(text: &str) -> Result<(), Failure> {
    let bytes = text.as_bytes();
    let mut open = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let in_string = open.last() == Some(&b'"');
        match bytes[at] {
            b'\\' if in_string => {
                at += 1;
                if bytes.get(at) == Some(&b'(') {
                    open.push(b'(');
                }
            }
            b'"' if in_string => {
                open.pop();
            }
            _ if in_string => {}
            b'#' => at = comment_end(bytes, at),
            bracket @ (b'"' | b'(' | b'[' | b'{') => open.push(bracket),
            b')' | b']' | b'}' => {
                open.pop();
            }
            _ => {}
        }
        if open.len() > BRACKETS {
            return Err(refusal(at, format!("expected at most {BRACKETS} open brackets, found more")));
        }
        at += 1;
    }
    Ok(())
}

/// The end of a comment: of its line, unless that ends with an odd number of backslashes.
fn comment_end(bytes: &[u8], start: usize) -> usize {
    let mut backslashes = 0;
    for (at, &byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'\\' => backslashes += 1,
            b'\n' if backslashes % 2 == 0 => return at,
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => {}
            _ => backslashes = 0,
        }
    }
    bytes.len()
}

/// Counts the steps of the longest chain.
pub(super) fn check_steps(tokens: &[Token<&str>], text: &str) -> Result<(), Failure> {
    steps(tokens, 0).map(|_| ()).map_err(|at| {
        let offset = jaq_core::load::span(text, at).start;
        refusal(offset, format!("expected at most {STEPS} operators in one chain, found more"))
    })
}

/// Returns where the chain is too long.
fn steps<'s>(tokens: &[Token<&'s str>], before: usize) -> Result<(), &'s str> {
    let mut count = before;
    // Where the chain of each open definition began: its body ends at the next `;`.
    let mut definitions = Vec::new();
    for Token(text, kind) in tokens {
        match kind {
            Tok::Sym if *text == ";" => count = definitions.pop().unwrap_or(before),
            Tok::Word if *text == "def" => {
                definitions.push(count);
                count += 1;
            }
            Tok::Sym => count += 1,
            Tok::Word if is_keyword(text) => count += 1,
            Tok::Block(inner) => {
                count += 1;
                steps(inner, count)?;
            }
            Tok::Str(parts) => {
                for part in parts {
                    count += 1;
                    if let StrPart::Term(Token(_, Tok::Block(inner))) = part {
                        steps(inner, count)?;
                    }
                }
            }
            _ => {}
        }
        if count > STEPS {
            return Err(text);
        }
    }
    Ok(())
}

fn is_keyword(word: &str) -> bool {
    matches!(word, "and" | "or" | "as" | "if" | "elif" | "else" | "try" | "reduce" | "foreach" | "label")
}

fn refusal(offset: usize, message: String) -> Failure {
    Failure { offset, ..Failure::new("program", message) }
}
