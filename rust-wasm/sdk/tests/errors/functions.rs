use wasmrecords::prelude::*;

#[transform]
async fn waits(record: u32) -> u32 {
    record
}

#[transform]
fn of_any<T>(record: T) -> T {
    record
}

#[function]
unsafe fn dangerous(a: u32) -> u32 {
    a
}

#[function(fast)]
fn fast(a: u32) -> u32 {
    a
}

#[function]
#[rustfmt::skip]
fn nine(_: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8) {}

struct Thing;

impl Thing {
    #[function]
    fn method(&self) -> u32 {
        7
    }
}

fn main() {}
