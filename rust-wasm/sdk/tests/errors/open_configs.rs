use std::collections::BTreeMap;
use wasmrecords::prelude::*;

/// A name in it that is misspelt would be passed over.
#[derive(Record)]
struct Open {
    least: Option<u32>,
}

#[derive(Config)]
struct Options {
    one: Option<Box<Open>>,
    others: Vec<(u8, Open)>,
    named: BTreeMap<String, Open>,
    right: Vec<Right>,
    closed: Closed,
    any: Value,
    #[config(skip)]
    own: u8,
}

#[derive(Config)]
struct Right {
    least: u32,
}

#[derive(Record)]
#[record(deny_unknown_fields)]
struct Closed {
    least: u32,
}

fn main() {}
