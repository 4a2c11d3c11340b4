//! Reading the bytes of a text that ends with a line feed and can be read beyond its end.
//!
//! A line feed, or another control character, stands in no string, number, word or name, so it ends all of them. What begins within the text
//! therefore ends within it, and a load of [`PAD`] bytes from any place of it is a load from memory that is there.
//! Everything here relies on these two facts, and on nothing else.

use crate::vector::V;

/// Bytes behind the end of a text that can be read.
pub const PAD: usize = 64;

/// Eight bytes as a word, the first one lowest.
///
/// # Safety
/// Eight bytes can be read at `place`.
#[inline(always)]
pub(crate) unsafe fn word8(place: *const u8) -> u64 {
    // SAFETY: as the caller says; the load takes any alignment.
    u64::from_le(unsafe { place.cast::<u64>().read_unaligned() })
}

/// Four bytes as a word, the first one lowest.
///
/// # Safety
/// Four bytes can be read at `place`.
#[inline(always)]
pub(crate) unsafe fn word4(place: *const u8) -> u32 {
    // SAFETY: as the caller says; the load takes any alignment.
    u32::from_le(unsafe { place.cast::<u32>().read_unaligned() })
}

/// What stops a plain run in a string: `"`, `\`, controls, DEL and all that is not ASCII. One bit for each of
/// sixteen bytes.
#[inline(always)]
fn stops(bytes: V) -> u32 {
    // One more makes DEL the lowest signed byte, so one comparison finds the last three.
    let odd = bytes.add(V::splat(1)).below(V::splat(0x21));
    bytes.equal(V::splat(b'"')).or(bytes.equal(V::splat(b'\\'))).or(odd).bits()
}

/// The first byte at or behind `place` that stops a plain run in a string.
///
/// # Safety
/// `place` is in a text as described above, up to its end.
#[inline(always)]
pub(crate) unsafe fn plain(place: *const u8) -> *const u8 {
    // The first 32 bytes stand outside of the loop: a deadline is looked at whenever a loop begins.
    // SAFETY: the caller's place has PAD bytes behind it. Without a stop in 32 of them there is no line feed
    // in them either, so the text goes on behind them, and the next place is one of it too.
    unsafe {
        let found = stops(V::load(place)) | stops(V::load(place.add(16))) << 16;
        if found != 0 {
            return place.add(found.trailing_zeros() as usize);
        }
        let mut place = place.add(32);
        loop {
            let found = stops(V::load(place)) | stops(V::load(place.add(16))) << 16;
            if found != 0 {
                return place.add(found.trailing_zeros() as usize);
            }
            place = place.add(32);
        }
    }
}

// What may be wrong with a byte, given the one before it: a bit for each kind of fault. The pair is at fault if
// all three tables (upper and lower half of the byte before, upper half of the byte) have the kind. The method is
// that of "Validating UTF-8 In Less Than One Instruction Per Byte" (Keiser, Lemire 2020).
const SHORT: u8 = 1; // a lead byte, then no continuation
const LONG: u8 = 2; // ASCII, then a continuation
const OVER_3: u8 = 4; // e0, then 80 to 9f: three bytes where two would do
const LARGE: u8 = 8; // above U+10FFFF
const SURROGATE: u8 = 16; // ed, then a0 to bf
const OVER_2: u8 = 32; // c0 or c1
const OVER_4: u8 = 64; // f0, then 80 to 8f; and f5 to ff with the same second byte
const PAIR: u8 = 128; // two continuations: right only where a third or fourth byte is due

static BEFORE_UPPER: [u8; 16] = [
    LONG,
    LONG,
    LONG,
    LONG,
    LONG,
    LONG,
    LONG,
    LONG, // 0_ to 7_
    PAIR,
    PAIR,
    PAIR,
    PAIR,                       // 8_ to b_
    SHORT | OVER_2,             // c_
    SHORT,                      // d_
    SHORT | OVER_3 | SURROGATE, // e_
    SHORT | LARGE | OVER_4,     // f_
];

static BEFORE_LOWER: [u8; 16] = {
    let any = SHORT | LONG | PAIR;
    let above = any | LARGE | OVER_4;
    [
        any | OVER_3 | OVER_2 | OVER_4, // _0
        any | OVER_2,                   // _1
        any,
        any,         // _2, _3
        any | LARGE, // _4
        above,
        above,
        above,
        above,
        above,
        above,
        above,
        above,             // _5 to _c
        above | SURROGATE, // _d
        above,
        above, // _e, _f
    ]
};

