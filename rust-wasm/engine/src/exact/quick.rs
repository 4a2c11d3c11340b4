//! The loop over nearly all values: it makes no call, so that its place in the text stays in registers.
//!
//! What is rare leaves it, is done by the rest of the tier, and comes back.

use super::classes::{BOOLEAN, CLASSES, NULL, SPACE, STRING};
use super::{Exact, Pass, Reader, Span, Unfit, require};
use crate::RECIPES;
use crate::bytes::LETTERS;
use crate::members::{FEW, Found, NONE, Seen};
use crate::plan::{ENDED, PlaceId, Quick};
use crate::rule::Types;

/// A container around the next value.
#[derive(Clone, Copy, Default)]
pub(super) struct Frame {
    /// A bit for each known name.
    seen: u64,
    place: PlaceId,
    /// The place of its items.
    items: PlaceId,
    /// What is asked of its members, if it is an object.
    members: u32,
    start: u32,
    /// How many names were kept when it began.
    mark: u32,
    /// One more than the known name that came last.
    last: u16,
    /// The known name that is to come next.
    next: u16,
    /// Where it is noted.
    slot: u16,
    /// The byte that closes it; 0 around the value that is read.
    closer: u8,
}

impl Frame {
    /// What closes it, the known names that were there, which came last, and which is to come next.
    #[inline(always)]
    fn parts(&self) -> (u32, u64, u32, u32) {
        (self.closer.into(), self.seen, self.last.into(), self.next.into())
    }
}

/// Where the loop is.
struct State {
    /// The place of the next value, or [`ENDED`].
    place: PlaceId,
    /// Containers around it, of which each has a frame, and one more.
    depth: usize,
    /// Where the value begins.
    start: usize,
}

/// Why the loop was left.
enum Leave {
    Done,
    /// Before a value of which more is asked, or that does not match, or before what is none.
    Value,
    /// In a string that is allowed, and is not done yet.
    Rest,
    /// Before a name, at the byte before it.
    Name,
    /// Before the end of an object of which more is asked, or that does not match.
    Close,
    Unfit(Unfit),
}

impl Reader<'_, '_> {
    /// Reads one value of this place.
    pub(super) fn read(&mut self, place: PlaceId, nesting: u32) -> Pass {
        let most = nesting as usize + 1;
        if self.exact.frames.len() < most {
            self.exact.frames.resize(most, Frame::default());
        }
        self.exact.frames[0] = Frame::default();
        let mut state = State { place, depth: 0, start: 0 };
        loop {
            match self.run(&mut state, most) {
                Leave::Done => return Ok(()),
                Leave::Value if self.is_empty(&state, b']') => self.end(&mut state)?,
                Leave::Value => {
                    // Behind a value no other one begins.
                    require(state.place != ENDED, Unfit::Json)?;
                    self.value(state.place, nesting - state.depth as u32)?;
                    state.place = ENDED;
                }
                Leave::Rest => self.rest(&mut state)?,
                Leave::Name => self.member(&mut state)?,
                Leave::Close => self.end(&mut state)?,
                Leave::Unfit(unfit) => return Err(unfit),
            }
        }
    }

    /// The rest of a string.
    fn rest(&mut self, state: &mut State) -> Pass {
        let odd = self.walk.rest_of_string().ok_or(Unfit::Json)?;
        self.exact.odd |= odd & self.plan.place(state.place).copied;
        let slot = usize::from(self.plan.quick(state.place).slot);
        self.exact.slots[slot] = Span { start: state.start as u32, end: self.walk.at() as u32 };
        state.place = ENDED;
        Ok(())
    }

    /// Whether this byte closes the innermost container, and only white space stands before it there.
    fn is_empty(&self, state: &State, closer: u8) -> bool {
        let Frame { start, closer: own, .. } = self.exact.frames[state.depth];
        let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        let inside = || self.walk.part(start as usize + 1, self.walk.at());
        own == closer && self.walk.peek() == closer && inside().iter().all(space)
    }

    /// The name of a member.
    fn member(&mut self, state: &mut State) -> Pass {
        let Frame { place, mark, seen, .. } = self.exact.frames[state.depth];
        let (place, mark) = (self.plan.place(place), mark as usize);
        // Before it stands a comma, a brace or white space.
        let _ = self.walk.take(b',') || self.walk.take(b'{');
        self.walk.space();
        if self.is_empty(state, b'}') {
            return self.end(state);
        }
        state.place = place.others;
        let Some(members) = place.members else { return self.free_name(place.is_once(), mark) };
        let members = self.plan.members(members);
        let unique = place.is_once() || RECIPES && members.count.is_some();
        let known = self.name(members, unique, mark)?;
        self.walk.space();
        match known {
            Some(known) => {
                require(seen >> known & 1 == 0, Unfit::Names)?;
                let frame = &mut self.exact.frames[state.depth];
                let found = &members.known[known];
                (frame.seen, frame.last, frame.next) =
                    (seen | 1 << known, known as u16 + 1, members.guess(found));
                state.place = found.quick.place;
                Ok(())
            }
            None => require(members.open, Unfit::Schema),
        }
    }

