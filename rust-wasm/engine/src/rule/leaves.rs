//! Where a schema leaves what rules can say.

/// The first keyword of a schema that no rule has: with it, all records are for the validator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaves {
    /// Where it stands in the schema, as a pointer behind `#`.
    pub path: String,
    /// Its name.
    pub keyword: String,
    /// What to write instead, or why there is nothing.
    pub hint: &'static str,
}
