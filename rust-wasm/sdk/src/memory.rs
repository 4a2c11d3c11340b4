//! Memory for a module: blocks of certain sizes, a list of free ones for each size.
//!
//! The standard library's allocator is the C library's: ten thousand bytes of code, and for typed records, which
//! allocate a few small blocks each, a tenth of their time. A module has one thread, and blocks of one size are all the
//! same, so taking one and giving it back is a few instructions.
//!
//! A block stays of its size for ever. More memory is taken only while all blocks of a size are in use, so that of a
//! long run does not grow. Only the last block of all may end elsewhere.
//!
//! The feature `allocator`, which is there by default, makes it that of a module.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr::{self, NonNull};

/// Blocks are this much apart in size, and aligned to it.
const STEP: usize = 16;
/// Up to this size. Behind it there are eight sizes to each power of two.
const SMALL: usize = 512;
const SIZES: usize = SMALL / STEP + (31 - SMALL.ilog2() as usize) * 8;

/// A free block.
struct Free {
    next: Option<NonNull<Free>>,
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
    /// What is behind all blocks: its first byte, and how many there are.
    top: *mut u8,
    left: usize,
}

// SAFETY: a module of WebAssembly without threads has one thread, and nothing interrupts a method here to call another
// one: it is a static only where that holds.
unsafe impl<S> Sync for Memory<S> {}

/// Of which size a block for so many bytes is: its number, and its bytes.
fn size(bytes: usize) -> Option<(usize, usize)> {
    let last = bytes.max(1) - 1;
    if last < SMALL {
        return Some((last / STEP, (last / STEP + 1) * STEP));
    }
    let power = last.ilog2();
    let eighth = last >> (power - 3);
    let number = SMALL / STEP + (power - SMALL.ilog2()) as usize * 8 + eighth - 8;
    (number < SIZES).then(|| (number, (eighth + 1) << (power - 3)))
}

impl<S: Source> Memory<S> {
    pub const fn new(source: S) -> Self {
        let state = State { free: [None; SIZES], top: ptr::null_mut(), left: 0 };
        Memory { source, state: UnsafeCell::new(state) }
    }

    /// Makes what is behind all blocks at least as large. False if there is no memory.
    #[cold]
    #[inline(never)]
    fn reach(&self, state: &mut State, bytes: usize) -> bool {
        while state.left < bytes {
            let Some((more, size)) = self.source.grow(bytes - state.left) else { return false };
            if more.as_ptr() == state.top.wrapping_add(state.left) {
                state.left += size;
            } else {
                // Somebody else took what lies between: what was left before it is forgotten.
                (state.top, state.left) = (more.as_ptr(), size);
            }
        }
        true
    }

