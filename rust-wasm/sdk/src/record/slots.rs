//! Records whose members were found before: by the fast engine.

use super::shape::{Object, Part};
use super::{Arena, Reader, Record, Shape};
use wasmrecords_engine::rule::{NumberRule, ObjectRule, Rule, Types};
use wasmrecords_engine::{Found, Plain, PlainSlots};

/// The members of one object, in the order of its shape. All of them match [`rule`].
pub struct Slots<'a, 's> {
    found: &'s Found<'a, 's>,
    next: usize,
    reading: Reading<'a>,
}

/// The same, where all values but objects and arrays are plain. If not `ESCAPES`, no string has one.
pub struct PlainMembers<'a, 's, const ESCAPES: bool> {
    slots: PlainSlots<'a, 's>,
    next: usize,
    reading: Reading<'a>,
}

/// A value that is plain: see [`Plain`].
#[derive(Clone, Copy)]
pub struct PlainValue<'a, 's> {
    value: Plain<'a, 's>,
    /// There may be escapes in it.
    escapes: bool,
    reading: Reading<'a>,
}

/// What it takes to read a value from its text.
#[derive(Clone, Copy)]
struct Reading<'a> {
    arena: &'a Arena,
    levels: u32,
}

impl<'a, 's> Slots<'a, 's> {
    /// # Safety
    /// All texts have to be UTF-8.
    pub(crate) unsafe fn new(found: &'s Found<'a, 's>, arena: &'a Arena, levels: u32) -> Self {
        Slots { found, next: 0, reading: Reading { arena, levels } }
    }

    /// The members, if all values are plain, with escapes in strings or without.
    #[inline(always)]
    pub fn plain<const ESCAPES: bool>(&self) -> Option<PlainMembers<'a, 's, ESCAPES>> {
        let slots = self.found.plain().filter(|slots| slots.escapes() == ESCAPES)?;
        Some(PlainMembers { slots, next: 0, reading: self.reading })
    }

    /// An object whose members are among these: they are next.
    pub fn flat<T: Record<'a>>(&mut self) -> Option<T> {
        T::from_slots(self)
    }

    /// The next member's value: None within if it is not there, None if it is not what is asked for.
    #[inline(never)]
    #[allow(clippy::option_option, reason = "two things may be missing")]
    pub fn member<T: Record<'a>>(&mut self) -> Option<Option<T>> {
        if const { T::SHAPE.is_in_parts() } {
            return T::from_slots(self).map(Some);
        }
        let slot = self.next;
        self.next += 1;
        let text = self.found.text(slot);
        if text.is_empty() {
            return Some(None);
        }
        self.reading.read(characters(text)).map(Some)
    }
}

impl<'a, 's, const ESCAPES: bool> PlainMembers<'a, 's, ESCAPES> {
    /// The next member's value: as [`Slots::member`].
    #[inline(always)]
    #[allow(clippy::option_option, reason = "two things may be missing")]
    pub fn member<T: Record<'a>>(&mut self) -> Option<Option<T>> {
        if const { T::SHAPE.is_in_parts() } {
            return T::from_plain(self).map(Some);
        }
        let slot = self.next;
        self.next += 1;
        match self.slots.value(slot) {
            Some(value) => T::read_plain(self.of(value)).map(Some),
            None => Some(None),
        }
    }

    /// As [`Slots::flat`].
    #[inline(always)]
    pub fn flat<T: Record<'a>>(&mut self) -> Option<T> {
        T::from_plain(self)
    }

    #[inline(always)]
    fn of(&self, value: Plain<'a, 's>) -> PlainValue<'a, 's> {
        PlainValue { value, escapes: ESCAPES && self.slots.may_escape(value), reading: self.reading }
    }

    /// The same of a member that must be there.
    #[inline(always)]
    pub fn required<T: Record<'a>>(&mut self) -> Option<T> {
        if const { T::SHAPE.is_in_parts() } {
            return T::from_plain(self);
        }
        if const { T::SHAPE.takes_null() } {
            return self.member()?.or_else(T::absent);
        }
        let value = self.slots.some(self.next);
        self.next += 1;
        T::read_plain(self.of(value))
    }
}

impl<'a, 's> PlainValue<'a, 's> {
    /// Its text.
    #[inline(always)]
    pub fn text(self) -> &'a str {
        characters(self.value.text())
    }

    /// The characters of a string.
    #[inline(always)]
    pub fn str(self) -> &'a str {
        if self.escapes { self.decoded() } else { characters(self.value.characters()) }
    }

    #[inline(never)]
    fn decoded(self) -> &'a str {
        let Some(decoded) = self.value.decoded() else { return characters(self.value.characters()) };
        // SAFETY: a right string: what is no escape is UTF-8 as it was, and an escape becomes a character.
        let decoded = unsafe { String::from_utf8_unchecked(decoded) };
        self.reading.arena.keep(decoded).unwrap_or_default()
    }

    /// True if it is `null`.
    #[inline(always)]
    pub fn is_null(self) -> bool {
        self.value.first() == b'n'
    }

    /// True if it is `true`.
    #[inline(always)]
    pub fn is_true(self) -> bool {
        self.value.first() == b't'
    }

    /// The items of an array of strings. False if it is none that is written without white space.
    #[inline(always)]
    pub fn strings(self, mut item: impl FnMut(PlainValue<'a, 's>)) -> bool {
        self.value.strings(self.escapes, |value| item(PlainValue { value, ..self }))
    }

    /// An integer, where nothing else was let through.
    #[inline(always)]
    pub fn integer(self) -> i64 {
        self.value.integer()
    }

    /// An integer of all its digits, and how many of these stand behind the dot.
    #[inline(always)]
    pub fn number(self) -> (i64, usize) {
        self.value.number()
    }

    /// A number as a float.
    #[inline(always)]
    pub fn float(self) -> f64 {
        self.value.float()
    }

    /// Reads the value from its text.
    #[inline]
    pub fn read<T: Record<'a>>(self) -> Option<T> {
        self.reading.read(self.text())
    }
}

