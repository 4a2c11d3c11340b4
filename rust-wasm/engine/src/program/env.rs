//! What a program sees while it runs.

use super::arena::Arena;
use super::value::{Text, Value};
use super::{Exit, Left, NO_PARENT};
use std::cell::Cell;

/// What a program sees of one record.
pub(super) struct Env<'v> {
    slots: &'v [&'v [u8]],
    clean: bool,
    arena: &'v Arena,
    /// A float was written that would be read back as an integer.
    whole: Cell<bool>,
    pub variables: [Cell<Value<'v>>; VARIABLES],
}

/// Variables of a program.
pub(super) const VARIABLES: usize = 8;

/// The only value of a part that has at most one.
pub(super) type One<'v> = Result<Option<Value<'v>>, Exit>;

/// Takes values one after the other.
pub(super) type Values<'o, 'v> = dyn FnMut(Value<'v>) -> Result<(), Exit> + 'o;

impl<'v> Env<'v> {
    pub fn new(slots: &'v [&'v [u8]], clean: bool, arena: &'v Arena) -> Self {
        let variables = [const { Cell::new(Value::Null) }; VARIABLES];
        Env { slots, clean, arena, whole: Cell::new(false), variables }
    }

    #[inline]
    pub fn slot(&self, slot: usize) -> Result<Value<'v>, Exit> {
        match self.slots.get(slot) {
            Some(text) if *text == NO_PARENT => Err(Left::Parent.into()),
            Some(text) => Ok(Value::of(text, self.clean)),
            None => Err(Left::Parent.into()),
        }
    }

    /// Writes what is in a slot.
    #[inline]
    pub fn copy(&self, slot: usize, out: &mut Vec<u8>) -> Result<(), Exit> {
        match self.slots.get(slot) {
            Some([]) => out.extend_from_slice(b"null"),
            Some(text) if *text == NO_PARENT => return Err(Left::Parent.into()),
            Some(text) if self.clean => out.extend_from_slice(text),
            Some(text) => Value::of(text, false).write(out),
            None => return Err(Left::Parent.into()),
        }
        Ok(())
    }

    pub fn present(&self, slot: usize) -> Result<bool, Exit> {
        match self.slots.get(slot) {
            Some(text) if *text != NO_PARENT => Ok(!text.is_empty()),
            _ => Err(Left::Parent.into()),
        }
    }

    /// Keeps a text that was made.
    pub fn keep(&self, text: Vec<u8>) -> Result<&'v [u8], Exit> {
        self.arena.keep(text)
    }

    /// The string that stands between quotes in `raw`.
    pub fn string(&self, raw: Vec<u8>) -> One<'v> {
        Ok(Some(Value::String(Text::clean(self.keep(raw)?))))
    }

    /// The value that `write` writes; none if it writes none.
    pub fn made(&self, write: impl FnOnce(&mut Vec<u8>) -> Result<bool, Exit>) -> One<'v> {
        let before = self.whole.replace(false);
        let mut made = Vec::new();
        let written = write(&mut made)?;
        if self.whole.replace(before) {
            return Err(Left::Number.into());
        }
        Ok(if written { Some(Value::of(self.keep(made)?, true)) } else { None })
    }

    /// Appends a value within a container.
    #[inline]
    pub fn write(&self, value: Value<'_>, out: &mut Vec<u8>) {
        if let Value::Float(float) = value
            && float.fract() == 0.0
        {
            self.whole.set(true);
        }
        value.write(out);
    }

    /// A text with nothing in it that would be written otherwise.
    pub fn clean(&self, text: Text<'v>) -> Result<&'v [u8], Exit> {
        if text.clean {
            return Ok(text.bytes);
        }
        let mut clean = Vec::new();
        crate::rewrite(text.bytes, &mut clean);
        self.keep(clean)
    }
}
