//! Reading the bytes of a text that ends with a line feed and can be read beyond its end.
//!
//! A line feed, or another control character, stands in no string, number, word or name, so it ends all of them. What begins within the text
//! therefore ends within it, and a load of [`PAD`] bytes from any place of it is a load from memory that is there.
//! Everything here relies on these two facts, and on nothing else.

mod decode;
mod number;

pub(crate) use decode::decoded;
pub(crate) use number::{Short, digits, float, integer, long, short, value};

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
    let odd = bytes.add(V::held::<1>()).below(V::held::<0x21>());
    bytes.equal(V::held::<b'"'>()).or(bytes.equal(V::held::<b'\\'>())).or(odd).bits()
}

/// Two bytes as a word, the first one lowest.
///
/// # Safety
/// Two bytes can be read at `place`.
#[inline(always)]
pub(crate) unsafe fn word2(place: *const u8) -> u16 {
    // SAFETY: as the caller says; the load takes any alignment.
    u16::from_le(unsafe { place.cast::<u16>().read_unaligned() })
}

/// The first of 32 bytes that stops a plain run in a string, or what is behind them if none does.
///
/// # Safety
/// `place` is in a text as described above, up to its end.
#[inline(always)]
pub(crate) unsafe fn plain32(place: *const u8) -> *const u8 {
    // SAFETY: the caller's place has PAD bytes behind it. Without a stop in 32 of them there is no line feed
    // in them either, so the text goes on behind them.
    unsafe {
        let found = stops(V::load(place)) | stops(V::load(place.add(16))) << 16;
        place.add(found.trailing_zeros() as usize)
    }
}