static THIS_UPPER: [u8; 16] = {
    let continues = LONG | OVER_2 | PAIR;
    [
        SHORT,
        SHORT,
        SHORT,
        SHORT,
        SHORT,
        SHORT,
        SHORT,
        SHORT,                         // 0_ to 7_
        continues | OVER_3 | OVER_4,   // 8_
        continues | OVER_3 | LARGE,    // 9_
        continues | SURROGATE | LARGE, // a_
        continues | SURROGATE | LARGE, // b_
        SHORT,
        SHORT,
        SHORT,
        SHORT, // c_ to f_
    ]
};

/// What is wrong with sixteen bytes as UTF-8: any bit is a fault. A character that goes on behind them is right
/// so far.
///
/// # Safety
/// `place` has three bytes before it and sixteen behind it that can be read.
#[inline(always)]
unsafe fn faults(place: *const u8) -> V {
    // SAFETY: as the caller says; the tables have sixteen bytes each.
    unsafe {
        let (this, one) = (V::load(place), V::load(place.sub(1)));
        let (two, three) = (V::load(place.sub(2)), V::load(place.sub(3)));
        let before = V::load(BEFORE_UPPER.as_ptr()).pick(one.upper());
        let before = before.and(V::load(BEFORE_LOWER.as_ptr()).pick(one.and(V::splat(15))));
        let found = before.and(V::load(THIS_UPPER.as_ptr()).pick(this.upper()));
        // The high bit where a third or a fourth byte is due: e0 and above two bytes before, f0 three.
        let due = two.less(V::splat(0xe0 - 0x80)).or(three.less(V::splat(0xf0 - 0x80)));
        due.and(V::splat(0x80)).xor(found)
    }
}

/// From a byte that is not ASCII to the first `"`, `\`, control or DEL, sixteen bytes at a time. What is wrong
/// with the bytes as UTF-8 is added to `wrong`; it may be wrong behind the stop, which only means that the exact
/// tier has to look.
///
/// # Safety
/// `place` is in a text as described above, before its end, and has three bytes of it before it.
#[inline(always)]
pub(crate) unsafe fn beyond_ascii(mut place: *const u8, wrong: &mut V) -> *const u8 {
    loop {
        // SAFETY: as for `plain`.
        unsafe {
            let bytes = V::load(place);
            let quote = bytes.equal(V::splat(b'"')).or(bytes.equal(V::splat(b'\\')));
            let found = quote.or(bytes.at_most(V::splat(0x1f))).or(bytes.equal(V::splat(0x7f))).bits();
            *wrong = wrong.or(faults(place));
            if found != 0 {
                return place.add(found.trailing_zeros() as usize);
            }
            place = place.add(16);
        }
    }
}

/// What stands behind a backslash: 0 for what is no escape.
static ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    let plain = b"\"\\bfnrt";
    let mut at = 0;
    while at < plain.len() {
        table[plain[at] as usize] = PLAIN;
        at += 1;
    }
    table[b'/' as usize] = NEEDLESS;
    table[b'u' as usize] = CODE;
    table
};
const PLAIN: u8 = 1;
const NEEDLESS: u8 = 2;
const CODE: u8 = 3;

/// The length of the escape at `place`, 0 if it is none, and whether it may be written otherwise.
///
/// # Safety
/// `place` is a backslash in a text as described above.
#[inline(always)]
pub(crate) unsafe fn escape(place: *const u8) -> (usize, bool) {
    // SAFETY: twelve bytes from a place before the end can be read.
    unsafe {
        match ESCAPES[usize::from(*place.add(1))] {
            PLAIN => (2, false),
            NEEDLESS => (2, true),
            CODE => (code(place), true),
            _ => (0, false),
        }
    }
}

/// The length of an escape by number: six bytes, twelve for a pair of surrogates, 0 for anything else.
///
/// # Safety
/// `place` is a backslash in a text as described above.
#[inline(always)]
unsafe fn code(place: *const u8) -> usize {
    // SAFETY: sixteen bytes from a place before the end can be read.
    unsafe {
        let bytes = V::load(place);
        let digit = bytes.sub(V::splat(b'0')).at_most(V::splat(9));
        let letter = bytes.or(V::splat(0x20)).sub(V::splat(b'a')).at_most(V::splat(5));
        let hexadecimal = digit.or(letter).bits();
        if hexadecimal >> 2 & 15 != 15 {
            return 0;
        }
        let (first, second) = (*place.add(2) | 0x20, *place.add(3) | 0x20);
        if first != b'd' || second < b'8' {
            return 6;
        }
        let low = *place.add(6) == b'\\' && *place.add(7) == b'u' && hexadecimal >> 8 & 15 == 15;
        let paired = low && *place.add(8) | 0x20 == b'd' && *place.add(9) | 0x20 >= b'c';
        if second < b'c' && paired { 12 } else { 0 }
    }
}

