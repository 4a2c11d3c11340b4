//! What is asked of a record: the rules of a schema and the slots of a program, in one tree.

use crate::rule::{MOST_NAMES, NumberRule, Rule, StringRule, Types};
use crate::walk::Name;
use std::ops::RangeInclusive;

/// The number of a place among [`Plan::places`].
pub(crate) type PlaceId = u32;

/// The place of values of which nothing is asked.
pub(crate) const ANY: PlaceId = 0;
/// The place of values of which nothing is asked but to be copied.
pub(crate) const ANY_COPIED: PlaceId = 1;

/// No slot.
pub(crate) const NO_SLOT: u16 = u16::MAX;

/// What is asked of the values at one place of a record.
pub(crate) struct Place {
    pub types: Types,
    pub number: NumberRule,
    /// The least and the most of plain integers, where only integers are allowed and no more is asked of them.
    pub integers: Option<(i64, i64)>,
    /// The same of any numbers, plain integers first, where no more is asked of them than a range.
    pub range: Option<((i64, i64), (f64, f64))>,
    /// None if any string will do.
    pub string: Option<StringRule>,
    pub booleans: [bool; 2],
    /// Of each item.
    pub items: PlaceId,
    pub item_count: Option<RangeInclusive<u64>>,
    /// Items are strings that must differ.
    pub unique: bool,
    /// None if nothing is asked of members by their names.
    pub members: Option<Box<Members>>,
    /// Of members that are not known.
    pub others: PlaceId,
    /// Where a program finds the value.
    pub slot: u16,
    /// The slots of what is within it.
    pub below: Box<[u16]>,
    /// The program tests the value, or looks for more in it.
    pub tested: bool,
    /// It may be copied, alone or with what it stands in.
    pub copied: bool,
    /// The schema of its rule, which tells what breaks it.
    pub schema: Option<Box<str>>,
}

/// What is asked of the members of an object.
pub(crate) struct Members {
    pub known: Vec<(Name, PlaceId)>,
    /// A bit for each that must be there.
    pub required: Seen,
    /// Their places, in the order in which they are told to be missing.
    pub order: Box<[usize]>,
    /// Whether there may be others.
    pub open: bool,
    pub count: Option<RangeInclusive<u64>>,
    /// Each name once, open addressing: the place among the known ones, or [`FREE`].
    table: Vec<u16>,
    shift: u32,
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

/// All places; the last one is that of the record.
pub(crate) struct Plan {
    pub places: Vec<Place>,
    pub slots: usize,
}

const FREE: u16 = u16::MAX;

impl Members {
    fn new(
        known: Vec<(Name, PlaceId)>,
        required: Seen,
        open: bool,
        count: Option<RangeInclusive<u64>>,
    ) -> Self {
        let size = (known.len() * 4).next_power_of_two().max(8);
        let mut members = Members {
            known,
            required,
            order: Box::default(),
            open,
            count,
            table: vec![FREE; size],
            shift: 64 - size.trailing_zeros(),
        };
        for place in 0..members.known.len() {
            let name = &members.known[place].0;
            let mut at = members.home(name.first, name.last, name.text.len());
            while members.table[at] != FREE {
                at = (at + 1) % size;
            }
            members.table[at] = place as u16;
        }
        members
    }

    #[inline(always)]
    fn home(&self, first: u64, last: u64, length: usize) -> usize {
        let mixed = first ^ last.rotate_left(23) ^ (length as u64) << 56;
        (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }

    /// The place of a name among the known ones.
    #[inline(always)]
    pub fn find(&self, (first, last): (u64, u64), text: &[u8]) -> Option<usize> {
        let at = self.home(first, last, text.len());
        let place = usize::from(self.table[at]);
        let (name, _) = self.known.get(place)?;
        // Mostly it is the first one: no loop, at which a deadline would be looked at.
        if name.is(first, last, text) { Some(place) } else { self.find_behind(at, (first, last), text) }
    }

    #[inline(never)]
    fn find_behind(&self, home: usize, (first, last): (u64, u64), text: &[u8]) -> Option<usize> {
        let mut at = home;
        loop {
            at = (at + 1) % self.table.len();
            let place = usize::from(self.table[at]);
            let (name, _) = self.known.get(place)?;
            if name.is(first, last, text) {
                return Some(place);
            }
        }
    }
}

impl Plan {
    /// The plan of a schema and the paths of a program's slots, of which some are `tested`; none if an object has
    /// too many names, or one that may be written with an escape.
    pub fn new(rule: &Rule, slots: &[Vec<Box<str>>], tested: &[usize]) -> Option<Plan> {
        let mut plan = Plan { places: Vec::new(), slots: slots.len() };
        for copied in [false, true] {
            let id = PlaceId::from(copied);
            plan.places.push(Place { items: id, others: id, copied, ..Place::of(&Rule::any()) });
        }
        let wanted = slots.iter().enumerate().map(|(slot, path)| (&path[..], slot as u16));
        plan.add(rule, &wanted.collect::<Vec<_>>(), false)?;
        for place in &mut plan.places {
            place.tested = !place.below.is_empty() || tested.contains(&usize::from(place.slot));
        }
        Some(plan)
    }

