//! The loop over nearly all values: it makes no call, so that its place in the text stays in registers.
//!
//! What is rare leaves it, is done by the rest of the tier, and comes back.

use super::{Exact, Pass, Reader, Span, Unfit, require};
use crate::members::{FEW, Found, Seen};
use crate::plan::{ENDED, PlaceId, Quick};
use crate::rule::Types;

/// What a value is by its first byte.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let firsts = b"\"-0123456789tfn{[";
    let kinds = [
        STRING, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, TRUE,
        FALSE, NULL, BRACKET, BRACKET,
    ];
    let mut at = 0;
    while at < firsts.len() {
        classes[firsts[at] as usize] = kinds[at];
        at += 1;
    }
    classes
};
const STRING: u8 = 1;
const NUMBER: u8 = 2;
const TRUE: u8 = 3;
const FALSE: u8 = 4;
const NULL: u8 = 5;
const BRACKET: u8 = 6;

/// A container around the next value.
#[derive(Clone, Copy, Default)]
pub(super) struct Frame {
    place: PlaceId,
    /// What is asked of its members, if it is an object.
    members: u32,
    start: u32,
    /// The byte that closes it; 0 around the value that is read.
    closer: u8,
    /// One more than the known name that came last.
    last: u16,
    /// How many names were kept when it began.
    mark: u32,
    /// A bit for each known name.
    seen: u64,
}

/// Where the loop is.
struct State {
    /// The place of the next value, or [`ENDED`].
    place: PlaceId,
    /// Containers around it, of which each has a frame, and one more.
    depth: usize,
}

