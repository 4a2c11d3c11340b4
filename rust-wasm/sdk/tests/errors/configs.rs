use wasmrecords::prelude::*;

#[derive(Record)]
struct Options {
    least: u32,
}

#[transform]
fn large(record: u32, options: &Options) -> Option<u32> {
    (record > options.least).then_some(record)
}

/// A config stays when its text is gone.
#[derive(Config)]
struct Borrowing<'a> {
    name: &'a str,
}

#[derive(Config)]
struct Referring {
    name: &str,
}

fn main() {}
