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

#[function]
fn lasting(text: Option<&'static str>) -> u32 {
    7
}

#[function]
fn of_any(text: impl Into<String>) -> u32 {
    7
}

#[function]
fn iterated(to: u32) -> impl Iterator<Item = u32> {
    0..to
}

struct Thing;

impl Thing {
    #[function]
    fn method(&self) -> u32 {
        7
    }
}

fn main() {}
