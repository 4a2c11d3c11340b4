//! What is asked of a record: the rules of a schema and the slots of a program, in one tree.

use crate::RECIPES;
use crate::learn::sure;
use crate::members::{FEW, Known, Members, Seen};
use crate::rule::{MOST_NAMES, NumberRule, Rule, StringRule, Types};
use crate::walk::Name;
use std::mem::ManuallyDrop;
use std::ops::RangeInclusive;

/// The number of a place among [`Plan::places`].
pub(crate) type PlaceId = u32;

/// The place of values of which nothing is asked.
pub(crate) const ANY: PlaceId = 0;
/// The place of values of which nothing is asked but to be copied.
pub(crate) const ANY_COPIED: PlaceId = 1;

/// The place of a value that has been read.
pub(crate) const ENDED: PlaceId = PlaceId::MAX;

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
    /// See [`Plan::members`]; none if nothing is asked of members by their names.
    pub members: Option<u32>,
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

/// What is asked of the values at a place, as far as the loop of the exact tier asks it itself.
#[repr(align(32))]
pub(crate) struct Quick {
    pub place: PlaceId,
    /// The place of its items, and the members that are known.
    pub items: PlaceId,
    pub members: u32,
    /// The types of values that it passes. Of numbers, integers have to be within the range, and others may be any.
    pub types: Types,
    /// Up to how many digits an integer without a sign is within the range, whatever they are.
    pub sure: u8,
    /// Where the value is noted: behind all slots of the program, if it is in none of them.
    pub slot: u16,
    /// Integers from here on ...
    pub low: i64,
    /// ... up to so many more.
    pub width: u64,
}

/// All places; the last one is that of the record.
pub(crate) struct Plan {
    pub places: Vec<Place>,
    /// As many.
    pub quick: Vec<Quick>,
    /// What is asked of members; at first of those of which nothing is asked.
    inside: Vec<Members>,
    pub slots: usize,
    /// The slot whose number is kept when it is read; [`NO_SLOT`] if there is none.
    pub asked: u16,
}

impl Plan {
    /// The plan of a schema and the paths of a program's slots, of which some are `tested`; none if an object has
    /// too many names, or one that may be written with an escape.
    pub fn new(rule: &Rule, slots: &[Vec<Box<str>>], tested: &[usize]) -> Option<Plan> {
        // There is nothing in it to be let go, and no code for that.
        let any = ManuallyDrop::new(Rule::any());
        let inside = vec![Members::new(Vec::new(), Seen::default(), true, None)];
        let mut plan =
            Plan { places: Vec::new(), quick: Vec::new(), inside, slots: slots.len(), asked: NO_SLOT };
        for copied in [false, true] {
            let id = PlaceId::from(copied);
            plan.places.push(Place { items: id, others: id, copied, ..Place::of(&any) });
        }
        let wanted = slots.iter().enumerate().map(|(slot, path)| (&path[..], slot as u16));
        plan.add(rule, &any, &wanted.collect::<Vec<_>>(), false)?;
        for place in &mut plan.places {
            place.tested = !place.below.is_empty() || tested.contains(&usize::from(place.slot));
        }
        plan.quick = (0..plan.places.len()).map(|id| plan.make_quick(id as PlaceId)).collect();
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

    /// What is asked of the members of an object.
    #[inline(always)]
    pub fn members(&self, id: u32) -> &Members {
        &self.inside[id as usize]
    }

    /// What the loop of the exact tier asks itself of a place.
    fn make_quick(&self, id: PlaceId) -> Quick {
        let place = self.place(id);
        let mut types = Types::NONE;
        let mut add = |more: Types, quick: bool| {
            if quick && place.types.has(more) {
                types = types | more;
            }
        };
        let inner = place.below.is_empty();
        add(Types::NULL, true);
        add(Types::BOOLEAN, inner && place.booleans == [true; 2]);
        add(Types::STRING, inner && place.string.is_none());
        // Between `1.2` and `1.8` there are none.
        add(Types::INTEGER, inner && place.integers.is_some_and(|(least, most)| least <= most));
        add(Types::NUMBER, inner && place.takes_any_number());
        // What may be copied has each name once.
        let free = place.items > ANY_COPIED || !place.is_once();
        add(Types::ARRAY, inner && free && place.item_count.is_none() && !place.unique);
        let few = |members: u32| self.members(members).known.len() <= FEW;
        add(Types::OBJECT, place.members.map_or(!place.is_once(), few));
        let (low, high) = place.integers.unwrap_or((i64::MIN, i64::MAX));
        Quick {
            place: id,
            items: place.items,
            members: place.members.unwrap_or(0),
            types,
            sure: sure(low, high) as u8,
            slot: if place.slot == NO_SLOT { self.slots as u16 } else { place.slot },
            low,
            width: high.wrapping_sub(low) as u64,
        }
    }

    #[inline(always)]
    pub fn quick(&self, id: PlaceId) -> &Quick {
        &self.quick[id as usize]
    }

    /// Adds the place of what has this rule and these slots in it, and all that is within.
    fn add(
        &mut self,
        rule: &Rule,
        any_rule: &Rule,
        wanted: &[(&[Box<str>], u16)],
        within_copy: bool,
    ) -> Option<PlaceId> {
        let slot = wanted.iter().find(|(path, _)| path.is_empty()).map_or(NO_SLOT, |(_, slot)| *slot);
        let copied = within_copy || slot != NO_SLOT;
        let below: Vec<_> = wanted.iter().filter(|(path, _)| !path.is_empty()).collect();
        let any = if copied { ANY_COPIED } else { ANY };
        let items = match &rule.items {
            Some(items) => self.add(items, any_rule, &[], copied)?,
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
            if known.iter().any(|known: &Known| *known.name.text == *name.as_bytes()) {
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
            let id = self.add(ruled.unwrap_or(any_rule), any_rule, &within, copied)?;
            let quick = self.make_quick(id);
            known.push(Known::new(Name::new(name), quick, known.len()));
        }
        if known.len() > MOST_NAMES {
            return None;
        }
        let asked = !known.is_empty() || !open || count.is_some();
        let members = asked.then_some(self.inside.len() as u32);
        if asked {
            // Those with a rule are the first ones, so the places are the same.
            let order = rule.object.as_ref().map(|object| object.required[..].into()).unwrap_or_default();
            let mut members = Members::new(known, required, open, count);
            members.order = order;
            self.inside.push(members);
        }
        let below = below.iter().map(|(_, slot)| *slot).collect();
        self.places.push(Place { items, members, others: any, slot, below, copied, ..Place::of(rule) });
        Some(self.places.len() as PlaceId - 1)
    }
}

impl Quick {
    /// Of what has been read.
    pub fn ended() -> Quick {
        let (place, types) = (ENDED, Types::NONE);
        Quick { place, items: ANY, members: 0, types, sure: 0, slot: 0, low: 0, width: 0 }
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
            string: if RECIPES { Some(rule.string.clone()).filter(|string| !string.is_any()) } else { None },
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
            schema: if RECIPES { rule.schema().map(Box::from) } else { None },
        }
    }

    /// True if each name in it may stand there once. What a program of the ledger gets is read once more, and by
    /// somebody who sees to that.
    #[inline(always)]
    pub fn is_once(&self) -> bool {
        RECIPES && self.copied
    }

    /// True if a number is only asked to be one.
    pub fn takes_any_number(&self) -> bool {
        self.types.has(Types::NUMBER) && self.number.is_any()
    }
}
