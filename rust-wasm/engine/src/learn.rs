//! From a record that the exact tier has read to a shape, and when to make one.

use crate::engine::slot;
use crate::exact::{ASTRAY, Breach, Exact, Kind, Span, Token};
use crate::fails::Path;
use crate::plan::{NO_SLOT, Plan};
use crate::program::{Constant, Op, Piece as Output, Program, Straight, Test};
use crate::shape::{CHUNK, Cut, Do, End, Op as Operation, Piece, Trie, Way};
use crate::watch::Watch;
use wasmrecords_json::string_end;

/// What was learned.
pub(crate) struct Learn {
    pub trie: Trie,
    /// Which outcomes of the program's tests keep a record.
    pub keep: u64,
    /// The slot whose items are the outputs.
    items: Option<usize>,
    /// For each slot what to ask of its value, if that is a number, a string or a boolean.
    numbers: Vec<Vec<Watch>>,
    strings: Vec<Vec<Watch>>,
    booleans: Vec<Vec<Watch>>,
}

/// Shapes that are kept.
const MOST_ENDS: usize = 256;

impl Learn {
    pub fn new(plan: &Plan, program: Option<&Program>) -> Learn {
        let straight = program.and_then(Program::straight);
        let tests = straight.map_or(&[][..], |straight| &straight.tests);
        let each = |kind: Kind| -> Vec<Vec<Watch>> {
            let of_slot = |slot| {
                let tests = tests.iter().enumerate().filter(|(_, test)| test.slot == slot);
                tests.filter_map(|(bit, test)| watch(test, kind, bit)).collect()
            };
            (0..plan.slots).map(of_slot).collect()
        };
        Learn {
            trie: Trie::new(),
            keep: straight.map_or(1, |straight| straight.keep),
            items: straight.and_then(Straight::items),
            numbers: each(Kind::Number),
            strings: each(Kind::String),
            booleans: each(Kind::Boolean).into_iter().map(Watch::together).collect(),
        }
    }

    /// Makes a shape of a record, which the exact tier has just read and the program has run on. `whole` is its
    /// text with the end of its line.
    pub fn shape(&mut self, plan: &Plan, program: Option<&Program>, exact: &Exact, whole: &[u8]) {
        let Some(way) = self.way(plan, exact, whole) else { return };
        let text = &whole[..whole.len() - 1];
        let end = self.replay(plan, program, exact, text, &way).or_else(|| run(exact, &way));
        let Some(end) = end else { return };
        self.trie.end(&way, end);
    }

    /// The same of a record that fails, by a value that has to be wrong again, or by what is missing.
    pub fn failing(&mut self, plan: &Plan, exact: &Exact, whole: &[u8]) {
        let Some(Breach { place, start, missing, .. }) = exact.breach else { return };
        let Some(way) = self.way(plan, exact, whole) else { return };
        if exact.tokens.iter().any(|token| token.kind == Kind::Wrong) {
            return;
        }
        let path = Path::behind(&whole[..start]);
        let (Some(missing), Some(start)) = (missing, way.cut(start)) else { return };
        self.trie.end(&way, End::Lacks { place, start, missing, path });
    }

    fn way(&mut self, plan: &Plan, exact: &Exact, whole: &[u8]) -> Option<Way> {
        if self.trie.shapes() >= MOST_ENDS {
            return None;
        }
        let Learn { trie, items, numbers, strings, booleans, .. } = self;
        let fill = |op: &mut Operation, token: &Token| {
            let place = plan.place(token.place);
            op.copied = place.copied;
            op.items = *items == Some(usize::from(place.slot));
            op.does = match token.kind {
                Kind::String => Do::String,
                Kind::StringOrNull => Do::StringOrNull,
                Kind::Integer => Do::Integer,
                Kind::Number => Do::Number,
                Kind::Bounded => Do::Bounded,
                Kind::Boolean => Do::Boolean,
                Kind::Strings => Do::Strings,
                Kind::Other => Do::Other,
                Kind::Wrong => Do::Wrong,
            };
            if let Some((least, most)) = place.integers {
                (op.low, op.width) = range(least, most);
                op.sure = sure(least, most);
            }
            if let (Kind::Bounded, Some(((least, most), decimals))) = (token.kind, place.range) {
                (op.low, op.width) = range(least, most);
                op.decimals = decimals;
            }
            let watches = match token.kind {
                _ if place.slot == NO_SLOT => return,
                Kind::Integer | Kind::Number | Kind::Bounded => &numbers[usize::from(place.slot)],
                Kind::String => &strings[usize::from(place.slot)],
                Kind::Boolean => &booleans[usize::from(place.slot)],
                _ => return,
            };
            (op.watches, op.watch_count) = (watches.as_ptr(), watches.len() as u32);
            if !watches.is_empty() {
                op.sure = 0;
                op.does = match op.does {
                    Do::String => Do::Watched,
                    Do::Number => Do::Tested,
                    does => does,
                };
            }
        };
        trie.add(whole, &exact.tokens, exact.breach.is_some(), fill)
    }

