//! From tokens to the tree of a program, by jq's grammar.
//!
//! The lexer and the tree are those of `jaq-core`. Its parser knows another grammar: there `.a = .b // 1`
//! assigns the alternative, `2 * 7 % 4` is 6, and `?//` is unknown.

mod pattern;
mod term;

use jaq_core::load::lex::{Tok, Token};
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::load::span;
use jaq_core::ops::{Cmp, Math};
use wasmrecords::Failure;

pub(super) use pattern::alternatives;

type Node<'s> = Term<&'s str>;
type Parsed<T> = Result<T, Failure>;

/// Words that are no names of filters.
const KEYWORDS: [&str; 18] = [
    "and", "as", "break", "catch", "def", "elif", "else", "end", "foreach", "if", "import", "include",
    "label", "module", "or", "reduce", "then", "try",
];

const OPERATOR: &str = "an operator or the end of the program";

/// The tree of a whole program.
pub(super) fn program<'s>(tokens: &[Token<&'s str>], text: &'s str) -> Parsed<Node<'s>> {
    if tokens.is_empty() {
        return Ok(Term::Id);
    }
    Parser { rest: tokens, text }.whole(OPERATOR, Parser::pipe)
}

/// The definitions of a module.
pub(super) fn definitions<'s>(tokens: &[Token<&'s str>], text: &'s str) -> Parsed<Vec<Def<&'s str>>> {
    Parser { rest: tokens, text }.whole("a definition such as `def f: .;`", Parser::definitions)
}

/// The tokens of one bracket that are still to be read. All but the outermost end with what closes them.
struct Parser<'t, 's> {
    rest: &'t [Token<&'s str>],
    text: &'s str,
}

/// What stands in front of a pipe: all of it has everything behind it on its right.
enum Head<'s> {
    Pipe,
    Bind(Node<'s>, Pattern<&'s str>),
    Label(&'s str),
    Definitions(Vec<Def<&'s str>>),
}

impl<'t, 's> Parser<'t, 's> {
    /// All tokens as one thing.
    fn whole<T>(mut self, end: &str, part: fn(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let parsed = part(&mut self)?;
        self.closed(end)?;
        Ok(parsed)
    }

    /// Nothing is left but what closes the bracket.
    fn closed(&mut self, end: &str) -> Parsed<()> {
        match self.rest {
            [] => Ok(()),
            [Token(")" | "]" | "}", Tok::Sym)] => Ok(()),
            _ => Err(self.unexpected(end)),
        }
    }

    /// The tokens within a bracket.
    fn inside(&self, tokens: &'t [Token<&'s str>]) -> Self {
        Parser { rest: tokens, text: self.text }
    }

    fn next(&mut self) -> Option<&'t Token<&'s str>> {
        let (next, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(next)
    }

    /// Goes on behind the next token if it is this one.
    fn takes(&mut self, token: &str) -> bool {
        let found = matches!(self.rest, [Token(next, Tok::Sym | Tok::Word), ..] if *next == token);
        if found {
            self.next();
        }
        found
    }

    fn expects(&mut self, token: &str) -> Parsed<()> {
        if self.takes(token) { Ok(()) } else { Err(self.unexpected(&format!("`{token}`"))) }
    }

    /// The refusal of the next token.
    fn unexpected(&self, expected: &str) -> Failure {
        let found = self.rest.first();
        let at = Token::opt_as_str(found, self.text);
        let found = match found {
            None => "the end of the program".into(),
            // A block's token is all of the block.
            Some(Token(block, Tok::Block(_))) => format!("`{}`", &block[..1]),
            Some(Token(_, Tok::Str(_))) => "a string".into(),
            Some(Token(token, _)) => format!("`{token}`"),
        };
        self.refusal(at, format!("expected {expected}, found {found}"))
    }

    fn refusal(&self, at: &str, message: String) -> Failure {
        Failure { offset: span(self.text, at).start, ..Failure::new("program", message) }
    }

    /// Pipes, commas, and what reaches to the end: `as`, `label` and `def`. Without recursion, so that long
    /// chains take no stack.
    fn pipe(&mut self) -> Parsed<Node<'s>> {
        self.chain(true)
    }

    /// As [`Self::pipe`], where a comma ends it, as in the value of a member.
    fn member_value(&mut self) -> Parsed<Node<'s>> {
        self.chain(false)
    }

    fn chain(&mut self, commas: bool) -> Parsed<Node<'s>> {
        let mut heads = Vec::new();
        let mut left = None;
        let mut last = loop {
            match self.rest {
                [Token("def", Tok::Word), ..] => {
                    heads.push((left.take(), Head::Definitions(self.definitions()?)));
                    continue;
                }
                [Token("label", Tok::Word), ..] => {
                    self.next();
                    let name = self.variable()?;
                    self.expects("|")?;
                    heads.push((left.take(), Head::Label(name)));
                    continue;
                }
                _ => {}
            }
            let term = self.operators()?;
            if self.takes("as") {
                let pattern = self.patterns()?;
                self.expects("|")?;
                heads.push((left.take(), Head::Bind(term, pattern)));
                continue;
            }
            let term = comma(left.take(), term);
            if commas && self.takes(",") {
                left = Some(term);
            } else if self.takes("|") {
                heads.push((Some(term), Head::Pipe));
            } else {
                break term;
            }
        };
        for (left, head) in heads.into_iter().rev() {
            last = match (left, head) {
                (Some(left), Head::Pipe) => Term::BinOp(left.into(), BinaryOp::Pipe(None), last.into()),
                (None, Head::Pipe) => last,
                (left, Head::Bind(value, pattern)) => {
                    comma(left, Term::BinOp(value.into(), BinaryOp::Pipe(Some(pattern)), last.into()))
                }
                (left, Head::Label(name)) => comma(left, Term::Label(name, last.into())),
                (left, Head::Definitions(definitions)) => comma(left, Term::Def(definitions, last.into())),
            };
        }
        Ok(last)
    }

    /// Operators by their precedence, each with the operands that it has so far on a stack.
    fn operators(&mut self) -> Parsed<Node<'s>> {
        let mut waiting: Vec<(Node<'s>, BinaryOp<&'s str>, Level)> = Vec::new();
        loop {
            let mut term = self.term()?;
            let next = match self.rest {
                [Token(symbol, Tok::Sym | Tok::Word), ..] => operator(symbol),
                _ => None,
            };
            let Some((operator, level)) = next else {
                while let Some((left, operator, _)) = waiting.pop() {
                    term = Term::BinOp(left.into(), operator, term.into());
                }
                return Ok(term);
            };
            while let Some((.., before)) = waiting.last() {
                if *before == level && matches!(level, Level::Assignment | Level::Comparison) {
                    return Err(self.unexpected("brackets around the operator before, as these do not chain"));
                }
                // Only `//` is computed from the right.
                if *before < level || (*before == level && level == Level::Alternative) {
                    break;
                }
                let Some((left, operator, _)) = waiting.pop() else { break };
                term = Term::BinOp(left.into(), operator, term.into());
            }
            self.next();
            waiting.push((term, operator, level));
        }
    }
}

