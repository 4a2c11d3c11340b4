//! Reading numbers: see [`super`] for the text in which they stand.

use crate::vector::V;

/// A number of up to fifteen bytes without an exponent.
#[derive(Clone, Copy)]
pub(crate) struct Short {
    /// Its bytes; 0 if there is no such number.
    pub length: usize,
    /// Its digits as one integer, with its sign.
    pub digits: i64,
    /// How many of them stand behind the dot.
    pub decimals: usize,
}

/// What the digits of a short number are divided by, for each number of decimals: both are exact as doubles, so that
/// their quotient is the number as JSON's readers know it.
static POWERS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

impl Short {
    /// The number as a double.
    #[inline(always)]
    pub fn value(self) -> f64 {
        self.digits as f64 / POWERS[self.decimals % 16]
    }

    /// The same with a sign that is known: of a zero, too.
    #[inline(always)]
    pub fn float(self, negative: bool) -> f64 {
        signed(self.value(), negative)
    }
}

/// A float that is less than zero, or a zero, if it is `negative`: without a branch, for who knows?
#[inline(always)]
fn signed(value: f64, negative: bool) -> f64 {
    f64::from_bits(value.to_bits() | u64::from(negative) << 63)
}

const NONE: Short = Short { length: 0, digits: 0, decimals: 0 };

/// Where to take sixteen digits from so that the first n of them stand at the right end: from byte n on.
static RIGHT: [u8; 32] = [
    128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 1, 2, 3, 4, 5, 6, 7,
    8, 9, 10, 11, 12, 13, 14, 15,
];

/// How many of sixteen bytes are digits, up to the first that is none.
#[inline(always)]
pub(crate) fn digits(bytes: V) -> usize {
    // The digits become the highest signed bytes.
    let digit = V::held::<0x75>().below(bytes.add(V::held::<0x46>())).bits();
    (digit ^ 0x1_ffff).trailing_zeros() as usize
}

/// The number that the first `count` of sixteen bytes are, all of them digits; at most sixteen.
#[inline(always)]
pub(crate) fn value(bytes: V, count: usize) -> i64 {
    // SAFETY: `RIGHT` has sixteen bytes from any place up to sixteen on.
    let right = unsafe { V::load(RIGHT.as_ptr().add(count.min(16))) };
    bytes.sub(V::held::<b'0'>()).pick(right).decimal() as i64
}

/// The integer of so many bytes at `place`, if it has up to fifteen digits; any number if not.
///
/// # Safety
/// `place` is in a text as described in [`crate::bytes`], up to its end.
#[inline(always)]
pub(crate) unsafe fn integer(place: *const u8, length: usize) -> i64 {
    // SAFETY: 17 bytes from the place can be read.
    let (negative, word, bytes) = unsafe {
        let negative = *place == b'-';
        let first = place.add(usize::from(negative));
        (negative, first.cast::<u64>().read_unaligned(), V::load(first))
    };
    let count = length.wrapping_sub(usize::from(negative));
    let magnitude =
        if count.wrapping_sub(1) < 8 { few(u64::from_le(word), count) } else { value(bytes, count) };
    if negative { -magnitude } else { magnitude }
}

/// The number that the first one to eight of eight bytes are, all of them digits, the first one lowest: pairs, fours, all.
#[inline(always)]
fn few(bytes: u64, count: usize) -> i64 {
    let digits = bytes << (64 - 8 * count) & 0x0f0f_0f0f_0f0f_0f0f;
    let pairs = digits.wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_ffff_0000_ffff;
    (fours.wrapping_mul(10_000 << 32 | 1) >> 32) as i64
}

