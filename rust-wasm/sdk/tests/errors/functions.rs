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

#[function]
fn of_slice(values: &[u32]) -> u32 {
    values.len() as u32
}

#[function]
fn with_ctx(a: u32, ctx: &mut Ctx) -> u32 {
    a
}

struct Thing;

impl Thing {
    #[function]
    fn method(&self) -> u32 {
        7
    }
}

fn main() {}
