//! What a transform or a function may give back.

use crate::Failure;
use crate::record::{Bytes, Raw, Record, Shape};
use crate::typed::Ctx;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What becomes of a record, by what a transform gives back for it; `'a` is as long as the record's text, as in
/// [`Record`].
///
/// | given back | the record |
/// |---|---|
/// | a record: a type with `#[derive(Record)]`, a number, a string, a `bool`, a map, a tuple, [`One`] | is kept, with that output |
/// | `Option<T>` | is dropped if there is none |
/// | `Vec<T>`, `Box<dyn Iterator<Item = T>>`, `impl Iterator<Item = T>` | is kept with all of these as outputs, dropped if there are none |
/// | `Result<T, E>` | fails if it is an error: a [`Failure`], or what implements `std::error::Error`, whose text becomes the message. `#[transform]` takes a `Box<dyn Error>` and what implements `Display`, too |
#[diagnostic::on_unimplemented(
    message = "a transform cannot give back `{Self}`",
    label = "no output is made of it",
    note = "a struct with named fields, or an enum without fields, is an output with `#[derive(Record)]`",
    note = "others are numbers, `bool`, strings, tuples, `BTreeMap`, `Bytes`, `Value`, `Raw`, and `One(x)` of any type of a \
            record; `Option` of these filters, `Vec` and iterators are many, and `Result` may fail",
    note = "where all outputs go out by `ctx.keep` or `ctx.emit`, give back `None` of an `Option` of the main output's type"
)]
pub trait Outputs<'a> {
    /// What each output looks like.
    const SHAPE: Shape;

    /// Writes the outputs.
    ///
    /// # Errors
    /// If the record fails.
    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure>;
}

impl<'a, T: Outputs<'a>> Outputs<'a> for Option<T> {
    const SHAPE: Shape = T::SHAPE;

    #[inline(always)]
    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        match self {
            Some(value) => value.emit(ctx),
            None => Ok(()),
        }
    }
}

impl<'a, T: Outputs<'a>, E: Into<Failure>> Outputs<'a> for Result<T, E> {
    const SHAPE: Shape = T::SHAPE;

    #[inline(always)]
    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        self.map_err(Into::into)?.emit(ctx)
    }
}

/// What has several outputs, and is kept with all of them.
macro_rules! lists {
    ($(($($parameters:tt)*) $type:ty)*) => {$(
        impl<'a, T: Outputs<'a>, $($parameters)*> Outputs<'a> for $type {
            const SHAPE: Shape = T::SHAPE;

            fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
                self.into_iter().try_for_each(|value| value.emit(ctx))
            }
        }
    )*};
}

lists! {
    () Vec<T>
    () std::vec::IntoIter<T>
    (const N: usize) [T; N]
    () Box<dyn Iterator<Item = T> + '_>
    () Box<dyn Iterator<Item = T> + Send + '_>
}

impl<'a, T: Outputs<'a>> Outputs<'a> for Box<T> {
    const SHAPE: Shape = T::SHAPE;

    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        T::emit(*self, ctx)
    }
}

/// One output that is any record: `One(vec![1, 2])` is an array, where the list alone would be two outputs, and
/// `One(None)` is `null`.
pub struct One<T>(pub T);

impl<'a, T: Record<'a>> Outputs<'a> for One<T> {
    const SHAPE: Shape = T::SHAPE;

    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        ctx.keep(&self.0)
    }
}

/// What is one output.
macro_rules! records {
    ($([$($parameters:tt)*] $type:ty),*) => {$(
        impl<'a, $($parameters)*> Outputs<'a> for $type
        where
            $type: Record<'a>,
        {
            const SHAPE: Shape = <Self as Record<'a>>::SHAPE;

            #[inline]
            fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
                ctx.keep(&self)
            }
        }
    )*};
}

records! {
    [] u8,
    [] u16,
    [] u32,
    [] u64,
    [] usize,
    [] i8,
    [] i16,
    [] i32,
    [] i64,
    [] isize,
    [] f32,
    [] f64,
    [] bool,
    [] String,
    ['t] &'t str,
    ['t] Cow<'t, str>,
    [] Bytes,
    [T] Raw<T>,
    [K, T] BTreeMap<K, T>,
    [A, B] (A, B),
    [A, B, C] (A, B, C),
    [A, B, C, D] (A, B, C, D),
    [A, B, C, D, E] (A, B, C, D, E),
    [A, B, C, D, E, F] (A, B, C, D, E, F),
    [A, B, C, D, E, F, G] (A, B, C, D, E, F, G),
    [A, B, C, D, E, F, G, H] (A, B, C, D, E, F, G, H)
}

/// What a function that is called by its name may give back: any record, nothing, or a `Result` of these.
#[diagnostic::on_unimplemented(
    message = "a function cannot give back `{Self}`",
    label = "not written as JSON",
    note = "a struct with named fields, or an enum without fields, is given back with `#[derive(Record)]`",
    note = "others are `()`, `bool`, numbers, strings, `Option`, `Vec`, arrays, tuples, `BTreeMap`, `Bytes`, `Value` and \
            `Raw`, and a `Result` of these"
)]
pub trait Returned<'a> {
    /// What it looks like.
    const SHAPE: Shape;

    /// Writes it.
    ///
    /// # Errors
    /// If the call fails.
    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure>;
}

impl<'a, T: Record<'a>> Returned<'a> for T {
    const SHAPE: Shape = T::SHAPE;

    #[inline(always)]
    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        ctx.keep(&self)
    }
}

impl<'a, T: Record<'a>, E: Into<Failure>> Returned<'a> for Result<T, E> {
    const SHAPE: Shape = T::SHAPE;

    #[inline(always)]
    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        ctx.keep(&self.map_err(Into::into)?)
    }
}
