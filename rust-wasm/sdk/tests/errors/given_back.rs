use wasmrecords::prelude::*;

struct Person {
    id: u32,
}

#[transform]
fn no_output(id: u32) -> Option<Person> {
    Some(Person { id })
}

#[transform]
fn nothing(record: u32, ctx: &mut Ctx) -> Result<(), Failure> {
    ctx.keep(&record)
}

struct Why;

#[transform]
fn no_reason(record: u32) -> Result<u32, Why> {
    if record > 1 { Err(Why) } else { Ok(record) }
}

#[function]
fn no_result(id: u32) -> Person {
    Person { id }
}

fn main() {}
