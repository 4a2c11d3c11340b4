//! What `explain` says of a program: its stages, what leaves the fast subset, and what is rarely meant.

mod doubts;
mod kinds;
mod shown;
mod stages;
#[cfg(test)]
mod tests;
mod walk;

use super::fast::{self, Leaves};
use super::given::Given;
use super::modules;
use super::parse;
use jaq_core::load::Arena;
use jaq_core::load::lex::Token;
use jaq_core::load::parse::Term;
use jaq_core::load::span;
use std::ops::Range;
use wasmrecords::Failure;
use wasmrecords_json::Value;

/// What there is to say of a program.
pub struct Explained {
    /// What stands between the pipes, in the order in which a record meets it.
    pub stages: Vec<Stage>,
    /// The first token that leaves the fast subset: then all of the program runs in the general engine.
    pub leaves: Option<Leaves>,
    /// What is legal and rarely meant, in one line each.
    pub doubts: Vec<String>,
}

/// A part of the program between two pipes.
pub struct Stage {
    /// Where it stands, in bytes.
    pub place: Range<usize>,
    /// Whether the fast engine would run it, if it were the program.
    pub fast: bool,
}

/// Looks at a program that compiles. `schema` is the schema that its records match.
///
/// # Errors
/// As for compiling the program.
pub fn explain(text: &str, given: &Given, schema: Option<&Value>) -> Result<Explained, Failure> {
    let arena = Arena::default();
    let files = modules::load(text, given, &arena)?;
    let program = files.last().ok_or_else(|| Failure::new("program", "there is no program"))?;
    let body = parse::program(program.body(), program.text)?;
    let variables = given.arguments()?;
    let leaves = |term: &Term<&str>| fast::compile(term, &variables, program.text).err();
    let whole = match program.tokens.first() {
        Some(Token(token, _)) if program.head > 0 => Some(Leaves {
            offset: span(program.text, token).start,
            token: (*token).into(),
            hint: "programs without imports may be fast",
        }),
        _ => leaves(&body),
    };
    let at = whole.as_ref().map(|leaves| leaves.offset);
    let mut stages = Vec::new();
    for tokens in stages::split(program.body()) {
        let place = stages::place(tokens, program.text);
        let fast = match at {
            None => true,
            Some(at) => !place.contains(&at) && leaves(&parse::program(tokens, program.text)?).is_none(),
        };
        stages.push(Stage { place, fast });
    }
    Ok(Explained { stages, leaves: whole, doubts: doubts::of(&body, schema) })
}
