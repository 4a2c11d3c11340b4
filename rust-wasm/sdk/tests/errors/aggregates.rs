use wasmrecords::prelude::*;

struct Sum;

#[aggregate]
impl Sum {
    fn new() -> Self {
        Sum
    }
}

fn main() {}
