//! The names of an object's members, and how one that stands in a text is found among them.

mod brief;

use crate::plan::Quick;
use crate::rule::MOST_NAMES;
use crate::walk::{LONG, Name, Str, Walk};
use brief::Brief;
use std::cell::Cell;
use std::ops::RangeInclusive;

const FREE: u16 = u16::MAX;

/// Names of an object for which one word has a bit each.
pub(crate) const FEW: usize = 64;

/// No name.
pub(crate) const NONE: u16 = u16::MAX;

/// After so many objects it is looked at how often the next name was guessed wrongly: if that was a quarter of what is
/// known, looking each name up takes less.
const LOOK: u32 = 64;
/// Then names are guessed in one of so many times as many objects only.
const PAUSE: u32 = 32;

/// So many tables are tried for one in which each name is where it is looked for first.
const TRIES: u64 = 64;

/// What is asked of the members of an object.
pub(crate) struct Members {
    pub known: Vec<Known>,
    /// A bit for each that must be there.
    pub required: Seen,
    /// Their places, in the order in which they are told to be missing.
    pub order: Box<[usize]>,
    /// Whether there may be others.
    pub open: bool,
    pub count: Option<RangeInclusive<u64>>,
    /// The short ones.
    brief: Brief,
    /// Which of the known ones came first the last time.
    first: Cell<u16>,
    /// Objects that have begun, and how often another name came than was guessed since it was looked at that.
    objects: Cell<u32>,
    wrong: Cell<u32>,
    /// [`NONE`] while no name is guessed, else 0.
    blind: Cell<u16>,
    /// Each name once, open addressing: the place among the known ones, or [`FREE`].
    table: Vec<u16>,
    shift: u32,
    factor: u64,
    /// Each is where it is looked for first.
    perfect: bool,
}

/// A name of which something is asked.
pub(crate) struct Known {
    pub name: Name,
    pub quick: Quick,
    /// Which of the known ones came behind it the last time; at first as they are written in the schema.
    next: Cell<u16>,
}

impl Known {
    /// The one at this place among them.
    pub fn new(name: Name, quick: Quick, at: usize) -> Known {
        Known { name, quick, next: Cell::new(at as u16 + 1) }
    }
}

/// Who has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Known(usize),
    Other,
    /// It takes longer to find out.
    Unsure,
}

/// One bit for each known name.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen([u64; MOST_NAMES / 64]);

impl Seen {
    /// False if it was there.
    #[inline(always)]
    pub fn insert(&mut self, place: usize) -> bool {
        let (word, bit) = (&mut self.0[place / 64 % (MOST_NAMES / 64)], 1 << (place % 64));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// These of the first [`FEW`].
    pub fn few(bits: u64) -> Seen {
        let mut seen = Seen::default();
        seen.0[0] = bits;
        seen
    }

    /// A bit for each of the first [`FEW`].
    #[inline(always)]
    pub fn bits(&self) -> u64 {
        self.0[0]
    }

    /// True if it is there.
    pub fn has(&self, place: usize) -> bool {
        self.0[place / 64 % (MOST_NAMES / 64)] & 1 << (place % 64) != 0
    }

    /// True if all of `other` are there.
    #[inline(always)]
    pub fn has_all(&self, other: &Seen) -> bool {
        self.0.iter().zip(&other.0).all(|(have, want)| have & want == *want)
    }
}

impl Members {
    pub fn new(known: Vec<Known>, required: Seen, open: bool, count: Option<RangeInclusive<u64>>) -> Self {
        let size = (known.len() * 8).next_power_of_two().max(8);
        let mut members = Members {
            brief: Brief::new(&known),
            first: Cell::new(0),
            objects: Cell::new(0),
            wrong: Cell::new(0),
            blind: Cell::new(0),
            known,
            required,
            order: Box::default(),
            open,
            count,
            table: Vec::new(),
            shift: 64 - size.trailing_zeros(),
            factor: 0x9e37_79b9_7f4a_7c15,
            perfect: false,
        };
        for _ in 0..TRIES {
            members.factor = members.factor.wrapping_mul(0x5851_f42d_4c95_7f2d) | 1;
            members.fill(size);
            if members.perfect {
                break;
            }
        }
        members
    }

    fn fill(&mut self, size: usize) {
        self.table = vec![FREE; size];
        self.perfect = true;
        for (place, Known { name, .. }) in self.known.iter().enumerate() {
            let mut at = self.home(name.words(), name.text.len());
            while self.table[at] != FREE {
                self.perfect = false;
                at = (at + 1) % size;
            }
            self.table[at] = place as u16;
        }
    }

    #[inline(always)]
    fn home(&self, (first, last): (u64, u64), length: usize) -> usize {
        let mixed = first.wrapping_add(last.rotate_left(23)) ^ (length as u64) << 56;
        (mixed.wrapping_mul(self.factor) >> self.shift) as usize
    }

    /// The place of the short name that stands behind the next byte, by one look; with its colon it is passed.
    #[inline(always)]
    pub fn glance(&self, walk: &mut Walk<'_>) -> Option<usize> {
        walk.brief_name(|words| self.brief.find(words))
    }

    /// Who has the name that a string in a text is, right behind which a colon stands: by one look.
    #[inline(always)]
    pub fn look(&self, walk: &Walk<'_>, name: Str) -> Found {
        let Str { start, end, .. } = name;
        let at = self.home(walk.words(start, end), end - start);
        let Some(&place) = self.table.get(at) else { return Found::Unsure };
        match self.known.get(usize::from(place)) {
            None => Found::Other,
            Some(known) if walk.is_name(name, &known.name) => Found::Known(usize::from(place)),
            Some(_) if self.perfect && end - start + 4 <= LONG => Found::Other,
            Some(_) => Found::Unsure,
        }
    }

