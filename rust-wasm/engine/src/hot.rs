//! The loop that runs for nearly every record, over the trie of shapes.
//!
//! It makes no call: with one call anywhere in it the compiler would keep its place and its vectors in memory.
//! What is rare leaves it with a reason, is done outside, and comes back.

use crate::bytes::{PAD, beyond_ascii, copy, escape, plain, short, word4, word8};
use crate::exact::Kind;
use crate::shape::{CHUNK, Do, End, Op, Piece, Within};
use crate::vector::V;

/// Takes note of each record that is done.
pub trait Ledger {
    /// One record more is done, with so many outputs; up to it the text has `consumed` bytes and the output
    /// `written`.
    fn done(&mut self, outputs: u32, consumed: usize, written: usize);

    /// A line was passed over that is no record. It belongs to what the next record consumes.
    fn blank(&mut self) {}
}

/// Why the loop was left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Leave {
    /// All records are done.
    Done,
    /// The record has no known shape.
    Miss,
    /// A value that the exact tier has to read stands here.
    Other,
    /// The record has been read, and the program has to be run.
    Run,
    /// There is not enough room for the output.
    Full,
}

/// Where the loop is. It begins at a record, or behind a value that was read outside.
pub(crate) struct Hot {
    /// The next byte.
    pub at: *const u8,
    /// The operation that stands there.
    pub op: *mut Op,
    /// The first operation of all shapes.
    pub root: *mut Op,
    /// Where the record begins.
    pub record: *const u8,
    /// Where the text of all records begins, which ends with a line feed, and where it ends.
    pub text: *const u8,
    pub end: *const u8,
    /// The next byte of the output, with its start and its end.
    pub out: *mut u8,
    pub out_start: *mut u8,
    pub out_end: *mut u8,
    pub ends: *const End,
    /// Which outcomes of the program's tests keep a record: a bit for each.
    pub keep: u64,
    /// Bytes of a record, at most.
    pub longest: usize,
    /// The outcomes for this record so far.
    pub bits: u64,
    /// What is wrong with this record as UTF-8.
    pub wrong: V,
    /// Something that may be copied is not written as our writer writes it.
    pub odd: bool,
    /// Records done in this loop.
    pub records: u32,
}

/// From the opening quote of a string to behind its closing one; null if it is not right or not written as it
/// could be.
///
/// # Safety
/// As for [`plain`].
#[inline(always)]
unsafe fn whole_string(place: *const u8, wrong: &mut V) -> *const u8 {
    // SAFETY: as the caller says; each stop is in the text, and behind one that is no line feed it goes on.
    unsafe {
        if *place != b'"' {
            return std::ptr::null();
        }
        let mut at = plain(place.add(1));
        loop {
            match *at {
                b'"' => return at.add(1),
                0x80.. => at = beyond_ascii(at, wrong),
                b'\\' => match escape(at) {
                    (0, _) | (_, true) => return std::ptr::null(),
                    (length, false) => at = plain(at.add(length)),
                },
                _ => return std::ptr::null(),
            }
        }
    }
}

/// What the program asks of a number, at least one thing.
///
/// # Safety
/// The operation has watches, and they live.
#[inline(always)]
unsafe fn of_number(op: &Op, digits: i64, decimals: usize) -> u64 {
    // SAFETY: as the caller says.
    unsafe {
        let mut bits = (*op.watches).of_number(digits, decimals);
        // Mostly it is one: no loop, at which a deadline would be looked at.
        if op.watch_count > 1 {
            for watch in 1..op.watch_count as usize {
                bits |= (*op.watches.add(watch)).of_number(digits, decimals);
            }
        }
        bits
    }
}

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

