//! What is wrong with a text that is known to be right up to some place: without reading it again up to there.

use super::{Around, Level};
use crate::fault::{Fault, What, first};
use crate::grammar::valid;
use crate::{SyntaxError, Text};

/// Bytes behind a fault that may have a say in what it is.
const BEHIND: usize = 16;

/// What is left to be read of a text: up to there it is the beginning of a valid one.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    /// Where it begins.
    pub at: usize,
    /// A value ended there. Else one is due.
    pub ended: bool,
}

/// The error that [`parse`](crate::parse) has for a text, if it stands in the rest of it, before `end`, and that is
/// certain.
///
/// The names of objects, one within the other, lead to the value that is due or ended where the rest begins. Takes time in
/// proportion to what lies between the two places.
pub fn resume(
    text: &[u8],
    Rest { at, ended }: Rest,
    end: usize,
    names: &[Text],
    depth: u32,
) -> Option<SyntaxError> {
    let part = text.get(at..end.min(text.len()))?;
    let whole = at + part.len() == text.len();
    let (valid, utf8) = valid(part);
    // A character that only the end of the part cuts is none.
    let utf8 = utf8.filter(|fault| whole || fault.what != What::Utf8 { cut_off: true });
    // As they are written: no name with an escape leads here.
    let open = names.iter().map(|name| Level::Object(name)).collect();
    let mut around = Around { text: valid, open };
    let (fault, behind) = first(around.go_on(depth, ended), utf8).err()?;
    let certain = utf8.is_some() || whole || fault.offset + BEHIND <= valid.len();
    let told = Fault { offset: at + fault.offset, ..fault };
    certain.then(|| told.explain(text, around.path(behind)))
}
