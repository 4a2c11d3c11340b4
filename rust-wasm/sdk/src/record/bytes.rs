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
        out.raw(&base64(&self.0));
        out.raw("\"");
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Bytes in base64.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let byte = |at: usize| u32::from(part.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let sextet = DIGITS[(bits >> (18 - 6 * digit) & 63) as usize];
            // One byte takes two digits.
            text.push(if digit <= part.len() { char::from(sextet) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_others() {
        for length in 0..600 {
            let bytes: Vec<_> = (0..length).map(|at: usize| (at * 37 + length) as u8).collect();
            assert_eq!(base64(&bytes), STANDARD.encode(&bytes));
            assert_eq!(decode(&base64(&bytes)), Some(bytes));
        }
    }
}
