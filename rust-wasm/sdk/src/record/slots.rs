//! Records whose members were found before: by the fast engine.

use super::shape::{Object, Part};
use super::{Arena, Reader, Record, Shape};

/// The texts of the members of one object, in the order of its shape.
pub struct Slots<'a, 's> {
    /// Each is right JSON without white space around it; an empty one stands for a member that is not there.
    texts: std::slice::Iter<'s, &'a [u8]>,
    arena: &'a Arena,
    levels: u32,
}

impl<'a, 's> Slots<'a, 's> {
    /// # Safety
    /// Each of the texts has to be UTF-8.
    pub(crate) unsafe fn new(texts: &'s [&'a [u8]], arena: &'a Arena, levels: u32) -> Self {
        Slots { texts: texts.iter(), arena, levels }
    }

    /// The next member's value: None within if it is not there, None if it is not what is asked for.
    #[inline]
    #[allow(clippy::option_option, reason = "two things may be missing")]
    pub fn member<T: Record<'a>>(&mut self) -> Option<Option<T>> {
        if const { T::SHAPE.is_in_parts() } {
            return T::from_slots(self).map(Some);
        }
        let text = self.texts.next()?;
        if text.is_empty() {
            return Some(None);
        }
        // SAFETY: whoever made the slots has said so.
        let text = unsafe { std::str::from_utf8_unchecked(text) };
        T::read_slot(text, self).map(Some)
    }

    /// Reads a value from its text.
    #[inline]
    pub fn read<T: Record<'a>>(&self, text: &'a str) -> Option<T> {
        T::read(&mut Reader::new(text, self.arena, self.levels))
    }

    /// The characters of a string's text.
    #[inline]
    pub(super) fn str(&self, text: &'a str) -> Option<&'a str> {
        let inner = text.strip_prefix('"')?.strip_suffix('"')?;
        if memchr::memchr(b'\\', inner.as_bytes()).is_some() { self.read(text) } else { Some(inner) }
    }
}

impl Shape {
    /// Whether its members are found instead of itself: an object that cannot be there without one of them.
    const fn is_in_parts(&self) -> bool {
        let Shape::Object(Object { parts, open: true }) = self else { return false };
        let (mut at, mut required) = (0, false);
        while at < parts.len() {
            match &parts[at] {
                Part::Member(member) => required |= member.required,
                Part::Flat(_) => return false,
            }
            at += 1;
        }
        required
    }
}

/// The paths of the members that a record's slots stand for. None if it has none: it is no object, or it has parts that
/// are objects of their own.
pub(crate) fn paths(shape: &Shape) -> Option<Vec<Vec<Box<str>>>> {
    let Shape::Object(Object { parts, open: true }) = shape else { return None };
    let mut paths = Vec::new();
    for part in *parts {
        let Part::Member(member) = part else { return None };
        let name = Box::<str>::from(member.name);
        let inner = if member.shape.is_in_parts() { self::paths(&member.shape)? } else { vec![Vec::new()] };
        paths.extend(inner.into_iter().map(|rest| [vec![name.clone()], rest].concat()));
    }
    Some(paths)
}
