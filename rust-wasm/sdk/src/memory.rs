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
use std::mem;
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

/// Of which size a block for so many bytes is: its number, none of a large one, and its bytes.
fn size(bytes: usize) -> (Option<usize>, usize) {
    let last = bytes.max(1) - 1;
    if last < SMALL {
        return (Some(last / STEP), (last / STEP + 1) * STEP);
    }
    if last >= LARGE {
        // No layout is so large that the next multiple is none.
        return (None, (last / PART + 1) * PART);
    }
    let power = last.ilog2();
    let eighth = last >> (power - 3);
    let number = SMALL / STEP + (power - SMALL.ilog2()) as usize * 8 + eighth - 8;
    (Some(number), (eighth + 1) << (power - 3))
}

impl<S: Source> Memory<S> {
    pub const fn new(source: S) -> Self {
        let state =
            State { free: [None; SIZES], large: None, top: ptr::null_mut(), left: 0, end: ptr::null_mut() };
        Memory { source, state: UnsafeCell::new(state) }
    }

    /// Takes memory so that so many bytes are free in one place. False if there is none.
    #[cold]
    #[inline(never)]
    fn reach(&self, state: &mut State, bytes: usize) -> bool {
        loop {
            let (end, last) = (state.end, state.last());
            let Some((more, size)) = self.source.grow(bytes.saturating_sub(last).max(1)) else {
                return false;
            };
            state.give_large(more.as_ptr(), size);
            state.end = more.as_ptr().wrapping_add(size);
            // Else somebody else took what lies between.
            if more.as_ptr() == end || size >= bytes {
                return true;
            }
        }
    }

    /// A new block of any size.
    #[inline(never)]
    fn large(&self, state: &mut State, bytes: usize, align: usize) -> Option<*mut u8> {
        if let Some(block) = state.take_large(bytes, align) {
            return Some(block);
        }
        let slack = if align > STEP { align } else { 0 };
        if self.reach(state, bytes.checked_add(slack)?) { state.take_large(bytes, align) } else { None }
    }

    /// A new small block.
    #[inline(never)]
    fn cut(&self, state: &mut State, bytes: usize) -> Option<*mut u8> {
        if state.left < bytes {
            // Where there is no memory, it does without a piece.
            let mut sizes = [PIECE, bytes].into_iter();
            let (piece, size) = sizes.find_map(|size| Some((self.large(state, size, STEP)?, size)))?;
            if piece == state.top.wrapping_add(state.left) {
                state.left += size;
            } else {
                state.give_rest();
                (state.top, state.left) = (piece, size);
            }
        }
        let block = state.top;
        state.top = block.wrapping_add(bytes);
        state.left -= bytes;
        Some(block)
    }

    /// Makes a large block larger where it is, if that is possible.
    #[inline(never)]
    fn stretch(&self, state: &mut State, end: *mut u8, more: usize) -> bool {
        let is_last = end.wrapping_add(state.last()) == state.end;
        state.take_at(end, more) || (is_last && self.reach(state, more) && state.take_at(end, more))
    }
}

impl State {
    /// A free block of a size that begins at a multiple of `align`.
    #[inline(always)]
    fn take(&mut self, number: usize, align: usize) -> Option<*mut u8> {
        let mut place = &mut self.free[number];
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
    fn give(&mut self, block: *mut u8, number: Option<usize>, bytes: usize) {
        let Some(number) = number else { return self.give_large(block, bytes) };
        if block.wrapping_add(bytes) == self.top {
            (self.top, self.left) = (block, self.left + bytes);
            return;
        }
        let Some(free) = NonNull::new(block.cast::<Free>()) else { return };
        // SAFETY: the block is nobody's now, and large enough and aligned for this.
        unsafe { free.write(Free { next: self.free[number], bytes }) };
        self.free[number] = Some(free);
    }

    /// Makes blocks of what is left of a piece: less than one block of the largest size.
    fn give_rest(&mut self) {
        let (start, mut left) = (mem::replace(&mut self.top, ptr::null_mut()), mem::take(&mut self.left));
        while left > 0 {
            // The largest size that fits.
            let below = left.ilog2().saturating_sub(3);
            let (number, bytes) = size(left >> below << below);
            left -= bytes;
            self.give(start.wrapping_add(left), number, bytes);
        }
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
        let found = match number {
            Some(number) => match state.take(number, layout.align()) {
                None if layout.align() <= STEP => self.cut(state, bytes),
                None => self.large(state, bytes, layout.align()),
                found => found,
            },
            None => self.large(state, bytes, layout.align()),
        };
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
        if number.is_some() && end == state.top && more <= state.left {
            state.left = state.left + before - bytes;
            state.top = block.wrapping_add(bytes);
            return block;
        }
        if number.is_none() && new.is_none() {
            if more == 0 {
                state.give_large(block.wrapping_add(bytes), before - bytes);
                return block;
            }
            if self.stretch(state, end, more) {
                return block;
            }
        }
        // SAFETY: the size fits the alignment, says the caller, and is not zero.
        let moved = unsafe { self.alloc(Layout::from_size_align_unchecked(wanted, layout.align())) };
        if !moved.is_null() {
            // SAFETY: both blocks have so many bytes, and are two.
            unsafe { ptr::copy_nonoverlapping(block, moved, wanted.min(layout.size())) };
            // SAFETY: the caller's promise, as for what follows.
            unsafe { &mut *self.state.get() }.give(block, number, before);
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
