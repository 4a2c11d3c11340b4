//! A recipe: a JSON Schema that records must match, then a jq program that they go through.

use crate::explain::Explanation;
use crate::jq::{self, Given, Program};
use crate::schema::{self, Schema, Settings};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use wasmrecords::{Failure, Opening, Output, Transform};
use wasmrecords_json::{Parser, Record, parse, write};

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
        Ok(Recipe {
            schema,
            program: config.jq.map(|text| Program::compile_with(&text, given)).transpose()?,
            nesting,
            parser: Parser::default(),
            text: Vec::new(),
            explanation,
        })
    }

    fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure> {
        let quick = self.schema.as_ref().and_then(|schema| schema.matches(record, self.nesting));
        if let Some(explanation) = &mut self.explanation {
            match (quick, &self.program) {
                (Some(_), None) => explanation.exact += 1,
                (_, Some(_)) => explanation.leave("the program leaves the fast subset"),
                (None, None) => explanation.leave("it is not plain that it matches"),
            }
        }
        if let (Some(compact), None) = (quick, &self.program) {
            return self.keep(record, compact, out);
        }
        if let (Some(schema), None) = (&self.schema, quick)
            && let Some(failure) = schema.failure(record, self.nesting)
        {
            return Err(failure);
        }
        let Record { value, compact } = self.parser.parse(record, self.nesting).map_err(|e| Failure {
            offset: e.offset,
            path: e.path,
            ..Failure::new(e.kind.code(), e.message)
        })?;
        if let (Some(schema), None) = (&self.schema, quick) {
            schema.check(&value, record)?;
        }
        match &self.program {
            Some(program) => program.run(value, out),
            None => self.keep(record, compact, out),
        }
    }

    fn finish(&mut self, out: &mut Output) -> Result<(), Failure> {
        let Some(explanation) = &mut self.explanation else { return Ok(()) };
        let mut text = Vec::new();
        write(&explanation.value(), &mut text).map_err(|why| Failure::new("explain", why.to_string()))?;
        out.emit(&text)
    }
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
