//! The text of a batch's output, whose address the host may read at any instant.

use std::mem;

/// Bytes that grow, all of them written once, so that what is behind the text can be handed out to be written.
/// A new place is published before the old one is freed, as in a [`Table`](crate::table::Table).
#[derive(Debug)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    length: usize,
    publish: fn(u32),
}

impl Buffer {
    pub fn new(publish: fn(u32)) -> Self {
        Buffer { bytes: Vec::new(), length: 0, publish }
    }

    /// The text.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    pub fn len(&self) -> usize {
        self.length
    }

    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// What is behind the text: whoever writes there says with [`Self::wrote`] how much of it is text.
    pub fn spare(&mut self) -> &mut [u8] {
        &mut self.bytes[self.length..]
    }

    /// So many bytes behind the text belong to it now.
    pub fn wrote(&mut self, more: usize) {
        self.length = (self.length + more).min(self.bytes.len());
    }

    /// False if there is no memory for `more` bytes; nothing has changed then.
    #[must_use]
    pub fn reserve(&mut self, more: usize) -> bool {
        if self.bytes.len() - self.length >= more {
            return true;
        }
        let wanted = self.length.saturating_add(more);
        let mut grown: Vec<u8> = Vec::new();
        // Twice the size, or where that is too much, only what is needed.
        if grown.try_reserve_exact(wanted.max(self.bytes.len() * 2)).is_err()
            && grown.try_reserve_exact(wanted).is_err()
        {
            return false;
        }
        grown.extend_from_slice(self.as_slice());
        grown.resize(grown.capacity(), 0);
        let old = mem::replace(&mut self.bytes, grown);
        (self.publish)(self.bytes.as_ptr() as usize as u32);
        drop(old);
        true
    }

    /// Appends after a successful [`Self::reserve`].
    pub fn extend(&mut self, bytes: &[u8]) {
        self.spare()[..bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local!(static PLACE: Cell<u32> = const { Cell::new(0) });

    #[test]
    fn publishes_each_move_and_keeps_its_text() {
        let mut buffer = Buffer::new(|address| PLACE.set(address));
        for i in 0..1000_u32 {
            assert!(buffer.reserve(1));
            buffer.extend(&[i as u8]);
            assert_eq!(PLACE.get(), buffer.as_slice().as_ptr() as usize as u32);
        }
        assert!(buffer.as_slice().iter().copied().eq((0..1000_u32).map(|i| i as u8)));
        buffer.truncate(3);
        buffer.spare()[..2].copy_from_slice(b"ab");
        buffer.wrote(2);
        assert_eq!(buffer.as_slice(), [0, 1, 2, b'a', b'b']);
    }

    #[test]
    fn refuses_what_no_memory_holds() {
        let mut buffer = Buffer::new(|_| ());
        assert!(buffer.reserve(1));
        buffer.extend(b"x");
        assert!(!buffer.reserve(usize::MAX - 1));
        assert_eq!(buffer.as_slice(), b"x");
    }
}
