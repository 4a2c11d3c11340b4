//! What the fast engine does of a recipe.

use crate::explain::Explanation;
use crate::jq::Program;
use crate::schema::Schema;
use serde::Deserialize;
use wasmrecords::{Fails, Lines};
use wasmrecords_engine::rule::{Broken, Rule};
use wasmrecords_engine::{Engine, Unfit, Why};

/// What of the fast engine is used.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tiers {
    /// Both tiers.
    #[default]
    All,
    /// The exact one alone.
    Exact,
    /// None: all records go through the general engine.
    General,
}

/// The fast engine, as far as it goes for a recipe.
pub(super) enum Fast {
    /// Not at all: why.
    No(&'static str),
    /// For the schema; the program is for the general engine.
    Schema(Box<Engine>),
    All(Box<Engine>),
}

/// Why a record is for the general engine.
pub(super) enum Left {
    /// As all of the recipe are.
    Recipe(&'static str),
    /// As the program is; the schema matches.
    Program,
    Record(Why),
}

/// Levels of arrays and objects in what is written, at most.
const LEVELS: usize = 512;

const PROGRAM: &str = "the program leaves the fast subset";

impl Fast {
    pub fn new(schema: Option<&Schema>, program: Option<&Program>, nesting: u32, tiers: Tiers) -> Fast {
        if tiers == Tiers::General {
            return Fast::No("the fast engine is switched off");
        }
        let any = Rule::any();
        let Some(rule) = schema.map_or(Some(&any), Schema::rule) else {
            return Fast::No("the schema leaves the fast subset");
        };
        let (program, all) = match program.map(Program::fast) {
            None => (None, true),
            Some(Ok(program)) => (Some(program.clone()), true),
            Some(Err(_)) if schema.is_none() => return Fast::No(PROGRAM),
            Some(Err(_)) => (None, false),
        };
        if let Some(program) = &program
            && nesting as usize + program.levels() > LEVELS
        {
            return Fast::No("outputs may be nested deeper than the fast engine counts");
        }
        let Some(mut engine) = Engine::new(rule, program, nesting) else {
            return Fast::No("a name has a character that is escaped, or an object has too many names");
        };
        engine.set_learning(tiers == Tiers::All);
        if all { Fast::All(engine.into()) } else { Fast::Schema(engine.into()) }
    }

    /// As many lines as it can: why not the next one. `fails` says what the engine found out.
    pub fn lines(&mut self, lines: &mut Lines<'_>, fails: &mut Fails<'_>) -> Option<Why> {
        match self {
            Fast::All(engine) => lines.run(engine, fails),
            _ => None,
        }
    }

    /// One record: its outputs, each with a newline behind it.
    pub fn record(&mut self, record: &[u8], out: &mut Vec<u8>) -> Result<(), Left> {
        match self {
            Fast::No(why) => Err(Left::Recipe(why)),
            Fast::All(engine) => engine.record(record, out).map(drop).map_err(Left::Record),
            Fast::Schema(engine) => match engine.matches(record) {
                Ok(()) => Err(Left::Program),
                Err(unfit) => Err(Left::Record(Why::Unfit(unfit))),
            },
        }
    }

    /// What breaks the schema in the record that was left last, if it is one thing alone.
    pub fn broken<'r, 't>(&'r self, record: &'t [u8]) -> Option<Broken<'r, 't>> {
        match self {
            Fast::No(_) => None,
            Fast::All(engine) | Fast::Schema(engine) => engine.broken(record),
        }
    }

    /// Adds what it did.
    pub fn tell(&self, explanation: &mut Explanation) {
        if let Fast::All(engine) = self {
            let counts = engine.counts();
            (explanation.learned, explanation.exact) = (counts.learned, counts.exact);
            explanation.shapes = engine.shapes() as u64;
        }
    }
}

impl Left {
    /// Whether the record matches the schema.
    pub fn matches(&self) -> bool {
        matches!(self, Left::Program | Left::Record(Why::Left(_)))
    }

    /// Whether the record breaks the schema, or may.
    pub fn breaks(&self) -> bool {
        matches!(self, Left::Record(Why::Unfit(Unfit::Schema)))
    }

    /// Why in a few words.
    pub fn reason(&self) -> &'static str {
        match self {
            Left::Recipe(why) => why,
            Left::Program => PROGRAM,
            Left::Record(why) => why.text(),
        }
    }
}

impl From<Why> for Left {
    fn from(why: Why) -> Left {
        Left::Record(why)
    }
}
