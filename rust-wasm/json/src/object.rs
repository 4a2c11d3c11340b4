//! The members of an object, in their order. A name that stands there twice keeps its first place and has
//! its last value, as jq has it.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::{Text, Value};

type Member = (Text, Value);

/// Up to this many members a name is found by looking at each; above, by an index. And repeated names by
/// sorting.
const FEW: usize = 16;

/// An object: members in the order of the text, or of when they were added; each name once.
#[derive(Clone, Default)]
pub struct Object {
    members: Vec<Member>,
    /// Where each name stands, once somebody has asked for one of many. A sorted one: no choice of names
    /// makes it slow.
    index: OnceCell<BTreeMap<Text, usize>>,
}

impl Object {
    /// An object without members, with room for some.
    pub fn with_capacity(members: usize) -> Self {
        Object { members: Vec::with_capacity(members), index: OnceCell::new() }
    }

    /// Takes members whose names all differ.
    pub(crate) fn of_settled(members: Vec<Member>) -> Self {
        Object { members, index: OnceCell::new() }
    }

    /// The number of members, each name counted once.
    #[inline]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// True for `{}`.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The value of a member.
    #[inline]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.place(name).map(|place| &self.members[place].1)
    }

    /// The value of a member, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.place(name).map(|place| &mut self.members[place].1)
    }

    /// The value of a member, which becomes `null` at the end if it is not there yet.
    pub fn entry(&mut self, name: &Text) -> &mut Value {
        let place = self.place(name).unwrap_or_else(|| self.push(name.clone(), Value::Null));
        &mut self.members[place].1
    }

    /// Sets a member: in its place if it is there, else at the end.
    pub fn insert(&mut self, name: Text, value: Value) {
        match self.place(&name) {
            Some(place) => self.members[place].1 = value,
            None => {
                self.push(name, value);
            }
        }
    }

    /// Takes a member out. The others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let place = self.place(name)?;
        self.index.take();
        Some(self.members.remove(place).1)
    }

    /// Keeps the members for which `keep` holds, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&Text, &mut Value) -> bool) {
        self.index.take();
        self.members.retain_mut(|(name, value)| keep(name, value));
    }

    /// All members in order.
    #[inline]
    pub fn iter(&self) -> std::slice::Iter<'_, Member> {
        self.members.iter()
    }

    /// All members in order, with values to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Text, &mut Value)> {
        self.members.iter_mut().map(|(name, value)| (&*name, value))
    }

    /// All values in the order of the members.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.members.iter().map(|(_, value)| value)
    }

    /// All members in the order of their names.
    pub fn sorted(&self) -> Vec<&Member> {
        let mut members: Vec<_> = self.members.iter().collect();
        members.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        members
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.members.capacity()
    }

    #[inline]
    fn place(&self, name: &str) -> Option<usize> {
        if self.members.len() <= FEW {
            return self.members.iter().position(|(other, _)| other.as_str() == name);
        }
        self.index().get(name).copied()
    }

    fn index(&self) -> &BTreeMap<Text, usize> {
        let places = || self.members.iter().enumerate().map(|(place, (name, _))| (name.clone(), place));
        self.index.get_or_init(|| places().collect())
    }

    fn push(&mut self, name: Text, value: Value) -> usize {
        let place = self.members.len();
        if let Some(index) = self.index.get_mut() {
            index.insert(name.clone(), place);
        }
        self.members.push((name, value));
        place
    }
}

impl FromIterator<Member> for Object {
    fn from_iter<I: IntoIterator<Item = Member>>(members: I) -> Self {
        let members = members.into_iter();
        let mut object = Object::with_capacity(members.size_hint().0);
        members.for_each(|(name, value)| object.insert(name, value));
        object
    }
}

impl Extend<Member> for Object {
    fn extend<I: IntoIterator<Item = Member>>(&mut self, members: I) {
        members.into_iter().for_each(|(name, value)| self.insert(name, value));
    }
}

impl IntoIterator for Object {
    type Item = Member;
    type IntoIter = std::vec::IntoIter<Member>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = &'a Member;
    type IntoIter = std::slice::Iter<'a, Member>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.iter()
    }
}

/// Drops the later places of repeated names from `members[start..]`, moving the last value into
/// the first place.
#[inline]
pub(crate) fn settle(members: &mut Vec<Member>, start: usize) {
    let own = &members[start..];
    if own.len() > FEW {
        settle_many(members, start);
    } else if may_repeat(own) {
        settle_few(members, start);
    }
}

/// False if all names differ for certain: each sets a bit of its own by its length and ends.
#[inline]
fn may_repeat(members: &[Member]) -> bool {
    let mut seen = 0u64;
    for (name, _) in members {
        let name = name.as_str().as_bytes();
        let (first, last) = (name.first().copied().unwrap_or(0), name.last().copied().unwrap_or(0));
        let mixed = u32::from_le_bytes([first, last, name.len() as u8, 0]).wrapping_mul(0x9e37_79b1);
        let bit = 1 << (mixed >> 26);
        if seen & bit != 0 {
            return true;
        }
        seen |= bit;
    }
    false
}

