use wasmrecords::prelude::*;

#[derive(Config)]
struct Options {
    least: u32,
}

#[transform]
fn by_value(record: u32, options: Options) -> Option<u32> {
    (record > options.least).then_some(record)
}

#[transform]
fn two_configs(record: u32, _: &Options, _: &Options) -> u32 {
    record
}

#[transform]
fn shared_ctx(record: u32, _: &Ctx) -> u32 {
    record
}

#[transform]
fn second_text(record: &str, other: &str) -> bool {
    record == other
}

#[transform]
fn lasting(record: &'static str) -> &'static str {
    record
}

#[transform]
fn of_any(record: impl Record<'static>) -> u32 {
    7
}

fn main() {}
