//! From a record that the exact tier has read to a shape, and when to make one.

mod pieces;
mod policy;

pub(crate) use policy::Policy;

use pieces::Pieces;

use crate::RECIPES;
use crate::engine::slot;
use crate::exact::{ASTRAY, Breach, Exact, Kind, Span, Token};
use crate::fails::Path;
use crate::plan::{NO_SLOT, Plan};
use crate::program::{Constant, Op, Piece as Output, Program, Straight, Test};
use crate::shape::{Do, End, Op as Operation, Piece, Trie, Way};
use crate::watch::Watch;

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
            if RECIPES { (0..plan.slots).map(of_slot).collect() } else { Vec::new() }
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
        let end = if RECIPES { self.replay(plan, program, exact, text, &way) } else { None };
        let Some(end) = end.or_else(|| run(exact, &way)) else { return };
        let passes = program.is_none() && matches!(end, End::Replay { whole: true, .. });
        self.trie.end(&way, end, passes);
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
        self.trie.end(&way, End::Lacks { place, start, missing, path }, false);
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
                _ if !RECIPES || place.slot == NO_SLOT => return,
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
        trie.add(whole, &exact.tokens, &exact.arrays.apart, exact.breach.is_some(), fill)
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
        let (pieces, literals, times, whole) = pieces.finish()?;
        let alone = match &pieces[..] {
            [Piece { length: 0, span, .. }] => *span,
            _ => None,
        };
        Some(End::Replay { bits, pieces, literals, times, alone, whole })
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
    if !RECIPES {
        return None;
    }
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
pub(crate) fn sure(least: i64, most: i64) -> u32 {
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
    // With white space in a literal a span may be odd each time.
    if exact.spaced {
        return None;
    }
    let mut slots = Vec::with_capacity(exact.slots().len());
    for span in exact.slots() {
        if same(*span, ASTRAY) {
            return None;
        }
        slots.push(match span.start == span.end {
            true => None,
            false => Some((way.cut(span.start as usize)?, way.cut(span.end as usize)?)),
        });
    }
    Some(End::Run { slots })
}
