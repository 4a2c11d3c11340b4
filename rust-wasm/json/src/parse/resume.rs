//! What is wrong with a text that is known to be right up to some place: without reading it again up to there.

use super::Parser;
use crate::fault::{Fault, What};
use crate::{SyntaxError, Text, Value};

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

impl Parser {
    /// The error that [`Self::parse`] has for a text, if it stands in the rest of it, before `end`, and that is
    /// certain.
    ///
    /// The names of objects, one within the other, lead to the value that is due or ended where the rest begins. Takes
    /// time in proportion to what lies between the two places.
    pub fn resume(
        &mut self,
        text: &[u8],
        Rest { at, ended }: Rest,
        end: usize,
        names: &[Text],
        depth: u32,
    ) -> Option<SyntaxError> {
        let part = text.get(at..end.min(text.len()))?;
        let whole = at + part.len() == text.len();
        let (valid, utf8) = match std::str::from_utf8(part) {
            Ok(valid) => (valid, None),
            Err(error) => {
                let valid = std::str::from_utf8(&part[..error.valid_up_to()]).unwrap_or_default();
                let cut_off = error.error_len().is_none();
                let fault = Fault::new(at + valid.len(), What::Utf8 { cut_off });
                // A character that only the end of the part cuts is none.
                (valid, Some(fault).filter(|_| whole || !cut_off))
            }
        };
        let unfinished = &mut self.unfinished;
        unfinished.clear();
        for name in names {
            unfinished.open_object();
            unfinished.members.push((name.clone(), Value::Null));
        }
        if ended && names.is_empty() {
            unfinished.items.push(Value::Null);
        }
        let fault = self
            .read::<false>(valid, depth, ended)
            .err()
            .map(|fault| Fault { offset: at + fault.offset, ..fault });
        let first = match (fault, utf8) {
            (Some(fault), Some(utf8)) if fault.offset < utf8.offset => fault,
            (_, Some(utf8)) => utf8,
            (Some(fault), None) if whole || fault.offset + BEHIND <= at + valid.len() => fault,
            _ => return None,
        };
        Some(first.explain(text, self.unfinished.path(fault.unwrap_or(first))))
    }
}
