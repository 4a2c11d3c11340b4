//! A string that shares its characters with others: a part of a text that is held once.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::ptr::NonNull;
use std::rc::Rc;

/// A string, or a part of one, that is cheap to copy.
///
/// All strings of a record share the one copy of its text, so taking a value apart copies no characters.
#[derive(Clone)]
pub struct Text {
    /// Keeps the characters alive. Nobody changes them while a `Text` shares them: that takes
    /// `Rc::get_mut`, which refuses.
    owner: Rc<String>,
    start: NonNull<u8>,
    length: usize,
}

impl Text {
    /// A part of a text that is already shared; `start..end` are bytes at the bounds of characters.
    ///
    /// # Panics
    /// If the part reaches out of the text, or cuts a character.
    #[inline]
    pub fn part(owner: &Rc<String>, start: usize, end: usize) -> Text {
        let part = owner.get(start..end).expect("a part of the text");
        Text { start: NonNull::from(part).cast(), length: part.len(), owner: owner.clone() }
    }

    /// The string.
    #[inline]
    pub fn as_str(&self) -> &str {
        // SAFETY: `start` and `length` were taken from a `&str` within `owner`'s characters, which neither
        // move nor change while `owner` is shared; the result lives no longer than `self`.
        unsafe { std::str::from_utf8_unchecked(std::slice::from_raw_parts(self.start.as_ptr(), self.length)) }
    }

    /// This string and another behind it; in place if nobody else shares the characters.
    #[must_use]
    pub fn append(mut self, more: &str) -> Text {
        if self.length == self.owner.len()
            && let Some(own) = Rc::get_mut(&mut self.owner)
        {
            own.push_str(more);
            self.start = NonNull::from(own.as_str()).cast();
            self.length = own.len();
            return self;
        }
        let mut joined = String::with_capacity(self.length + more.len());
        joined.push_str(&self);
        joined.push_str(more);
        joined.into()
    }

    /// A part of this string that shares its characters. What is no part of it is copied.
    pub fn sub(&self, part: &str) -> Text {
        let (whole, inner) = (self.as_bytes().as_ptr_range(), part.as_bytes().as_ptr_range());
        if whole.start <= inner.start && inner.end <= whole.end {
            Text { owner: self.owner.clone(), start: NonNull::from(part).cast(), length: part.len() }
        } else {
            part.into()
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        String::new().into()
    }
}

impl From<String> for Text {
    #[inline]
    fn from(owner: String) -> Self {
        let owner = Rc::new(owner);
        Text { start: NonNull::from(owner.as_str()).cast(), length: owner.len(), owner }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Deref for Text {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    #[inline]
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Text {
    #[inline]
    fn eq(&self, other: &Text) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    #[inline]
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Text) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    /// By code points, which UTF-8's bytes keep in order.
    fn cmp(&self, other: &Text) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_what_string_slices_are() {
        let whole = Rc::new("a é 김 😀 end".to_owned());
        let bounds: Vec<usize> = (0..=whole.len()).filter(|&at| whole.is_char_boundary(at)).collect();
        for &start in &bounds {
            for &end in bounds.iter().filter(|&&end| end >= start) {
                let part = Text::part(&whole, start, end);
                assert_eq!(part.as_str(), &whole[start..end]);
                for inner in part.char_indices().map(|(at, _)| part.sub(&part[at..])) {
                    assert!(part.ends_with(inner.as_str()));
                    assert!(Rc::ptr_eq(&inner.owner, &whole));
                }
            }
        }
    }

    #[test]
    fn parts_outlive_what_they_were_taken_from() {
        let part = {
            let whole = Text::from("first second".to_owned());
            whole.sub(&whole[6..])
        };
        assert_eq!(part, "second");
        assert_eq!(part.clone().sub("other"), "other");
        assert_eq!(Text::default(), "");
    }

    #[test]
    fn appending_leaves_copies_as_they_are() {
        let alone = Text::from("a").append("b").append("é");
        assert_eq!(alone, "abé");
        let copy = alone.clone();
        let longer = alone.append("!");
        assert_eq!((copy.as_str(), longer.as_str()), ("abé", "abé!"));
        let part = longer.sub(&longer[..2]);
        drop(longer);
        assert_eq!(part.append("c"), "abc");
    }
}