/// The first line feed at or behind `place`.
///
/// # Safety
/// `place` is in a text as described above, whose end is a line feed, up to its end.
#[inline(always)]
pub(crate) unsafe fn line_feed(mut place: *const u8) -> *const u8 {
    loop {
        // SAFETY: as for `plain`.
        unsafe {
            let (one, two) = (V::load(place), V::load(place.add(16)));
            let feed = V::splat(b'\n');
            let found = one.equal(feed).bits() | two.equal(feed).bits() << 16;
            if found != 0 {
                return place.add(found.trailing_zeros() as usize);
            }
            place = place.add(32);
        }
    }
}

/// What was found out about a string.
#[derive(Clone, Copy)]
pub(crate) struct Ended {
    /// Its closing quote; null if it has none, or a fault before it.
    pub quote: *const u8,
    pub escaped: bool,
    /// It has an escape or a DEL that may be written otherwise.
    pub odd: bool,
}

/// From behind the opening quote of a string to its closing one. What is wrong with it as UTF-8 is added to
/// `wrong`, as in [`beyond_ascii`].
///
/// # Safety
/// `place` is in a text as described above, up to its end, and has three bytes before it that can be read.
#[inline(always)]
pub(crate) unsafe fn string(place: *const u8, wrong: &mut V) -> Ended {
    // SAFETY: see `plain`; a stop is in the text, and so is what stands behind it unless it is the line feed.
    unsafe {
        let mut ended = Ended { quote: plain(place), escaped: false, odd: false };
        if *ended.quote == b'"' {
            return ended;
        }
        loop {
            let stop = ended.quote;
            let byte = *stop;
            ended.quote = match byte {
                b'"' => return ended,
                b'\\' => {
                    let (length, odd) = escape(stop);
                    ended.escaped = true;
                    ended.odd |= odd;
                    if length == 0 { std::ptr::null() } else { plain(stop.add(length)) }
                }
                0x7f => {
                    ended.odd = true;
                    plain(stop.add(1))
                }
                0x80.. => beyond_ascii(stop, wrong),
                _ => std::ptr::null(),
            };
            if ended.quote.is_null() {
                return ended;
            }
        }
    }
}

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

const NONE: Short = Short { length: 0, digits: 0, decimals: 0 };

/// Where to take sixteen digits from so that the first n of them stand at the right end: from byte n on.
static RIGHT: [u8; 32] = [
    128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 1, 2, 3, 4, 5, 6, 7,
    8, 9, 10, 11, 12, 13, 14, 15,
];

/// The number at `place`, if it is short: `-0` and what goes on with an exponent or more digits is not.
/// `value` says whether its digits are wanted.
///
/// # Safety
/// `place` is in a text as described above, up to its end.
#[inline(always)]
pub(crate) unsafe fn short(place: *const u8, value: bool) -> Short {
    // SAFETY: 17 bytes from the place can be read, and `RIGHT` has 16 from any number of digits on.
    unsafe {
        let bytes = V::load(place);
        let negative = usize::from(*place == b'-');
        let digit = bytes.sub(V::splat(b'0')).at_most(V::splat(9)).bits();
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
            let behind = V::splat((dot - negative) as u8).at_most(right).and(right.at_most(V::splat(127)));
            right.sub(behind)
        };
        let from = V::load(place.add(negative)).sub(V::splat(b'0'));
        let magnitude = from.pick(places).decimal() as i64;
        let digits = if negative == 1 { -magnitude } else { magnitude };
        Short { length, digits, decimals }
    }
}

/// The end of any number, null if there is none.
///
/// # Safety
/// `place` is in a text as described above, up to its end.
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

/// Copies to `to`, and maybe up to 31 bytes more; where that ends.
///
/// # Safety
/// Both have so many bytes, and 32 more.
#[inline(always)]
pub(crate) unsafe fn copy(from: *const u8, length: usize, to: *mut u8) -> *mut u8 {
    // SAFETY: as the caller says.
    unsafe {
        V::load(from).store(to);
        V::load(from.add(16)).store(to.add(16));
        let mut at = 32;
        while at < length {
            V::load(from.add(at)).store(to.add(at));
            V::load(from.add(at + 16)).store(to.add(at + 16));
            at += 32;
        }
        to.add(length)
    }
}
