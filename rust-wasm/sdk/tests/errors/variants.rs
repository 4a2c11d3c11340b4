use wasmrecords::prelude::*;

#[derive(Record)]
enum Skipped {
    A,
    #[record(skip)]
    B,
}

#[derive(Record)]
enum Defaulted {
    #[record(default)]
    A,
}

#[derive(Record)]
enum Flat {
    #[record(flatten)]
    A,
}

#[derive(Record)]
#[record(deny_unknown_fields)]
enum Closed {
    A,
}

fn main() {}
