use wasmrecords::prelude::*;

#[derive(Record)]
struct Point {
    x: f64,
}

#[derive(Record)]
struct Line {
    #[record(default)]
    from: Point,
    #[record(skip)]
    to: Point,
}

fn main() {}
