//! The grammar of numbers. Nothing is computed: a number is its digits.

use crate::fault::{Fault, What};

/// The end of the number that begins at `at` with `-` or a digit.
#[inline]
pub(crate) fn number_end(text: &[u8], mut at: usize) -> Result<usize, Fault> {
    if text.get(at) == Some(&b'-') {
        at += 1;
    }
    if text.get(at) == Some(&b'0') {
        at += 1;
        if matches!(text.get(at), Some(b'0'..=b'9')) {
            return Err(Fault::new(at, What::LeadingZero));
        }
    } else {
        at = digits(text, at)?;
    }
    if text.get(at) == Some(&b'.') {
        at = digits(text, at + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = text.get(at) {
            at += 1;
        }
        at = digits(text, at)?;
    }
    Ok(at)
}

/// The end of a run of at least one digit.
#[inline(always)]
fn digits(text: &[u8], start: usize) -> Result<usize, Fault> {
    let mut at = start;
    while let Some(b'0'..=b'9') = text.get(at) {
        at += 1;
    }
    if at == start { Err(Fault::new(at, What::Digit)) } else { Ok(at) }
}
