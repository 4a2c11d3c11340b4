use wasmrecords::prelude::*;

#[derive(Record)]
struct Pair(u32, u32);

#[derive(Record)]
enum Shape {
    Circle { radius: f64 },
}

#[derive(Record)]
#[record(rename_all = "Title Case")]
struct Styled {
    a: u32,
}

#[derive(Record)]
#[record(tag = "kind")]
struct Tagged {
    a: u32,
}

#[derive(Record)]
struct Field {
    #[record(alias = "b")]
    a: u32,
}

#[derive(Record)]
struct Twice {
    a: u32,
    #[record(rename = "a")]
    b: u32,
}

#[derive(Record)]
struct Flat {
    #[record(flatten, rename = "b")]
    a: u32,
}

#[derive(Record)]
struct Lifetimes<'a, 'b> {
    a: &'a str,
    b: &'b str,
}

#[derive(Config)]
enum Choice {
    A,
}

/// Nothing is said of what uses a type that is refused.
#[transform]
fn shapes(shape: Shape, _: &Choice) -> Vec<Shape> {
    vec![shape]
}

#[derive(Record)]
struct Drawing {
    shapes: Vec<Shape>,
    #[record(flatten)]
    tagged: Tagged,
}

fn main() {}