/// Runs until something is rare.
///
/// # Safety
/// `hot.text` to `hot.end` is a text that ends with a line feed, with [`PAD`] bytes behind it that can be read;
/// `at` and `record` are places of it. `out` to `out_end` can be written. `op` and `root` are operations of a trie
/// whose ends are `ends`; nobody else uses it.
#[inline(never)]
pub(crate) unsafe fn run<L: Ledger>(hot: &mut Hot, ledger: &mut L) -> Leave {
    let (mut p, mut pc) = (hot.at, hot.op);
    let mut wrong = hot.wrong;
    let mut bits = hot.bits;
    // SAFETY: `p` moves over what was matched, in which a line feed is only the end of a record. So it is in
    // the text, up to its end, wherever something is read. `pc` moves to alternatives, and to the next operation
    // where there is one: behind each but the one that ends the record.
    let leave = unsafe {
        'record: loop {
            // One operation, four times over: a deadline is looked at whenever the loop begins.
            macro_rules! otherwise {
                () => {{
                    // The value is another one; the same literal may stand before others.
                    let op = &*pc;
                    if op.other.is_null() {
                        break 'record Leave::Miss;
                    }
                    (p, pc) = (op.at, op.other);
                    continue 'record;
                }};
            }
            macro_rules! operation {
                () => {
                    let op = &mut *pc;
                    let differs =
                        V::load(p).xor(V::load(op.literal.as_ptr())).and(V::load(op.mask.as_ptr())).any();
                    if differs {
                        if op.within != Within::Nothing {
                            // The string goes on behind something that stops a plain run.
                            match *p {
                                0x80.. => {
                                    p = beyond_ascii(p, &mut wrong);
                                    continue 'record;
                                }
                                b'\\' => {
                                    let (length, odd) = escape(p);
                                    if length == 0 || op.within == Within::Watched {
                                        break 'record Leave::Miss;
                                    }
                                    hot.odd |= odd & (op.within == Within::Copied);
                                    p = plain(p.add(length));
                                    continue 'record;
                                }
                                0x7f => {
                                    if op.within == Within::Watched {
                                        break 'record Leave::Miss;
                                    }
                                    hot.odd |= op.within == Within::Copied;
                                    p = plain(p.add(1));
                                    continue 'record;
                                }
                                _ => {}
                            }
                        }
                        if op.other.is_null() {
                            break 'record Leave::Miss;
                        }
                        pc = op.other;
                        continue 'record;
                    }
                    op.at = p;
                    p = p.add(op.length as usize);
                    match op.does {
                        Do::Nothing => {}
                        Do::Value(Kind::String) => {
                            if op.watch_count > 0 {
                                for watch in 0..op.watch_count as usize {
                                    let watch = &*op.watches.add(watch);
                                    let (text, mask, length) = watch.text();
                                    let same = !V::load(p)
                                        .xor(V::load(text.as_ptr()))
                                        .and(V::load(mask.as_ptr()))
                                        .any();
                                    let holds = same & (*p.add(length) == b'"');
                                    bits |= if holds { watch.yes } else { watch.no };
                                }
                            }
                            p = plain(p);
                        }
                        Do::Value(Kind::StringOrNull) => {
                            if word4(p) == u32::from_le_bytes(*b"null") {
                                p = p.add(4);
                            } else {
                                let end = whole_string(p, &mut wrong);
                                if end.is_null() {
                                    otherwise!();
                                }
                                p = end;
                            }
                        }
                        Do::Value(Kind::Integer) => {
                            let number = short(p, true);
                            let allowed = number.digits.wrapping_sub(op.low) as u64 <= op.width;
                            if (number.length == 0) | (number.decimals > 0) | !allowed {
                                otherwise!();
                            }
                            if op.watch_count > 0 {
                                bits |= of_number(op, number.digits, 0);
                            }
                            p = p.add(number.length);
                        }
                        Do::Value(Kind::Number) => {
                            if op.watch_count == 0 {
                                let number = short(p, false);
                                if number.length == 0 {
                                    otherwise!();
                                }
                                p = p.add(number.length);
                            } else {
                                let number = short(p, true);
                                if number.length == 0 {
                                    otherwise!();
                                }
                                bits |= of_number(op, number.digits, number.decimals);
                                p = p.add(number.length);
                            }
                        }
                        Do::Value(Kind::Boolean) => {
                            let word = word8(p);
                            let yes = word as u32 == u32::from_le_bytes(*b"true");
                            let no = word & 0xff_ffff_ffff == u64::from_le_bytes(*b"false\0\0\0");
                            if !(yes | no) {
                                otherwise!();
                            }
                            for watch in 0..op.watch_count as usize {
                                let watch = &*op.watches.add(watch);
                                bits |= if yes { watch.yes } else { watch.no };
                            }
                            p = p.add(5 - usize::from(yes));
                        }
                        Do::Value(Kind::Strings) => {
                            if *p != b'[' {
                                otherwise!();
                            }
                            p = p.add(1);
                            if *p == b']' {
                                p = p.add(1);
                            } else {
                                loop {
                                    let end = whole_string(p, &mut wrong);
                                    if end.is_null() {
                                        otherwise!();
                                    }
                                    p = end.add(1);
                                    match *end {
                                        b',' => {}
                                        b']' => break,
                                        _ => break 'record Leave::Miss,
                                    }
                                }
                            }
                        }
                        Do::Value(Kind::Other) => break 'record Leave::Other,
                        Do::End => {
                            let length = p.offset_from(hot.record) as usize;
                            if wrong.any() | (length > hot.longest + 1) {
                                break 'record Leave::Miss;
                            }
                            let End::Replay { bits: known, pieces, literals, spans } =
                                &*hot.ends.add(op.end as usize)
                            else {
                                break 'record Leave::Run;
                            };
                            let kept = hot.keep >> ((bits | known) & 63) & 1 != 0;
                            if kept {
                                if hot.odd {
                                    break 'record Leave::Miss;
                                }
                                let most = literals + spans * length + PAD;
                                if (hot.out_end as usize) - (hot.out as usize) < most {
                                    break 'record Leave::Full;
                                }
                                let (mut out, mut rest) = (hot.out, &pieces[..]);
                                // Two at a time, for the same reason.
                                while let [piece, more @ ..] = rest {
                                    out = put(piece, out);
                                    rest = more;
                                    if let [piece, more @ ..] = rest {
                                        out = put(piece, out);
                                        rest = more;
                                    }
                                }
                                hot.out = out;
                            }
                            hot.records += 1;
                            ledger.done(
                                u32::from(kept),
                                p.offset_from(hot.text) as usize,
                                hot.out.offset_from(hot.out_start) as usize,
                            );
                            hot.record = p;
                            bits = 0;
                            hot.odd = false;
                            pc = hot.root;
                            if p >= hot.end {
                                break 'record Leave::Done;
                            }
                            continue 'record;
                        }
                    }
                    pc = pc.add(1);
                };
            }
            operation!();
            operation!();
            operation!();
            operation!();
        }
    };
    (hot.at, hot.op, hot.wrong, hot.bits) = (p, pc, wrong, bits);
    leave
}

const _: () = assert!(CHUNK <= 16 && PAD >= 64);
