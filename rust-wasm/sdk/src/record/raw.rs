//! JSON text that is passed on as it is.

use super::{Reader, Record, Shape, Writer};

/// Any JSON value as its text, checked and otherwise left as it is: `Raw<&str>` without a copy, `Raw` with one. What is
/// written is not checked again: one that somebody makes has to be JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw<T = String>(
    /// The text, without white space around it.
    pub T,
);

impl<'a> Record<'a> for Raw<&'a str> {
    const SHAPE: Shape = Shape::Any;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.raw().map(Raw)
    }

    fn write(&self, out: &mut Writer) {
        out.compact(self.0);
    }
}

impl<'a> Record<'a> for Raw<String> {
    const SHAPE: Shape = Shape::Any;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.raw().map(|text| Raw(text.to_owned()))
    }

    fn write(&self, out: &mut Writer) {
        out.compact(&self.0);
    }
}
