use std::collections::BTreeMap;
use wasmrecords::prelude::*;

#[derive(Record)]
struct Inner {
    id: Option<u8>,
}

#[derive(Record)]
struct Twice {
    id: u8,
    #[record(flatten)]
    inner: Inner,
}

#[derive(Record)]
struct Early {
    #[record(flatten)]
    rest: BTreeMap<String, u8>,
    #[record(flatten)]
    inner: Inner,
}

#[derive(Record)]
#[record(deny_unknown_fields)]
struct Closed {
    id: u8,
}

#[derive(Record)]
struct Open {
    #[record(flatten)]
    closed: Closed,
}

#[derive(Record)]
#[record(deny_unknown_fields)]
struct Both {
    id: u8,
    #[record(flatten)]
    rest: BTreeMap<String, u8>,
}

fn main() {}
