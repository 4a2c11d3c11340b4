use wasmrecords::prelude::*;

#[derive(Record)]
struct Person {
    id: u32,
}

#[transform]
fn borrowed(person: &Person) -> u32 {
    person.id
}

fn main() {}
