//! The exact tier: one pass over a record in any order of members, with any white space, escapes and numbers.
//!
//! It checks that the text is JSON and matches the schema, notes where the slots of the program lie, and, if that
//! is wanted, what kinds of values it met: from these the learned tier makes a shape.

mod apart;
mod classes;
mod objects;
mod quick;
mod skip;
mod values;

use crate::RECIPES;
use crate::bytes::Short;
use crate::plan::{ANY_COPIED, NO_SLOT, Place, PlaceId, Plan};
use crate::rule::{Broken, Found, Types};
use crate::shape::MOST_OPS;
use crate::walk::{Line, Walk};
pub(crate) use apart::{Apart, Arrays};
use quick::Frame;

/// Why a record is not for the fast engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unfit {
    /// It is not JSON, or nested too deep.
    Json,
    /// It does not match the schema, or not certainly.
    Schema,
    /// A name stands twice in an object that matters, or is written with escapes that it does not need.
    Names,
}

/// A value that the learned tier reads between two literals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The characters of a string, without its quotes.
    String,
    /// A string with its quotes, or `null`.
    StringOrNull,
    Integer,
    Number,
    /// A number in a range.
    Bounded,
    Boolean,
    /// An array of strings, with no white space. Not a whole record: three bytes of it stand before each string's
    /// first character.
    Strings,
    /// Anything, for this tier to read again.
    Other,
    /// The same, where it has to break the schema.
    Wrong,
}

/// A value that was met.
#[derive(Clone, Copy)]
pub(crate) struct Token {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
    pub place: PlaceId,
    /// Levels of arrays and objects that it may have.
    pub nesting: u32,
}

/// Where a slot lies.
#[derive(Clone, Copy, Default)]
pub(crate) struct Span {
    pub start: u32,
    pub end: u32,
}

/// A slot in something that is no object.
pub(crate) const ASTRAY: Span = Span { start: 1, end: 0 };

/// The name of a member that is not known, in an object in which each may stand once.
#[derive(Clone, Copy)]
struct Key {
    /// The same for the same name.
    hash: u64,
    start: u32,
    length: u32,
    /// A bit for it and each one before it in its object: other names may have the same.
    bits: u64,
}

/// Up to this many names of an object are compared with each new one; of more all are sorted at its end.
const FEW_NAMES: usize = 64;

/// What a pass found out, kept for its allocations.
#[derive(Default)]
pub(crate) struct Exact {
    /// Those of the program, and one more for all values that are in none of them.
    slots: Vec<Span>,
    pub tokens: Vec<Token>,
    pub arrays: Arrays,
    /// White space stands between tokens.
    pub spaced: bool,
    /// Something that may be copied is not written as our writer writes it.
    pub odd: bool,
    keys: Vec<Key>,
    /// The containers around a value that is skipped.
    open: Vec<Open>,
    /// The containers around what the loop reads.
    frames: Vec<Frame>,
    /// Objects and arrays of which nothing is asked, one within another, that are around a value.
    levels: u32,
    learning: bool,
    /// Of a whole record: the number in the slot that is [asked](Plan::asked), if it is a short one.
    pub number: Option<Short>,
    /// Of a whole record: what breaks the schema, if it is one value alone.
    pub breach: Option<Breach>,
}

/// A value that certainly breaks the schema.
#[derive(Clone, Copy)]
pub(crate) struct Breach {
    pub place: PlaceId,
    pub start: usize,
    pub end: usize,
    /// Of an object that lacks a member: which of those that are known is the first to be told, and whether there
    /// are more.
    pub missing: Option<(usize, bool)>,
}

/// A container that is not closed yet.
#[derive(Clone, Copy)]
struct Open {
    object: bool,
    /// Where the names of an object begin.
    mark: usize,
}

/// Objects and arrays of which nothing is asked are parts of a shape up to so many levels.
const LEVELS: u32 = 8;

type Pass = Result<(), Unfit>;

