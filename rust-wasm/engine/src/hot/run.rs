//! The loop itself.

use super::{Hot, Leave, Ledger, MOST_ITEMS, each};
use crate::RECIPES;
use crate::bytes::{
    PAD, beyond, copy, digits, is_plain_escape, plain32, plain64, short, value, word2, word4, word8,
};
use crate::shape::{CHUNK, Do, End, MORE_OF_STRINGS, Piece, Within};
use crate::vector::V;
use crate::watch::Watch;

/// Writes a piece of output; where that ends.
///
/// # Safety
/// The operations of its cuts live and stand in the text; `out` has room for it and [`PAD`] bytes more.
#[inline(always)]
unsafe fn put(piece: &Piece, out: *mut u8) -> *mut u8 {
    // SAFETY: as the caller says.
    unsafe {
        V::load(piece.literal.as_ptr()).store(out);
        let out = out.add(piece.length);
        match piece.span {
            None => out,
            Some((from, to)) => {
                let (from, to) = (from.place(), to.place());
                copy(from, to as usize - from as usize, out)
            }
        }
    }
}

/// Bytes of room that the output of a record of this length takes, at most, with what is written behind it: such an
/// output has so many bytes of literals, and all of the record so many times. Numbers of 32 bits, which a sandbox has
/// for them, never overflow it.
#[inline(always)]
fn most(literals: u32, times: u32, length: u32) -> u64 {
    u64::from(literals) + u64::from(times) * u64::from(length) + PAD as u64
}

