//! Texts that are made on the way, kept until the end of the record.

use std::cell::{Cell, OnceCell};
use std::ops::Deref;

/// The first table holds so many texts, each next one twice as many.
const FIRST: usize = 8;

/// So many tables hold more texts than there is memory for.
const TABLES: usize = 28;

/// Texts, bytes or characters: each stays where it is, so that values can point into it.
pub struct Arena<T> {
    tables: OnceCell<Box<Tables<T>>>,
    count: Cell<usize>,
}

type Tables<T> = [OnceCell<Box<[OnceCell<T>]>>; TABLES];

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Arena { tables: OnceCell::new(), count: Cell::new(0) }
    }
}

impl<T: Deref> Arena<T> {
    /// Takes a text in; none if there is no room for one more.
    pub fn keep(&self, text: T) -> Option<&T::Target> {
        let place = self.count.get();
        let table = (place / FIRST + 1).ilog2() as usize;
        let before = FIRST * ((1 << table) - 1);
        let tables = self.tables.get_or_init(|| Box::new([const { OnceCell::new() }; TABLES]));
        let cells = tables.get(table)?;
        let cells = cells.get_or_init(|| (0..FIRST << table).map(|_| OnceCell::new()).collect());
        self.count.set(place + 1);
        Some(cells.get(place - before)?.get_or_init(|| text))
    }

    /// Lets all texts go, and keeps the room for as many.
    #[inline(always)]
    pub fn clear(&mut self) {
        if self.count.get() > 0 {
            self.empty();
        }
    }

    #[inline(never)]
    fn empty(&mut self) {
        self.count.set(0);
        let tables = self.tables.get_mut().into_iter().flat_map(|tables| tables.iter_mut());
        for cells in tables.map_while(OnceCell::get_mut) {
            for cell in cells.iter_mut() {
                if cell.take().is_none() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_where_they_are() {
        let arena = Arena::default();
        let kept: Vec<_> = (0..10_000).map(|i| arena.keep(i.to_string()).unwrap()).collect();
        assert!(kept.iter().enumerate().all(|(i, text)| *text == i.to_string()));
    }

    #[test]
    fn texts_go_and_others_come() {
        let mut arena = Arena::default();
        for count in [0, 1, 8, 9, 100, 3] {
            arena.clear();
            let kept: Vec<_> = (0..count).map(|i| arena.keep(format!("{count}.{i}")).unwrap()).collect();
            assert!(kept.iter().enumerate().all(|(i, text)| *text == format!("{count}.{i}")));
        }
    }
}