fn settle_few(members: &mut Vec<Member>, start: usize) {
    let mut at = start + 1;
    while at < members.len() {
        let name = &members[at].0;
        match members[start..at].iter().position(|(earlier, _)| earlier == name) {
            Some(first) => {
                let (_, value) = members.remove(at);
                members[start + first].1 = value;
            }
            None => at += 1,
        }
    }
}

/// By a stable sort of the places, whose worst case no choice of names can make quadratic.
fn settle_many(members: &mut Vec<Member>, start: usize) {
    let own = &mut members[start..];
    let mut places: Vec<usize> = (0..own.len()).collect();
    places.sort_by(|&a, &b| own[a].0.cmp(&own[b].0));
    let mut keep = vec![true; own.len()];
    let mut moves = Vec::new();
    for same in places.chunk_by(|&a, &b| own[a].0 == own[b].0) {
        // In the order of the text, because the sort is stable.
        if let [first, .., last] = *same {
            moves.push((first, last));
            same[1..].iter().for_each(|&later| keep[later] = false);
        }
    }
    if moves.is_empty() {
        return;
    }
    for (first, last) in moves {
        own[first].1 = std::mem::replace(&mut own[last].1, Value::Null);
    }
    let mut place = 0;
    members.retain(|_| {
        place += 1;
        place <= start || keep[place - 1 - start]
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(names: &[String], start: usize) -> Vec<(String, usize)> {
        let mut members: Vec<Member> = names
            .iter()
            .enumerate()
            .map(|(place, name)| (name.as_str().into(), vec![Value::Null; place].into()))
            .collect();
        settle(&mut members, start);
        let place = |value| if let Value::Array(items) = value { items.len() } else { usize::MAX };
        members.into_iter().map(|(name, value)| (name.to_string(), place(value))).collect()
    }

    /// First place, last value, by looking at each member before.
    fn naive(names: &[String], start: usize) -> Vec<(String, usize)> {
        let mut members: Vec<(String, usize)> = Vec::new();
        for (place, name) in names.iter().enumerate() {
            match members.iter().skip(start).position(|(earlier, _)| earlier == name) {
                Some(first) if place >= start => members[start + first].1 = place,
                _ => members.push((name.clone(), place)),
            }
        }
        members
    }

    #[test]
    fn few_and_many_agree_with_the_naive_way() {
        for count in 0..3 * FEW {
            for distinct in [1, 2, 3, 7, FEW, 5 * FEW] {
                for start in [0, 3] {
                    let names: Vec<String> = (0..count + start)
                        .map(|i| format!("name{}", if i < start { 0 } else { i * 7919 % distinct }))
                        .collect();
                    assert_eq!(settled(&names, start), naive(&names, start), "{names:?} from {start}");
                }
            }
        }
    }

    #[test]
    fn many_names_take_no_quadratic_time() {
        // Pairwise this would take minutes: 200,000 names, each there twice.
        let names: Vec<String> = (0..400_000).map(|i| format!("{:05}", i % 200_000)).collect();
        let text: Vec<String> = names.iter().map(|name| format!("\"{name}\":1")).collect();
        let text = format!("{{{}}}", text.join(","));
        let Ok(Value::Object(object)) = crate::parse(text.as_bytes(), 1) else { panic!() };
        assert_eq!(object.len(), 200_000);
    }

    /// Everything that changes an object, against a vector of members searched one by one.
    #[test]
    fn changes_are_those_of_a_plain_list() {
        let mut state = 7u64;
        let mut below = |bound: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % bound
        };
        let (mut object, mut list) = (Object::default(), Vec::<(String, u64)>::new());
        for step in 0..20_000 {
            let name = format!("n{}", below(2 * FEW as u64 + 4));
            let found = list.iter().position(|(other, _)| *other == name);
            match below(5) {
                0 | 1 => {
                    object.insert(name.as_str().into(), Value::from(step as i64));
                    match found {
                        Some(place) => list[place].1 = step,
                        None => list.push((name, step)),
                    }
                }
                2 => {
                    *object.entry(&name.as_str().into()) = Value::from(step as i64);
                    match found {
                        Some(place) => list[place].1 = step,
                        None => list.push((name, step)),
                    }
                }
                3 => {
                    let value = object.remove(&name);
                    assert_eq!(value, found.map(|place| Value::from(list.remove(place).1 as i64)));
                }
                _ => {
                    let value = found.map(|place| Value::from(list[place].1 as i64));
                    assert_eq!(object.get(&name), value.as_ref());
                    if below(400) == 0 {
                        object.retain(|name, _| !name.ends_with('3'));
                        list.retain(|(name, _)| !name.ends_with('3'));
                    }
                }
            }
            assert_eq!(object.len(), list.len());
        }
        let members = object.into_iter().map(|(name, value)| (name.to_string(), value));
        assert!(members.eq(list.into_iter().map(|(name, value)| (name, Value::from(value as i64)))));
    }
}
