//! What a schema asks of a string, answered from its characters as they stand in the text.

use std::ops::RangeInclusive;

use wasmrecords_json::{Value, parse};

use super::ANY_COUNT;
use super::pattern::Pattern;
use super::read::both;
use crate::RECIPES;

/// Up to this many strings a listed one is found by looking at each.
const FEW: usize = 8;

/// Lengths, listed strings and patterns.
#[derive(Clone, Debug)]
pub struct StringRule {
    /// Code points.
    pub(super) length: RangeInclusive<u64>,
    /// Strings that are allowed, if not all are: sorted.
    pub(super) options: Option<Vec<Box<str>>>,
    pub(super) pattern: Option<Box<Pattern>>,
}

impl StringRule {
    pub(super) const fn any() -> StringRule {
        StringRule { length: ANY_COUNT, options: None, pattern: None }
    }

    /// True if all strings match.
    #[inline]
    pub fn is_any(&self) -> bool {
        !RECIPES || self.options.is_none() && self.pattern.is_none() && self.length == ANY_COUNT
    }

    /// Whether a string certainly matches: what stands between its quotes, in UTF-8. Where something in it is
    /// `escaped`, the escapes are right.
    #[inline]
    pub fn allows(&self, raw: &[u8], escaped: bool) -> bool {
        self.is_any() || if escaped { self.allows_escaped(raw) } else { self.allows_plain(raw) }
    }

    /// Whether a string that is not allowed certainly does not match.
    pub fn is_sure_of(&self, raw: &[u8], escaped: bool) -> bool {
        // What is white space beyond ASCII, patterns do not know.
        !escaped && (self.pattern.is_none() || raw.is_ascii())
    }

    /// The strings that are allowed, if only these are and nothing else is asked of them. None of them needs an
    /// escape.
    pub fn listed(&self) -> Option<&[Box<str>]> {
        let options =
            self.options.as_deref().filter(|_| self.length == ANY_COUNT && self.pattern.is_none())?;
        let raw = |option: &str| !option.contains(|c: char| c < ' ' || matches!(c, '"' | '\\'));
        options.iter().all(|option| raw(option)).then_some(options)
    }

    /// Adds a pattern. None if it is beyond what rules know.
    pub(super) fn search(&mut self, pattern: &str) -> Option<()> {
        let (pattern, count) = match Pattern::new(pattern) {
            Some(pattern) => (pattern, ANY_COUNT),
            None => Pattern::counted(pattern)?,
        };
        self.length = both(&self.length, &count);
        self.pattern = Some(pattern.into());
        Some(())
    }

    fn allows_plain(&self, raw: &[u8]) -> bool {
        if let Some(options) = &self.options {
            let found = if options.len() <= FEW {
                options.iter().any(|option| option.as_bytes() == raw)
            } else {
                options.binary_search_by(|option| option.as_bytes().cmp(raw)).is_ok()
            };
            if !found {
                return false;
            }
        }
        let (least, most) = (*self.length.start(), *self.length.end());
        let bytes = raw.len() as u64;
        // A code point has up to four bytes, so that mostly nothing needs to be counted.
        let fits = bytes >= least.saturating_mul(4) && bytes <= most;
        (fits || self.length.contains(&characters(raw)))
            && self.pattern.as_ref().is_none_or(|pattern| pattern.matches(raw))
    }

    #[cold]
    fn allows_escaped(&self, raw: &[u8]) -> bool {
        let text = [b"\"", raw, b"\""].concat();
        match parse(&text, 0) {
            Ok(Value::String(decoded)) => self.allows_plain(decoded.as_bytes()),
            _ => false,
        }
    }
}

/// The number of code points in UTF-8.
pub(super) fn characters(bytes: &[u8]) -> u64 {
    // Each has one byte that does not go on with another.
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count() as u64
}
