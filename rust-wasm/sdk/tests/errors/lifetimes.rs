use std::borrow::Cow;
use wasmrecords::prelude::*;

/// The compiler says it once.
#[derive(Record)]
struct Missing {
    name: &str,
    other: Cow<str>,
}

#[derive(Record)]
struct Lasting {
    kind: &'static str,
}

#[derive(Record)]
struct Undeclared {
    name: &'a str,
}

#[transform]
fn kinds(_: Missing) -> Lasting {
    Lasting { kind: "one" }
}

fn main() {}