/// How close operators bind, from the loosest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Alternative,
    Assignment,
    Or,
    And,
    Comparison,
    Sum,
    Product,
}

fn operator<'s>(symbol: &str) -> Option<(BinaryOp<&'s str>, Level)> {
    use BinaryOp::{Alt, And, Assign, Or, Update, UpdateAlt, UpdateMath};
    Some(match symbol {
        "//" => (Alt, Level::Alternative),
        "=" => (Assign, Level::Assignment),
        "|=" => (Update, Level::Assignment),
        "//=" => (UpdateAlt, Level::Assignment),
        "+=" => (UpdateMath(Math::Add), Level::Assignment),
        "-=" => (UpdateMath(Math::Sub), Level::Assignment),
        "*=" => (UpdateMath(Math::Mul), Level::Assignment),
        "/=" => (UpdateMath(Math::Div), Level::Assignment),
        "%=" => (UpdateMath(Math::Rem), Level::Assignment),
        "or" => (Or, Level::Or),
        "and" => (And, Level::And),
        "==" => (BinaryOp::Cmp(Cmp::Eq), Level::Comparison),
        "!=" => (BinaryOp::Cmp(Cmp::Ne), Level::Comparison),
        "<" => (BinaryOp::Cmp(Cmp::Lt), Level::Comparison),
        "<=" => (BinaryOp::Cmp(Cmp::Le), Level::Comparison),
        ">" => (BinaryOp::Cmp(Cmp::Gt), Level::Comparison),
        ">=" => (BinaryOp::Cmp(Cmp::Ge), Level::Comparison),
        "+" => (BinaryOp::Math(Math::Add), Level::Sum),
        "-" => (BinaryOp::Math(Math::Sub), Level::Sum),
        "*" => (BinaryOp::Math(Math::Mul), Level::Product),
        "/" => (BinaryOp::Math(Math::Div), Level::Product),
        "%" => (BinaryOp::Math(Math::Rem), Level::Product),
        _ => return None,
    })
}

fn comma<'s>(left: Option<Node<'s>>, right: Node<'s>) -> Node<'s> {
    match left {
        Some(left) => Term::BinOp(left.into(), BinaryOp::Comma, right.into()),
        None => right,
    }
}
