//! The list of what is free and large.

use super::{Free, State};
use std::ptr::NonNull;

impl State {
    /// Cuts a block out of a free large one, of the one that begins at a place if that is not null. Else how many bytes are
    /// free in front of the end of all memory.
    pub(super) fn take_large(&mut self, bytes: usize, at: *mut u8) -> Result<*mut u8, usize> {
        let (mut place, mut last) = (&mut self.large, 0);
        while let Some(block) = *place {
            // SAFETY: a block of the list is nobody's, and begins with what is known of it.
            let free = unsafe { &mut *block.as_ptr() };
            let start = block.as_ptr().cast::<u8>();
            if free.bytes >= bytes && (at.is_null() || at == start) {
                let behind = free.bytes - bytes;
                *place = free.next;
                self.give_large(start.wrapping_add(bytes), behind);
                return Ok(start);
            }
            last = if start.wrapping_add(free.bytes) == self.end { free.bytes } else { 0 };
            place = &mut free.next;
        }
        Err(last)
    }

    /// Takes large ones back, and what is left elsewhere: a multiple of `STEP`.
    #[inline(never)]
    pub(super) fn give_large(&mut self, block: *mut u8, bytes: usize) {
        let Some(new) = NonNull::new(block.cast::<Free>()).filter(|_| bytes > 0) else { return };
        let (mut place, mut lower) = (&mut self.large, None);
        while let Some(other) = place.filter(|other| *other < new) {
            lower = Some(other);
            // SAFETY: as in `take_large`.
            place = unsafe { &mut (*other.as_ptr()).next };
        }
        // SAFETY: nobody's now, and large enough and aligned for this.
        unsafe { new.write(Free { next: *place, bytes }) };
        *place = Some(new);
        join(new);
        if let Some(lower) = lower {
            join(lower);
        }
    }
}

/// Makes a block of the list one with the next one, if that begins where it ends.
#[inline(never)]
fn join(block: NonNull<Free>) {
    // SAFETY: as in `take_large`.
    let free = unsafe { &mut *block.as_ptr() };
    let Some(next) = free.next else { return };
    if block.as_ptr().cast::<u8>().wrapping_add(free.bytes) == next.as_ptr().cast() {
        // SAFETY: likewise.
        let next = unsafe { next.read() };
        (free.next, free.bytes) = (next.next, free.bytes + next.bytes);
    }
}
