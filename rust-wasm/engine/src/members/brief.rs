//! Short names, found by one look and one comparison.

use super::{Known, TRIES};
use crate::walk::{NO_NAME, brief};

/// The short ones of some names, each at the one place where it is looked for. Where two have the same place the first
/// one has it.
pub(super) struct Brief {
    entries: Vec<Entry>,
    shift: u32,
    factor: u64,
}

#[derive(Clone)]
#[repr(align(32))]
struct Entry {
    name: [u8; 16],
    /// Its place among the known ones.
    place: usize,
}

impl Brief {
    pub fn new(known: &[Known]) -> Brief {
        let size = (known.len() * 8).next_power_of_two().max(8);
        let mut brief =
            Brief { entries: Vec::new(), shift: 64 - size.trailing_zeros(), factor: 0x9e37_79b9_7f4a_7c15 };
        for _ in 0..TRIES {
            brief.factor = brief.factor.wrapping_mul(0x5851_f42d_4c95_7f2d) | 1;
            if brief.fill(known, size) {
                break;
            }
        }
        brief
    }

    /// True if all have a place.
    fn fill(&mut self, known: &[Known], size: usize) -> bool {
        self.entries = vec![Entry { name: NO_NAME, place: 0 }; size];
        let mut all = true;
        for (place, Known { name, .. }) in known.iter().enumerate() {
            let Some(name) = brief(&name.text) else { continue };
            let [first, last] =
                [&name[..8], &name[8..]].map(|half| u64::from_le_bytes(half.try_into().unwrap_or_default()));
            let home = self.home((first, last));
            let entry = &mut self.entries[home];
            if entry.name == NO_NAME {
                *entry = Entry { name, place };
            } else {
                all = false;
            }
        }
        all
    }

    #[inline(always)]
    fn home(&self, (first, last): (u64, u64)) -> usize {
        (first.wrapping_add(last.rotate_left(23)).wrapping_mul(self.factor) >> self.shift) as usize
    }

    /// The only name that may have these words, and its place.
    #[inline(always)]
    pub fn find(&self, words: (u64, u64)) -> Option<(&[u8; 16], usize)> {
        self.entries.get(self.home(words)).map(|entry| (&entry.name, entry.place))
    }
}
