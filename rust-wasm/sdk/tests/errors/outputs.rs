use wasmrecords::prelude::*;

#[transform(outputs = ["audit"])]
fn misspelt(record: u32, ctx: &mut Ctx) -> Result<u32, Failure> {
    if record > 1 {
        ctx.emit("audti", &record)?;
    }
    Ok(record)
}

#[transform]
fn unnamed(record: u32, ctx: &mut Ctx) -> Result<u32, Failure> {
    ctx.emit("audit", &record).map(|()| record)
}

#[transform(outputs = ["audit"])]
fn to_main(record: u32, ctx: &mut Ctx) -> Result<(), Failure> {
    ctx.emit("main", &record)
}

#[transform(outputs = ["main"])]
fn main_again(record: u32, _ctx: &mut Ctx) -> u32 {
    record
}

#[transform(outputs = ["a", "b", "a"])]
fn twice(record: u32, _ctx: &mut Ctx) -> u32 {
    record
}

#[transform(outputs = ["of orders"])]
fn no_word(record: u32, _ctx: &mut Ctx) -> u32 {
    record
}

#[transform(outputs = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"])]
fn many(record: u32, _ctx: &mut Ctx) -> u32 {
    record
}

#[transform(outputs = ["audit"])]
fn without_ctx(record: u32) -> u32 {
    record
}

struct Sum(u64);

#[aggregate(outputs = ["large"])]
impl Aggregate for Sum {
    type Input<'text> = u64;
    type Output = u64;
    type Options = NoConfig;

    fn open(_: NoConfig) -> Self {
        Sum(0)
    }

    fn add(&mut self, number: u64, ctx: &mut Ctx) -> Result<(), Failure> {
        ctx.emit("small", &number)
    }

    fn flush(&mut self, ctx: &mut Ctx) -> Result<(), Failure> {
        ctx.keep(&self.0)
    }
}

fn main() {}
