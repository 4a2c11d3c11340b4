//! The validator of JSON Schema for values of records, which are parsed once, for the schema and for jq.
//!
//! The library's code is generic, and becomes code where a type is put into it: here, and nowhere else. So this
//! crate can have a profile of its own (see `Cargo.toml` of the workspace): most of what is here runs once for each
//! schema, or never, and the less there is of it, the sooner the module is compiled.

mod equal;
mod multiple;
mod number;
mod value;

use std::sync::Arc;

use jsonschema::{ErrorIterator, Retrieve, ValidationError, ValidationOptions};

pub use equal::repeated;
pub use number::Digits;
pub use value::{Found, Records, copy};

/// What a validator of records is built with.
pub type Options<'a> = ValidationOptions<'a, Arc<dyn Retrieve>, Records>;

/// Options under which nothing is fetched, and numbers are multiples of others by their digits.
pub fn options<'a>() -> Options<'a> {
    let options = jsonschema::options_for::<Records>().offline();
    options.with_keyword("multipleOf", |_, of, _| Ok(Box::new(multiple::MultipleOf::new(of))))
}

/// A compiled schema.
pub struct Validator(jsonschema::Validator<Records>);

impl Validator {
    /// Compiles a schema.
    ///
    /// # Errors
    /// The schema breaks its meta-schema, or something that it refers to is not there.
    pub fn new(options: &Options<'_>, schema: &serde_json::Value) -> Result<Self, ValidationError<'static>> {
        options.build(schema).map(Validator)
    }

    /// Whether a value is as the schema wants it: quicker than to find an error.
    pub fn is_valid(&self, found: Found<'_>) -> bool {
        self.0.is_valid(found)
    }

    /// Finds the first error.
    ///
    /// # Errors
    /// What the value breaks.
    pub fn validate<'a>(&self, found: Found<'a>) -> Result<(), ValidationError<'a>> {
        self.0.validate(found)
    }

    /// All errors.
    pub fn iter_errors<'a>(&'a self, found: Found<'a>) -> ErrorIterator<'a> {
        self.0.iter_errors(found)
    }
}