    /// The place of the name that a string in a text is among the known ones.
    pub fn find(&self, walk: &Walk<'_>, name: Str) -> Option<usize> {
        let Str { start, end, .. } = name;
        let mut at = self.home(walk.words(start, end), end - start);
        loop {
            let place = usize::from(self.table[at]);
            if *self.known.get(place)?.name.text == *walk.part(start, end) {
                return Some(place);
            }
            at = (at + 1) % self.table.len();
        }
    }

    /// Which of the known names is to come first in an object that begins; [`NONE`] where that is not guessed.
    #[inline(always)]
    pub fn begins(&self) -> u16 {
        let objects = self.objects.get().wrapping_add(1);
        self.objects.set(objects);
        if objects.is_multiple_of(LOOK) {
            let often = self.wrong.replace(0) as usize * 4 >= LOOK as usize * self.known.len();
            let again = objects.is_multiple_of(LOOK * PAUSE);
            self.blind.set(if !again && (often || self.blind.get() == NONE) { NONE } else { 0 });
        }
        self.first.get() | self.blind.get()
    }

    /// Which of the known names is to come behind one of them.
    #[inline(always)]
    pub fn guess(&self, known: &Known) -> u16 {
        known.next.get() | self.blind.get()
    }

    /// Notes which of the known names came behind one of them, or as the first one, where another one was guessed:
    /// `last` is 0 for none, and one more than its place for each.
    #[inline(always)]
    pub fn comes_next(&self, last: usize, place: usize) {
        let last = last.checked_sub(1).and_then(|last| self.known.get(last));
        last.map_or(&self.first, |known| &known.next).set(place as u16);
        self.wrong.set(self.wrong.get().wrapping_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Known, LOOK, Members, NONE, PAUSE, Seen};
    use crate::bytes::PAD;
    use crate::plan::Quick;
    use crate::walk::{BEFORE, Line, Name, Walk};

    fn members(names: &[String]) -> Members {
        let known = |(at, name): (usize, &String)| Known::new(Name::new(name), Quick::ended(), at);
        Members::new(names.iter().enumerate().map(known).collect(), Seen::default(), true, None)
    }

    /// What each way of looking for a name in a text says.
    fn looked(members: &Members, name: &str) -> (Option<usize>, Found, Option<usize>) {
        let text = format!("   ,\"{name}\":1{}", "\n".repeat(1 + PAD));
        let line = Line::new(text.as_bytes(), BEFORE, text.len() - 1 - PAD).unwrap();
        let mut walk = Walk::of_line(line);
        let glance = members.glance(&mut walk);
        assert_eq!(walk.at(), if glance.is_some() { name.len() + 4 } else { 0 });
        let mut walk = Walk::of_line(line);
        walk.take(b',');
        let string = walk.string().unwrap();
        (glance, members.look(&walk, string), members.find(&walk, string))
    }

    #[test]
    fn names_of_all_lengths_are_found_and_others_are_not() {
        for count in [1, 2, 17, 64, 200] {
            let name = |at: usize| format!("{}{at}", "x".repeat(at % 45));
            let names: Vec<_> = (0..count).map(name).collect();
            let members = members(&names);
            for (at, name) in names.iter().enumerate() {
                let (glance, look, find) = looked(&members, name);
                assert_eq!(find, Some(at), "{name}");
                assert!(
                    glance.is_none_or(|place| place == at)
                        && (glance.is_some() || name.len() > 14 || count > 64)
                );
                assert!(
                    matches!(look, Found::Known(place) if place == at) || look == Found::Unsure,
                    "{name}"
                );
                let mut others = vec![format!("{name}x"), format!("y{name}"), name.replacen('x', "z", 1)];
                others.push(name[1..].into());
                for other in others.iter().filter(|other| !names.contains(other)) {
                    let (glance, look, find) = looked(&members, other);
                    assert_eq!((glance, find), (None, None), "{other}");
                    assert!(!matches!(look, Found::Known(_)), "{other}");
                }
            }
        }
        assert_eq!(looked(&members(&[]), "x"), (None, Found::Other, None));
    }

    #[test]
    fn names_are_guessed_as_long_as_that_helps() {
        let members = members(&["a", "b", "c", "d"].map(String::from));
        // Reads an object with its names in this order: how many were guessed.
        let read = |order: [usize; 4]| {
            let (mut next, mut last, mut guessed) = (members.begins(), 0, 0);
            for place in order {
                guessed += usize::from(next == place as u16);
                if next != place as u16 && next != NONE {
                    members.comes_next(last, place);
                }
                (last, next) = (place + 1, members.guess(&members.known[place]));
            }
            guessed
        };
        assert_eq!((read([0, 1, 2, 3]), read([3, 1, 2, 0]), read([3, 1, 2, 0])), (4, 1, 4));
        // One object in ten is no reason to stop.
        for turn in 0..10 * LOOK {
            read(if turn % 10 == 0 { [0, 1, 2, 3] } else { [3, 1, 2, 0] });
        }
        assert_eq!((read([3, 1, 2, 0]), read([3, 1, 2, 0])), (4, 4));
        let orders = [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0], [1, 3, 0, 2]];
        for turn in 0..PAUSE * LOOK {
            read(orders[turn as usize % orders.len()]);
        }
        // In an order of their own all are guessed again, but not at once.
        let mut same = 0;
        while read([2, 0, 1, 3]) < 4 {
            same += 1;
        }
        assert!(same > LOOK && same < PAUSE * LOOK, "{same}");
        assert_eq!((0..PAUSE * LOOK).filter(|_| read([2, 0, 1, 3]) < 4).count(), 0);
    }
}
