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

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(names: &[String], start: usize) -> Vec<(String, usize)> {
        let mut members: Vec<Member> = names
            .iter()
            .enumerate()
            .map(|(place, name)| (Cow::Borrowed(name.as_str()), Value::Array(vec![Value::Null; place])))
            .collect();
        settle(&mut members, start);
        let place = |value| if let Value::Array(items) = value { items.len() } else { usize::MAX };
        members.into_iter().map(|(name, value)| (name.into_owned(), place(value))).collect()
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
}
