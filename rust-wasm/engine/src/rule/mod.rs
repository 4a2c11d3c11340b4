//! A schema as a tree of rules: what a scanner asks of each value while it passes over its text.
//!
//! A rule only ever says "matches", where that is certain. All else is for the validator to judge: a value that
//! breaks a rule, one that is written in a way which no rule reads, and each schema with other keywords.

mod broken;
mod build;
mod leaves;
mod number;
mod object;
pub(crate) mod pattern;
mod read;
mod references;
mod string;
mod types;
mod union;

use std::ops::RangeInclusive;

use crate::RECIPES;
use wasmrecords_json::Value;

pub use broken::{Broken, Found};
pub use leaves::Leaves;
pub use number::NumberRule;
pub(crate) use number::{Short, plain_integer};
pub(crate) use object::MOST_NAMES;
pub use object::ObjectRule;
pub use string::StringRule;
pub use types::Types;

/// Of anything that is counted: as many as there are.
const ANY_COUNT: RangeInclusive<u64> = 0..=u64::MAX;

/// What a schema asks of one value. The parts for other types than the value's say nothing.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The types that are allowed.
    pub types: Types,
    /// Of numbers.
    pub number: NumberRule,
    /// Of strings.
    pub string: StringRule,
    /// Whether `false` and `true` are allowed where booleans are.
    pub booleans: [bool; 2],
    /// Of each item of an array.
    pub items: Option<Box<Rule>>,
    /// How many items an array may have.
    pub item_count: RangeInclusive<u64>,
    /// Whether all items must differ; only where they are strings.
    pub unique: bool,
    /// Of objects; none if they may have any members.
    pub object: Option<ObjectRule>,
    /// See [`Rule::schema`].
    schema: Option<Box<str>>,
}

impl Rule {
    /// The rule of a schema that the validator has taken. Where `formats` refuse, `format` is none of its keywords.
    ///
    /// # Errors
    /// The first keyword that no rule has.
    pub fn new(schema: &Value, formats: bool) -> Result<Rule, Leaves> {
        if !RECIPES {
            panic!("the rules of schemas need the feature `recipes`");
        }
        build::build(schema, formats)
    }

    /// The rule that all values match.
    pub const fn any() -> Rule {
        Rule {
            types: Types::ALL,
            number: NumberRule::any(),
            string: StringRule::any(),
            booleans: [true; 2],
            items: None,
            item_count: ANY_COUNT,
            unique: false,
            object: None,
            schema: None,
        }
    }

    /// The rule that all values of these types match.
    pub fn of(types: Types) -> Rule {
        Rule { types, ..Rule::any() }
    }

    /// Where the schema stands that it is the rule of, as a pointer behind `#`; none if what is wrong with a value is
    /// not to be told by that schema alone.
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// True if all values match.
    pub fn is_any(&self) -> bool {
        self.types == Types::ALL
            && self.number.is_any()
            && self.string.is_any()
            && self.booleans == [true; 2]
            && self.items.is_none()
            && self.item_count == ANY_COUNT
            && !self.unique
            && self.object.is_none()
    }
}
