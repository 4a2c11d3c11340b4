use wasmrecords::prelude::*;

struct Rules;

impl Rules {
    #[transform]
    fn next(number: u8) -> u8 {
        number + 1
    }

    #[function]
    fn previous(number: u8) -> u8 {
        number - 1
    }
}

trait Rule {
    #[transform]
    fn apply(number: u8) -> u8;
}

fn main() {}
