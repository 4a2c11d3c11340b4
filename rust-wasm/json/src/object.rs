//! Closing an object: a name that stands there twice keeps its first place and has its last value.

use std::borrow::Cow;

use crate::Value;

type Member<'a> = (Cow<'a, str>, Value<'a>);

/// Above this many members names are compared by sorting instead of each with each.
const FEW: usize = 16;

/// Drops the later places of repeated names from `members[start..]`, moving the last value into
/// the first place.
#[inline]
pub(crate) fn settle(members: &mut Vec<Member<'_>>, start: usize) {
    let own = &members[start..];
    if own.len() > FEW {
        settle_many(members, start);
    } else if may_repeat(own) {
        settle_few(members, start);
    }
}

/// False if all names differ for certain: each sets a bit of its own by its length and ends.
#[inline]
fn may_repeat(members: &[Member<'_>]) -> bool {
    let mut seen = 0u64;
    for (name, _) in members {
        let name = name.as_bytes();
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

fn settle_few(members: &mut Vec<Member<'_>>, start: usize) {
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
fn settle_many(members: &mut Vec<Member<'_>>, start: usize) {
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
