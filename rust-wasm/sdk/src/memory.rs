//! Memory for a module: blocks of certain sizes, a list of free ones for each size.
//!
//! The standard library's allocator is the C library's: ten thousand bytes of code, and for typed records, which
//! allocate a few small blocks each, a tenth of their time. A module has one thread, and blocks of one size are all the
//! same, so taking one and giving it back is a few instructions.
//!
//! A small block stays of its size for ever. More memory is taken only while all blocks of a size are in use, so that of
//! a long run does not grow.
//!
//! Large blocks are few and of many sizes, and a list for each would hold many times what is in use. So all that is free
//! is in one list, by where it lies: a block is cut out of the first that is large enough, and neighbours become one.
//! Small ones are cut out of pieces of that: if one stood behind each large one, neighbours would be rare.
//!
//! The feature `allocator`, which is there by default, makes it that of a module.

mod large;
#[cfg(test)]
mod tests;

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr::{self, NonNull};

/// Blocks are this much apart in size, and aligned to it.
const STEP: usize = 16;
/// Up to this size. Behind it there are eight sizes to each power of two.
const SMALL: usize = 512;
/// Up to here. What is larger has any size that is a multiple of `PART`.
const LARGE: usize = 32 << 10;
const PART: usize = 4 << 10;
/// What small blocks are cut out of.
const PIECE: usize = 2 * LARGE;
const SIZES: usize = SMALL / STEP + (LARGE.ilog2() - SMALL.ilog2()) as usize * 8;

/// A free block.
struct Free {
    next: Option<NonNull<Free>>,
    /// Of a large one; each is a multiple of `STEP`.
    bytes: usize,
}

/// Where memory comes from.
pub(crate) trait Source {
    /// The address of so many bytes more, and how many these are: at least as many, whole pages.
    fn grow(&self, bytes: usize) -> Option<(NonNull<u8>, usize)>;
}

/// The memory of a module.
pub(crate) struct Memory<S> {
    source: S,
    state: UnsafeCell<State>,
}

struct State {
    free: [Option<NonNull<Free>>; SIZES],
    /// Large ones, the lowest first. No two are neighbours.
    large: Option<NonNull<Free>>,
    /// What is left of the piece for small ones: its first byte, and how many there are.
    top: *mut u8,
    left: usize,
    /// Behind all memory.
    end: *mut u8,
}

// SAFETY: a module of WebAssembly without threads has one thread, and nothing interrupts a method here to call another
// one: it is a static only where that holds.
unsafe impl<S> Sync for Memory<S> {}

/// Of which size a block for so many bytes is: its number, `SIZES` of a large one, and its bytes.
fn size(bytes: usize) -> (usize, usize) {
    let last = bytes.max(1) - 1;
    if last < SMALL {
        return (last / STEP, (last / STEP + 1) * STEP);
    }
    if last >= LARGE {
        // No layout is so large that the next multiple is none.
        return (SIZES, (last / PART + 1) * PART);
    }
    let power = last.ilog2();
    let eighth = last >> (power - 3);
    let number = SMALL / STEP + (power - SMALL.ilog2()) as usize * 8 + eighth - 8;
    (number, (eighth + 1) << (power - 3))
}

impl<S: Source> Memory<S> {
    pub const fn new(source: S) -> Self {
        let state =
            State { free: [None; SIZES], large: None, top: ptr::null_mut(), left: 0, end: ptr::null_mut() };
        Memory { source, state: UnsafeCell::new(state) }
    }

    /// A new block of any size; where it has to be, if that is not null.
    #[inline(never)]
    fn large(&self, state: &mut State, bytes: usize, at: *mut u8) -> Option<*mut u8> {
        loop {
            let last = match state.take_large(bytes, at) {
                Ok(block) => return Some(block),
                Err(last) => last,
            };
            // More memory is behind all that there is, if nobody else took some.
            if !at.is_null() && at.wrapping_add(last) != state.end {
                return None;
            }
            let (more, size) = self.source.grow(bytes - last)?;
            state.end = more.as_ptr().wrapping_add(size);
            state.give_large(more.as_ptr(), size);
        }
    }

    /// A new block that begins at a multiple of more than `STEP`.
    #[cold]
    #[inline(never)]
    fn aligned(&self, state: &mut State, bytes: usize, align: usize) -> Option<*mut u8> {
        let start = self.large(state, bytes + align, ptr::null_mut())?;
        let before = start.align_offset(align);
        let block = start.wrapping_add(before);
        state.give_large(start, before);
        state.give_large(block.wrapping_add(bytes), align - before);
        Some(block)
    }

    /// A new small block.
    #[inline(never)]
    fn cut(&self, state: &mut State, bytes: usize) -> Option<*mut u8> {
        if state.left < bytes {
            let piece = self.large(state, PIECE, ptr::null_mut())?;
            if piece == state.top.wrapping_add(state.left) {
                state.left += PIECE;
            } else {
                state.give_large(state.top, state.left);
                (state.top, state.left) = (piece, PIECE);
            }
        }
        let block = state.top;
        state.top = block.wrapping_add(bytes);
        state.left -= bytes;
        Some(block)
    }
}

