//! The name that somebody may have meant.

/// The known name that takes the fewest changes, if these are few for its length.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let allowed = (name.len() / 3).clamp(1, 3);
    let (mut near, mut least) = (None, allowed + 1);
    for known in known.filter(|known| *known != name && known.len().abs_diff(name.len()) <= allowed) {
        let distance = distance(name.as_bytes(), known.as_bytes());
        // Of a name of one letter nothing would be left.
        if distance < least.min(name.len()) {
            (near, least) = (Some(known), distance);
        }
    }
    near
}

/// Insertions, deletions, changes and swaps of neighbours from one name to the other.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (vec![], (0..=b.len()).collect());
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut least = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_changes() {
        for (a, b, expected) in
            [("", "", 0), ("", "ab", 2), ("select", "slect", 1), ("maap", "map", 1), ("ma", "am", 1)]
        {
            assert_eq!(distance(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
        }
    }
}
