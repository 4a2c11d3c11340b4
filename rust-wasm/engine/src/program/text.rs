//! Taking values apart that are known to be JSON.

use super::literal::Literal;
use wasmrecords_json::{string_end, value_end};

/// One member of an object.
pub(super) struct Member<'v> {
    /// Its name as it stands there, without the quotes.
    pub name: &'v [u8],
    pub value: &'v [u8],
    /// Where the name's first quote stands in the object's text.
    pub start: usize,
    /// Where the value begins.
    pub middle: usize,
    /// The end of the value.
    pub end: usize,
}

/// The members of an object.
pub(super) struct Members<'v> {
    text: &'v [u8],
    at: usize,
}

impl<'v> Members<'v> {
    pub fn of(text: &'v [u8]) -> Self {
        Members { text, at: 1 }
    }
}

impl<'v> Iterator for Members<'v> {
    type Item = Member<'v>;

    #[inline]
    fn next(&mut self) -> Option<Member<'v>> {
        let start = passed(self.text, self.at, b',');
        if self.text.get(start) != Some(&b'"') {
            return None;
        }
        let name_end = string_end(self.text, start)?;
        let middle = passed(self.text, name_end, b':');
        let end = value_end(self.text, middle)?;
        self.at = end;
        let (name, value) = (self.text.get(start + 1..name_end - 1)?, self.text.get(middle..end)?);
        Some(Member { name, value, start, middle, end })
    }
}

/// The items of an array.
pub(super) struct Items<'v> {
    text: &'v [u8],
    at: usize,
}

impl<'v> Items<'v> {
    pub fn of(text: &'v [u8]) -> Self {
        Items { text, at: 1 }
    }
}

impl<'v> Iterator for Items<'v> {
    type Item = &'v [u8];

    #[inline]
    fn next(&mut self) -> Option<&'v [u8]> {
        let start = passed(self.text, self.at, b',');
        if matches!(self.text.get(start), None | Some(b']')) {
            return None;
        }
        self.at = value_end(self.text, start)?;
        self.text.get(start..self.at)
    }
}

/// Behind white space and a token.
#[inline(always)]
fn passed(text: &[u8], mut at: usize, token: u8) -> usize {
    while let Some(&byte) = text.get(at)
        && (byte == token || matches!(byte, b' ' | b'\n' | b'\r' | b'\t'))
    {
        at += 1;
    }
    at
}

/// The value of a member of an object.
pub(super) fn member<'v>(object: &'v [u8], name: &Literal) -> Option<&'v [u8]> {
    Members::of(object).find(|member| name.is(member.name)).map(|member| member.value)
}

/// True for `[]` and `{}`.
pub(super) fn is_empty(container: &[u8]) -> bool {
    matches!(container.get(passed(container, 1, b' ')), Some(b']' | b'}'))
}