/// The same of 64 bytes.
///
/// # Safety
/// As for [`plain32`].
#[inline(always)]
pub(crate) unsafe fn plain64(place: *const u8) -> *const u8 {
    // SAFETY: as for `plain32`.
    unsafe {
        let found = stops(V::load(place)) | stops(V::load(place.add(16))) << 16;
        if found != 0 {
            return place.add(found.trailing_zeros() as usize);
        }
        plain32(place.add(32))
    }
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

/// Sixteen times each of these, and the tables above, in memory: whoever has few registers takes them from there,
/// one by one.
#[repr(C, align(16))]
pub(crate) struct Letters {
    before_upper: [u8; 16],
    before_lower: [u8; 16],
    this_upper: [u8; 16],
    lower: [u8; 16],
    third: [u8; 16],
    fourth: [u8; 16],
    due: [u8; 16],
    quote: [u8; 16],
    backslash: [u8; 16],
    control: [u8; 16],
    delete: [u8; 16],
}

pub(crate) static LETTERS: Letters = Letters {
    before_upper: BEFORE_UPPER,
    before_lower: BEFORE_LOWER,
    this_upper: THIS_UPPER,
    lower: [15; 16],
    third: [0xe0 - 0x80; 16],
    fourth: [0xf0 - 0x80; 16],
    due: [0x80; 16],
    quote: [b'"'; 16],
    backslash: [b'\\'; 16],
    control: [0x1f; 16],
    delete: [0x7f; 16],
};

#[inline(always)]
fn of(bytes: &[u8; 16]) -> V {
    // SAFETY: sixteen bytes can be read.
    unsafe { V::load(bytes.as_ptr()) }
}

/// What is wrong with sixteen bytes as UTF-8: any bit is a fault. A character that goes on behind them is right
/// so far.
///
/// # Safety
/// `place` has three bytes before it and sixteen behind it that can be read.
#[inline(always)]
unsafe fn faults(place: *const u8, letters: &Letters) -> V {
    // SAFETY: as the caller says.
    let [this, one, two, three] = unsafe { [0, 1, 2, 3].map(|before| V::load(place.sub(before))) };
    let before = of(&letters.before_upper).pick(one.upper());
    let before = before.and(of(&letters.before_lower).pick(one.and(of(&letters.lower))));
    let found = before.and(of(&letters.this_upper).pick(this.upper()));
    // The high bit where a third or a fourth byte is due: e0 and above two bytes before, f0 three.
    let due = two.less(of(&letters.third)).or(three.less(of(&letters.fourth)));
    due.and(of(&letters.due)).xor(found)
}

/// Where in sixteen bytes a `"`, `\`, control or DEL stands, a bit for each. What is wrong with them as UTF-8 is
/// added to `wrong`: see [`beyond_ascii`].
///
/// # Safety
/// As for [`beyond_ascii`].
#[inline(always)]
pub(crate) unsafe fn beyond(place: *const u8, wrong: &mut V, letters: &Letters) -> u32 {
    // SAFETY: as the caller says.
    let bytes = unsafe {
        *wrong = wrong.or(faults(place, letters));
        V::load(place)
    };
    let quote = bytes.equal(of(&letters.quote)).or(bytes.equal(of(&letters.backslash)));
    quote.or(bytes.at_most(of(&letters.control))).or(bytes.equal(of(&letters.delete))).bits()
}

/// From a byte that is not ASCII to the first `"`, `\`, control or DEL, sixteen bytes at a time. What is wrong
/// with the bytes as UTF-8 is added to `wrong`; it may be wrong behind the stop, which only means that the exact
/// tier has to look.
///
/// # Safety
/// `place` is in a text as described above, before its end, and has three bytes of it before it.
#[cfg_attr(feature = "recipes", inline(always))]
pub(crate) unsafe fn beyond_ascii(mut place: *const u8, wrong: &mut V) -> *const u8 {
    loop {
        // SAFETY: as for `plain`.
        unsafe {
            let found = beyond(place, wrong, &LETTERS);
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
#[cfg_attr(feature = "recipes", inline(always))]
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

/// True if two bytes are an escape that is written in no other way.
///
/// # Safety
/// As for [`escape`].
#[inline(always)]
pub(crate) unsafe fn is_plain_escape(place: *const u8) -> bool {
    // SAFETY: two bytes from a place before the end can be read.
    unsafe { ESCAPES[usize::from(*place.add(1))] == PLAIN }
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
#[cfg_attr(feature = "recipes", inline(always))]
pub(crate) unsafe fn line_feed(mut place: *const u8) -> *const u8 {
    let feed = V::splat(b'\n');
    loop {
        // SAFETY: as for `plain`.
        unsafe {
            let [one, two, three, four] = [0, 16, 32, 48].map(|at| V::load(place.add(at)).equal(feed));
            if one.or(two).or(three.or(four)).any() {
                let (first, last) = (one.bits() | two.bits() << 16, three.bits() | four.bits() << 16);
                let found = u64::from(first) | u64::from(last) << 32;
                return place.add(found.trailing_zeros() as usize);
            }
            place = place.add(64);
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
    // SAFETY: as the caller says; see `plain`.
    unsafe {
        let stop = plain(place);
        if *stop == b'"' {
            return Ended { quote: stop, escaped: false, odd: false };
        }
        behind(stop, wrong)
    }
}

/// As [`string`], from where a plain run of it stopped.
///
/// # Safety
/// `stop` is in a text as described above, up to its end, and has three bytes before it that can be read.
#[cfg_attr(feature = "recipes", inline(always))]
pub(crate) unsafe fn behind(stop: *const u8, wrong: &mut V) -> Ended {
    // SAFETY: see `plain`; a stop is in the text, and so is what stands behind it unless it is the line feed.
    unsafe {
        let mut ended = Ended { quote: stop, escaped: false, odd: false };
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
        if length > 32 {
            V::load(from.add(32)).store(to.add(32));
            V::load(from.add(48)).store(to.add(48));
            let mut at = 64;
            while at < length {
                V::load(from.add(at)).store(to.add(at));
                V::load(from.add(at + 16)).store(to.add(at + 16));
                at += 32;
            }
        }
        to.add(length)
    }
}
