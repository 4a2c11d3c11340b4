use wasmrecords::prelude::*;

#[transform(capabilities = ["log", "files"])]
fn reads_files(record: u32) -> u32 {
    record
}

#[transform(fast = true)]
fn fast(record: u32) -> u32 {
    record
}

fn main() {}
