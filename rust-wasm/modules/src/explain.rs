//! What `explain` says of a recipe, and of the records that went through it.
//!
//! The config asks for it with `"explain": true`. Records are transformed as ever and counted by the road that
//! they took; at the end of the input one more record is emitted, which the host reads: [`Explanation::value`].

use crate::jq::{self, Explained, Stage};
use std::collections::BTreeMap;
use wasmrecords_engine::rule::Leaves;
use wasmrecords_json::{Object, Value};

/// Which engine does what, and why.
#[derive(Default)]
pub struct Explanation {
    /// Of the program, if there is one.
    pub program: Option<Explained>,
    /// What of the schema is not for the fast engine, if there is a schema.
    pub schema: Option<Vec<Leaves>>,
    /// Records that were done by the fast engine, by what it had learned of records before.
    pub learned: u64,
    /// Records that were done by the fast engine, byte by byte.
    pub exact: u64,
    /// Records that were left to the general engine, by the reason.
    pub general: BTreeMap<&'static str, u64>,
    /// Shapes of records that were learned.
    pub shapes: u64,
    /// What of `learned` and `exact` was told already.
    pub told: (u64, u64),
}

impl Explanation {
    /// Counts a record that was left to the general engine.
    pub fn leave(&mut self, reason: &'static str) {
        *self.general.entry(reason).or_default() += 1;
    }

    /// All of it as the host reads it, with the records since the last time.
    pub fn value(&mut self) -> Value {
        let general = std::mem::take(&mut self.general);
        let told = std::mem::replace(&mut self.told, (self.learned, self.exact));
        let reasons = general.iter().map(|(reason, count)| (*reason, number(*count)));
        let records = object([
            ("learned", number(self.learned - told.0)),
            ("exact", number(self.exact - told.1)),
            ("general", number(general.values().sum())),
        ]);
        object([
            ("program", self.program.as_ref().map_or(Value::Null, program)),
            (
                "schema",
                self.schema.as_ref().map_or(Value::Null, |keywords| keywords.iter().map(keyword).collect()),
            ),
            ("records", records),
            ("reasons", object(reasons)),
            ("shapes", number(self.shapes)),
        ])
    }
}

fn program(program: &Explained) -> Value {
    let stage = |stage: &Stage| {
        object([
            ("start", stage.place.start.into()),
            ("end", stage.place.end.into()),
            ("fast", stage.fast.into()),
        ])
    };
    let leaves = |leaves: &jq::Leaves| {
        object([
            ("token", leaves.token.as_str().into()),
            ("offset", leaves.offset.into()),
            ("hint", leaves.hint.into()),
        ])
    };
    object([
        ("stages", program.stages.iter().map(stage).collect()),
        ("leaves", program.leaves.as_ref().map_or(Value::Null, leaves)),
        ("doubts", program.doubts.iter().map(|doubt| doubt.as_str().into()).collect()),
    ])
}

fn keyword(leaves: &Leaves) -> Value {
    object([
        ("path", leaves.path.as_str().into()),
        ("token", leaves.keyword.as_str().into()),
        ("hint", leaves.hint.into()),
    ])
}

fn number(count: u64) -> Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}

fn object<'n>(members: impl IntoIterator<Item = (&'n str, Value)>) -> Value {
    members.into_iter().map(|(name, value)| (name.into(), value)).collect::<Object>().into()
}
