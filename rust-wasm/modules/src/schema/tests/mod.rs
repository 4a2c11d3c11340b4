//! Schemas, records, and what is said about them.

mod documents;
mod drafts;
mod hostile;
mod keywords;
mod learned;
mod leaves;
mod leaving;
mod messages;
mod patterns;
mod refusals;
mod rule;
mod scanner;
mod several;

use super::{Schema, Settings};
use wasmrecords::Failure;
use wasmrecords_json::parse;

fn schema(text: &str) -> Schema {
    Schema::compile(text.as_bytes(), &Settings::default())
        .unwrap_or_else(|failure| panic!("{text}: {failure:?}"))
}

fn checked(schema: &Schema, record: &str) -> Result<(), Failure> {
    let value = parse(record.as_bytes(), 1000).unwrap_or_else(|error| panic!("{record}: {error:?}"));
    schema.check(&value, record.as_bytes(), None)
}

/// Each case is a schema, a record with `^` where the fault is, and `code path: message`; an empty text
/// if the record is valid.
fn check(cases: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (text, marked, expected) in cases {
        let record = marked.replacen('^', "", 1);
        let offset = marked.find('^').unwrap_or(0);
        let found = match checked(&schema(text), &record) {
            Ok(()) => String::new(),
            Err(failure) if failure.offset == offset => {
                format!("{} {}: {}", failure.code, failure.path, failure.message)
            }
            Err(failure) => format!("{failure:?}"),
        };
        if found != *expected {
            wrong.push(format!("{text}   on {marked}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
