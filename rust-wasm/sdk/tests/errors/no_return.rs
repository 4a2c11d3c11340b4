use wasmrecords::prelude::*;

#[transform]
fn silent(_record: u32) {}

fn main() {}
