//! The learned tier: where its loop stops, and goes on.

use super::*;

impl Engine {
    /// Records of known shapes, up to one that has none, or that fails: with the end of its line, and why.
    pub(super) fn learned<L: Ledger>(
        &mut self,
        lines: &mut Lines<'_>,
        ledger: &mut L,
    ) -> (Result<Leave, (usize, Why)>, u32) {
        let Some(ahead) = Ahead::new(lines.buffer, lines.end - 1) else { return (Ok(Leave::Miss), 0) };
        let text = lines.buffer.as_ptr();
        let root = self.learn.trie.root();
        let out = lines.out.as_mut_ptr();
        let mut hot = Hot {
            at: text.wrapping_add(lines.at),
            op: root,
            root,
            record: text.wrapping_add(lines.at),
            text,
            ahead,
            end: text.wrapping_add(lines.end),
            out: out.wrapping_add(lines.written),
            out_start: out,
            out_end: out.wrapping_add(lines.out.len()),
            ends: self.learn.trie.ends.as_ptr(),
            keep: self.learn.keep,
            longest: lines.longest,
            bits: 0,
            letters: std::hint::black_box(&LETTERS),
            wrong: V::splat(0),
            odd: false,
            first: std::ptr::null(),
            last: std::ptr::null(),
            outside: std::ptr::null(),
            passing: lines.passing,
            items: [text; MOST_ITEMS],
            item_count: 0,
            records: 0,
        };
        let leave = loop {
            // SAFETY: `lines` checked the text and its padding; `out` is borrowed here; the trie is this engine's,
            // which is borrowed too, and it is not empty.
            let leave = unsafe { hot::run(&mut hot, ledger) };
            let resumed = match leave {
                Leave::Other => self.other(&mut hot, lines),
                Leave::Run if !L::RUNS => self.run(&mut hot, lines, ledger),
                Leave::Copy if !L::RUNS => {
                    lines.at = hot.record as usize - text as usize;
                    lines.copy_for(&mut hot, ledger);
                    None
                }
                // SAFETY: the loop left for this, with the same text and trie.
                Leave::Long => unsafe {
                    hot::long(&mut hot);
                    None
                },
                // SAFETY: likewise.
                Leave::Letters => unsafe {
                    hot::letters(&mut hot);
                    None
                },
                // SAFETY: likewise.
                Leave::Text => (!unsafe { hot::text(&mut hot) }).then_some(Leave::Miss),
                // SAFETY: likewise.
                Leave::Tests if RECIPES => (!unsafe { hot::tests(&mut hot) }).then_some(Leave::Miss),
                Leave::Literal if self.goes_on(&mut hot, lines) => None,
                _ => Some(leave),
            };
            let Some(leave) = resumed else { continue };
            let misses = matches!(leave, Leave::Miss | Leave::Literal | Leave::Value);
            let failed = if RECIPES && !L::RUNS && misses { self.failed(leave, &hot, lines) } else { None };
            let Some((end, why)) = failed else { break Ok(leave) };
            lines.at = hot.record as usize - text as usize;
            lines.copy_for(&mut hot, ledger);
            if !ledger.fails(self, why, lines.buffer, (lines.at, end)) {
                break Err((end, why));
            }
            self.forget();
            self.policy.hits(1);
            (hot.at, hot.longest) = (text.wrapping_add(end + 1), lines.longest);
            if let Some(leave) = hot.begin() {
                break Ok(leave);
            }
        };
        lines.at = hot.record as usize - text as usize;
        lines.written = hot.out as usize - out as usize;
        (leave, hot.records)
    }

    /// Whether the integer before a literal that was missed goes on with a fraction or an exponent, and may: then it is
    /// read as another value.
    fn goes_on(&self, hot: &mut Hot<'_>, lines: &Lines<'_>) -> bool {
        let more = matches!(lines.buffer[hot.at as usize - hot.text as usize], b'.' | b'e' | b'E');
        match more.then(|| self.learn.trie.before(hot.op)).flatten() {
            Some(op) if op.does == Do::Integer && !op.other.is_null() => {
                (hot.at, hot.op) = (op.at, op.other);
                true
            }
            _ => false,
        }
    }

    /// A value that the loop does not read itself.
    fn other(&mut self, hot: &mut Hot<'_>, lines: &Lines<'_>) -> Option<Leave> {
        // SAFETY: the loop left at an operation of the trie.
        let op = unsafe { &*hot.op };
        hot.at = op.at.wrapping_add(op.length as usize);
        let at = hot.at as usize - hot.text as usize;
        let Some(line) = Line::new(lines.buffer, at, lines.end - 1) else { return Some(Leave::Miss) };
        let known = class(lines.buffer[at]) == class(op.first);
        let read = known.then(|| self.exact.value(&self.plan, line, op.place, op.nesting));
        let length = match (read, self.exact.breach.take()) {
            (Some(Ok(length)), Some(breach)) if RECIPES => {
                if !self.breaks(hot, op, breach, lines) {
                    return Some(Leave::Miss);
                }
                length
            }
            (Some(Ok(length)), None) if op.does != Do::Wrong => length,
            _ if op.other.is_null() => return Some(Leave::Value),
            _ => {
                (hot.at, hot.op) = (op.at, op.other);
                return None;
            }
        };
        let copied = op.copied;
        // Without a program all of the record is copied, but for white space.
        let spaced = self.exact.spaced & (copied | self.program.is_none());
        hot.odd |= self.exact.odd & copied | spaced;
        if copied {
            match lines.buffer[at] {
                // It is read from its text.
                b'{' => {}
                // Escapes in it were not noted.
                b'[' => {
                    hot.escape_at(hot.at);
                    hot.escape_at(hot.at.wrapping_add(length));
                }
                _ => hot.outside = hot.at,
            }
        }
        hot.at = hot.at.wrapping_add(length);
        hot.op = hot.op.wrapping_add(1);
        None
    }

    /// The program on a record that the loop has read.
    #[inline(never)]
    fn run<'l, L: Ledger>(
        &mut self,
        hot: &mut Hot<'l>,
        lines: &mut Lines<'l>,
        ledger: &mut L,
    ) -> Option<Leave> {
        lines.at = hot.record as usize - hot.text as usize;
        lines.copy_for(hot, ledger);
        // SAFETY: the loop left at an operation of the trie, one that ends a record.
        let end = unsafe { (*hot.op).end } as usize;
        let (Some(end), Some(program)) = (self.learn.trie.ends.get(end), &self.program) else {
            return Some(Leave::Miss);
        };
        let slots = match end {
            End::Run { slots } => slots,
            // SAFETY: the loop left at the end of a record of this shape.
            End::Items { bits, array } => return unsafe { hot::items(hot, ledger, *bits, array) },
            _ => return Some(Leave::Miss),
        };
        let out = &mut self.out;
        reset(out);
        let Ok(outputs) = program.run(&hot.found(slots), out) else { return Some(Leave::Miss) };
        let written = hot.out as usize - hot.out_start as usize;
        if lines.out.len() - written < out.len() + PAD {
            reset(out);
            return Some(Leave::Full);
        }
        let length = out.len();
        out.extend_from_slice(&[0; PAD]);
        // SAFETY: there is as much room behind the loop's place in the output, which is borrowed by `lines`. It is not
        // written through that borrow, so that the loop's pointer stays good.
        hot.out = unsafe { copy(out.as_ptr(), length, hot.out) };
        ledger.done(outputs, hot.at as usize - hot.text as usize, written + length);
        hot.next()
    }
}
