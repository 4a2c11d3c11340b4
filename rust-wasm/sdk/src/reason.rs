//! What may stand in the `Err` of what a function gives back: more than `?` takes, as no trait can tell a `Failure`, an
//! error, a box of one and a text apart.
//!
//! A macro can. It calls `(&&&&Why(&error)).wasmrecords_reason()`, which is a method of all traits here. Rust takes the one of
//! the first trait that the type of the error has, by the references in front of it.

use crate::Failure;
use crate::failure::told;
use std::error::Error;
use std::fmt::Display;
use std::ops::Deref;

/// An error, whatever its type is.
pub struct Why<'e, E>(pub &'e E);

/// It is a failure, or an error.
pub struct Becomes;

impl Becomes {
    /// That one.
    pub fn failure<E: Into<Failure>>(self, error: E) -> Failure {
        error.into()
    }
}

/// It is a failure, or an error.
pub trait Is {
    /// How it becomes a reason.
    fn wasmrecords_reason(&self) -> Becomes {
        Becomes
    }
}

impl<E: Into<Failure>> Is for &&&Why<'_, E> {}

/// It is a box of an error.
pub struct Boxed;

impl Boxed {
    /// The error in it.
    pub fn failure<E: Deref<Target: Error>>(self, error: E) -> Failure {
        Failure::new("error", told(&*error))
    }
}

/// It is a box of an error.
pub trait Holds {
    /// How it becomes a reason.
    fn wasmrecords_reason(&self) -> Boxed {
        Boxed
    }
}

impl<E: Deref<Target: Error>> Holds for &&Why<'_, E> {}

/// It has a text.
pub struct Text;

impl Text {
    /// What it says.
    pub fn failure<E: Display>(self, error: E) -> Failure {
        Failure::new("error", error.to_string())
    }
}

/// It has a text.
pub trait Says {
    /// How it becomes a reason.
    fn wasmrecords_reason(&self) -> Text {
        Text
    }
}

impl<E: Display> Says for &Why<'_, E> {}

/// It says nothing.
pub struct Silent;

impl Silent {
    /// There is none: the compiler says so.
    pub fn failure<E: Reason>(self, _: E) -> Failure {
        Failure::new("error", String::new())
    }
}

/// It says nothing.
pub trait IsNone {
    /// How it would become a reason.
    fn wasmrecords_reason(&self) -> Silent {
        Silent
    }
}

impl<E> IsNone for Why<'_, E> {}

/// What has none of the other ways to be a reason. It has this one neither.
#[diagnostic::on_unimplemented(
    message = "`{Self}` says no reason why a record fails",
    label = "expected an error",
    note = "an error is a `Failure`, what implements `std::error::Error`, `Box<dyn Error>`, a `String`, or what else \
            implements `Display`"
)]
pub trait Reason {}