    /// A new block.
    #[inline(never)]
    fn cut(&self, state: &mut State, bytes: usize, align: usize) -> *mut u8 {
        // Where all begins is aligned for nearly all.
        let slack = if align > STEP { align } else { 0 };
        let Some(wanted) = bytes.checked_add(slack) else { return ptr::null_mut() };
        if state.left < wanted && !self.reach(state, wanted) {
            return ptr::null_mut();
        }
        let before = state.top.align_offset(align.max(STEP)).min(slack);
        let block = state.top.wrapping_add(before);
        state.top = block.wrapping_add(bytes);
        state.left -= before + bytes;
        block
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
    fn give(&mut self, block: *mut u8, number: usize, bytes: usize) {
        if block.wrapping_add(bytes) == self.top {
            (self.top, self.left) = (block, self.left + bytes);
            return;
        }
        let Some(free) = NonNull::new(block.cast::<Free>()) else { return };
        // SAFETY: the block is nobody's now, and large enough and aligned for this.
        unsafe { free.write(Free { next: self.free[number] }) };
        self.free[number] = Some(free);
    }
}

// SAFETY: each block is cut out of memory that is there and nobody else's, and is in one list while it is free and in none
// else. In the list of a size all blocks have that size, which the layout tells both ways.
unsafe impl<S: Source> GlobalAlloc for Memory<S> {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some((number, bytes)) = size(layout.size()) else { return ptr::null_mut() };
        // SAFETY: one thread, and nothing here calls for memory.
        let state = unsafe { &mut *self.state.get() };
        match state.take(number, layout.align()) {
            Some(block) => block,
            None => self.cut(state, bytes, layout.align()),
        }
    }

    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some((number, bytes)) = size(layout.size()) else { return };
        // SAFETY: as above.
        unsafe { &mut *self.state.get() }.give(block, number, bytes);
    }

    #[inline(never)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, wanted: usize) -> *mut u8 {
        let (Some((number, before)), Some((_, bytes))) = (size(layout.size()), size(wanted)) else {
            return ptr::null_mut();
        };
        if bytes == before {
            return block;
        }
        // SAFETY: as above.
        let state = unsafe { &mut *self.state.get() };
        let is_last = |state: &State| block.wrapping_add(before) == state.top;
        let more = bytes.saturating_sub(before);
        // What is reached may lie elsewhere.
        if is_last(state) && (state.left >= more || self.reach(state, more)) && is_last(state) {
            state.left = state.left + before - bytes;
            state.top = block.wrapping_add(bytes);
            return block;
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::alloc::System;
    use std::cell::Cell;

    const PAGE: usize = 64 << 10;
    const ALL: usize = 64 << 20;

    /// Pages of one large piece of memory. Of each gap it leaves out a page, as somebody else would have taken it.
    struct Pages {
        start: *mut u8,
        given: Cell<usize>,
        grown: Cell<usize>,
        gaps: bool,
    }

    impl Pages {
        fn new(gaps: bool) -> Pages {
            // SAFETY: the size is not zero.
            let start = unsafe { System.alloc(Layout::from_size_align(ALL, PAGE).unwrap()) };
            Pages { start, given: Cell::new(0), grown: Cell::new(0), gaps }
        }
    }

    impl Source for Pages {
        fn grow(&self, bytes: usize) -> Option<(NonNull<u8>, usize)> {
            self.grown.set(self.grown.get() + 1);
            let gap = if self.gaps && self.grown.get().is_multiple_of(3) { PAGE } else { 0 };
            let size = bytes.checked_next_multiple_of(PAGE)?;
            let at = self.given.get() + gap;
            self.given.set(at.checked_add(size).filter(|end| *end <= ALL)?);
            Some((NonNull::new(self.start.wrapping_add(at))?, size))
        }
    }

    impl Drop for Pages {
        fn drop(&mut self) {
            // SAFETY: made by `new`, with this layout.
            unsafe { System.dealloc(self.start, Layout::from_size_align(ALL, PAGE).unwrap()) };
        }
    }

    struct Chance(u64);

    impl Chance {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % limit
        }

        fn layout(&mut self) -> Layout {
            let size = match self.below(16) {
                0 => 1 + self.below(100_000),
                1 => (1 << self.below(17)) + self.below(3),
                2 => STEP * (1 + self.below(64)),
                _ => 1 + self.below(96),
            };
            let align = if self.below(8) == 0 { 1 << self.below(13) } else { 1 << self.below(5) };
            Layout::from_size_align(size, align).unwrap()
        }
    }

    /// A block that is in use, and the byte that all of it was filled with.
    struct Used(*mut u8, Layout, u8);

    impl Used {
        fn fill(&self) {
            // SAFETY: the block is as long as its layout says.
            unsafe { self.0.write_bytes(self.2, self.1.size()) };
        }

        /// What somebody else wrote there would show.
        fn check(&self, length: usize) {
            // SAFETY: the block was filled, and is at least as long.
            let bytes = unsafe { std::slice::from_raw_parts(self.0, length) };
            assert!(bytes.iter().all(|byte| *byte == self.2), "{:?}", self.1);
            assert_eq!(self.0.addr() % self.1.align(), 0, "{:?}", self.1);
        }
    }

    #[test]
    fn blocks_in_use_are_never_shared() {
        for gaps in [false, true] {
            let memory = Memory::new(Pages::new(gaps));
            let (mut chance, mut used) = (Chance(7), Vec::<Used>::new());
            for round in 0..60_000 {
                let filling = round as u8;
                match chance.below(if used.len() > 300 { 3 } else { 4 }) {
                    0 if !used.is_empty() => {
                        let Used(block, layout, filling) = used.swap_remove(chance.below(used.len()));
                        Used(block, layout, filling).check(layout.size());
                        // SAFETY: the block came from there with this layout.
                        unsafe { memory.dealloc(block, layout) };
                    }
                    1 if !used.is_empty() => {
                        let place = chance.below(used.len());
                        let Used(block, layout, filled) = used[place];
                        let wanted = chance.layout().size();
                        // SAFETY: the block came from there with this layout, and the size is not zero.
                        let moved = unsafe { memory.realloc(block, layout, wanted) };
                        let grown = Layout::from_size_align(wanted, layout.align()).unwrap();
                        Used(moved, grown, filled).check(wanted.min(layout.size()));
                        used[place] = Used(moved, grown, filling);
                        used[place].fill();
                    }
                    _ => {
                        let layout = chance.layout();
                        // SAFETY: the size is not zero.
                        let block = unsafe { memory.alloc(layout) };
                        assert!(!block.is_null());
                        used.push(Used(block, layout, filling));
                        used.last().unwrap().fill();
                    }
                }
            }
            used.iter().for_each(|one| one.check(one.1.size()));
        }
    }

    #[test]
    fn memory_of_a_long_run_does_not_grow() {
        let memory = Memory::new(Pages::new(false));
        let mut most = 0;
        for round in 0..40 {
            // The same layouts each time, and they go in another order.
            let (mut chance, mut used) = (Chance(3), Vec::new());
            for _ in 0..500 {
                let layout = chance.layout();
                // SAFETY: the size is not zero, and each block goes back with its layout.
                used.push((unsafe { memory.alloc(layout) }, layout));
            }
            let mut order = Chance(round);
            while !used.is_empty() {
                let (block, layout) = used.swap_remove(order.below(used.len()));
                // SAFETY: as above.
                unsafe { memory.dealloc(block, layout) };
            }
            let grown = memory.source.given.get();
            if round < 20 {
                most = most.max(grown);
            }
            assert!(grown <= most + most / 4, "{grown} {most}");
        }
    }

    #[test]
    fn the_last_block_grows_where_it_is() {
        let memory = Memory::new(Pages::new(false));
        let layout = |size| Layout::from_size_align(size, 8).unwrap();
        // SAFETY: sizes are not zero, and blocks go back with their layouts.
        unsafe {
            let first = memory.alloc(layout(100));
            let last = memory.alloc(layout(1000));
            assert_eq!(memory.realloc(last, layout(1000), 5 << 20), last);
            assert_eq!(memory.realloc(last, layout(5 << 20), 2000), last);
            assert_ne!(memory.realloc(first, layout(100), 2000), first);
            assert!(memory.realloc(last, layout(2000), ALL * 2).is_null());
            assert!(memory.alloc(layout(isize::MAX as usize - 8)).is_null());
        }
        assert!(memory.source.given.get() <= 6 << 20);
    }

    #[test]
    fn sizes_hold_what_they_are_for() {
        let mut last = (0, 0);
        for bytes in (0..5000).chain((13..31).flat_map(|power| [-1, 0, 1].map(|more| (1 << power) + more))) {
            let bytes = bytes as usize;
            let (number, all) = size(bytes).unwrap();
            assert!(all >= bytes && all <= bytes.max(16) + bytes / 8 + 16, "{bytes} {all}");
            assert!((number, all) >= last && size(all) == Some((number, all)), "{bytes}");
            last = (number, all);
        }
    }
}
