//! From the text of a program to a filter, or to the first error and its place.

use super::builtins::{self, Names};
use super::data::Jq;
use super::direct::{self, Node};
use super::nesting::{check_brackets, check_levels};
use super::rewrite::Rewrite;
use super::{suggest, tokens};
use jaq_core::load::lex::{self, Lexer, Tok, Token};
use jaq_core::load::parse::{self, Def, Parser, Term};
use jaq_core::load::{Arena, File, Loader, span};
use jaq_core::{Compiler, Filter};
use wasmrecords::Failure;

/// The name of the program as a definition behind the builtins. Programs cannot say it: a format that is
/// called like this is not defined.
const MAIN: &str = "@wasmrecords_main";

/// Compiles a program.
pub(super) fn compile(program: &str) -> Result<(Filter<Jq>, Option<Node>), Failure> {
    let text = &*tokens::without_surrogates(program);
    check_brackets(text)?;
    let mut tokens = Lexer::new(text).lex().map_err(|errors| first(text, errors.iter().map(lexing)))?;
    tokens::adapt(&mut tokens, text, program);
    check_levels(&tokens, text)?;
    refuse_words(&tokens, text)?;
    let mut body = if tokens.is_empty() {
        Term::Id
    } else {
        let parsed = Parser::new(&tokens).parse(|parser| parser.term());
        parsed.map_err(|errors| first(text, errors.iter().map(|error| parsing(error, text))))?
    };

    let direct = direct::compile(&body);
    let arena = Arena::default();
    let mut rewrite = Rewrite { text, arena: &arena, called: Names::new(), keeps_operators: false };
    rewrite.term(&mut body);
    let mut definitions = builtins::definitions(&arena, &mut rewrite.called);
    // As a definition the program can be given as a tree; jaq takes a main program as text alone.
    definitions.push(Def { name: MAIN, args: Vec::new(), body });

    let modules = Loader::new(definitions).load(&arena, File { code: MAIN, path: () });
    let modules = modules.map_err(|_| Failure::new("program", "the program cannot be loaded"))?;
    let compiler = Compiler::default().with_global_vars(["$ENV"]).with_funs(builtins::natives());
    let filter = compiler.compile(modules).map_err(|files| {
        let errors = files.iter().flat_map(|(_, errors)| errors);
        first(text, errors.map(|(name, kind)| (*name, suggest::undefined(name, kind, &tokens))))
    })?;
    Ok((filter, direct))
}

/// The first of several errors in the text, each given by the part of the text where it is.
fn first<'s>(text: &'s str, errors: impl Iterator<Item = (&'s str, String)>) -> Failure {
    let inside = |part: &str| text.as_bytes().as_ptr_range().contains(&part.as_ptr()) || part.is_empty();
    let errors = errors.filter(|(part, _)| inside(part));
    let errors = errors.map(|(part, message)| (span(text, part).start, message));
    let (offset, message) = errors.min().unwrap_or((0, "the program cannot be compiled".into()));
    Failure { offset, ..Failure::new("program", message) }
}

fn lexing<'s>((expected, at): &lex::Error<&'s str>) -> (&'s str, String) {
    let expected = match expected {
        lex::Expect::Digit => "a digit",
        lex::Expect::Ident => "a name",
        lex::Expect::Delim("(") => "`)`",
        lex::Expect::Delim("[") => "`]`",
        lex::Expect::Delim("{") => "`}`",
        lex::Expect::Delim(_) => "a closing `\"`",
        lex::Expect::Escape => "an escape such as `\\n`, `\\\"` or `\\(`",
        lex::Expect::Unicode => "four hexadecimal digits of a Unicode character",
        _ => "a filter or an operator",
    };
    let found = match at.chars().next() {
        None => "the end of the program".into(),
        Some(found) => format!("`{found}`"),
    };
    (at, format!("expected {expected}, found {found}"))
}

fn parsing<'s>((expected, found): &parse::TError<'_, &'s str>, text: &'s str) -> (&'s str, String) {
    use parse::Expect;
    let expected = match expected {
        Expect::Just("") | Expect::Nothing => "an operator or the end of the program".into(),
        Expect::Just(token) => format!("`{token}`"),
        Expect::Var => "a variable such as `$x`".into(),
        Expect::Pattern => "a pattern such as `$x`, `[$x, $y]` or `{a: $x}`".into(),
        Expect::ElseOrEnd => "`elif`, `else` or `end`".into(),
        Expect::CommaOrRBrack => "`,` or `]`".into(),
        Expect::CommaOrRBrace => "`,` or `}`".into(),
        Expect::SemicolonOrRParen => "`;` or `)`".into(),
        Expect::Term => "a filter".into(),
        Expect::Key => "a key".into(),
        Expect::Ident => "a name".into(),
        Expect::Arg => "a parameter such as `f` or `$x`".into(),
        Expect::Str => "a string".into(),
        other => other.as_str().to_owned(),
    };
    let at = Token::opt_as_str(*found, text);
    let found = match found {
        None => "the end of the program".into(),
        // A block's token is all of the block.
        Some(Token(block, Tok::Block(_))) => format!("`{}`", &block[..1]),
        Some(Token(_, Tok::Str(_))) => "a string".into(),
        Some(Token(token, _)) => format!("`{token}`"),
    };
    (at, format!("expected {expected}, found {found}"))
}

/// Words that no parse tree holds.
fn refuse_words(tokens: &[Token<&str>], text: &str) -> Result<(), Failure> {
    let refusal =
        |at: &str, message| Err(Failure { offset: span(text, at).start, ..Failure::new("program", message) });
    if let Some(Token(word @ ("import" | "include" | "module"), Tok::Word)) = tokens.first() {
        return refusal(word, suggest::refused(word).unwrap_or_default());
    }
    for (at, Token(token, kind)) in tokens.iter().enumerate() {
        match (token, kind, tokens.get(at + 1)) {
            (&"?", Tok::Sym, Some(Token("//", Tok::Sym))) if follows_pattern(&tokens[..at]) => {
                let message =
                    "alternative patterns with `?//` are not available: use `try`, or `if` on the type";
                return refusal(token, message.into());
            }
            (token, Tok::Fmt, _) if *token == MAIN => {
                return refusal(token, format!("`{token}` is not defined"));
            }
            (_, Tok::Block(inner), _) => refuse_words(inner, text)?,
            _ => {}
        }
    }
    Ok(())
}

/// True behind `as $x` and its like, where `?//` is no `?` and then a `//`.
fn follows_pattern(before: &[Token<&str>]) -> bool {
    matches!(before, [.., Token("as" | "//", Tok::Word | Tok::Sym), Token(_, Tok::Var | Tok::Block(_))])
}
