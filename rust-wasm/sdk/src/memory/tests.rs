//! Blocks that are taken and given back as chance has it, and what memory that needs.

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
        // Miri takes microseconds for each byte.
        let step = if cfg!(miri) { 251 } else { 1 };
        assert!(bytes.iter().step_by(step).all(|byte| *byte == self.2), "{:?}", self.1);
        assert_eq!(self.0.addr() % self.1.align(), 0, "{:?}", self.1);
    }
}

#[test]
fn blocks_in_use_are_never_shared() {
    for gaps in [false, true] {
        let memory = Memory::new(Pages::new(gaps));
        let (mut chance, mut used) = (Chance(7), Vec::<Used>::new());
        for round in 0..if cfg!(miri) { 60 } else { 60_000 } {
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
fn large_blocks_of_many_sizes_take_the_memory_of_each_other() {
    let memory = Memory::new(Pages::new(false));
    let layout = |size| Layout::from_size_align(size, 8).unwrap();
    for round in 1..=400 {
        let size = round * 5000;
        // SAFETY: sizes are not zero, and blocks go back with their layouts.
        unsafe {
            let block = memory.alloc(layout(size));
            let grown = memory.realloc(block, layout(size), size * 2);
            // Something that stays.
            assert!(!memory.alloc(layout(64)).is_null());
            memory.dealloc(grown, layout(size * 2));
        }
    }
    let given = memory.source.given.get();
    assert!(given < 14 << 20, "{given}");
}

#[test]
fn what_is_behind_a_large_block_does_not_take_it() {
    let memory = Memory::new(Pages::new(false));
    let layout = |size| Layout::from_size_align(size, 8).unwrap();
    // SAFETY: sizes are not zero, and blocks go back with their layouts.
    unsafe {
        let large = memory.alloc(layout(1 << 20));
        let small = memory.alloc(layout(100));
        assert_eq!(small, large.wrapping_add(1 << 20));
        memory.dealloc(small, layout(100));
        memory.dealloc(large, layout(1 << 20));
        assert_eq!(memory.alloc(layout(1 << 20)), large);
    }
}

#[test]
fn small_blocks_take_what_large_ones_gave_back() {
    let memory = Memory::new(Pages::new(false));
    let layout = |size| Layout::from_size_align(size, 8).unwrap();
    // SAFETY: sizes are not zero, and blocks go back with their layouts.
    unsafe {
        let large = [(); 3].map(|()| memory.alloc(layout(ALL / 4)));
        while !memory.alloc(layout(5000)).is_null() {}
        memory.dealloc(large[1], layout(ALL / 4));
        let count = (0..).take_while(|_| !memory.alloc(layout(5000)).is_null()).count();
        assert!(count > ALL / 4 / 5600, "{count}");
    }
}

#[test]
fn blocks_grow_where_they_are() {
    let memory = Memory::new(Pages::new(false));
    let layout = |size| Layout::from_size_align(size, 8).unwrap();
    // SAFETY: sizes are not zero, and blocks go back with their layouts.
    unsafe {
        let first = memory.alloc(layout(100));
        let last = memory.alloc(layout(1000));
        assert_eq!(memory.realloc(last, layout(1000), 20_000), last);
        assert_ne!(memory.realloc(first, layout(100), 2000), first);
        let large = memory.alloc(layout(100_000));
        assert_eq!(memory.realloc(large, layout(100_000), 5 << 20), large);
        assert_eq!(memory.realloc(large, layout(5 << 20), 40_000), large);
        let behind = memory.alloc(layout(50_000));
        assert_ne!(memory.realloc(large, layout(40_000), 45_000), large);
        assert!(memory.realloc(behind, layout(50_000), ALL * 2).is_null());
        assert!(memory.alloc(layout(isize::MAX as usize - 8)).is_null());
    }
    assert!(memory.source.given.get() <= 6 << 20);
}

#[test]
fn sizes_hold_what_they_are_for() {
    let mut last = (0, 0);
    for bytes in (0..5000).chain((13..31).flat_map(|power| [-1, 0, 1].map(|more| (1 << power) + more))) {
        let bytes = bytes as usize;
        let (number, all) = size(bytes);
        assert!(all >= bytes && all <= bytes.max(16) + bytes / 8 + 16, "{bytes} {all}");
        assert!(number <= SIZES && (number == SIZES) == (bytes > LARGE));
        assert!((number, all) >= last && size(all) == (number, all), "{bytes}");
        last = (number, all);
    }
}
