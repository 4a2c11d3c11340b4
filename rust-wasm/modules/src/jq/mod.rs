//! jq programs: compiled once, run on one record after the other.
//!
//! Programs are read by jq's grammar, in [`parse`], and run by the crate `jaq-core`; values and builtins are our
//! own. Numbers keep their digits while no one computes with them, and what is written is always JSON: `nan` as
//! `null`, an infinity as the largest number. Errors say what jq 1.8 says.
//!
//! A program sees one record, and what it was given:
//!
//! | name | here |
//! |---|---|
//! | `input`, `inputs`, `input_line_number` | refused: each record is transformed alone |
//! | `$name`, `$ARGS` | what the host gives as arguments |
//! | `import`, `include`, `modulemeta`, `get_search_list` | files that the host hands over: see [`modules`] |
//! | `input_filename` | the name of the record's source, where the host says it; else `null` |
//! | `now`, `localtime`'s zone | `now` needs a clock that the run grants; local time is UTC |
//! | `env`, `$ENV` | `{}` |
//! | `$__loc__` | `{"file":"<top-level>","line":1}`, as in jq |
//! | `debug`, `debug(m)`, `stderr` | go to the log: `["DEBUG:",1]` and a newline; `stderr` the bare value |
//! | `halt` | refused: a record cannot end the run; `empty` drops it, `error` fails it |
//! | `halt_error`, `halt_error(status)` | fails the record with the input as the message, not to be caught |
//! | `error` | fails the record; what is no string becomes JSON in the message |
//! | `gmtime`, `mktime`, `strftime`, `strptime`, `todate`, `dateadd` ... | in UTC |
//! | regular expressions | look-around and back-references work; a search that backtracks too often is an error |
//!
//! An error while a program runs has the code `jq`; a program that does not compile is refused with the
//! code `program` and the byte offset of what is wrong in it.

mod builtins;
mod compile;
mod data;
mod direct;
mod explain;
mod fast;
mod given;
mod head;
mod link;
mod modules;
mod nesting;
mod parse;
mod rewrite;
mod suggest;
#[cfg(test)]
mod tests;
mod tokens;
mod value;

use crate::cut::{ceil, floor};
use builtins::Patterns;
use compile::Compiled;
use data::{Jq, Run};
use direct::{Exit, Node};
use jaq_core::{Ctx, Exn, Filter, Vars};
use std::cell::{Cell, RefCell};
use std::fmt::{self, Write as _};
use wasmrecords::{Failure, Output};
use wasmrecords_engine::program::Program as Fast;
use wasmrecords_json::{Value, write};

pub use explain::{Explained, Stage, explain};
pub use fast::Leaves;
pub use given::{File, Given};

/// Where a program's outputs and log lines go.
pub trait Sink {
    /// Takes one output: the compact text of a JSON value.
    ///
    /// # Errors
    /// Ends the program on this record with this failure.
    fn emit(&mut self, value: &[u8]) -> Result<(), Failure>;

    /// Takes what `debug` and `stderr` say.
    fn log(&mut self, text: &[u8]);
}

impl Sink for Output {
    fn emit(&mut self, value: &[u8]) -> Result<(), Failure> {
        Output::emit(self, value)
    }

    fn log(&mut self, text: &[u8]) {
        Output::log(self, text);
    }
}

/// A compiled jq program.
pub struct Program {
    filter: Filter<Jq>,
    /// The same program, if it can take the short road.
    direct: Option<Node>,
    fast: Result<Fast, Leaves>,
    variables: Vars<Value>,
    modules: Vec<(String, Value)>,
    folders: Vec<String>,
    source: Option<String>,
    /// Regular expressions that the program has used: the same few for every record.
    patterns: RefCell<Patterns>,
    /// The text of one output, kept for its allocation.
    text: RefCell<Vec<u8>>,
}

