//! JSON Schema: compiled once, checked on one record after the other.
//!
//! Drafts 4, 6, 7, 2019-09 and 2020-12, by `$schema`; without one it is 2020-12. Nothing is fetched:
//! a `$ref` leads to a place in the schema itself. `format` is an annotation and refuses nothing; nor do
//! `contentEncoding` and `contentMediaType`, but in drafts 6 and 7.
//!
//! A schema that cannot be used is refused with the code `schema`; path and offset are those of the
//! place in the schema. A record that breaks it fails with the keyword as the code; path and offset
//! are those of the value at fault in the record. The first thing that is wrong is told, in words.

mod alternatives;
mod equal;
mod explain;
mod multiple;
mod number;
mod pattern;
mod place;
mod references;
mod refusal;
mod resources;
mod source;
#[cfg(test)]
mod tests;
mod value;
mod words;

use jsonschema::{PatternOptions, Validator};
use wasmrecords::Failure;
use wasmrecords_json::{Value, locate, parse, write_path};

use source::Source;
use value::{Found, Records};

/// Levels of arrays and objects in a schema, whatever records may have.
const NESTING: u32 = 128;

/// Steps that a regular expression with look-around or back-references may go back in one search.
const BACKTRACKS: usize = 100_000;

/// Bytes that one compiled regular expression may take.
const PATTERN_BYTES: usize = 1 << 20;

/// A compiled schema.
pub struct Schema {
    validator: Validator<Records>,
    source: Source,
    /// Whether a search may end unfinished: then errors have to carry copies of the values.
    searches: bool,
}

impl Schema {
    /// Compiles the text of a schema.
    ///
    /// # Errors
    /// `nesting` if the text is nested too deep, `schema` if it is no schema that can be used: with the
    /// place in the text.
    pub fn compile(text: &[u8]) -> Result<Self, Failure> {
        let value = parse(text, NESTING).map_err(refusal::syntax)?;
        let source = refusal::check(&value, text)?;
        let validator = jsonschema::options_for::<Records>()
            .offline()
            .should_validate_formats(false)
            // With it each error tells the URI of its keyword.
            .with_base_uri(resources::BASE)
            .with_keyword("multipleOf", |_, of, _| Ok(Box::new(multiple::MultipleOf::new(of))))
            .with_pattern_options(
                PatternOptions::fancy_regex()
                    .backtrack_limit(BACKTRACKS)
                    .size_limit(PATTERN_BYTES)
                    .dfa_size_limit(PATTERN_BYTES),
            )
            .build(&source.for_validator())
            .map_err(|error| refusal::refused(&error, &value, text))?;
        let searches = refusal::has_patterns(&value);
        Ok(Schema { validator, source, searches })
    }

    /// Checks a record.
    ///
    /// # Errors
    /// The keyword that the record breaks first, with the place in the record.
    pub fn check(&self, value: &Value, record_text: &[u8]) -> Result<(), Failure> {
        if self.validator.is_valid(Found::new(value)) {
            return Ok(());
        }
        let Err(error) = self.validator.validate(Found { value, copied: self.searches }) else {
            // The validator's two ways must agree. If ever they do not, nothing passes unchecked.
            return Err(Failure::new("schema", "the record does not match, and no keyword says why"));
        };
        let told = explain::explain(&error, value, &self.source);
        Err(Failure {
            code: told.code.into(),
            offset: locate(record_text, &told.path),
            path: write_path(&told.path),
            message: told.message,
        })
    }
}
