//! A recipe: a JSON Schema that records must match, then a jq program that they go through.

mod fast;
#[cfg(test)]
mod tests;

use crate::explain::Explanation;
use crate::jq::{self, Given, Program};
use crate::schema::{self, Schema, Settings};
use fast::{Fast, Tiers};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use wasmrecords::{Failure, Lines, Opening, Output, Told, Transform};
use wasmrecords_engine::{Unfit, Why, reset};
use wasmrecords_json::{Parser, Record, SyntaxError, parse, write};

/// The config: both parts are optional. With neither every valid record is kept.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config<'a> {
    jq: Option<String>,
    #[serde(borrow)]
    schema: Option<&'a RawValue>,
    /// What the program gets from outside.
    #[serde(default)]
    given: Given,
    /// What goes with the schema: see [`Settings`].
    base: Option<String>,
    #[serde(borrow, default)]
    schemas: BTreeMap<String, &'a RawValue>,
    #[serde(default)]
    missing: BTreeMap<String, String>,
    #[serde(default)]
    assert_format: bool,
    #[serde(default)]
    all_errors: bool,
    /// Count the roads of the records, and tell at the end of the input.
    #[serde(default)]
    explain: bool,
    /// What of the fast engine is used: to measure and to compare.
    #[serde(default)]
    tiers: Tiers,
}

impl Config<'_> {
    fn schema(&self) -> Result<Option<Schema>, Failure> {
        let documents = self.schemas.iter().map(|(uri, text)| (uri.as_str(), text.get().as_bytes()));
        let settings = Settings {
            base: self.base.as_deref(),
            documents: documents.collect(),
            missing: self.missing.clone(),
            formats: self.assert_format,
            all: self.all_errors,
        };
        self.schema.map(|text| Schema::compile(text.get().as_bytes(), &settings)).transpose()
    }

    /// What there is to say of program and schema, both of which compile.
    fn explanation(&self, given: &Given) -> Result<Explanation, Failure> {
        // One that is nested deeper than is read here is explained as one that allows all.
        let schema = self.schema.map(|text| parse(text.get().as_bytes(), 128).unwrap_or(true.into()));
        let program = self.jq.as_ref().map(|text| jq::explain(text, given, schema.as_ref())).transpose()?;
        let schema = schema.map(|schema| schema::leaves(&schema, self.assert_format));
        Ok(Explanation { program, schema, ..Explanation::default() })
    }
}

/// A recipe that is ready for records.
pub struct Recipe {
    schema: Option<Schema>,
    program: Option<Program>,
    fast: Fast,
    /// Why the next record is not for the fast engine, where that was found out with the lines before it.
    why: Option<Why>,
    nesting: u32,
    parser: Parser,
    text: Vec<u8>,
    explanation: Option<Box<Explanation>>,
}

impl Transform for Recipe {
    fn open(opening: &Opening) -> Result<Self, Failure> {
        let config: Option<Config> =
            serde_json::from_str(&opening.config).map_err(|e| Failure::new("config", e.to_string()))?;
        let mut config = config.unwrap_or_default();
        let schema = config.schema()?;
        let nesting = opening.limits.nesting;
        let given = Given { source: opening.source.clone(), nesting, ..std::mem::take(&mut config.given) };
        let explanation = match config.explain {
            true => Some(Box::new(config.explanation(&given)?)),
            false => None,
        };
        let program = config.jq.map(|text| Program::compile_with(&text, given)).transpose()?;
        let fast = Fast::new(schema.as_ref(), program.as_ref(), nesting, config.tiers);
        let (parser, text) = (Parser::default(), Vec::new());
        Ok(Recipe { schema, program, fast, why: None, nesting, parser, text, explanation })
    }

    fn lines(&mut self, lines: &mut Lines<'_>) {
        let Recipe { schema, fast, explanation, .. } = self;
        self.why = fast.lines(lines, &mut |engine, why, record, failing| {
            match why {
                Why::Unfit(Unfit::Json) => {
                    let SyntaxError { kind, offset, path, message } = &engine.syntax()?;
                    let (code, message) = (kind.code(), [&**message, ""]);
                    failing.tell(&Told { code, offset: *offset, path, rule: "", message });
                }
                _ => {
                    let broken = engine.broken(record)?;
                    schema.as_ref()?.tell(&broken, record, |told| failing.tell(&told))?;
                }
            }
            if let Some(explanation) = explanation {
                explanation.leave(why.text());
            }
            Some(())
        });
    }

    fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure> {
        reset(&mut self.text);
        let result = match self.why.take() {
            Some(why) => Err(why.into()),
            None => self.fast.record(record, &mut self.text),
        };
        let left = match result {
            Ok(()) => {
                return self
                    .text
                    .split_inclusive(|byte| *byte == b'\n')
                    .try_for_each(|line| out.emit(line.strip_suffix(b"\n").unwrap_or(line)));
            }
            Err(left) => left,
        };
        reset(&mut self.text);
        if let Some(explanation) = &mut self.explanation {
            explanation.leave(left.reason());
        }
        let broken = if left.breaks() { self.fast.broken(record) } else { None };
        if let (Some(schema), Some(broken)) = (&self.schema, &broken)
            && let Some(failure) = schema.tell(broken, record, |told| told.into())
        {
            return Err(failure);
        }
        let Record { value, compact } = self.parser.parse(record, self.nesting).map_err(syntax)?;
        if let (Some(schema), false) = (&self.schema, left.matches()) {
            schema.check(&value, record, broken.as_ref())?;
        }
        match &self.program {
            Some(program) => program.run(value, out),
            None => self.keep(record, compact, out),
        }
    }

    fn finish(&mut self, out: &mut Output) -> Result<(), Failure> {
        let Some(explanation) = &mut self.explanation else { return Ok(()) };
        self.fast.tell(explanation);
        let mut text = Vec::new();
        write(&explanation.value(), &mut text).map_err(|why| Failure::new("explain", why.to_string()))?;
        out.emit(&text)
    }
}

/// The failure of a record that is no JSON.
fn syntax(error: SyntaxError) -> Failure {
    Failure { offset: error.offset, path: error.path, ..Failure::new(error.kind.code(), error.message) }
}

impl Recipe {
    /// Gives a record out as it is: the same digits, escapes and order of members, on one line.
    fn keep(&mut self, record: &[u8], compact: bool, out: &mut Output) -> Result<(), Failure> {
        if compact {
            return out.emit(record);
        }
        self.text.clear();
        wasmrecords_json::compact(record, &mut self.text);
        out.emit(&self.text)
    }
}
