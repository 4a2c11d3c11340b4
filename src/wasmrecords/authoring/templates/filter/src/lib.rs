//! Keeps who is old enough, and of each only the number and the name.

use wasmrecords::prelude::*;

/// What comes in. Properties that are not named here are passed over.
#[derive(Record)]
pub struct Person<'a> {
    pub id: u32,
    pub name: &'a str,
    pub email: Option<&'a str>,
    pub age: u8,
    pub tags: Vec<&'a str>,
}

/// What goes out.
#[derive(Record, Debug, PartialEq)]
pub struct Out<'a> {
    pub id: u32,
    pub name: &'a str,
}

/// What `--config` gives.
#[derive(Config)]
pub struct Options {
    /// Younger people are dropped.
    #[config(default = 18)]
    pub min_age: u8,
}

/// Adults, with their names.
#[transform]
pub fn adults<'a>(person: Person<'a>, options: &Options) -> Option<Out<'a>> {
    (person.age >= options.min_age).then_some(Out { id: person.id, name: person.name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(age: u8) -> Person<'static> {
        Person { id: 1, name: "Ada", email: None, age, tags: vec![] }
    }

    #[test]
    fn who_is_old_enough_is_kept() {
        let options = Options { min_age: 18 };
        assert_eq!(adults(person(18), &options), Some(Out { id: 1, name: "Ada" }));
        assert_eq!(adults(person(17), &options), None);
    }
}
