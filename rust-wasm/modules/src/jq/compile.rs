//! From the text of a program to a filter, or to the first error and its place.

use super::builtins::{self, Names};
use super::data::Jq;
use super::direct::{self, Node};
use super::fast::{self, Leaves};
use super::given::{Given, all_arguments, object};
use super::head::{self, Name};
use super::link::{self, Definitions, Linker};
use super::modules::{self, metadata};
use super::nesting::{check_brackets, check_levels};
use super::parse;
use super::rewrite::Rewrite;
use super::suggest::{self, Known};
use super::tokens;
use crate::clock;
use jaq_core::compile::Undefined;
use jaq_core::load::lex::{self, Lexer, Tok, Token};
use jaq_core::load::parse::Def;
use jaq_core::load::{Arena, File, Loader, span};
use jaq_core::{Compiler, Filter, Vars};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use wasmrecords::Failure;
use wasmrecords_engine::program::Program as Fast;
use wasmrecords_json::Value;

/// The name of the program as a definition behind the builtins. Programs cannot say it: a format that is
/// called like this is not defined.
const MAIN: &str = "@wasmrecords_main";

/// A compiled program, and what it was given.
pub(super) struct Compiled {
    pub filter: Filter<Jq>,
    /// The same program, if it can take the short road.
    pub direct: Option<Node>,
    /// The same program for the fast engine, or where it leaves that.
    pub fast: Result<Fast, Leaves>,
    /// The variables that no part of the program binds, as the filter expects them.
    pub variables: Vars<Value>,
    /// What `modulemeta` knows of each module.
    pub modules: Vec<(String, Value)>,
}

/// Compiles a program with the modules that it imports.
pub(super) fn compile(program: &str, given: &Given) -> Result<Compiled, Failure> {
    let arena = Arena::default();
    let arguments = given.arguments()?;
    let files = modules::load(program, given, &arena)?;

    let mut called = Names::new();
    let mut defined = Definitions::new();
    let mut linked = Vec::new();
    let mut direct = None;
    let mut fast = Err(Leaves { offset: 0, token: String::new(), hint: "there is no program" });
    for file in &files {
        let mut linker = Linker::new(file, &defined, &arena);
        let mut rewrite =
            Rewrite { text: file.text, file: file.name, arena: &arena, called, keeps_operators: false };
        if file.number == 0 {
            let parsed = parse::program(file.body(), file.text);
            let mut body = parsed.map_err(|failure| file.within(failure))?;
            linker.term(&mut body);
            direct = direct::compile(&body, &arguments);
            fast = fast::compile(&body, &arguments, file.text);
            rewrite.term(&mut body);
            // As a definition the program can be given as a tree; jaq takes a main program as text alone.
            linked.push(Def { name: MAIN, args: Vec::new(), body });
        } else {
            let parsed = parse::definitions(file.body(), file.text);
            let mut definitions = parsed.map_err(|failure| file.within(failure))?;
            linker.module(&mut definitions);
            definitions.iter_mut().for_each(|definition| rewrite.definition(definition));
            linked.extend(definitions);
        }
        called = rewrite.called;
        let Linker { errors, own, .. } = linker;
        if !errors.is_empty() {
            return Err(file.within(first(file.text, errors.into_iter())));
        }
        defined.insert(file.number, own);
    }

    let may_tell_time = called.contains("now") && clock::now().is_some();
    let mut definitions = builtins::definitions(&arena, &mut called);
    definitions.extend(linked);
    let loaded = Loader::new(definitions).load(&arena, File { code: MAIN, path: () });
    let loaded = loaded.map_err(|_| Failure::new("program", "the program cannot be loaded"))?;

    let mut variables = vec![("$ENV".into(), object([])), ("$ARGS".into(), all_arguments(&arguments))];
    variables.extend(arguments);
    variables.extend(data(&files, given)?);
    let natives = builtins::natives().filter(|(name, ..)| *name != "now" || may_tell_time);
    let natives = natives.map(|(name, args, fun)| -> (&str, _, _) { (name, args, fun) });
    let names = variables.iter().map(|(name, _)| arena.alloc(name.clone()).as_str());
    let compiler = Compiler::default().with_global_vars(names).with_funs(natives);
    let compiled = compiler.compile(loaded);
    let filter = compiled.map_err(|errors| {
        let errors: Vec<_> = errors.iter().flat_map(|(_, errors)| errors).collect();
        undefined(&errors, &files, &defined, &variables)
    })?;
    let modules = if called.contains("modulemeta") { metadata(&files, &defined) } else { Vec::new() };
    let variables = Vars::new(variables.into_iter().map(|(_, value)| value));
    Ok(Compiled { filter, direct, fast, variables, modules })
}

/// The text of a program as the lexer likes it, and its tokens.
pub(super) fn tokens_of<'s>(
    program: &str,
    arena: &'s Arena,
) -> Result<(&'s str, Vec<Token<&'s str>>), Failure> {
    let text = arena.alloc(tokens::without_surrogates(program).into_owned()).as_str();
    check_brackets(text)?;
    let mut tokens = Lexer::new(text).lex().map_err(|errors| first(text, errors.iter().map(lexing)))?;
    tokens::adapt(&mut tokens, text, program);
    check_levels(&tokens, text)?;
    refuse_words(&tokens, text)?;
    Ok((text, tokens))
}

/// The variables that hold data files.
fn data(files: &[head::File<'_>], given: &Given) -> Result<BTreeMap<String, Value>, Failure> {
    let mut found = BTreeMap::new();
    for import in files.iter().flat_map(|file| &file.imports) {
        if matches!(import.name, Name::Data(_))
            && let Entry::Vacant(place) = found.entry(link::data_name(import.file))
        {
            place.insert(given.data(import.file)?);
        }
    }
    Ok(found)
}

/// The refusal for the first name that the compiler did not find, in whichever file it is.
fn undefined(
    errors: &[&(&str, Undefined)],
    files: &[head::File<'_>],
    defined: &Definitions<'_>,
    variables: &[(String, Value)],
) -> Failure {
    for file in files.iter().rev() {
        let inside = |name: &str| file.text.as_bytes().as_ptr_range().contains(&name.as_ptr());
        let here: Vec<_> = errors.iter().filter(|(name, _)| inside(name)).collect();
        if here.is_empty() {
            continue;
        }
        let mut known = Known::default();
        known.collect(&file.tokens);
        known.variables.extend(variables.iter().map(|(name, _)| name.as_str()));
        let included = file.imports.iter().filter(|import| import.name == Name::Included);
        included.for_each(|import| known.filters.extend(&defined[&import.file]));
        let errors = here.iter().map(|(name, kind)| (*name, suggest::undefined(name, kind, &known)));
        return file.within(first(file.text, errors));
    }
    Failure::new("program", "the program cannot be compiled")
}

/// The first of several errors in the text, each given by the part of the text where it is.
pub(super) fn first<'s>(text: &'s str, errors: impl Iterator<Item = (&'s str, String)>) -> Failure {
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

/// Words that no parse tree holds.
fn refuse_words(tokens: &[Token<&str>], text: &str) -> Result<(), Failure> {
    let refusal =
        |at: &str, message| Err(Failure { offset: span(text, at).start, ..Failure::new("program", message) });
    for Token(token, kind) in tokens {
        match kind {
            Tok::Fmt if *token == MAIN => return refusal(token, format!("`{token}` is not defined")),
            Tok::Block(inner) => refuse_words(inner, text)?,
            _ => {}
        }
    }
    Ok(())
}
