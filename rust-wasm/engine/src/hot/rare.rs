//! What the loop leaves to others, and comes back from.

use super::run::of_string;
use super::{Hot, Leave, Ledger};
use crate::bytes::{PAD, beyond_ascii, copy, escape, plain, short};
use crate::shape::{Cut, Do, End, Within};

/// Reads on in a string, where the loop left because of what stands there. False if it is not right, or if it is
/// for the exact tier.
///
/// # Safety
/// As for [`run`](super::run), which left with [`Leave::Text`].
#[inline(never)]
pub(crate) unsafe fn text(hot: &mut Hot<'_>) -> bool {
    // SAFETY: as the caller says; each stop is in the text, and behind one that is no line feed it goes on.
    unsafe {
        let within = (*hot.op).within;
        match *hot.at {
            b'\\' => {
                let (length, odd) = escape(hot.at);
                if length == 0 || within == Within::Watched {
                    return false;
                }
                if within == Within::Copied {
                    hot.odd |= odd;
                    hot.escape_at(hot.at);
                }
                hot.at = hot.at.add(length);
            }
            0x7f => {
                if within == Within::Watched {
                    return false;
                }
                hot.odd |= within == Within::Copied;
                hot.at = hot.at.add(1);
            }
            _ => return false,
        }
        true
    }
}

/// Reads on in a string that is not ASCII, up to what stands in it behind the characters that the loop has seen.
///
/// # Safety
/// As for [`run`](super::run), which left with [`Leave::Letters`].
#[inline(never)]
pub(crate) unsafe fn letters(hot: &mut Hot<'_>) {
    // SAFETY: as the caller says: the place is in a text, behind 32 bytes of it that are no line feed.
    hot.at = unsafe { beyond_ascii(hot.at, &mut hot.wrong) };
}

/// Reads a value of which the program asks several things. False if it is not of the kind that it was taken for.
///
/// # Safety
/// As for [`run`](super::run), which left with [`Leave::Tests`].
#[inline(never)]
pub(crate) unsafe fn tests(hot: &mut Hot<'_>) -> bool {
    // SAFETY: as the caller says: the operation has watches, and they live.
    unsafe {
        let op = &*hot.op;
        let watches = std::slice::from_raw_parts(op.watches, op.watch_count as usize);
        if op.does == Do::Watched {
            watches.iter().for_each(|watch| hot.bits |= of_string(watch, hot.at));
        } else {
            let number = short(hot.at, true);
            if number.length == 0 || (op.does == Do::Integer && number.decimals > 0) {
                return false;
            }
            watches.iter().for_each(|watch| hot.bits |= watch.of_number(number.digits, number.decimals));
            hot.at = hot.at.add(number.length);
        }
        hot.op = hot.op.add(1);
        true
    }
}

/// Reads on in a plain string, up to what stops it.
///
/// # Safety
/// As for [`run`](super::run), which left with [`Leave::Long`].
#[inline(never)]
pub(crate) unsafe fn long(hot: &mut Hot<'_>) {
    // SAFETY: as the caller says: the place is in a text, behind 64 bytes of it that are no line feed.
    hot.at = unsafe { plain(hot.at) };
}

/// Writes the items of an array of strings that was read, each as an output; why not, if it does not.
///
/// # Safety
/// As for [`run`](super::run), which left with [`Leave::Run`]; the cuts are of the array, in this record.
#[inline(never)]
pub(crate) unsafe fn items<L: Ledger>(
    hot: &mut Hot<'_>,
    ledger: &mut L,
    known: u64,
    array: &(Cut, Cut),
) -> Option<Leave> {
    let kept = hot.keep >> ((hot.bits | known) & 63) & 1 != 0;
    // Without the brackets.
    let (from, to) = (array.0.place().wrapping_add(1), array.1.place().wrapping_sub(1));
    let length = to as usize - from as usize;
    let mut outputs = 0;
    if kept && length > 0 {
        if hot.odd {
            return Some(Leave::Miss);
        }
        if (hot.out_end as usize) - (hot.out as usize) < length + 1 + PAD {
            return Some(Leave::Full);
        }
        // SAFETY: there is room; the array is in the text, and the commas are in it.
        unsafe {
            copy(from, length, hot.out);
            for comma in &hot.items[..hot.item_count] {
                *hot.out.add(*comma as usize - from as usize) = b'\n';
            }
            *hot.out.add(length) = b'\n';
        }
        hot.out = hot.out.wrapping_add(length + 1);
        outputs = hot.item_count as u32 + 1;
    }
    ledger.done(outputs, hot.at as usize - hot.text as usize, hot.out as usize - hot.out_start as usize);
    hot.next()
}

/// Runs the ledger's program on a record that was read; why not, if it does not.
///
/// # Safety
/// As for [`run`](super::run), which is at the last operation of a record.
#[inline(never)]
pub(crate) unsafe fn each<L: Ledger>(hot: &mut Hot<'_>, ledger: &mut L) -> Option<Leave> {
    // SAFETY: as the caller says.
    let end = unsafe { &*hot.ends.add((*hot.op).end as usize) };
    let End::Run { slots } = end else { return Some(Leave::Miss) };
    let consumed = hot.at as usize - hot.text as usize;
    if ledger.run(&hot.found(slots), consumed).is_none() {
        return Some(Leave::Miss);
    }
    hot.next()
}
