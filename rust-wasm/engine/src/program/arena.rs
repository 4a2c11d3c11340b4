//! Texts that are made on the way, kept until the end of the record.

use super::{Exit, Left};
use std::cell::Cell;
use wasmrecords_json::Arena as Texts;

/// All that one record may make on the way, in bytes. More is for the general engine, which lets go of values.
const MOST: usize = 4 << 20;

/// Each text stays where it is, so that values can point into it.
#[derive(Default)]
pub(super) struct Arena {
    texts: Texts<Vec<u8>>,
    bytes: Cell<usize>,
}

impl Arena {
    /// Takes a text in.
    pub fn keep(&self, text: Vec<u8>) -> Result<&[u8], Exit> {
        self.bytes.set(self.bytes.get() + text.capacity());
        if self.bytes.get() > MOST {
            return Err(Left::Large.into());
        }
        self.texts.keep(text).ok_or(Left::Large.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_most_is_not_kept() {
        let arena = Arena::default();
        assert_eq!(arena.keep(vec![1; 9]).unwrap(), [1; 9]);
        assert!(arena.keep(vec![0; MOST]).is_err());
    }
}
