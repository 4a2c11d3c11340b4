use wasmrecords::prelude::*;

#[derive(Record)]
struct Node {
    next: Option<Box<Node>>,
}

#[derive(Record)]
struct Tree<'a> {
    name: &'a str,
    inner: Vec<Tree<'a>>,
}

#[derive(Record)]
struct Inner {
    id: u8,
}

#[derive(Record)]
struct Optional {
    #[record(flatten)]
    inner: Option<Inner>,
}

#[transform]
fn a_name_that_is_longer_than_any_host_takes_and_so_it_is_refused_here(record: u32) -> u32 {
    record
}

struct OverAllThereIsAndMoreThanAnyHostWouldEverTakeAsTheNameOfIt;

#[aggregate]
impl Aggregate for OverAllThereIsAndMoreThanAnyHostWouldEverTakeAsTheNameOfIt {
    type Input<'text> = u32;
    type Output = u32;
    type Options = NoConfig;

    fn open(_: NoConfig) -> Self {
        Self
    }

    fn add(&mut self, _: u32, _: &mut Ctx) -> Result<(), Failure> {
        Ok(())
    }

    fn flush(&mut self, _: &mut Ctx) -> Result<(), Failure> {
        Ok(())
    }
}

fn main() {}
