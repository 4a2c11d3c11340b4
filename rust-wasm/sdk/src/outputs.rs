//! What a transform or a function may give back.

use crate::Failure;
use crate::record::{Bytes, Raw, Record, Shape};
use crate::typed::Ctx;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What becomes of a record, by what a transform gives back for it:
///
/// | given back | the record |
/// |---|---|
/// | a record: a type with `#[derive(Record)]`, a number, a string, a `bool`, a map, a tuple, [`One`] | is kept, with that output |
/// | `Option<T>` | is dropped if there is none |
/// | `Vec<T>`, `Box<dyn Iterator<Item = T>>`, `impl Iterator<Item = T>` | is kept with all of these as outputs, dropped if there are none |
/// | `Result<T, E>` | fails if it is an error: [`Failure`], or any other error of Rust, whose text becomes the message |
pub trait Outputs {
    /// What each output looks like.
    const SHAPE: Shape;

    /// Writes the outputs.
    ///
    /// # Errors
    /// If the record fails.
    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure>;
}

impl<T: Outputs> Outputs for Option<T> {
    const SHAPE: Shape = T::SHAPE;

    #[inline(always)]
    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        match self {
            Some(value) => value.emit(ctx),
            None => Ok(()),
        }
    }
}

impl<T: Outputs, E: Into<Failure>> Outputs for Result<T, E> {
    const SHAPE: Shape = T::SHAPE;

    #[inline(always)]
    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        self.map_err(Into::into)?.emit(ctx)
    }
}

impl<T: Outputs> Outputs for Vec<T> {
    const SHAPE: Shape = T::SHAPE;

    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        Many(self).emit(ctx)
    }
}

impl<T: Outputs> Outputs for Box<dyn Iterator<Item = T> + '_> {
    const SHAPE: Shape = T::SHAPE;

    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        Many(self).emit(ctx)
    }
}

/// The outputs of an iterator.
pub struct Many<I>(pub I);

impl<I: IntoIterator> Outputs for Many<I>
where
    I::Item: Outputs,
{
    const SHAPE: Shape = I::Item::SHAPE;

    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        self.0.into_iter().try_for_each(|value| value.emit(ctx))
    }
}

/// One output that is any record: `One(vec![1, 2])` is an array, where the list alone would be two outputs, and
/// `One(None)` is `null`.
pub struct One<T>(pub T);

impl<T: for<'a> Record<'a>> Outputs for One<T> {
    const SHAPE: Shape = T::SHAPE;

    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        ctx.keep(&self.0)
    }
}

macro_rules! records {
    ($($type:ty),*) => {$(
        impl Outputs for $type {
            const SHAPE: Shape = <Self as Record<'_>>::SHAPE;

            #[inline]
            fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
                ctx.keep(&self)
            }
        }
    )*};
}

impl Outputs for Raw<&str> {
    const SHAPE: Shape = Shape::Any;

    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        ctx.keep(&self)
    }
}

records!(
    Raw,
    u8,
    u16,
    u32,
    u64,
    usize,
    i8,
    i16,
    i32,
    i64,
    isize,
    f32,
    f64,
    bool,
    String,
    &str,
    Cow<'_, str>,
    Bytes
);

macro_rules! tuples {
    ($(($($type:ident)*))*) => {$(
        impl<$($type: for<'a> Record<'a>),*> Outputs for ($($type,)*) {
            const SHAPE: Shape = <Self as Record<'static>>::SHAPE;

            fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
                ctx.keep(&self)
            }
        }
    )*};
}

tuples!((A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H));

impl<T: for<'a> Record<'a>> Outputs for BTreeMap<String, T> {
    const SHAPE: Shape = <Self as Record<'static>>::SHAPE;

    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        ctx.keep(&self)
    }
}

/// What a function that is called by its name may give back: any record, nothing, or a `Result` of these.
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
