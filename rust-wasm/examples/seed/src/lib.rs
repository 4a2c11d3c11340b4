//! The smallest useful module: a transform of typed records, and a function.

use wasmrecords::prelude::*;

/// Someone with a number.
#[derive(Record)]
pub struct Record {
    id: u32,
    name: String,
}

/// Keeps each record, typed.
#[transform]
pub fn records(record: Record) -> Record {
    record
}

/// Multiplies two integers.
#[function]
pub fn multiply(a: i64, b: i64) -> i64 {
    a * b
}