impl Exact {
    /// Reads a whole record: where it ends. If it is a `row`, the text goes on behind the line feed that ends it; else
    /// the record is all of the text.
    pub fn record(
        &mut self,
        plan: &Plan,
        line: Line<'_>,
        row: bool,
        nesting: u32,
        learning: bool,
    ) -> Result<usize, Unfit> {
        self.slots.clear();
        self.slots.resize(plan.slots + 1, Span::default());
        self.tokens.clear();
        self.arrays.apart.clear();
        self.keys.clear();
        self.open.clear();
        (self.odd, self.levels, self.learning) = (false, 0, learning);
        (self.number, self.breach) = (None, None);
        let mut walk = if row { Walk::of_line(line) } else { Walk::new(line) };
        walk.space();
        let mut reader = Reader { plan, exact: self, walk: &mut walk };
        let read =
            if learning { reader.value(plan.root(), nesting) } else { reader.read(plan.root(), nesting) };
        let mut ends = walk.ends();
        if !ends {
            walk.space();
            ends = walk.ends();
        }
        self.spaced = walk.spaced;
        let read = read.and_then(|()| require(ends && walk.is_utf8(), Unfit::Json));
        if read.is_err() {
            self.breach = None;
        }
        read.and_then(|()| require(self.breach.is_none(), Unfit::Schema))?;
        Ok(walk.at())
    }

    /// Where the slots of the program lie in the record that was read last.
    pub fn slots(&self) -> &[Span] {
        self.slots.split_last().map_or(&[], |(_, slots)| slots)
    }

    /// What breaks the schema in the record that was read last, if it is one thing alone.
    pub fn broken<'r, 't>(&self, plan: &'r Plan, text: &'t [u8]) -> Option<Broken<'r, 't>> {
        let Breach { place: id, start, end, missing } = self.breach?;
        let place = plan.place(id);
        let text = text.get(start..end)?;
        let found = match (missing, place.members, text.first()?) {
            (Some((name, _)), Some(members), _) => {
                Found::Missing(std::str::from_utf8(&plan.members(members).known[name].name.text).ok()?)
            }
            (_, _, b'[') => Found::Array,
            (_, _, b'{') => Found::Object,
            _ => Found::Scalar(std::str::from_utf8(text).ok()?),
        };
        let alone = missing.is_none_or(|(_, more)| !more);
        Some(Broken { schema: place.schema.as_deref()?, place: id, offset: start, path: None, found, alone })
    }

    /// Reads one value of this place alone; where it ends. What the slots say afterwards is of no record. It may have one breach.
    pub fn value(
        &mut self,
        plan: &Plan,
        line: Line<'_>,
        place: PlaceId,
        nesting: u32,
    ) -> Result<usize, Unfit> {
        (self.odd, self.learning) = (false, false);
        self.breach = None;
        self.keys.clear();
        self.open.clear();
        let mut walk = Walk::of_line(line);
        self.slots.resize(plan.slots + 1, Span::default());
        let bracket = matches!(walk.peek(), b'{' | b'[');
        let mut reader = Reader { plan, exact: self, walk: &mut walk };
        // To begin the loop pays for containers only.
        if bracket {
            reader.read(place, nesting)?
        } else {
            reader.value(place, nesting)?
        }
        self.spaced = walk.spaced;
        let end = walk.at();
        require(walk.is_utf8(), Unfit::Json)?;
        Ok(end)
    }
}

struct Reader<'r, 't> {
    plan: &'r Plan,
    exact: &'r mut Exact,
    walk: &'r mut Walk<'t>,
}

#[inline(always)]
fn require(holds: bool, otherwise: Unfit) -> Pass {
    if holds { Ok(()) } else { Err(otherwise) }
}