    /// The end of a container.
    fn end(&mut self, state: &mut State) -> Pass {
        let Frame { place, members, start, seen, mark, slot, closer, .. } = self.exact.frames[state.depth];
        self.walk.take(closer);
        // Of an array nothing is asked here.
        let (members, mark) = (self.plan.members(members), mark as usize);
        // Where they are counted, each name that is not known is kept.
        let count = u64::from(seen.count_ones()) + (self.exact.keys.len() - mark) as u64;
        self.close_object(place, members, start as usize, Seen::few(seen), count, mark)?;
        self.exact.slots[usize::from(slot)] = Span { start, end: self.walk.at() as u32 };
        state.depth -= 1;
        state.place = ENDED;
        Ok(())
    }

    /// Runs until something is rare.
    ///
    /// There is no call in it, and no loop but the one around all: the compiler of the sandbox gives its registers to
    /// inner loops first, and keeps the place in memory then. So what goes on (white space, one end behind another)
    /// goes around, and what goes on for long leaves.
    #[inline(never)]
    fn run(&mut self, state: &mut State, most: usize) -> Leave {
        let plan = self.plan;
        let mut walk = *self.walk;
        let letters = std::hint::black_box(&LETTERS);
        let mark = self.exact.keys.len() as u32;
        let Exact { slots, frames, number, .. } = &mut *self.exact;
        let slots = &mut slots[..=plan.slots];
        let frames = &mut frames[..most];
        let mut depth = state.depth;
        // Of the innermost container.
        let frame = &frames[depth];
        let mut members = plan.members(frame.members);
        // Words, which take less to be compared than bytes.
        let (mut closer, mut seen, mut last, mut next) = frame.parts();
        let ended = Quick::ended();
        let mut quick = if state.place == ENDED { &ended } else { plan.quick(state.place) };
        let leave = 'run: loop {
            let (mut at, known);
            'name: {
                'other: {
                    'value: {
                        let start = walk.at();
                        let byte = walk.peek();
                        let class = CLASSES[usize::from(byte)];
                        match class {
                            _ if byte == b'"' && quick.types.has(Types::STRING) => {
                                if !walk.short_string() && !walk.more_of_string(&mut self.walk.wrong, letters)
                                {
                                    state.start = start;
                                    break 'run Leave::Rest;
                                }
                            }
                            // What is none of a number's first bytes, and stands between them, is none.
                            _ if byte.wrapping_sub(b'-') <= b'9' - b'-' => {
                                if quick.types.has(Types::INTEGER) {
                                    if !walk.few_digits(usize::from(quick.sure)) {
                                        let Some(short) = walk.short(true) else {
                                            break 'run Leave::Value;
                                        };
                                        let within =
                                            short.digits.wrapping_sub(quick.low) as u64 <= quick.width;
                                        if !within | (short.decimals > 0) {
                                            walk.back(start);
                                            break 'run Leave::Value;
                                        }
                                    }
                                } else if !quick.types.has(Types::NUMBER) {
                                    break 'run Leave::Value;
                                } else {
                                    let asked = RECIPES && quick.slot == plan.asked;
                                    let Some(short) = walk.short(asked) else { break 'run Leave::Value };
                                    if asked {
                                        *number = Some(short);
                                    }
                                }
                            }
                            _ if byte | 0x20 == b'{' => {
                                let kind = if byte == b'{' { Types::OBJECT } else { Types::ARRAY };
                                let [outer, inner, ..] = &mut frames[depth..] else {
                                    break 'run Leave::Value;
                                };
                                if !quick.types.has(kind) {
                                    break 'run Leave::Value;
                                }
                                (outer.seen, outer.last, outer.next) = (seen, last as u16, next as u16);
                                (closer, seen, last) = (u32::from(byte) + 2, 0, 0);
                                let Quick { place, items, slot, .. } = *quick;
                                let inside = if byte == b'{' { quick.members } else { 0 };
                                let start = start as u32;
                                members = plan.members(inside);
                                next = members.begins().into();
                                *inner = Frame {
                                    seen,
                                    place,
                                    items,
                                    members: inside,
                                    start,
                                    mark,
                                    slot,
                                    closer: closer as u8,
                                    ..Frame::default()
                                };
                                depth += 1;
                                walk.take(byte);
                                if walk.take(b' ') {
                                    self.walk.spaced = true;
                                }
                                if u32::from(walk.peek()) == closer {
                                    break 'value;
                                }
                                if closer == u32::from(b'}') {
                                    walk.back(walk.at() - 1);
                                    break 'other;
                                }
                                quick = plan.quick(items);
                                continue 'run;
                            }
                            BOOLEAN if quick.types.has(Types::BOOLEAN) && walk.boolean() => {}
                            NULL if quick.types.has(Types::NULL) && walk.word(b"null") => {}
                            STRING | BOOLEAN | NULL => break 'run Leave::Value,
                            SPACE => {
                                walk.take(byte);
                                self.walk.spaced = true;
                                continue 'run;
                            }
                            _ if walk.feed() => {
                                self.walk.spaced = true;
                                continue 'run;
                            }
                            _ if quick.place == ENDED => break 'value,
                            // It may close an array that has nothing but white space in it.
                            _ => break 'run Leave::Value,
                        }
                        if let Some(slot) = slots.get_mut(usize::from(quick.slot)) {
                            *slot = Span { start: start as u32, end: walk.at() as u32 };
                        }
                    }
                    // Behind a value: in an array there are no known names.
                    if let Some(found) = members.known.get(next as usize)
                        && walk.comma_name(&found.name)
                    {
                        (known, at) = (found, next as usize);
                        break 'name;
                    }
                    let byte = walk.peek();
                    if byte == b',' {
                        if closer == u32::from(b'}') {
                            break 'other;
                        }
                        if depth > 0 {
                            walk.take(b',');
                            quick = plan.quick(frames[depth].items);
                            continue 'run;
                        }
                    }
                    if depth == 0 {
                        break 'run Leave::Done;
                    }
                    quick = &ended;
                    if u32::from(byte) != closer {
                        if CLASSES[usize::from(byte)] == SPACE || byte == b'\n' && walk.feed() {
                            self.walk.spaced = true;
                            continue 'run;
                        }
                        break 'run Leave::Unfit(Unfit::Json);
                    }
                    let frame = &frames[depth];
                    let required = members.required.bits();
                    if seen & required != required || members.count.is_some() || frame.mark != mark {
                        break 'run Leave::Close;
                    }
                    walk.take(byte);
                    if let Some(slot) = slots.get_mut(usize::from(frame.slot)) {
                        *slot = Span { start: frame.start, end: walk.at() as u32 };
                    }
                    depth -= 1;
                    let frame = &frames[depth];
                    (closer, seen, last, next) = frame.parts();
                    members = plan.members(frame.members);
                    continue 'run;
                }
                // At the byte before a name.
                at = next as usize;
                if let Some(found) = members.known.get(at) {
                    if walk.next_name(&found.name) {
                        known = found;
                        break 'name;
                    }
                    if walk.next_is_space() {
                        self.walk.spaced = true;
                        if walk.next_name(&found.name) {
                            known = found;
                            break 'name;
                        }
                    }
                }
                let mut other = members.glance(&mut walk);
                if other.is_none() && walk.next_is_space() {
                    self.walk.spaced = true;
                    other = members.glance(&mut walk);
                }
                if other.is_none() {
                    let start = walk.at();
                    let Some(name) = walk.plain_name() else { break 'run Leave::Name };
                    match members.look(&walk, name) {
                        Found::Known(found) => other = Some(found),
                        Found::Other => {
                            let place = plan.place(frames[depth].place);
                            if place
                                .members
                                .is_none_or(|_| members.open && !place.is_once() && members.count.is_none())
                            {
                                quick = plan.quick(place.others);
                                continue 'run;
                            }
                            walk.back(start);
                        }
                        Found::Unsure => walk.back(start),
                    }
                }
                let Some(found) = other else { break 'run Leave::Name };
                if next != u32::from(NONE) {
                    members.comes_next(last as usize, found);
                }
                at = found;
                known = &members.known[at];
            }
            let bit = 1 << (at % FEW);
            if seen & bit != 0 {
                break 'run Leave::Unfit(Unfit::Names);
            }
            seen |= bit;
            (last, next) = (at as u32 + 1, members.guess(known).into());
            quick = &known.quick;
        };
        if let Some(frame) = frames.get_mut(depth) {
            (frame.seen, frame.last, frame.next) = (seen, last as u16, next as u16);
        }
        (state.place, state.depth) = (quick.place, depth);
        self.walk.moves(walk);
        leave
    }
}
