use std::collections::{BTreeMap, HashMap};
use wasmrecords::prelude::*;

struct Person {
    id: u32,
}

#[derive(Record)]
struct Fields {
    letter: char,
    names: HashMap<String, u8>,
    flags: BTreeMap<bool, u8>,
    people: Vec<Person>,
}

#[transform]
fn reads(person: Person) -> u32 {
    person.id
}

#[function]
fn called(people: Vec<Person>) -> u32 {
    people[0].id
}

fn main() {}