    /// What becomes of a record of this shape, if that does not depend on more than the tests.
    fn replay(
        &self,
        plan: &Plan,
        program: Option<&Program>,
        exact: &Exact,
        text: &[u8],
        way: &Way,
    ) -> Option<End> {
        let trimmed = text.trim_ascii();
        let (mut bits, mut output) = (0, Vec::new());
        let spans: Vec<_> = exact.slots().iter().map(|span| slot(text, *span)).collect();
        match program {
            None => {
                output.push(Output::Span(trimmed));
                output.push(Output::Literal(b"\n"));
            }
            Some(program) => {
                let straight = program.straight()?;
                for (bit, test) in straight.tests.iter().enumerate() {
                    if !self.is_watched(plan, exact, text, test)? {
                        bits |= u64::from(test.holds(spans[test.slot]).ok()?) << bit;
                    }
                }
                if exact.odd {
                    return None;
                }
                if let Some(slot) = straight.items() {
                    let Span { start, end } = exact.slots()[slot];
                    let (start, end) = (start as usize, end as usize);
                    let is_it = |token: &&Token| token.start == start && token.kind == Kind::Strings;
                    exact.tokens.iter().find(is_it)?;
                    return Some(End::Items { bits, array: (way.cut(start)?, way.cut(end)?) });
                }
                straight.pieces(&spans, &mut output).ok()?;
            }
        }
        let mut pieces = Pieces { text, way, spaced: exact.spaced, tokens: &exact.tokens, all: Vec::new() };
        for part in output {
            match part {
                Output::Literal(literal) => pieces.literal(literal),
                Output::Span(span) => pieces.span(span)?,
            }
        }
        let (pieces, literals, spans, whole) = pieces.finish()?;
        let alone = match &pieces[..] {
            [Piece { length: 0, span, .. }] => *span,
            _ => None,
        };
        Some(End::Replay { bits, pieces, literals, spans, alone, whole })
    }

    /// Whether the loop answers a test for records of this shape; else its outcome is the same for all of them.
    /// None if neither is so.
    fn is_watched(&self, plan: &Plan, exact: &Exact, text: &[u8], test: &Test) -> Option<bool> {
        let span = exact.slots()[test.slot];
        if span.start >= span.end {
            return if same(span, ASTRAY) { None } else { Some(false) };
        }
        let token = exact.tokens.iter().find(|token| {
            let inner = usize::from(token.kind == Kind::String);
            token.start == span.start as usize + inner
                && usize::from(plan.place(token.place).slot) == test.slot
        });
        // What depends on more than that something is there, or not null, or of which type.
        let deep = matches!(test.op, Op::Holds(_) | Op::Is(_, Constant::Array(_) | Constant::Object(_)));
        // A literal: null, or an object, which may hold anything.
        let Some(token) = token else {
            let null = text.get(span.start as usize) == Some(&b'n');
            return (null || !deep).then_some(false);
        };
        match token.kind {
            Kind::StringOrNull | Kind::Other if !matches!(test.op, Op::Present) => None,
            Kind::Strings if deep => None,
            kind if !depends(test, kind) => Some(false),
            kind => watch(test, kind, 0).map(|_| true),
        }
    }
}

/// Whether the outcome of a test depends on more of a value than its kind.
fn depends(test: &Test, kind: Kind) -> bool {
    matches!(
        (kind, &test.op),
        (Kind::Boolean, Op::True | Op::Is(..))
            | (Kind::Integer | Kind::Number | Kind::Bounded, Op::Is(_, Constant::Number(..)))
            | (Kind::String, Op::Is(_, Constant::String(_)))
            | (_, Op::Holds(_))
    )
}

/// How the loop answers a test of a value of this kind, if it can and has to.
pub(crate) fn watch(test: &Test, kind: Kind, bit: usize) -> Option<Watch> {
    let holds = |text: &[u8]| test.holds(text).ok();
    match (kind, &test.op) {
        (Kind::Boolean, Op::Present) => None,
        (Kind::Boolean, _) => Some(Watch::boolean(holds(b"true")?, holds(b"false")?, bit)),
        (Kind::Integer | Kind::Number | Kind::Bounded, Op::Is(op, constant)) => {
            Watch::number(*op, constant, bit)
        }
        (Kind::String, Op::Is(op, constant)) => Watch::string(*op, constant, bit),
        _ => None,
    }
}

/// Integers from where on, up to how many more. Between `1.2` and `1.8` there are none, and no short number is the
/// one that stands for them.
fn range(least: i64, most: i64) -> (i64, u64) {
    if most < least { (i64::MAX, 0) } else { (least, most.wrapping_sub(least) as u64) }
}

/// Up to how many digits an integer without a sign is in this range, whatever they are.
fn sure(least: i64, most: i64) -> u32 {
    let mut digits = 0;
    while least <= 0 && digits < 15 && 10_i64.pow(digits + 1) - 1 <= most {
        digits += 1;
    }
    digits
}

fn same(one: Span, other: Span) -> bool {
    (one.start, one.end) == (other.start, other.end)
}

