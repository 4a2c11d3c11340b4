//! Functions of all kinds: one for each type that can cross.

use std::collections::BTreeMap;
use wasmrecords::prelude::*;

/// Someone with a number.
#[derive(Record)]
pub struct Record {
    id: u32,
    name: String,
}

/// Multiplies two integers.
#[function]
pub fn multiply(a: i64, b: i64) -> i64 {
    a * b
}

/// A text so many times, with something between.
#[function]
pub fn repeated(text: &str, times: u8, between: Option<&str>) -> String {
    vec![text; times.into()].join(between.unwrap_or(""))
}

/// The mean of some numbers.
#[function]
pub fn mean(values: Vec<f64>) -> Result<f64, Failure> {
    if values.is_empty() {
        return Err(Failure::new("empty", "the mean of no values"));
    }
    Ok(values.iter().sum::<f64>() / values.len() as f64)
}

/// How often each word is there.
#[function]
pub fn counts(words: Vec<String>) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    for word in words {
        *found.entry(word).or_default() += 1;
    }
    found
}

/// The sum of the values of a map.
#[function]
pub fn total(values: BTreeMap<String, i32>) -> i64 {
    values.values().copied().map(i64::from).sum()
}

/// The same with another name.
#[function]
pub fn renamed(record: Record, name: String) -> Record {
    Record { name, ..record }
}

/// Bytes the other way round.
#[function]
pub fn reversed(data: Bytes) -> Bytes {
    Bytes(data.0.iter().rev().copied().collect())
}

/// Whether a text is a number, and which.
#[function]
pub fn parsed(text: &str) -> Result<i32, std::num::ParseIntError> {
    text.parse()
}

/// The larger one.
#[function]
pub fn larger(a: f64, b: f64) -> f64 {
    a.max(b)
}

/// Both of two, the other way round.
#[function]
pub fn swapped(pair: (String, bool)) -> (bool, String) {
    (pair.1, pair.0)
}

/// Divides, and panics where that cannot be done.
#[function]
pub fn divided(a: i64, b: i64) -> i64 {
    a / b
}

/// Never ends.
#[function]
pub fn forever() {
    loop {
        std::hint::spin_loop();
    }
}