/// The number of so many bytes at `place`, as [`short`] reads it, as a double: any if it is none.
///
/// # Safety
/// As for [`integer`].
#[inline(always)]
pub(crate) unsafe fn float(place: *const u8, length: usize) -> f64 {
    // SAFETY: 17 bytes from the place can be read, and `RIGHT` has 16 from any place up to sixteen on.
    unsafe {
        let negative = *place == b'-';
        let count = length.wrapping_sub(usize::from(negative)).min(16);
        let bytes = V::load(place.add(usize::from(negative)));
        let inside = (1 << count) - 1;
        let dot = (bytes.equal(V::splat(b'.')).bits() & inside | 1 << count).trailing_zeros() as usize;
        let decimals = count.saturating_sub(dot + 1);
        let right = V::load(RIGHT.as_ptr().add(count - usize::from(dot < count)));
        // From the dot on one byte further: there the mask is -1.
        let behind = V::splat(dot as u8).at_most(right).and(right.at_most(V::splat(127)));
        let digits = bytes.sub(V::splat(b'0')).pick(right.sub(behind)).decimal();
        let magnitude = digits as i64 as f64 / POWERS[decimals % 16];
        signed(magnitude, negative)
    }
}

/// The number at `place`, if it is short: `-0` and what goes on with an exponent or more digits is not.
/// `value` says whether its digits are wanted.
///
/// # Safety
/// `place` is in a text as described in [`crate::bytes`], up to its end.
#[inline(always)]
pub(crate) unsafe fn short(place: *const u8, value: bool) -> Short {
    // SAFETY: 17 bytes from the place can be read, and `RIGHT` has 16 from any number of digits on.
    unsafe {
        let bytes = V::load(place);
        let negative = usize::from(*place == b'-');
        let digit = bytes.sub(V::held::<b'0'>()).at_most(V::held::<9>()).bits();
        let others = !digit & !(negative as u32) | 0x1_0000;
        let mut length = others.trailing_zeros() as usize;
        let zero = *place.add(negative) == b'0';
        if (length == negative) | (zero & (length > negative + 1)) {
            return NONE;
        }
        let mut dot = usize::MAX;
        if *place.add(length) == b'.' {
            dot = length;
            length = (others & (others - 1)).trailing_zeros() as usize;
            if length == dot + 1 {
                return NONE;
            }
        } else if zero & (negative == 1) {
            return NONE;
        }
        // With an exponent, or digits behind the sixteenth byte, it is none.
        if (length > 15) | (*place.add(length) | 0x20 == b'e') {
            return NONE;
        }
        let decimals = if dot == usize::MAX { 0 } else { length - 1 - dot };
        if !value {
            return Short { length, digits: 0, decimals };
        }
        let count = length - negative - usize::from(decimals > 0);
        let right = V::load(RIGHT.as_ptr().add(count));
        let places = if decimals == 0 {
            right
        } else {
            // From the dot on one byte further: there the mask is -1.
            let behind = V::splat((dot - negative) as u8).at_most(right).and(right.at_most(V::held::<127>()));
            right.sub(behind)
        };
        let from = V::load(place.add(negative)).sub(V::held::<b'0'>());
        let magnitude = from.pick(places).decimal() as i64;
        let digits = if negative == 1 { -magnitude } else { magnitude };
        Short { length, digits, decimals }
    }
}

/// The end of any number, null if there is none.
///
/// # Safety
/// `place` is in a text as described in [`crate::bytes`], up to its end.
#[inline(never)]
pub(crate) unsafe fn long(place: *const u8) -> *const u8 {
    // SAFETY: the line feed at the end is none of these bytes, so no step goes beyond it.
    unsafe {
        let digits = |mut at: *const u8| {
            let start = at;
            while (*at).is_ascii_digit() {
                at = at.add(1);
            }
            if at == start { std::ptr::null() } else { at }
        };
        let mut at = place.add(usize::from(*place == b'-'));
        at = if *at == b'0' { at.add(1) } else { digits(at) };
        if !at.is_null() && *at == b'.' {
            at = digits(at.add(1));
        }
        if !at.is_null() && *at | 0x20 == b'e' {
            at = at.add(1);
            at = digits(at.add(usize::from(matches!(*at, b'+' | b'-'))));
        }
        // `01` ends behind the zero, and what follows is no token.
        at
    }
}