/// The slots of a record of this shape, for the program to be run.
fn run(exact: &Exact, way: &Way) -> Option<End> {
    let slots = exact.slots().iter().map(|span| {
        if same(*span, ASTRAY) {
            return None;
        }
        if span.start == span.end {
            return Some(None);
        }
        Some(Some((way.cut(span.start as usize)?, way.cut(span.end as usize)?)))
    });
    // With white space in a literal a span may be odd each time.
    if exact.spaced {
        return None;
    }
    Some(End::Run { slots: slots.collect::<Option<_>>()? })
}

/// Pieces of output in the making.
struct Pieces<'l> {
    text: &'l [u8],
    way: &'l Way,
    spaced: bool,
    tokens: &'l [Token],
    all: Vec<Part>,
}

enum Part {
    Literal(Vec<u8>),
    Span(usize, usize),
}

impl Pieces<'_> {
    fn literal(&mut self, literal: &[u8]) {
        match self.all.last_mut() {
            Some(Part::Literal(last)) => last.extend_from_slice(literal),
            _ if literal.is_empty() => {}
            _ => self.all.push(Part::Literal(literal.into())),
        }
    }

    /// A part of the record, in so many spans that no white space between tokens is in them.
    fn span(&mut self, span: &[u8]) -> Option<()> {
        let start = (span.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        let end = start + span.len();
        if end > self.text.len() {
            return None;
        }
        if !self.spaced {
            self.join(start, end);
            return Some(());
        }
        let (mut from, mut at) = (start, start);
        while at < end {
            match self.text[at] {
                b'"' => {
                    at = string_end(self.text, at)?;
                    continue;
                }
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => {
                    at += 1;
                    continue;
                }
            }
            // A value of another record of this shape may have white space elsewhere.
            if self.tokens.iter().any(|token| token.start <= at && at < token.end) {
                return None;
            }
            self.join(from, at);
            at += 1;
            from = at;
        }
        self.join(from, end);
        Some(())
    }

    /// Adds a span; to the last one, where what is written between them is what stands between them.
    fn join(&mut self, start: usize, end: usize) {
        if start == end {
            return;
        }
        let way = self.way;
        let joined = |from: usize, literal: &[u8]| {
            let between = self.text.get(from..start);
            between == Some(literal) && way.is_literal(from, start)
        };
        match &self.all[..] {
            [.., Part::Span(from, to), Part::Literal(literal)] if joined(*to, literal) => {
                let from = *from;
                self.all.truncate(self.all.len() - 2);
                self.all.push(Part::Span(from, end));
            }
            [Part::Literal(literal)] if literal.len() <= start && joined(start - literal.len(), literal) => {
                let from = start - literal.len();
                self.all[0] = Part::Span(from, end);
            }
            [.., Part::Span(from, to)] if *to == start => {
                let from = *from;
                self.all.pop();
                self.all.push(Part::Span(from, end));
            }
            _ => self.all.push(Part::Span(start, end)),
        }
    }

    /// The pieces as the loop takes them, the bytes of all literals, the number of spans, and whether all is the
    /// record's line as it is.
    fn finish(mut self) -> Option<(Vec<Piece>, usize, usize, bool)> {
        self.end_of_line();
        let whole = matches!(self.all[..], [Part::Span(0, end)] if end == self.text.len() + 1);
        let (mut pieces, mut literals, mut spans) = (Vec::new(), 0, 0);
        let mut parts = self.all.into_iter().peekable();
        while let Some(part) = parts.next() {
            let (literal, span) = match part {
                Part::Span(start, end) => (Vec::new(), Some((start, end))),
                Part::Literal(literal) => match parts.next_if(|part| matches!(part, Part::Span(..))) {
                    Some(Part::Span(start, end)) => (literal, Some((start, end))),
                    _ => (literal, None),
                },
            };
            literals += literal.len();
            let cuts = match span {
                None => None,
                Some((start, end)) => {
                    spans += 1;
                    Some((self.way.cut(start)?, self.way.cut(end)?))
                }
            };
            let chunks: Vec<_> = literal.chunks(CHUNK).collect();
            let count = chunks.len().max(1);
            for number in 0..count {
                let chunk = chunks.get(number).copied().unwrap_or_default();
                pieces.push(Piece::new(chunk, cuts.filter(|_| number + 1 == count)));
            }
        }
        Some((pieces, literals, spans, whole))
    }

    /// The line feed behind the record is one that may be copied with it.
    fn end_of_line(&mut self) {
        let [.., Part::Span(_, end), Part::Literal(literal)] = &mut self.all[..] else { return };
        let rest = &self.text[*end..];
        if let Some(tail) = literal.strip_suffix(b"\n")
            && tail == rest
            && self.way.is_literal(*end, self.text.len() + 1)
        {
            *end = self.text.len() + 1;
            self.all.pop();
        }
    }
}

impl Piece {
    fn new(chunk: &[u8], span: Option<(Cut, Cut)>) -> Piece {
        let mut literal = [0; CHUNK];
        literal[..chunk.len()].copy_from_slice(chunk);
        Piece { literal, length: chunk.len(), span }
    }
}

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
