//! The list of what is free and large.

use super::{Free, STEP, State};
use std::ptr::NonNull;

impl State {
    /// Cuts a block out of a free large one.
    #[inline(never)]
    pub(super) fn take_large(&mut self, bytes: usize, align: usize) -> Option<*mut u8> {
        let mut place = &mut self.large;
        while let Some(block) = *place {
            // SAFETY: a block of the list is nobody's, and begins with what is known of it.
            let free = unsafe { &mut *block.as_ptr() };
            let start = block.as_ptr().cast::<u8>();
            let before = if align > STEP { start.align_offset(align) } else { 0 };
            if let Some(behind) = free.bytes.checked_sub(bytes).and_then(|rest| rest.checked_sub(before)) {
                let found = start.wrapping_add(before);
                // What is left of it at either end stays in the list.
                let mut next = free.next;
                if behind > 0 {
                    let rest = NonNull::new(found.wrapping_add(bytes).cast::<Free>())?;
                    // SAFETY: a part of the block, a multiple of `STEP`, which is enough and aligned for this.
                    unsafe { rest.write(Free { next, bytes: behind }) };
                    next = Some(rest);
                }
                if before > 0 {
                    (free.next, free.bytes) = (next, before);
                } else {
                    *place = next;
                }
                return Some(found);
            }
            place = &mut free.next;
        }
        None
    }

    /// Takes large ones back, and what is left elsewhere: a multiple of `STEP`.
    #[inline(never)]
    pub(super) fn give_large(&mut self, block: *mut u8, bytes: usize) {
        let Some(new) = NonNull::new(block.cast::<Free>()).filter(|_| bytes > 0) else { return };
        let mut place = &mut self.large;
        while let Some(other) = *place {
            if other > new {
                break;
            }
            // SAFETY: as in `take_large`.
            let lower = unsafe { &mut *other.as_ptr() };
            if other.as_ptr().cast::<u8>().wrapping_add(lower.bytes) == block {
                lower.bytes += bytes;
                lower.join(other);
                return;
            }
            place = &mut lower.next;
        }
        // SAFETY: nobody's now, and large enough and aligned for this.
        let free = unsafe {
            new.write(Free { next: *place, bytes });
            &mut *new.as_ptr()
        };
        free.join(new);
        *place = Some(new);
    }

    /// Takes the first bytes of the free large one that begins here, if it has as many.
    pub(super) fn take_at(&mut self, start: *mut u8, bytes: usize) -> bool {
        let mut place = &mut self.large;
        while let Some(block) = *place {
            // SAFETY: as in `take_large`.
            let free = unsafe { &mut *block.as_ptr() };
            if block.as_ptr().cast::<u8>() == start {
                let Some(behind) = free.bytes.checked_sub(bytes) else { return false };
                *place = free.next;
                self.give_large(start.wrapping_add(bytes), behind);
                return true;
            }
            place = &mut free.next;
        }
        false
    }

    /// How many bytes are free in front of the end of all memory.
    pub(super) fn last(&self) -> usize {
        let mut place = self.large;
        while let Some(block) = place {
            // SAFETY: as in `take_large`.
            let free = unsafe { &*block.as_ptr() };
            if block.as_ptr().cast::<u8>().wrapping_add(free.bytes) == self.end {
                return free.bytes;
            }
            place = free.next;
        }
        0
    }
}

impl Free {
    /// Makes it one with the next one, if that begins where it ends. `own` is where it is.
    fn join(&mut self, own: NonNull<Free>) {
        let Some(next) = self.next else { return };
        if own.as_ptr().cast::<u8>().wrapping_add(self.bytes) == next.as_ptr().cast() {
            // SAFETY: as in `State::take_large`.
            let next = unsafe { next.read() };
            (self.next, self.bytes) = (next.next, self.bytes + next.bytes);
        }
    }
}
