//! When shapes are learned.

/// When to learn: as long as known shapes come back.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Policy {
    hits: u32,
    misses: u32,
    /// Records until shapes are learned again.
    pause: u32,
    /// How often they were learned in vain, one time after the other.
    vain: u32,
}

/// After so many misses it is looked at whether there were as many hits; sooner after it was in vain.
const LOOK: u32 = 512;
const SOON: u32 = 128;
/// A record of more values than a trie has operations counts as so many more, as it takes about as long.
const LARGE: u32 = 63;
/// Records that go by the exact tier alone, when there were not; each time twice as many, up to the most.
const PAUSE: u32 = 4096;
const MOST_PAUSE: u32 = PAUSE << 4;

impl Policy {
    /// Nothing is ever learned.
    pub fn never() -> Policy {
        Policy { pause: u32::MAX, ..Policy::default() }
    }

    #[inline]
    pub fn is_on(&self) -> bool {
        self.pause == 0
    }

    pub fn hits(&mut self, records: u32) {
        self.hits = self.hits.saturating_add(records);
    }

    /// Notes a record of no known shape. True if it may be learned.
    pub fn misses(&mut self) -> bool {
        if self.pause > 0 {
            self.pause -= u32::from(self.pause != u32::MAX);
            return false;
        }
        self.misses += 1;
        true
    }

    /// Notes that the record had too many values for a shape: it counts as many.
    pub fn large(&mut self) {
        self.misses += LARGE;
    }

    /// True if what was learned had better be forgotten: nothing is learned for a while then.
    pub fn restarts(&mut self) -> bool {
        if self.misses < if self.vain > 0 { SOON } else { LOOK } {
            return false;
        }
        let useless = self.hits < self.misses;
        (self.hits, self.misses) = (0, 0);
        if useless {
            self.pause = MOST_PAUSE.min(PAUSE << self.vain.min(8));
            self.vain += 1;
        } else {
            self.vain = 0;
        }
        useless
    }
}

#[cfg(test)]
mod tests {
    use super::{LOOK, MOST_PAUSE, PAUSE, Policy, SOON};

    /// Records that go by the exact tier alone until shapes are learned again.
    fn pause(policy: &mut Policy) -> u32 {
        let mut records = 0;
        while !policy.misses() {
            records += 1;
        }
        records
    }

    #[test]
    fn what_is_in_vain_is_tried_ever_more_rarely() {
        let mut policy = Policy::default();
        let (mut look, mut rest) = (LOOK, PAUSE);
        for _ in 0..7 {
            for _ in 1..look {
                assert!(!policy.restarts() && policy.misses());
            }
            assert!(policy.misses() || policy.is_on());
            assert!(policy.restarts() && !policy.is_on());
            assert_eq!(pause(&mut policy), rest);
            (look, rest) = (SOON - 1, MOST_PAUSE.min(rest * 2));
        }
        // Shapes come back.
        policy.hits(1000);
        for _ in 1..SOON {
            assert!(!policy.restarts() && policy.misses());
        }
        assert!(!policy.restarts());
        assert!(policy.is_on() && policy.vain == 0);
    }

    #[test]
    fn a_few_large_records_are_many_misses() {
        let mut policy = Policy::default();
        let records = (1..).find(|_| {
            assert!(policy.misses());
            policy.large();
            policy.restarts()
        });
        assert_eq!(records, Some(LOOK / 64));
    }
}
