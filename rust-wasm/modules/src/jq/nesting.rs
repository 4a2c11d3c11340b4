//! Refuses programs that would overflow the stack of whoever walks them.
//!
//! Lexer, parser, compiler and the run itself recurse: into brackets, and along chains of operators and
//! keywords, each of which makes the tree one level deeper at the worst. So a bound on brackets, then a
//! bound on the longest chain, bounds them all.

use jaq_core::load::lex::{StrPart, Tok, Token};
use wasmrecords::Failure;

/// Brackets and strings that are open at one place.
const BRACKETS: usize = 100;

/// Levels of the tree of the program. Measured in a WebAssembly stack of 512 KiB: the most expensive
/// kind of level, a member of nested objects, overflows at 616, operators at 857.
const LEVELS: usize = 400;

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

/// Bounds the levels of the tree that the parser will make of these tokens.
pub(super) fn check_levels(tokens: &[Token<&str>], text: &str) -> Result<(), Failure> {
    levels(tokens, false).map(|_| ()).map_err(|at| {
        // A token that the program only implies has no place in it.
        let inside = text.as_bytes().as_ptr_range().contains(&at.as_ptr());
        let offset = if inside { jaq_core::load::span(text, at).start } else { 0 };
        refusal(offset, format!("expected at most {LEVELS} operators in one chain, found more"))
    })
}

/// The chains of one term: how many operators of each precedence follow each other.
#[derive(Default)]
struct Chains {
    now: [usize; 10],
    /// The longest so far. Each operand may be the one that all of them are above.
    most: [usize; 10],
    operand: usize,
    deepest_operand: usize,
    /// The deepest of the terms before, up to the last `;`, `then` or the like.
    before: usize,
}

impl Chains {
    /// Operators that bind closer belong to the operand that ends here.
    fn operator(&mut self, precedence: usize, levels: usize) {
        self.now[precedence] += levels;
        self.most[precedence] = self.most[precedence].max(self.now[precedence]);
        self.now[precedence + 1..].fill(0);
        self.operand = 0;
    }

    fn operand(&mut self, levels: usize) {
        self.operand += levels;
        self.deepest_operand = self.deepest_operand.max(self.operand);
    }

    /// Definitions stand beside each other, all at the place where the first one does.
    fn definition(&mut self, levels: usize) {
        self.before = self.before.max(self.most.iter().sum::<usize>() + self.deepest_operand + levels);
    }

    fn next_term(&mut self) {
        *self = Chains { before: self.levels(), ..Chains::default() };
    }

    fn levels(&self) -> usize {
        self.before.max(self.most.iter().sum::<usize>() + self.deepest_operand)
    }
}

/// The levels of the tokens of one bracket, or the token where they are too many.
fn levels<'s>(tokens: &[Token<&'s str>], is_object: bool) -> Result<usize, &'s str> {
    // `def` to `;` and `if` to `end` are brackets of their own.
    let mut open = vec![("", Chains::default())];
    let mut members = 0;
    for Token(text, kind) in tokens {
        let (bracket, chains) = open.last_mut().expect("the outermost is never closed");
        match (*text, kind) {
            ("def" | "if", Tok::Word) => open.push((text, Chains::default())),
            (";", Tok::Sym) | ("end", Tok::Word) if !bracket.is_empty() => {
                let inner = chains.levels() + 1;
                let definition = *bracket == "def";
                open.pop();
                if let Some((_, outer)) = open.last_mut() {
                    if definition {
                        outer.definition(inner);
                    } else {
                        outer.operand(inner);
                    }
                }
            }
            (",", Tok::Sym) if is_object && bracket.is_empty() => {
                members += 1;
                chains.next_term();
            }
            // Compiled as an `if` in the `else` of the one before.
            ("elif", Tok::Word) => {
                chains.next_term();
                chains.before += 1;
            }
            (";", Tok::Sym) | ("then" | "else", Tok::Word) => chains.next_term(),
            // A builtin of ours, which takes more room than an operator.
            ("//", Tok::Sym) => chains.operator(3, 2),
            (word, Tok::Sym | Tok::Word) => match precedence(word) {
                Some(precedence) => chains.operator(precedence, 1),
                None => chains.operand(1),
            },
            (block, Tok::Block(inner)) => chains.operand(levels(inner, block.starts_with('{'))? + 1),
            (_, Tok::Str(parts)) => {
                for part in parts {
                    if let StrPart::Term(Token(_, Tok::Block(inner))) = part {
                        chains.operand(levels(inner, false)?);
                    }
                    chains.operand(1);
                }
            }
            _ => {}
        }
        let all: usize = open.iter().map(|(_, chains)| chains.levels() + 1).sum();
        if all + members > LEVELS {
            return Err(text);
        }
    }
    Ok(open.iter().map(|(_, chains)| chains.levels()).sum::<usize>() + members)
}

/// From the loosest. `as` reaches to the end, as `|` does.
fn precedence(operator: &str) -> Option<usize> {
    Some(match operator {
        "|" => 0,
        "," => 1,
        "as" => 2,
        "//" => 3,
        "=" | "|=" | "+=" | "-=" | "*=" | "/=" | "%=" | "//=" => 4,
        "or" => 5,
        "and" => 6,
        "==" | "!=" | "<" | ">" | "<=" | ">=" => 7,
        "+" | "-" => 8,
        "*" | "/" | "%" => 9,
        _ => return None,
    })
}

fn refusal(offset: usize, message: String) -> Failure {
    Failure { offset, ..Failure::new("program", message) }
}