impl<'a> Reading<'a> {
    fn read<T: Record<'a>>(self, text: &'a str) -> Option<T> {
        T::read(&mut Reader::new(text, self.arena, self.levels))
    }
}

/// A part of a record's text, as a text.
#[inline(always)]
fn characters(part: &[u8]) -> &str {
    // SAFETY: whoever made the slots has said that it is UTF-8; it begins and ends with an ASCII character, or beside
    // one.
    unsafe { std::str::from_utf8_unchecked(part) }
}

impl Shape {
    /// Whether its members are found instead of itself: an object that cannot be there without one of them.
    const fn is_in_parts(&self) -> bool {
        matches!(self, Shape::Object(Object { parts, open: true }) if self.rest().is_none() && requires(parts))
    }
}

/// Whether one of these has to be there.
const fn requires(parts: &[Part]) -> bool {
    let mut at = 0;
    while at < parts.len() {
        let required = match &parts[at] {
            Part::Member(member) => member.required,
            Part::Flat(Shape::Object(object)) => requires(object.parts),
            Part::Flat(_) => false,
        };
        if required {
            return true;
        }
        at += 1;
    }
    false
}

/// The paths of the members that a record's slots stand for. None if it has none: it is no object, or one that takes or
/// refuses all others.
pub(crate) fn paths(shape: &Shape) -> Option<Vec<Vec<Box<str>>>> {
    let Shape::Object(Object { open: true, .. }) = shape else { return None };
    if shape.rest().is_some() {
        return None;
    }
    let mut paths = Vec::new();
    add_paths(shape, &mut Vec::new(), &mut paths)?;
    Some(paths)
}

/// Adds the paths of the members of an object, which is within these others.
fn add_paths(shape: &Shape, around: &mut Vec<Box<str>>, paths: &mut Vec<Vec<Box<str>>>) -> Option<()> {
    for member in shape.members() {
        around.push(member.name.into());
        if member.shape.is_in_parts() {
            add_paths(&member.shape, around, paths)?;
        } else {
            paths.push(around.clone());
        }
        around.pop();
    }
    Some(())
}

/// What the engine asks of a record with this shape, whose members it [finds](paths).
pub(crate) fn rule(shape: &Shape) -> Rule {
    let mut rule = of(shape);
    if let Shape::Object(_) = shape {
        rule.object = Some(members(shape));
    }
    rule
}

/// What it asks of a value: never more than the shape does. Of what is no part of a record it only asks for the type.
fn of(shape: &Shape) -> Rule {
    let mut rule = Rule::of(types(shape));
    match shape {
        Shape::Integer { least, most } if rule.types == Types::INTEGER => {
            rule.number = NumberRule::between(*least, *most as i64);
        }
        Shape::Array(Shape::String) => rule.items = Some(Rule::of(Types::STRING).into()),
        Shape::Nullable(shape) => {
            let types = rule.types;
            rule = of(shape);
            rule.types = types;
        }
        Shape::Object(_) if shape.is_in_parts() => rule.object = Some(members(shape)),
        _ => {}
    }
    rule
}

fn types(shape: &Shape) -> Types {
    match shape {
        Shape::Any => Types::ALL,
        Shape::Null => Types::NULL,
        Shape::Boolean => Types::BOOLEAN,
        Shape::Integer { least, most } if *least > i64::MIN && *most < i64::MAX as u64 => Types::INTEGER,
        // Of integers with so many digits the engine knows only that they are numbers.
        Shape::Integer { .. } | Shape::Number(_) => Types::NUMBER,
        Shape::String | Shape::Bytes(_) | Shape::Words(_) => Types::STRING,
        Shape::Array(_) | Shape::Tuple(_) => Types::ARRAY,
        Shape::Map(_) | Shape::Object(_) => Types::OBJECT,
        Shape::Nullable(shape) => types(shape) | Types::NULL,
    }
}

fn members(shape: &Shape) -> ObjectRule {
    let (mut known, mut required) = (Vec::new(), Vec::new());
    for member in shape.members() {
        if member.required {
            required.push(known.len());
        }
        known.push((member.name.into(), of(&member.shape)));
    }
    ObjectRule { known, required, others: true, count: 0..=u64::MAX }
}
