//! What nothing is asked of, and what may stand only once in what it is in.

use super::{FEW_NAMES, Key, Open, Pass, Reader, Unfit, require};
use crate::RECIPES;
use crate::plan::Place;
use crate::walk::Str;

impl Reader<'_, '_> {
    /// An object of whose members nothing is asked, value by value.
    pub(super) fn free_object(&mut self, place: &Place, nesting: u32) -> Pass {
        let mark = self.exact.keys.len();
        self.exact.levels += 1;
        self.walk.take(b'{');
        self.walk.space();
        if !self.walk.take(b'}') {
            loop {
                self.free_name(place.is_once(), mark)?;
                self.value(place.others, nesting)?;
                self.walk.space();
                if self.walk.take(b'}') {
                    break;
                }
                require(self.walk.take(b','), Unfit::Json)?;
                self.walk.space();
            }
        }
        self.exact.levels -= 1;
        self.close(mark)
    }

    /// Passes over the name of a member of which nothing is asked, and its colon.
    #[cfg_attr(feature = "recipes", inline(always))]
    pub(super) fn free_name(&mut self, once: bool, mark: usize) -> Pass {
        let name = self.walk.string().ok_or(Unfit::Json)?;
        self.colon()?;
        if once {
            require(!name.odd, Unfit::Names)?;
            self.unique(name, mark)?;
        }
        self.walk.space();
        Ok(())
    }

    /// Passes over a value of which nothing is asked, with all that is in it: without recursion, so that no depth
    /// takes stack.
    pub(super) fn skip(&mut self, copied: bool, nesting: u32) -> Pass {
        let around = self.exact.open.len();
        loop {
            match self.walk.peek() {
                b'"' => {
                    let string = self.walk.string().ok_or(Unfit::Json)?;
                    self.exact.odd |= string.odd & copied;
                }
                b'-' | b'0'..=b'9' => drop(self.walk.number().ok_or(Unfit::Json)?),
                b't' => require(self.walk.word(b"true"), Unfit::Json)?,
                b'f' => require(self.walk.word(b"fals") && self.walk.take(b'e'), Unfit::Json)?,
                b'n' => require(self.walk.word(b"null"), Unfit::Json)?,
                bracket @ (b'{' | b'[') => {
                    require(self.exact.open.len() - around < nesting as usize, Unfit::Json)?;
                    self.walk.take(bracket);
                    self.walk.space();
                    let object = bracket == b'{';
                    if !self.walk.take(if object { b'}' } else { b']' }) {
                        let mark = self.exact.keys.len();
                        self.exact.open.push(Open { object, mark });
                        if object {
                            self.free_name(RECIPES && copied, mark)?;
                        }
                        continue;
                    }
                }
                _ => return Err(Unfit::Json),
            }
            // A value ended, and with it maybe what it is in.
            loop {
                if self.exact.open.len() == around {
                    return Ok(());
                }
                let Some(&Open { object, mark }) = self.exact.open.last() else { return Ok(()) };
                self.walk.space();
                if self.walk.take(b',') {
                    self.walk.space();
                    if object {
                        self.free_name(RECIPES && copied, mark)?;
                    }
                    break;
                }
                require(self.walk.take(if object { b'}' } else { b']' }), Unfit::Json)?;
                self.exact.open.pop();
                self.close(mark)?;
            }
        }
    }

    /// Notes a name that may stand once in the object whose names begin at `mark`.
    #[cfg_attr(feature = "recipes", inline(always))]
    pub(super) fn unique(&mut self, name: Str, mark: usize) -> Pass {
        let Str { start, end, .. } = name;
        let hash = self.walk.hash(start, end);
        let others = &self.exact.keys[mark..];
        let bits = others.last().map_or(0, |key| key.bits);
        let bit = 1 << (hash >> 58);
        let key = Key { hash, start: start as u32, length: (end - start) as u32, bits: bits | bit };
        if bits & bit != 0 && others.len() < FEW_NAMES {
            for other in others {
                require(!self.same(key, *other), Unfit::Names)?;
            }
        }
        self.exact.keys.push(key);
        Ok(())
    }

    #[cfg_attr(feature = "recipes", inline(always))]
    fn same(&self, one: Key, other: Key) -> bool {
        one.hash == other.hash && self.text(one) == self.text(other)
    }

    fn text(&self, key: Key) -> &[u8] {
        self.walk.part(key.start as usize, (key.start + key.length) as usize)
    }

    /// The end of the object whose names begin at `mark`.
    #[cfg_attr(feature = "recipes", inline(always))]
    pub(super) fn close(&mut self, mark: usize) -> Pass {
        if !RECIPES {
            return Ok(());
        }
        if self.exact.keys.len() - mark > FEW_NAMES {
            self.sorted(mark)?;
        }
        self.exact.keys.truncate(mark);
        Ok(())
    }

    #[inline(never)]
    fn sorted(&mut self, mark: usize) -> Pass {
        let mut keys = std::mem::take(&mut self.exact.keys);
        let text = |key: &Key| self.text(*key);
        keys[mark..].sort_unstable_by(|one, other| {
            one.hash.cmp(&other.hash).then_with(|| text(one).cmp(text(other)))
        });
        let twice = keys[mark..].windows(2).any(|pair| self.same(pair[0], pair[1]));
        self.exact.keys = keys;
        require(!twice, Unfit::Names)
    }

    /// Notes the string from `start` to here, an item of the array whose items begin at `mark`. One that may be
    /// written in more than one way is not certain to differ.
    pub(super) fn differs(&mut self, start: usize, mark: usize) -> Pass {
        if self.walk.part(start, start + 1) != b"\"" {
            // It is none, which is the one thing that is wrong.
            return Ok(());
        }
        let (start, end) = (start + 1, self.walk.at() - 1);
        require(!self.walk.part(start, end).contains(&b'\\'), Unfit::Schema)?;
        let string = Str { start, end, escaped: false, odd: false };
        self.unique(string, mark).map_err(|_| Unfit::Schema)
    }
}
