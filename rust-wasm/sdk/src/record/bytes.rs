//! Bytes, as a string in base64.

use super::shape::Check;
use super::{Reader, Record, Shape, Writer};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::ops::Deref;

/// Bytes that are written as a string in base64, with padding. (A `Vec<u8>` is an array of numbers.)
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub Vec<u8>);

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes(bytes)
    }
}

impl<'a> Record<'a> for Bytes {
    const SHAPE: Shape = Shape::Bytes(Check(|text| decode(text).is_some()));

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        decode(&reader.string()?).map(Bytes)
    }

    fn write(&self, out: &mut Writer) {
        out.raw("\"");
        out.raw(&STANDARD.encode(&self.0));
        out.raw("\"");
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