impl Reader<'_, '_> {
    fn value(&mut self, id: PlaceId, nesting: u32) -> Pass {
        let plan = self.plan;
        let place = plan.place(id);
        let start = self.walk.at();
        match self.walk.peek() {
            b'"' => self.string(id, place)?,
            b'-' | b'0'..=b'9' => self.number(id, place)?,
            bracket @ (b'{' | b'[')
                if !place.types.has(if bracket == b'{' { Types::OBJECT } else { Types::ARRAY }) =>
            {
                // What the schema says about members or items counts all the same.
                let plain = place.members.is_none()
                    && place.items <= ANY_COPIED
                    && place.item_count.is_none()
                    && !place.unique;
                require(RECIPES && plain, Unfit::Schema)?;
                self.skip(place.copied, nesting)?;
                self.breach(id, start, true, nesting)?;
            }
            b'{' => {
                let inner = nesting.checked_sub(1).ok_or(Unfit::Json)?;
                match place.members {
                    Some(members) => self.object(id, place, plan.members(members), inner)?,
                    None if self.exact.learning && self.exact.levels < LEVELS => {
                        self.free_object(place, inner)?
                    }
                    None => {
                        self.skip(place.copied, nesting)?;
                        self.deep_token(start, self.walk.at(), Kind::Other, id, nesting);
                    }
                }
            }
            b'[' => {
                let inner = nesting.checked_sub(1).ok_or(Unfit::Json)?;
                self.array(id, place, inner)?;
            }
            b'n' => {
                require(self.walk.word(b"null"), Unfit::Json)?;
                if !place.types.has(Types::NULL) {
                    self.breach(id, start, true, 0)?;
                }
                if self.exact.learning && place.is_string_or_null() {
                    self.token(start, self.walk.at(), Kind::StringOrNull, id);
                }
            }
            b't' => {
                require(self.walk.word(b"true"), Unfit::Json)?;
                self.boolean(id, place, start, true)?;
            }
            b'f' => {
                require(self.walk.word(b"fals") && self.walk.take(b'e'), Unfit::Json)?;
                self.boolean(id, place, start, false)?;
            }
            _ => return Err(Unfit::Json),
        }
        if place.slot != NO_SLOT {
            self.exact.slots[usize::from(place.slot)] =
                Span { start: start as u32, end: self.walk.at() as u32 };
        }
        // Else only an object has something in it.
        if RECIPES && !place.below.is_empty() {
            self.astray(place, start);
        }
        Ok(())
    }

    /// What a program wants within a value that is no object: `null` has nothing in it, all else is for jq to say.
    #[inline(never)]
    fn astray(&mut self, place: &Place, start: usize) {
        let first = self.walk.part(start, start + 1);
        if first != b"{" && first != b"n" {
            for slot in &place.below {
                self.exact.slots[usize::from(*slot)] = ASTRAY;
            }
        }
    }

    #[inline(always)]
    fn token(&mut self, start: usize, end: usize, kind: Kind, place: PlaceId) {
        self.deep_token(start, end, kind, place, 0);
    }

    /// Notes a value that may have so many levels.
    #[inline(always)]
    fn deep_token(&mut self, start: usize, end: usize, kind: Kind, place: PlaceId, nesting: u32) {
        if self.exact.learning {
            self.exact.tokens.push(Token { start, end, kind, place, nesting });
            // With more than a trie holds it becomes no shape.
            self.exact.learning = self.exact.tokens.len() <= MOST_OPS;
        }
    }

    /// Remembers a value that does not match, if that is certain and the only one.
    #[cold]
    fn breach(&mut self, place: PlaceId, start: usize, sure: bool, nesting: u32) -> Pass {
        require(sure, Unfit::Schema)?;
        self.breaks(Breach { place, start, end: self.walk.at(), missing: None })?;
        self.deep_token(start, self.walk.at(), Kind::Wrong, place, nesting);
        Ok(())
    }

    #[cold]
    fn breaks(&mut self, breach: Breach) -> Pass {
        let told = RECIPES && self.exact.breach.is_none() && self.plan.place(breach.place).schema.is_some();
        require(told, Unfit::Schema)?;
        self.exact.breach = Some(breach);
        Ok(())
    }
}

impl Place {
    /// True if it is asked to be any string or null, and which of them does not matter.
    pub fn is_string_or_null(&self) -> bool {
        self.types == Types::STRING | Types::NULL && self.string.is_none() && !self.tested
    }
}
