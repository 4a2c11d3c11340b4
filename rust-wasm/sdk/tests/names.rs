//! Names of people's own, which the macros must not take for theirs.

#![allow(non_camel_case_types, reason = "names of all kinds")]

use wasmrecords::prelude::*;
use wasmrecords::testing::{Chosen, run};

/// A type, and a module, that the macros could have called so.
#[derive(Record)]
struct Made {
    made: u8,
}

mod w {
    #[derive(wasmrecords::Record)]
    pub struct Shape {
        #[record(default = members())]
        pub slots: u8,
        #[record(default = partial() + slots())]
        pub partial: u8,
    }

    fn members() -> u8 {
        1
    }

    fn partial() -> u8 {
        2
    }

    fn slots() -> u8 {
        3
    }
}

/// Constants are patterns where a name of the macros could stand.
#[allow(non_upper_case_globals, reason = "names of all kinds")]
mod constants {
    use wasmrecords::prelude::*;

    macro_rules! in_the_way {
        ($($name:ident)*) => { $(#[allow(dead_code)] const $name: u8 = 7;)* };
    }

    in_the_way! { value partial slots members reader out name opening given ctx returned argument_0 argument_1 each some }

    #[allow(dead_code)]
    struct record;
    #[allow(dead_code)]
    struct right;
    #[allow(dead_code)]
    struct wrong;

    #[derive(Record)]
    pub enum Word {
        One,
    }

    #[derive(Record)]
    pub struct Constant {
        #[record(default = 3)]
        three: u8,
        none: Option<bool>,
        word: Option<Word>,
        #[record(flatten)]
        inner: Inner,
    }

    #[derive(Record)]
    pub struct Inner {
        #[record(default)]
        float: f64,
    }

    #[derive(Config)]
    pub struct Options {
        #[config(default = 4)]
        four: u8,
    }

    #[transform]
    fn constant(
        first: Constant,
        second: &Options,
        _: &mut Ctx,
    ) -> Result<Option<Vec<(Constant, u8)>>, String> {
        Ok(Some(vec![(first, second.four)]))
    }

    #[function]
    fn sum(first: u8, second: u8) -> Result<u8, String> {
        Ok(first + second)
    }
}

#[transform]
fn makes(made: Made) -> Made {
    made
}

/// A type that the macro could have called so.
mod aggregates {
    use wasmrecords::prelude::*;

    struct Made;

    #[aggregate]
    impl Aggregate for Made {
        type Input<'text> = u8;
        type Output = u8;
        type Options = NoConfig;

        fn open(_: NoConfig) -> Self {
            Made
        }

        fn add(&mut self, number: u8, ctx: &mut Ctx) -> Result<(), Failure> {
            ctx.keep(&number)
        }

        fn flush(&mut self, _: &mut Ctx) -> Result<(), Failure> {
            Ok(())
        }
    }
}

#[transform]
fn given(given: w::Shape) -> Result<Option<w::Shape>, String> {
    Ok(Some(given))
}

#[transform]
fn ctx(ctx: u8, returned: &mut Ctx) -> Result<(u8, u8), Failure> {
    returned.keep(&ctx)?;
    Ok((ctx, right(ctx)))
}

#[transform]
fn returned(record: u8) -> Option<Vec<(u8, u8)>> {
    Some(vec![(record, wrong(record)); 2])
}

#[function]
fn right(right: u8) -> u8 {
    right + 1
}

#[function]
fn wrong(opening: u8) -> u8 {
    opening + 2
}

#[function]
fn argument_0(argument_1: u8, argument_0: u8) -> Result<u8, String> {
    Ok(argument_1 + argument_0)
}

#[test]
fn names_are_their_owners() {
    for (kind, name, input, output) in [
        ("transform", "makes", "{\"made\": 1}\n", "{\"made\":1}\n"),
        (
            "transform",
            "given",
            "{}\n{\"partial\": 9}\n",
            "{\"slots\":1,\"partial\":5}\n{\"slots\":1,\"partial\":9}\n",
        ),
        (
            "transform",
            "constant",
            "{}\n{\"three\":4}\n",
            "[{\"three\":3,\"none\":null,\"word\":null,\"float\":0},4]\n[{\"three\":4,\"none\":null,\"word\":null,\"float\":0},4]\n",
        ),
        ("transform", "ctx", "7\n", "7\n[7,8]\n"),
        ("transform", "returned", "7\n", "[7,9]\n[7,9]\n"),
        ("function", "sum", "[1,2]\n", "3\n"),
        ("function", "right", "[1]\n", "2\n"),
        ("function", "wrong", "[1]\n", "3\n"),
        ("function", "argument_0", "[1,2]\n", "3\n"),
    ] {
        let opening = format!(
            r#"{{"abi": 1, "input": "ndjson", "output": "ndjson", "{kind}": "{name}", "config": null}}"#
        );
        let outcome = run::<Chosen>(&opening, input.as_bytes()).unwrap();
        assert_eq!(
            (String::from_utf8_lossy(&outcome.output).as_ref(), &*outcome.failures),
            (output, &[][..]),
            "{name}"
        );
    }
}
