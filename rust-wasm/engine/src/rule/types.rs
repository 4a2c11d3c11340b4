//! Sets of JSON Schema's types.

use std::ops::BitOr;

/// A set of types. Integers are numbers: where `NUMBER` is allowed, so are they, whether or not `INTEGER` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Types(u8);

impl Types {
    /// No type.
    pub const NONE: Types = Types(0);
    /// `null`
    pub const NULL: Types = Types(1);
    /// `true` and `false`
    pub const BOOLEAN: Types = Types(2);
    /// Numbers that are whole, however they are written.
    pub const INTEGER: Types = Types(4);
    /// All numbers.
    pub const NUMBER: Types = Types(8);
    /// Strings.
    pub const STRING: Types = Types(16);
    /// Arrays.
    pub const ARRAY: Types = Types(32);
    /// Objects.
    pub const OBJECT: Types = Types(64);
    /// All types.
    pub const ALL: Types = Types(127);

    /// True if one of `other` is among these.
    #[inline(always)]
    pub const fn has(self, other: Types) -> bool {
        self.0 & other.0 != 0
    }

    /// Those that are in both.
    pub(super) const fn both(self, other: Types) -> Types {
        Types(self.0 & other.0)
    }

    /// The type of this name.
    pub(super) fn named(name: &str) -> Option<Types> {
        Some(match name {
            "null" => Types::NULL,
            "boolean" => Types::BOOLEAN,
            "integer" => Types::INTEGER,
            "number" => Types::NUMBER,
            "string" => Types::STRING,
            "array" => Types::ARRAY,
            "object" => Types::OBJECT,
            _ => return None,
        })
    }
}

impl BitOr for Types {
    type Output = Types;

    fn bitor(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }
}