impl Program {
    /// Compiles a program that gets nothing from outside.
    ///
    /// # Errors
    /// `program`, with the byte offset in `text` of the first thing that is wrong.
    pub fn compile(text: &str) -> Result<Self, Failure> {
        Program::compile_with(text, Given { nesting: 128, ..Given::default() })
    }

    /// Compiles a program with what it gets from outside.
    ///
    /// # Errors
    /// `program`, with the byte offset of what is wrong and a path that says in which file. `args` for an
    /// argument that is no JSON. `import` for files that are yet to be handed over: see [`modules`].
    pub fn compile_with(text: &str, given: Given) -> Result<Self, Failure> {
        let Compiled { filter, direct, fast, variables, modules } = compile::compile(text, &given)?;
        Ok(Program {
            filter,
            direct,
            fast,
            variables,
            modules,
            folders: given.folders,
            source: given.source,
            patterns: RefCell::default(),
            text: RefCell::default(),
        })
    }

    /// The program for the fast engine.
    ///
    /// # Errors
    /// The first part that only the general engine runs.
    pub fn fast(&self) -> Result<&Fast, &Leaves> {
        self.fast.as_ref()
    }

    /// Runs the program on one record and gives each output to `sink` as soon as it is there.
    ///
    /// # Errors
    /// `jq` if the program raises an error or makes what is no JSON; what `sink` fails with.
    pub fn run(&self, record: Value, sink: &mut dyn Sink) -> Result<(), Failure> {
        let run = Run {
            lut: &self.filter.lut,
            patterns: &self.patterns,
            modules: &self.modules,
            folders: &self.folders,
            source: self.source.as_deref(),
            sink: RefCell::new(sink),
            last_words: Cell::new(None),
        };
        if let Some(direct) = &self.direct {
            let ended = direct.each(&record, &run, &mut |output| {
                self.give(&output, &run).map_err(|failure| Exit::Stop(Box::new(failure)))
            });
            return ended.map_err(|exit| match exit {
                Exit::Error(error) => Failure::new("jq", message(*error)),
                Exit::Stop(failure) => *failure,
            });
        }
        let ctx = Ctx::<Jq>::new(&run, self.variables.clone());
        for output in self.filter.id.run((ctx, record)) {
            let output = output.map_err(|raised| failure(raised, &run))?;
            self.give(&output, &run)?;
        }
        Ok(())
    }

    fn give(&self, output: &Value, run: &Run<'_>) -> Result<(), Failure> {
        let mut text = self.text.borrow_mut();
        text.clear();
        write(output, &mut text).map_err(|why| Failure::new("jq", why.to_string()))?;
        run.sink.borrow_mut().emit(&text)
    }
}

fn failure(raised: Exn<'_, Value>, run: &Run<'_>) -> Failure {
    let message = match raised.get_err() {
        Ok(error) => message(error),
        Err(other) => match (other.get_halt(), run.last_words.take()) {
            (Ok(_), Some(words)) => shortened(&words),
            // No program can get here: a `break` without its label does not compile.
            _ => "the program broke off".into(),
        },
    };
    Failure::new("jq", message)
}

fn message(error: jaq_core::Error<Value>) -> String {
    match error.into_val() {
        Value::String(text) => shortened(&text),
        value => format!("the program raised an error that is no string: {}", shortened(&value)),
    }
}

/// A message of at most a few hundred bytes: jq's errors quote the value at fault, and that may be a
/// whole record. What stands behind the value says more than its middle.
fn shortened(message: &(impl fmt::Display + ?Sized)) -> String {
    const HEAD: usize = 300;
    const TAIL: usize = 100;
    let mut whole = String::new();
    let _ = write!(whole, "{message}");
    if whole.len() <= HEAD + TAIL {
        return whole;
    }
    let head = floor(&whole, HEAD);
    let tail = ceil(&whole, whole.len() - TAIL);
    format!("{} … {}", &whole[..head], &whole[tail..])
}
