//! `multipleOf` by the digits: the validator's own gives up beyond a double.

use jsonschema::json::Node as _;
use jsonschema::{Keyword, ValidationError};

use crate::number::Divisor;
use crate::value::{Found, Records};

pub struct MultipleOf(Option<Divisor>);

impl MultipleOf {
    /// What is no number above zero is refused before.
    pub fn new(of: &serde_json::Value) -> Self {
        MultipleOf(of.as_number().and_then(Divisor::new))
    }
}

impl<'i> Keyword<'i, Records> for MultipleOf {
    fn validate(&self, value: Found<'i>) -> Result<(), ValidationError<'i>> {
        // It is put into words where the schema is at hand.
        if self.is_valid(value) { Ok(()) } else { Err(ValidationError::custom("no multiple")) }
    }

    fn is_valid(&self, value: Found<'i>) -> bool {
        match (&self.0, value.as_number()) {
            (Some(divisor), Some(number)) => divisor.divides(&number),
            _ => true,
        }
    }
}
