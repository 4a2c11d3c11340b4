//! A growing buffer whose address the host may read at any instant.

use std::mem;

/// Like a `Vec`, but when it moves, the new place is published before the old one is freed: a trap in
/// between leaves the host with a place that still holds everything that was finished. What is behind the items
/// is there, too, and can be handed out to be written.
pub(crate) struct Table<T: Copy + Default> {
    /// All of it, as far as there is room.
    room: Vec<T>,
    length: usize,
    publish: Box<dyn Fn(usize)>,
}

impl<T: Copy + Default> Table<T> {
    pub fn new(publish: impl Fn(usize) + 'static) -> Self {
        Table { room: Vec::new(), length: 0, publish: Box::new(publish) }
    }

    pub fn as_slice(&self) -> &[T] {
        &self.room[..self.length]
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.length
    }

    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// What is behind the items: whoever writes there says with [`Self::wrote`] how many are items now.
    #[inline(always)]
    pub fn spare(&mut self) -> &mut [T] {
        &mut self.room[self.length..]
    }

    /// An item.
    pub fn at(&mut self, place: usize) -> Option<&mut T> {
        self.room[..self.length].get_mut(place)
    }

    /// So many more belong to the items.
    #[inline(always)]
    pub fn wrote(&mut self, more: usize) {
        self.length = (self.length + more).min(self.room.len());
    }

    /// False if there is no memory for `more` items; nothing has changed then.
    #[must_use]
    pub fn reserve(&mut self, more: usize) -> bool {
        if self.room.len() - self.length >= more {
            return true;
        }
        let wanted = self.length.saturating_add(more);
        let mut grown: Vec<T> = Vec::new();
        // Twice the size, or where that is too much, only what is needed.
        if grown.try_reserve_exact(wanted.max(self.room.len() * 2)).is_err()
            && grown.try_reserve_exact(wanted).is_err()
        {
            return false;
        }
        grown.extend_from_slice(self.as_slice());
        grown.resize(grown.capacity(), T::default());
        let old = mem::replace(&mut self.room, grown);
        self.publish();
        drop(old);
        true
    }

    /// Says again where it is.
    pub fn publish(&self) {
        (self.publish)(self.room.as_ptr() as usize);
    }

    /// Appends after a successful [`Self::reserve`].
    pub fn extend(&mut self, items: &[T]) {
        self.spare()[..items.len()].copy_from_slice(items);
        self.length += items.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local!(static PLACE: Cell<usize> = const { Cell::new(0) });

    #[test]
    fn publishes_each_move_and_keeps_its_items() {
        let mut table = Table::new(|address| PLACE.set(address));
        for i in 0..1000_u32 {
            assert!(table.reserve(1));
            table.extend(&[i]);
            assert_eq!(PLACE.get(), table.as_slice().as_ptr() as usize);
        }
        assert!(table.as_slice().iter().copied().eq(0..1000));
        table.truncate(3);
        table.spare()[..2].copy_from_slice(&[8, 9]);
        table.wrote(2);
        assert_eq!(table.as_slice(), [0, 1, 2, 8, 9]);
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