/// Why the loop was left.
enum Leave {
    Done,
    /// Before a value of which more is asked, or that does not match.
    Value,
    /// Before a name.
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
        let mut state = State { place, depth: 0 };
        loop {
            match self.run(&mut state, most) {
                Leave::Done => return Ok(()),
                Leave::Value => {
                    // Behind a value no other one begins.
                    require(state.place != ENDED, Unfit::Json)?;
                    self.value(state.place, nesting - state.depth as u32)?;
                    state.place = ENDED;
                }
                Leave::Name => self.member(&mut state)?,
                Leave::Close => self.end(&mut state)?,
                Leave::Unfit(unfit) => return Err(unfit),
            }
        }
    }

    /// The name of a member.
    fn member(&mut self, state: &mut State) -> Pass {
        let Frame { place, mark, seen, .. } = self.exact.frames[state.depth];
        let (place, mark) = (self.plan.place(place), mark as usize);
        state.place = place.others;
        let Some(members) = place.members else { return self.free_name(place.copied, mark) };
        let members = self.plan.members(members);
        let known = self.name(members, place.copied || members.count.is_some(), mark)?;
        self.walk.space();
        match known {
            Some(known) => {
                require(seen >> known & 1 == 0, Unfit::Names)?;
                let frame = &mut self.exact.frames[state.depth];
                (frame.seen, frame.last) = (seen | 1 << known, known as u16 + 1);
                state.place = members.known[known].quick.place;
                Ok(())
            }
            None => require(members.open, Unfit::Schema),
        }
    }

    /// The end of an object.
    fn end(&mut self, state: &mut State) -> Pass {
        let Frame { place: id, start, seen, mark, .. } = self.exact.frames[state.depth];
        self.walk.take(b'}');
        let mark = mark as usize;
        if let Some(members) = self.plan.place(id).members {
            let members = self.plan.members(members);
            // Where they are counted, each name that is not known is kept.
            let count = u64::from(seen.count_ones()) + (self.exact.keys.len() - mark) as u64;
            self.close_object(id, members, start as usize, Seen::few(seen), count, mark)?;
        }
        let slot = usize::from(self.plan.quick(id).slot);
        self.exact.slots[slot] = Span { start, end: self.walk.at() as u32 };
        state.depth -= 1;
        state.place = ENDED;
        Ok(())
    }

    #[inline(never)]
    fn run(&mut self, state: &mut State, most: usize) -> Leave {
        let plan = self.plan;
        let mut walk = *self.walk;
        let mark = self.exact.keys.len() as u32;
        let Exact { slots, frames, odd, .. } = &mut *self.exact;
        let slots = &mut slots[..];
        let frames = &mut frames[..most];
        let mut depth = state.depth;
        // Of the innermost container.
        let Frame { members, mut closer, mut seen, last, .. } = frames[depth];
        let mut members = plan.members(members);
        let mut last = usize::from(last);
        let ended = Quick::ended();
        let mut quick = if state.place == ENDED { &ended } else { plan.quick(state.place) };
        let leave = 'run: loop {
            'name: {
                'value: {
                    let start = walk.at();
                    macro_rules! leave {
                        () => {{
                            walk.back(start);
                            break 'run Leave::Value;
                        }};
                    }
                    let byte = walk.peek();
                    match CLASSES[usize::from(byte)] {
                        STRING => {
                            if !walk.plain_string() {
                                match walk.rest_of_string() {
                                    None => break 'run Leave::Unfit(Unfit::Json),
                                    Some(other) => *odd |= other & quick.copied,
                                }
                            }
                            if !quick.types.has(Types::STRING) {
                                leave!();
                            }
                        }
                        NUMBER => {
                            if quick.types.has(Types::INTEGER) {
                                let Some(short) = walk.short(true) else { break 'run Leave::Value };
                                let within = short.digits.wrapping_sub(quick.low) as u64 <= quick.width;
                                if !within | (short.decimals > 0) {
                                    leave!();
                                }
                            } else if !quick.types.has(Types::NUMBER) || walk.short(false).is_none() {
                                break 'run Leave::Value;
                            }
                        }
                        TRUE if quick.types.has(Types::BOOLEAN) && walk.word(b"true") => {}
                        FALSE if quick.types.has(Types::BOOLEAN) && walk.word(b"fals") => {
                            if !walk.take(b'e') {
                                leave!();
                            }
                        }
                        NULL if quick.types.has(Types::NULL) && walk.word(b"null") => {}
                        BRACKET => {
                            let kind = if byte == b'{' { Types::OBJECT } else { Types::ARRAY };
                            let [outer, inner, ..] = &mut frames[depth..] else { break 'run Leave::Value };
                            if !quick.types.has(kind) {
                                break 'run Leave::Value;
                            }
                            (outer.seen, outer.last) = (seen, last as u16);
                            (closer, seen, last) = (byte + 2, 0, 0);
                            let (place, inside) = (quick.place, quick.members);
                            let inside = if byte == b'{' { inside } else { 0 };
                            *inner = Frame {
                                place,
                                members: inside,
                                start: start as u32,
                                closer,
                                last: 0,
                                mark,
                                seen,
                            };
                            members = plan.members(inside);
                            depth += 1;
                            walk.take(byte);
                            if walk.near_space() {
                                self.walk.spaced = true;
                            }
                            if walk.peek() == closer {
                                break 'value;
                            }
                            if closer == b'}' {
                                break 'name;
                            }
                            quick = plan.quick(quick.items);
                            continue 'run;
                        }
                        TRUE | FALSE | NULL => break 'run Leave::Value,
                        _ if quick.place == ENDED => break 'value,
                        _ if walk.near_space() => {
                            self.walk.spaced = true;
                            continue 'run;
                        }
                        _ => break 'run Leave::Unfit(Unfit::Json),
                    }
                    if let Some(slot) = slots.get_mut(usize::from(quick.slot)) {
                        *slot = Span { start: start as u32, end: walk.at() as u32 };
                    }
                }
                // Behind a value.
                loop {
                    let byte = walk.peek();
                    if byte == b',' {
                        if closer == b'}' {
                            walk.take(b',');
                            break 'name;
                        }
                        if depth > 0 {
                            walk.take(b',');
                            quick = plan.quick(plan.quick(frames[depth].place).items);
                            continue 'run;
                        }
                    }
                    if depth == 0 {
                        break 'run Leave::Done;
                    }
                    if byte != closer {
                        if walk.near_space() {
                            self.walk.spaced = true;
                            continue;
                        }
                        break 'run Leave::Unfit(Unfit::Json);
                    }
                    let frame = &frames[depth];
                    let required = members.required.bits();
                    if seen & required != required || members.count.is_some() || frame.mark != mark {
                        break 'run Leave::Close;
                    }
                    walk.take(byte);
                    if let Some(slot) = slots.get_mut(usize::from(plan.quick(frame.place).slot)) {
                        *slot = Span { start: frame.start, end: walk.at() as u32 };
                    }
                    depth -= 1;
                    let frame = &frames[depth];
                    (closer, seen, last) = (frame.closer, frame.seen, usize::from(frame.last));
                    members = plan.members(frame.members);
                }
            }
            let expected = members.next(last);
            let mut known = members.known.get(expected).filter(|known| walk.this_name(&known.name));
            if known.is_none() && walk.near_space() {
                self.walk.spaced = true;
                known = members.known.get(expected).filter(|known| walk.this_name(&known.name));
            }
            let mut at = expected;
            if known.is_none()
                && let Some(found) = members.glance(&mut walk)
            {
                members.comes_next(last, found);
                at = found;
                known = members.known.get(at);
            }
            if known.is_none() {
                let start = walk.at();
                let Some(name) = walk.string() else { break 'run Leave::Unfit(Unfit::Json) };
                if !walk.take(b':') {
                    if walk.near_space() {
                        self.walk.spaced = true;
                    }
                    if !walk.take(b':') {
                        break 'run Leave::Unfit(Unfit::Json);
                    }
                }
                match members.look(&walk, name) {
                    Found::Known(found) => {
                        members.comes_next(last, found);
                        at = found;
                        known = members.known.get(at);
                    }
                    Found::Other => {
                        let place = plan.place(frames[depth].place);
                        let free = place.members.is_none_or(|_| {
                            !name.odd && members.open && !place.copied && members.count.is_none()
                        });
                        if free {
                            quick = plan.quick(place.others);
                            continue 'run;
                        }
                        walk.back(start);
                    }
                    Found::Unsure => walk.back(start),
                }
            }
            let Some(known) = known else { break 'run Leave::Name };
            let bit = 1 << (at % FEW);
            if seen & bit != 0 {
                break 'run Leave::Unfit(Unfit::Names);
            }
            seen |= bit;
            last = at + 1;
            quick = &known.quick;
        };
        if let Some(frame) = frames.get_mut(depth) {
            (frame.seen, frame.last) = (seen, last as u16);
        }
        *state = State { place: quick.place, depth };
        walk.spaced |= self.walk.spaced;
        *self.walk = walk;
        leave
    }
}
