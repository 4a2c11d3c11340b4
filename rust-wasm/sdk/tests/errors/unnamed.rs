use std::fmt::Display;
use wasmrecords::prelude::*;

#[transform]
fn some_text(record: u32) -> Vec<impl Display> {
    vec![record]
}

#[function]
fn some_number(number: u32) -> impl Into<u64> {
    number
}

fn main() {}