/// Runs until something is rare.
///
/// There is no loop within it but for writing: the compiler of the sandbox gives its registers to inner loops first,
/// and keeps the place in memory then. So what goes on (a long string, an array) goes around as operations do. And
/// where the loop begins there is a call, for the deadline: few registers keep what they have over it, and no vector.
/// So no constant is a vector for long (`V::held`), and the rest stays in `hot`, from where it is read when it is
/// needed.
///
/// # Safety
/// `hot.text` to `hot.end` is a text that ends with a line feed, with [`PAD`] bytes behind it that can be read;
/// `at` and `record` are places of it. `out` to `out_end` can be written. `op` and `root` are operations of a trie
/// whose ends are `ends`; nobody else uses it.
#[inline(never)]
pub(crate) unsafe fn run<L: Ledger>(hot: &mut Hot<'_>, ledger: &mut L) -> Leave {
    let (mut p, mut pc) = (hot.at, hot.op);
    // SAFETY: `p` moves over what was matched, in which a line feed is only the end of a record. So it is in
    // the text, up to its end, wherever something is read. `pc` moves to alternatives, and to the next operations
    // where there are some: behind each but the one that ends the record.
    let leave = unsafe {
        'record: loop {
            macro_rules! otherwise {
                () => {{
                    // The value is another one; the same literal may stand before others.
                    let op = &*pc;
                    if op.other.is_null() {
                        break 'record Leave::Value;
                    }
                    (p, pc) = (op.at, op.other);
                    continue 'record;
                }};
            }
            let op = &mut *pc;
            if V::load(p).xor(V::load(op.literal.as_ptr())).and(V::load(op.mask.as_ptr())).any() {
                if op.within != Within::Nothing {
                    // The string goes on behind something that stops a plain run, or is a long one.
                    let byte = *p;
                    if byte >= 0x80 {
                        let mut found = beyond(p, &mut hot.wrong, &*hot.letters);
                        if found == 0 {
                            p = p.add(16);
                            found = beyond(p, &mut hot.wrong, &*hot.letters);
                        }
                        if found == 0 {
                            p = p.add(16);
                            break 'record Leave::Letters;
                        }
                        p = p.add(found.trailing_zeros() as usize);
                        continue 'record;
                    }
                    if byte == b'\\' {
                        if (op.within == Within::Watched) | !is_plain_escape(p) {
                            break 'record Leave::Text;
                        }
                        if op.within == Within::Copied {
                            hot.escape_at(p);
                        }
                        p = plain64(p.add(2));
                        continue 'record;
                    }
                    if byte == 0x7f {
                        break 'record Leave::Text;
                    }
                    if (byte >= b' ') & (byte != b'"') {
                        let start = p;
                        p = plain64(p);
                        if p == start.add(64) {
                            break 'record Leave::Long;
                        }
                        continue 'record;
                    }
                }
                if op.other.is_null() {
                    if op.does != Do::Close {
                        break 'record Leave::Literal;
                    }
                    // The array is another one: as for all values, what else may stand there is tried.
                    pc = pc.sub(MORE_OF_STRINGS);
                    // What was noted of it is of no array of strings. Another one may be the one with the outputs.
                    if (*pc).items {
                        hot.item_count = 0;
                    }
                    otherwise!();
                }
                pc = op.other;
                continue 'record;
            }
            op.at = p;
            // In all arms but one, so that the sum is made there: made before the jump to them it would go through
            // memory, and with it all that follows.
            macro_rules! forward {
                () => {
                    p = p.add(op.length as usize)
                };
            }
            match op.does {
                Do::Nothing | Do::Close => forward!(),
                Do::String => {
                    forward!();
                    p = plain32(p);
                }
                Do::Watched if RECIPES => {
                    forward!();
                    if op.watch_count > 1 {
                        break 'record Leave::Tests;
                    }
                    hot.bits |= of_string(&*op.watches, p);
                    p = plain32(p);
                }
                Do::StringOrNull => {
                    forward!();
                    if word4(p) == u32::from_le_bytes(*b"null") {
                        p = p.add(4);
                        pc = pc.add(1);
                    } else if *p == b'"' {
                        p = plain32(p.add(1));
                        if *p == b'"' {
                            p = p.add(1);
                            pc = pc.add(1);
                        }
                    } else {
                        otherwise!();
                    }
                }
                Do::Strings => {
                    forward!();
                    match word2(p) {
                        EMPTY => {
                            p = p.add(2);
                            pc = pc.add(MORE_OF_STRINGS);
                        }
                        OPENED => p = plain32(p.add(2)),
                        _ => otherwise!(),
                    }
                }
                Do::Again => {
                    forward!();
                    p = plain32(p);
                    continue 'record;
                }
                Do::Item if RECIPES => {
                    forward!();
                    if hot.item_count >= MOST_ITEMS {
                        break 'record Leave::Miss;
                    }
                    hot.items[hot.item_count] = op.at.add(1);
                    hot.item_count += 1;
                    p = plain32(p);
                    continue 'record;
                }
                Do::Integer => {
                    forward!();
                    let bytes = V::load(p);
                    let mut length = digits(bytes);
                    let sure = (length.wrapping_sub(1) < 15) & ((*p != b'0') | (length == 1));
                    if !sure | (length > op.sure as usize) {
                        let number = if sure {
                            value(bytes, length)
                        } else {
                            let number = short(p, true);
                            if (number.length == 0) | (number.decimals > 0) {
                                otherwise!();
                            }
                            length = number.length;
                            number.digits
                        };
                        if number.wrapping_sub(op.low) as u64 > op.width {
                            otherwise!();
                        }
                        if RECIPES && op.watch_count > 0 {
                            if op.watch_count > 1 {
                                break 'record Leave::Tests;
                            }
                            hot.bits |= (*op.watches).of_number(number, 0);
                        }
                    }
                    p = p.add(length);
                }
                Do::Number => {
                    forward!();
                    let number = if L::RUNS && op.wanted.get() {
                        // Here there is time for it: behind the record all waits for it.
                        let number = short(p, true);
                        op.double.set(number.float(*p == b'-'));
                        number
                    } else {
                        short(p, false)
                    };
                    if number.length == 0 {
                        otherwise!();
                    }
                    p = p.add(number.length);
                }
                Do::Tested if RECIPES => {
                    forward!();
                    let number = short(p, true);
                    if number.length == 0 {
                        otherwise!();
                    }
                    if op.watch_count > 1 {
                        break 'record Leave::Tests;
                    }
                    hot.bits |= (*op.watches).of_number(number.digits, number.decimals);
                    p = p.add(number.length);
                }
                Do::Bounded if RECIPES => {
                    forward!();
                    let number = short(p, true);
                    let allowed = if number.decimals == 0 {
                        number.digits.wrapping_sub(op.low) as u64 <= op.width
                    } else {
                        let value = number.value();
                        (op.decimals.0 <= value) & (value <= op.decimals.1)
                    };
                    if (number.length == 0) | !allowed {
                        otherwise!();
                    }
                    if op.watch_count > 0 {
                        if op.watch_count > 1 {
                            break 'record Leave::Tests;
                        }
                        hot.bits |= (*op.watches).of_number(number.digits, number.decimals);
                    }
                    p = p.add(number.length);
                }
                Do::Boolean => {
                    forward!();
                    let word = word8(p);
                    let yes = word as u32 == u32::from_le_bytes(*b"true");
                    let no = word & 0xff_ffff_ffff == u64::from_le_bytes(*b"false\0\0\0");
                    if !(yes | no) {
                        otherwise!();
                    }
                    if RECIPES && op.watch_count > 0 {
                        let watch = &*op.watches;
                        hot.bits |= if yes { watch.yes } else { watch.no };
                    }
                    p = p.add(5 - usize::from(yes));
                }
                Do::Other | Do::Wrong => break 'record Leave::Other,
                // None of these was learned.
                Do::Watched | Do::Item | Do::Tested | Do::Bounded => break 'record Leave::Miss,
                Do::End => {
                    forward!();
                    let length = p.offset_from(hot.record) as usize;
                    if hot.wrong.any() | (length > hot.longest + 1) {
                        break 'record Leave::Miss;
                    }
                    if L::RUNS {
                        (hot.at, hot.op) = (p, pc);
                        if let Some(leave) = each(hot, ledger) {
                            break 'record leave;
                        }
                        (p, pc) = (hot.at, hot.op);
                        continue 'record;
                    }
                    // Without a program nothing more is to be found out.
                    if op.passes & hot.passing & !hot.odd {
                        ledger.passed(p.offset_from(hot.text) as usize);
                        hot.records += 1;
                        hot.record = p;
                        pc = hot.root;
                        if p >= hot.end {
                            break 'record Leave::Done;
                        }
                        continue 'record;
                    }
                    let End::Replay { bits: known, pieces, literals, times, alone, whole } =
                        &*hot.ends.add(op.end as usize)
                    else {
                        break 'record Leave::Run;
                    };
                    let kept = hot.keep >> ((hot.bits | known) & 63) & 1 != 0;
                    if kept & hot.odd {
                        break 'record Leave::Miss;
                    }
                    if hot.passing {
                        if !(kept & whole) {
                            p = op.at;
                            break 'record Leave::Copy;
                        }
                        ledger.passed(p.offset_from(hot.text) as usize);
                    } else if kept {
                        let room = (hot.out_end as usize) - (hot.out as usize);
                        if (room as u64) < most(*literals as u32, *times as u32, length as u32) {
                            break 'record Leave::Full;
                        }
                        let mut out = hot.out;
                        match alone {
                            Some((from, to)) => {
                                let (from, to) = (from.place(), to.place());
                                out = copy(from, to as usize - from as usize, out);
                            }
                            None => {
                                for piece in pieces {
                                    out = put(piece, out);
                                }
                            }
                        }
                        hot.out = out;
                        ledger.done(
                            1,
                            p.offset_from(hot.text) as usize,
                            hot.out.offset_from(hot.out_start) as usize,
                        );
                    } else {
                        ledger.done(
                            0,
                            p.offset_from(hot.text) as usize,
                            hot.out.offset_from(hot.out_start) as usize,
                        );
                    }
                    hot.records += 1;
                    hot.record = p;
                    hot.bits = 0;
                    hot.odd = false;
                    pc = hot.root;
                    if p >= hot.end {
                        break 'record Leave::Done;
                    }
                    continue 'record;
                }
            }
            pc = pc.add(1);
        }
    };
    (hot.at, hot.op) = (p, pc);
    leave
}

