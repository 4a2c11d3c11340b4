//! A growing buffer whose address the host may read at any instant.

use std::mem;

/// Like a `Vec`, but when it moves, the new place is published before the old one is freed: a trap in
/// between leaves the host with a place that still holds everything that was finished.
#[derive(Debug)]
pub(crate) struct Table<T: Copy> {
    items: Vec<T>,
    publish: fn(u32),
}

impl<T: Copy> Table<T> {
    pub fn new(publish: fn(u32)) -> Self {
        Table { items: Vec::new(), publish }
    }

    pub fn as_slice(&self) -> &[T] {
        &self.items
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn truncate(&mut self, length: usize) {
        self.items.truncate(length);
    }

    /// False if there is no memory for `more` items; nothing has changed then.
    #[must_use]
    pub fn reserve(&mut self, more: usize) -> bool {
        if self.items.capacity() - self.items.len() >= more {
            return true;
        }
        let wanted = self.items.len().saturating_add(more);
        let mut grown: Vec<T> = Vec::new();
        // Twice the size, or where that is too much, only what is needed.
        if grown.try_reserve_exact(wanted.max(self.items.capacity() * 2)).is_err()
            && grown.try_reserve_exact(wanted).is_err()
        {
            return false;
        }
        grown.extend_from_slice(&self.items);
        let old = mem::replace(&mut self.items, grown);
        (self.publish)(self.items.as_ptr() as usize as u32);
        drop(old);
        true
    }

    /// Appends after a successful [`Table::reserve`].
    pub fn extend(&mut self, items: &[T]) {
        debug_assert!(self.items.capacity() - self.items.len() >= items.len());
        self.items.extend_from_slice(items);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local!(static PLACE: Cell<u32> = const { Cell::new(0) });

    #[test]
    fn publishes_each_move_and_keeps_its_items() {
        let mut table = Table::new(|address| PLACE.set(address));
        for i in 0..1000_u32 {
            assert!(table.reserve(1));
            table.extend(&[i]);
            assert_eq!(PLACE.get(), table.as_slice().as_ptr() as usize as u32);
        }
        assert!(table.as_slice().iter().copied().eq(0..1000));
        table.truncate(3);
        assert_eq!(table.as_slice(), [0, 1, 2]);
    }

    #[test]
    fn refuses_what_no_memory_holds() {
        let mut table = Table::new(|_| ());
        assert!(table.reserve(1));
        table.extend(&[7_u8]);
        assert!(!table.reserve(usize::MAX - 1));
        assert_eq!(table.as_slice(), [7]);
    }
}
