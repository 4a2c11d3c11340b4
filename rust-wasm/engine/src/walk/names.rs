//! The names of members, and how they are passed over.

use super::{Str, Walk};
use crate::bytes;
use crate::vector::V;

// As for all steps: none leads behind the end of the text.
impl Walk<'_> {
    /// Passes over a comma, a name in quotes and the colon right behind it, if they stand here in just these
    /// characters. A very long name is never found here.
    #[inline(always)]
    pub fn comma_name(&mut self, name: &Name) -> bool {
        let found = self.is_there(self.to, name, &name.mask);
        if found {
            self.pass(name.length);
        }
        found
    }

    /// The same behind any byte in place of the comma.
    #[inline(always)]
    pub fn next_name(&mut self, name: &Name) -> bool {
        // Where a control character stands the text may end.
        let found = self.peek() >= b' ' && self.is_behind(self.to, name);
        if found {
            self.pass(name.length);
        }
        found
    }

    /// Passes over a name in quotes and the colon right behind it, if both stand here in just these characters. A
    /// very long name is never found here.
    #[inline(always)]
    pub fn this_name(&mut self, name: &Name) -> bool {
        let found = self.is_behind(self.to.wrapping_sub(1), name);
        if found {
            self.pass(name.length - 1);
        }
        found
    }

    /// Whether a string in the text, right behind which a colon stands, is a name. A very long one is never found
    /// here.
    #[inline(always)]
    pub fn is_name(&self, string: Str, name: &Name) -> bool {
        let Str { start, end, .. } = string;
        debug_assert!(0 < start && end < self.line.length);
        end - start == name.text.len()
            && self.is_behind(self.line.start.wrapping_add(start).wrapping_sub(2), name)
    }

    /// Whether a name in quotes and a colon stand right behind a byte: of the text, or the one before it.
    #[inline(always)]
    fn is_behind(&self, place: *const u8, name: &Name) -> bool {
        self.is_there(place, name, &name.behind)
    }

    /// Whether a comma, a name in quotes and a colon stand at a place of the text, or at the byte before it: as far
    /// as the mask says for the first sixteen bytes.
    #[inline(always)]
    fn is_there(&self, place: *const u8, name: &Name, mask: &[u8; CHUNK]) -> bool {
        let length = name.length;
        // SAFETY: 16 bytes, or up to 32, from such a place on can be read; the name's own are arrays of as many.
        unsafe {
            let differs = V::load(place).xor(V::load(name.head.as_ptr())).and(V::load(mask.as_ptr()));
            !differs.any()
                && (length <= CHUNK
                    || length <= LONG
                        && !V::load(place.add(length - CHUNK)).xor(V::load(name.tail.as_ptr())).any())
        }
    }

    /// Passes over one byte, a short name in quotes and the colon right behind it, if they stand here and it is the one
    /// that `find` finds, by the words of what is [`brief`].
    #[inline(always)]
    pub fn brief_name<'n, T>(
        &mut self,
        find: impl FnOnce((u64, u64)) -> Option<(&'n [u8; CHUNK], T)>,
    ) -> Option<T> {
        // SAFETY: 18 bytes from the place on can be read, and the masks have 16 from any length on.
        let (name, length) = unsafe {
            let bytes = V::load(self.to.add(2));
            let length = (bytes.equal(V::held::<b'"'>()).bits() | 1 << CHUNK).trailing_zeros() as usize;
            (bytes.and(V::load(MASKS.as_ptr().add(CHUNK - length))), length)
        };
        let (brief, found) = find(name.words())?;
        // SAFETY: behind a byte that is no control character the text goes on; these are sixteen bytes.
        let same = unsafe {
            self.peek() >= b' ' && *self.to.add(1) == b'"' && !name.xor(V::load(brief.as_ptr())).any()
        };
        if same {
            // The first quote closes the name, so it has this length. What stands behind it does not have to wait until
            // the name is found.
            self.pass(length + 4);
        }
        same.then_some(found)
    }

    /// Passes over one byte, any name in quotes of up to 31 plain characters and the colon right behind it, if they
    /// stand here.
    #[inline(always)]
    pub fn plain_name(&mut self) -> Option<Str> {
        let start = self.to.wrapping_add(2);
        // SAFETY: behind a byte that is no control character, and behind a quote, the text goes on.
        let end = unsafe {
            if (self.peek() < b' ') | (*self.to.add(1) != b'"') {
                return None;
            }
            let end = bytes::plain32(start);
            if (*end != b'"') | (*end.add(1) != b':') {
                return None;
            }
            end
        };
        self.to = end.wrapping_add(2);
        Some(Str { start: self.offset(start), end: self.offset(end), escaped: false, odd: false })
    }

    /// The first eight bytes of a part of the text and the next eight, or the last if there are more than sixteen:
    /// what names are looked up by.
    #[inline(always)]
    pub fn words(&self, start: usize, end: usize) -> (u64, u64) {
        debug_assert!(start <= end && end <= self.line.length);
        let length = end - start;
        // SAFETY: 16 bytes from a place of the text can be read, and so can the last eight of more.
        unsafe {
            let place = self.line.start.add(start);
            let (first, second) =
                V::load(place).and(V::load(MASKS.as_ptr().add(CHUNK + 2 - length.min(CHUNK)))).words();
            (first, if length > CHUNK { bytes::word8(place.add(length - 8)) } else { second })
        }
    }

    /// A number for a part of the text, by its length, its first eight bytes and its last: most others have others.
    #[inline(always)]
    pub fn hash(&self, start: usize, end: usize) -> u64 {
        debug_assert!(start <= end && end <= self.line.length);
        let length = end - start;
        // SAFETY: eight bytes from a place of the text can be read, and so can the last eight of more.
        let word = unsafe {
            let place = self.line.start.add(start);
            let first = bytes::word8(place);
            if length > 8 {
                first.wrapping_add(bytes::word8(place.add(length - 8)).rotate_left(23)) ^ length as u64
            } else {
                // Without what stands behind it.
                first.checked_shl(64 - 8 * length as u32).unwrap_or(0)
            }
        };
        word.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// From byte eighteen less n on: n ones, and nothing behind them.
static MASKS: [u8; 2 * CHUNK + 2] = {
    let mut masks = [0; 2 * CHUNK + 2];
    let mut at = 0;
    while at < CHUNK + 2 {
        masks[at] = 255;
        at += 1;
    }
    masks
};

/// Bytes of a name that are compared at once.
const CHUNK: usize = 16;
/// What is longer, from the byte before a name up to its colon, is not compared in the loop.
pub(crate) const LONG: usize = 2 * CHUNK;

/// A name of up to fourteen bytes with its closing quote and a colon, and nothing behind them.
pub(crate) fn brief(name: &[u8]) -> Option<[u8; CHUNK]> {
    let mut brief = [0; CHUNK];
    brief.get_mut(..name.len() + 2)?.copy_from_slice(&[name, b"\":"].concat());
    Some(brief)
}

/// What no name is like in so many bytes.
pub(crate) const NO_NAME: [u8; CHUNK] = [b'"'; CHUNK];

/// The name of a member, ready to be compared.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub text: Box<[u8]>,
    /// From the byte before its first quote up to its colon: how many bytes.
    pub length: usize,
    /// The first of these, with a comma, ones for each, the same but for the first, and the last ones if there are more.
    head: [u8; CHUNK],
    mask: [u8; CHUNK],
    behind: [u8; CHUNK],
    tail: [u8; CHUNK],
}

impl Name {
    pub fn new(name: &str) -> Name {
        let quoted = format!(",\"{name}\":").into_bytes();
        let text = name.as_bytes();
        let (mut head, mut mask, mut tail) = ([0; CHUNK], [0; CHUNK], [0; CHUNK]);
        let short = quoted.len().min(CHUNK);
        head[..short].copy_from_slice(&quoted[..short]);
        mask[..short].fill(255);
        tail[..short].copy_from_slice(&quoted[quoted.len() - short..]);
        let mut behind = mask;
        behind[0] = 0;
        Name { text: text.into(), length: quoted.len(), head, mask, behind, tail }
    }

    /// See [`Walk::words`].
    pub fn words(&self) -> (u64, u64) {
        let word = |bytes: &[u8]| {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            u64::from_le_bytes(word)
        };
        let text = &*self.text;
        let (first, rest) = text.split_at(text.len().min(8));
        (word(first), word(if text.len() > CHUNK { &text[text.len() - 8..] } else { rest }))
    }
}
