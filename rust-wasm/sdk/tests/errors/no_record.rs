use wasmrecords::prelude::*;

#[transform]
fn nothing() -> u32 {
    7
}

fn main() {}
