//! Texts that are made on the way, kept until the end of the record.

use super::{Exit, Left};
use std::cell::{Cell, OnceCell};

/// All that one record may make on the way, in bytes. More is for the general engine, which lets go of values.
const MOST: usize = 4 << 20;

/// The first table holds so many texts, each next one twice as many.
const FIRST: usize = 8;

/// Each text stays where it is, so that values can point into it.
#[derive(Default)]
pub(super) struct Arena {
    tables: OnceCell<Box<Tables>>,
    count: Cell<usize>,
    bytes: Cell<usize>,
}

type Tables = [OnceCell<Box<[OnceCell<Vec<u8>>]>>; 20];

impl Arena {
    /// Takes a text in.
    pub fn keep(&self, text: Vec<u8>) -> Result<&[u8], Exit> {
        let place = self.count.get();
        let table = (place / FIRST + 1).ilog2() as usize;
        let before = FIRST * ((1 << table) - 1);
        self.bytes.set(self.bytes.get() + text.capacity());
        let tables = self.tables.get_or_init(Box::default);
        let Some(cells) = tables.get(table).filter(|_| self.bytes.get() <= MOST) else {
            return Err(Left::Large.into());
        };
        let cells = cells.get_or_init(|| (0..FIRST << table).map(|_| OnceCell::new()).collect());
        self.count.set(place + 1);
        Ok(cells[place - before].get_or_init(|| text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_where_they_are() {
        let arena = Arena::default();
        let kept: Vec<_> = (0..10_000).map(|i| arena.keep(format!("{i}").into()).unwrap()).collect();
        assert!(kept.iter().enumerate().all(|(i, text)| *text == i.to_string().as_bytes()));
        assert!(arena.keep(vec![0; MOST]).is_err());
    }
}