/// What the program asks of a string, given the place behind its opening quote.
///
/// # Safety
/// The place is in a text as described in [`crate::bytes`], up to its end.
#[inline(always)]
pub(super) unsafe fn of_string(watch: &Watch, place: *const u8) -> u64 {
    let (text, mask, length) = watch.text();
    // SAFETY: as the caller says; a constant has at most sixteen bytes.
    let holds = unsafe {
        let differs = V::load(place).xor(V::load(text.as_ptr())).and(V::load(mask.as_ptr())).any();
        !differs & (*place.add(length) == b'"')
    };
    if holds { watch.yes } else { watch.no }
}

/// `[]` and `["`.
const EMPTY: u16 = u16::from_le_bytes(*b"[]");
const OPENED: u16 = u16::from_le_bytes(*b"[\"");

const _: () = assert!(CHUNK <= 16 && PAD >= 64);

#[cfg(test)]
mod tests {
    use super::{PAD, most};

    #[test]
    fn no_output_is_too_large_to_be_told() {
        for literals in [0, 7, u32::MAX] {
            for times in [0, 1, 300, 1 << 16, u32::MAX] {
                for length in [1, 1 << 16, 14_316_557, u32::MAX] {
                    let expected =
                        u128::from(times) * u128::from(length) + u128::from(literals) + PAD as u128;
                    let found = most(literals, times, length);
                    assert_eq!(u128::from(found), expected);
                }
            }
        }
    }
}