    /// The place of the record itself.
    pub fn root(&self) -> PlaceId {
        self.places.len() as PlaceId - 1
    }

    #[inline(always)]
    pub fn place(&self, id: PlaceId) -> &Place {
        &self.places[id as usize]
    }

    /// Adds the place of what has this rule and these slots in it, and all that is within.
    fn add(&mut self, rule: &Rule, wanted: &[(&[Box<str>], u16)], within_copy: bool) -> Option<PlaceId> {
        let slot = wanted.iter().find(|(path, _)| path.is_empty()).map_or(NO_SLOT, |(_, slot)| *slot);
        let copied = within_copy || slot != NO_SLOT;
        let below: Vec<_> = wanted.iter().filter(|(path, _)| !path.is_empty()).collect();
        let any = if copied { ANY_COPIED } else { ANY };
        let items = match &rule.items {
            Some(items) => self.add(items, &[], copied)?,
            None => any,
        };
        let (mut known, mut required, mut open, mut count) = (Vec::new(), Seen::default(), true, None);
        if let Some(object) = &rule.object {
            open = object.others;
            count = Some(object.count.clone()).filter(|count| *count != (0..=u64::MAX));
        }
        let mut names: Vec<&str> = Vec::new();
        if let Some(object) = &rule.object {
            names.extend(object.known.iter().map(|(name, _)| &**name));
        }
        if open {
            names.extend(below.iter().map(|(path, _)| &*path[0]));
        }
        for name in names {
            if known.iter().any(|(known, _): &(Name, _)| *known.text == *name.as_bytes()) {
                continue;
            }
            // A text has these escaped, or may have: it is compared as it stands.
            if name.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\' | 0x7f)) {
                return None;
            }
            let ruled = rule.object.as_ref().and_then(|object| {
                let at = object.known.iter().position(|(known, _)| **known == *name)?;
                if object.required.contains(&at) {
                    required.insert(known.len());
                }
                Some(&object.known[at].1)
            });
            let within: Vec<_> = below
                .iter()
                .filter(|(path, _)| *path[0] == *name)
                .map(|(path, slot)| (&path[1..], *slot))
                .collect();
            let id = self.add(ruled.unwrap_or(&Rule::any()), &within, copied)?;
            known.push((Name::new(name), id));
        }
        if known.len() > MOST_NAMES {
            return None;
        }
        let asked = !known.is_empty() || !open || count.is_some();
        let members = asked.then(|| {
            // Those with a rule are the first ones, so the places are the same.
            let order = rule.object.as_ref().map(|object| object.required[..].into()).unwrap_or_default();
            Members { order, ..Members::new(known, required, open, count) }.into()
        });
        let below = below.iter().map(|(_, slot)| *slot).collect();
        self.places.push(Place { items, members, others: any, slot, below, copied, ..Place::of(rule) });
        Some(self.places.len() as PlaceId - 1)
    }
}

impl Place {
    /// What a rule asks of a value itself.
    fn of(rule: &Rule) -> Place {
        let only_integers = rule.types.has(Types::INTEGER) && !rule.types.has(Types::NUMBER);
        Place {
            types: rule.types,
            number: rule.number.clone(),
            integers: rule.number.integer_range().filter(|_| only_integers),
            range: rule.number.range().filter(|_| rule.types.has(Types::NUMBER)),
            string: Some(rule.string.clone()).filter(|string| !string.is_any()),
            booleans: rule.booleans,
            items: ANY,
            unique: rule.unique,
            item_count: Some(rule.item_count.clone()).filter(|count| *count != (0..=u64::MAX)),
            members: None,
            others: ANY,
            slot: NO_SLOT,
            below: Box::default(),
            tested: false,
            copied: false,
            schema: rule.schema().map(Box::from),
        }
    }

    /// True if a number is only asked to be one.
    pub fn takes_any_number(&self) -> bool {
        self.types.has(Types::NUMBER) && self.number.is_any()
    }
}