impl State {
    /// A free block of a size that begins at a multiple of `align`.
    #[inline(always)]
    fn take(&mut self, number: usize, align: usize) -> Option<*mut u8> {
        let mut place = self.free.get_mut(number)?;
        while let Some(block) = *place {
            // SAFETY: a block of a list is nobody's, and begins with the next one.
            let free = unsafe { &mut *block.as_ptr() };
            if align <= STEP || block.addr().get().is_multiple_of(align) {
                *place = free.next;
                return Some(block.as_ptr().cast());
            }
            place = &mut free.next;
        }
        None
    }

    /// Takes a block of a size back.
    #[inline(always)]
    fn give(&mut self, block: *mut u8, number: usize, bytes: usize) {
        let Some(first) = self.free.get_mut(number) else { return self.give_large(block, bytes) };
        if block.wrapping_add(bytes) == self.top {
            (self.top, self.left) = (block, self.left + bytes);
            return;
        }
        let Some(free) = NonNull::new(block.cast::<Free>()) else { return };
        // SAFETY: the block is nobody's now, and large enough and aligned for this.
        unsafe { free.write(Free { next: *first, bytes }) };
        *first = Some(free);
    }
}

// SAFETY: each block is cut out of memory that is there and nobody else's, and is in one list while it is free and in none
// else. In the list of a size all blocks have that size, which the layout tells both ways.
unsafe impl<S: Source> GlobalAlloc for Memory<S> {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (number, bytes) = size(layout.size());
        // SAFETY: one thread, and nothing here calls for memory.
        let state = unsafe { &mut *self.state.get() };
        let found = state.take(number, layout.align()).or_else(|| {
            if layout.align() > STEP {
                self.aligned(state, bytes, layout.align())
            } else if number < SIZES {
                self.cut(state, bytes)
            } else {
                self.large(state, bytes, ptr::null_mut())
            }
        });
        found.unwrap_or(ptr::null_mut())
    }

    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let (number, bytes) = size(layout.size());
        // SAFETY: as above.
        unsafe { &mut *self.state.get() }.give(block, number, bytes);
    }

    #[inline(never)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, wanted: usize) -> *mut u8 {
        let ((number, before), (new, bytes)) = (size(layout.size()), size(wanted));
        if bytes == before {
            return block;
        }
        // SAFETY: as above.
        let state = unsafe { &mut *self.state.get() };
        let (end, more) = (block.wrapping_add(before), bytes.saturating_sub(before));
        // A large one in front of the piece is none of it.
        if number < SIZES && end == state.top && more <= state.left {
            state.left = state.left + before - bytes;
            state.top = block.wrapping_add(bytes);
            return block;
        }
        if number == SIZES && new == SIZES {
            if more == 0 {
                state.give_large(block.wrapping_add(bytes), before - bytes);
                return block;
            }
            if self.large(state, more, end).is_some() {
                return block;
            }
        }
        // SAFETY: the size fits the alignment, says the caller, and is not zero.
        let moved = unsafe { self.alloc(Layout::from_size_align_unchecked(wanted, layout.align())) };
        if !moved.is_null() {
            // SAFETY: both blocks have so many bytes, and are two.
            unsafe { ptr::copy_nonoverlapping(block, moved, wanted.min(layout.size())) };
            // SAFETY: the caller's promise, as for what follows.
            unsafe { self.dealloc(block, layout) };
        }
        moved
    }
}

#[cfg(all(feature = "allocator", target_family = "wasm", not(target_feature = "atomics")))]
mod imp {
    use super::{Memory, Source};
    use core::arch::wasm32::memory_grow;
    use std::ptr::{self, NonNull};

    const PAGE: usize = 64 << 10;

    /// What the host gives. What was there at first is not taken: it is the C library's, if somebody uses that.
    struct Host;

    impl Source for Host {
        fn grow(&self, bytes: usize) -> Option<(NonNull<u8>, usize)> {
            let pages = bytes.div_ceil(PAGE);
            let before = memory_grow::<0>(pages);
            // Such a number says that there is none; the last page of all has no end.
            let end = before.checked_add(pages).filter(|end| *end < usize::MAX / PAGE)?;
            let start = NonNull::new(ptr::with_exposed_provenance_mut(before * PAGE))?;
            Some((start, (end - before) * PAGE))
        }
    }

    #[global_allocator]
    static MEMORY: Memory<Host> = Memory::new(Host);
}

/// Two functions of the C library that its allocator would come with. The standard library calls them to print a panic
/// where no hook does; a module has no environment and no folder.
#[cfg(all(feature = "allocator", target_family = "wasm", not(target_feature = "atomics")))]
mod libc {
    use std::ffi::c_char;
    use std::ptr;

    #[unsafe(no_mangle)]
    extern "C" fn getenv(_name: *const c_char) -> *mut c_char {
        ptr::null_mut()
    }

    #[unsafe(no_mangle)]
    extern "C" fn getcwd(_room: *mut c_char, _size: usize) -> *mut c_char {
        ptr::null_mut()
    }
}
