//! JSON Schema: compiled once, checked on one record after the other.
//!
//! Drafts 4, 6, 7, 2019-09 and 2020-12, by `$schema`; without one it is 2020-12. Nothing is fetched:
//! a `$ref` leads to a place in the schema, or in a document that was handed over with it. `format` refuses only
//! if that is asked for, `contentEncoding` and `contentMediaType` only in drafts 6 and 7.
//!
//! A schema that cannot be used is refused with the code `schema`; path and offset are those of the
//! place in the schema. A record that breaks it fails with the keyword as the code; path and offset
//! are those of the value at fault in the record. The first thing that is wrong is told, in words.

mod alternatives;
mod documents;
mod explain;
mod formats;
mod learned;
mod leaves;
mod pattern;
mod place;
mod references;
mod refusal;
mod resources;
mod source;
#[cfg(test)]
mod tests;
mod words;

use std::cell::RefCell;

use jsonschema::{Draft, ErrorIterator, PatternOptions, ValidationError};
use wasmrecords::{Failure, Told};
use wasmrecords_engine::rule::{Broken, Rule};
use wasmrecords_json::{Value, locate, write_path};
use wasmrecords_validator::{Found, Validator};

use documents::Documents;
pub use documents::Settings;
use learned::Learned;
pub use leaves::leaves;
use resources::Resources;
use source::Source;

/// Levels of arrays and objects in a schema, whatever records may have.
const NESTING: u32 = 128;

/// Steps that a regular expression with look-around or back-references may go back in one search.
const BACKTRACKS: usize = 100_000;

/// Bytes that one compiled regular expression may take.
const PATTERN_BYTES: usize = 1 << 20;

/// Errors that are told of one record.
const MOST_ERRORS: usize = 100;

/// A compiled schema.
pub struct Schema {
    validator: Validator,
    source: Source,
    /// The rule of the same schema, if it has one.
    rule: Option<Rule>,
    /// The schema itself.
    text: Value,
    learned: RefCell<Learned>,
    /// Whether a search may end unfinished: then errors have to carry copies of the values.
    searches: bool,
    all: bool,
}

impl Schema {
    /// Compiles the text of a schema with what goes with it.
    ///
    /// # Errors
    /// `nesting` if a text is nested too deep, `schema` if it is no schema that can be used: with the
    /// place in the text.
    pub fn compile(text: &[u8], settings: &Settings<'_>) -> Result<Self, Failure> {
        let documents = Documents::read(text, settings)?;
        let resources = Resources::new(&documents);
        let source = refusal::check(&documents, &resources)?;
        let draft = documents::draft(&documents, &resources);
        let refused =
            |error: &ValidationError<'_>, at: usize| refusal::refused(error, &documents, &resources, at);
        let mut texts = source.for_validator();
        for (at, (_, json)) in texts.iter().enumerate().skip(1) {
            documents::fault(json, draft).map_or(Ok(()), |error| Err(refused(&error, at)))?;
        }
        let schema = texts[0].1.clone();
        // Only what goes with the schema: it is checked itself when it is compiled.
        if texts.len() == 1 {
            texts.clear();
        }
        let registry = documents::registry(texts, draft)
            .map_err(|error| refusal::reference(&error, &documents, &resources))?;
        for (at, json) in source.for_other_drafts() {
            let checked = jsonschema::meta::options().with_registry(&registry).validate(json);
            checked.map_err(|error| refused(&error, at))?;
        }
        let mut options = wasmrecords_validator::options();
        for (name, is_valid) in formats::ADDED.into_iter().filter(|_| draft >= Draft::Draft7) {
            options = options.with_format(name, is_valid);
        }
        let options = options
            .with_registry(&registry)
            .should_validate_formats(settings.formats)
            // With it each error tells the URI of its keyword.
            .with_base_uri(documents.schema().uri)
            .with_pattern_options(
                PatternOptions::fancy_regex()
                    .backtrack_limit(BACKTRACKS)
                    .size_limit(PATTERN_BYTES)
                    .dfa_size_limit(PATTERN_BYTES),
            );
        let validator =
            Validator::new(&options, &schema).map_err(|error| refused(&error, source.document(&error)))?;
        let searches = documents.all.iter().any(|document| refusal::has_patterns(&document.value));
        let schema = &documents.schema().value;
        let rule = Rule::new(schema, settings.formats).ok();
        // Only asked for where there is a rule, and large where there is none.
        let text = rule.as_ref().map_or(Value::Null, |_| schema.clone());
        let learned = RefCell::default();
        Ok(Schema { validator, source, rule, text, learned, searches, all: settings.all })
    }

    /// The schema as a rule for the fast engine, if it can be one.
    pub fn rule(&self) -> Option<&Rule> {
        self.rule.as_ref()
    }

    /// Calls `with` for the failure of a record in which just this is broken, if one like it was told before.
    pub fn tell<T>(
        &self,
        broken: &Broken<'_, '_>,
        record_text: &[u8],
        with: impl FnOnce(Told<'_>) -> T,
    ) -> Option<T> {
        // Of many things that are wrong the first one is told, or all.
        if self.all && !broken.alone {
            return None;
        }
        self.learned.borrow_mut().tell(broken, record_text, with)
    }

    /// Checks a record, of which it may be known that just one thing is `broken`.
    ///
    /// # Errors
    /// The keyword that the record breaks first, with the place in the record.
    pub fn check(
        &self,
        value: &Value,
        record_text: &[u8],
        broken: Option<&Broken<'_, '_>>,
    ) -> Result<(), Failure> {
        if self.validator.is_valid(Found::new(value)) {
            return Ok(());
        }
        let failure = self.first(value, record_text);
        if let Some(broken) = broken {
            self.learned.borrow_mut().learn(broken, record_text, &failure, &self.text);
        }
        Err(failure)
    }

    /// The failure of a record that is known to break something.
    fn first(&self, value: &Value, record_text: &[u8]) -> Failure {
        let found = Found { value, copied: self.searches };
        if self.all {
            let errors = self.validator.iter_errors(found);
            return self.told_all(errors, value, record_text);
        }
        match self.validator.validate(found) {
            Err(error) => self.told(&error, value, record_text),
            Ok(()) => disagreement(),
        }
    }

    fn told(&self, error: &ValidationError<'_>, value: &Value, record_text: &[u8]) -> Failure {
        let told = explain::explain(error, value, &self.source);
        Failure {
            offset: locate(record_text, &told.path),
            path: write_path(&told.path),
            rule: self.source.rule(error).into(),
            ..Failure::new(told.code, told.message)
        }
    }

    /// The first error, with the others behind it.
    fn told_all(&self, errors: ErrorIterator<'_>, value: &Value, record_text: &[u8]) -> Failure {
        let mut errors = errors;
        let mut told: Vec<_> =
            errors.by_ref().take(MOST_ERRORS).map(|error| self.told(&error, value, record_text)).collect();
        if told.is_empty() {
            return disagreement();
        }
        let mut first = told.remove(0);
        let more = errors.count();
        if more > 0 {
            told.push(Failure::new("more", format!("{more} more errors are not listed")));
        }
        first.further = told;
        first
    }
}

/// The validator's two ways must agree. If ever they do not, nothing passes unchecked.
fn disagreement() -> Failure {
    Failure::new("schema", "the record does not match, and no keyword says why")
}
