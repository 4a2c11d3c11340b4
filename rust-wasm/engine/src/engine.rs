//! The fast engine: records of a text through schema and program, by the learned tier or the exact one.

mod learned;

use crate::RECIPES;
use crate::bytes::{LETTERS, PAD, copy};
use crate::direct::Direct;
use crate::exact::{ASTRAY, Exact, Span, Unfit};
use crate::fails::Fails;
use crate::found::{Found, with_texts};
use crate::hot::{self, Hot, Leave, Ledger, MOST_ITEMS, Running, Runs};
use crate::learn::{Learn, Policy};
use crate::lines::Lines;
use crate::plan::{NO_SLOT, Plan};
use crate::program::{Left, NO_PARENT, Program};
use crate::reuse::reset;
use crate::rule::Rule;
use crate::shape::{Do, End, MOST_OPS, class};
use crate::vector::V;
use crate::walk::{Ahead, BEFORE, Line, line_end};
use wasmrecords_json::compact;

/// Why a record is for the general engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// By its text.
    Unfit(Unfit),
    /// By what the program would do with it.
    Left(Left),
}

/// Where a run over the lines of a text ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// At the end of the text.
    End,
    /// At this record, which is for the general engine.
    General(usize, Why),
    /// At this record, whose line ends there, and which fails for something that is known, which the ledger did not
    /// tell: see [`Ledger::fails`].
    Fails {
        /// Where it begins.
        at: usize,
        /// Its line feed.
        end: usize,
        /// Why it is not for this engine.
        why: Why,
    },
    /// At this record, because there is not enough room for its output.
    Full(usize),
}

/// How many records went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// By a shape that was known.
    pub learned: u64,
    /// By the exact tier.
    pub exact: u64,
}

/// A recipe of the fast subset, ready for records.
pub struct Engine {
    pub(crate) plan: Plan,
    program: Option<Program>,
    direct: Option<Direct>,
    pub(crate) nesting: u32,
    pub(crate) exact: Exact,
    pub(crate) learn: Learn,
    policy: Policy,
    pub(crate) fails: Fails,
    /// The output of one record.
    out: Vec<u8>,
    /// One record with room behind it.
    padded: Vec<u8>,
    counts: Counts,
}

impl Engine {
    /// An engine for records that match a rule, run through a program; without one they are kept as they are.
    /// `nesting` levels of arrays and objects are allowed. None if an object has too many names, or one that may be
    /// written with an escape.
    pub fn new(rule: &Rule, program: Option<Program>, nesting: u32) -> Option<Engine> {
        let slots = program.as_ref().map_or(&[][..], Program::slots);
        let straight = program.as_ref().and_then(Program::straight);
        let tested: Vec<_> =
            straight.iter().flat_map(|straight| &straight.tests).map(|test| test.slot).collect();
        let mut plan = Plan::new(rule, slots, &tested)?;
        let direct = program.as_ref().and_then(Direct::new);
        plan.asked = direct.as_ref().map_or(NO_SLOT, |direct| direct.asked);
        let learn = Learn::new(&plan, program.as_ref());
        Some(Engine {
            plan,
            direct,
            program,
            nesting,
            exact: Exact::default(),
            learn,
            policy: Policy::default(),
            fails: Fails::default(),
            out: Vec::new(),
            padded: Vec::new(),
            counts: Counts::default(),
        })
    }

    /// With `learned` off all records go by the exact tier.
    pub fn set_learning(&mut self, learned: bool) {
        self.policy = if learned { Policy::default() } else { Policy::never() };
    }

    /// How many records went which way.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How many shapes of records are known now.
    pub fn shapes(&self) -> usize {
        self.learn.trie.shapes()
    }

    /// Runs one record, and appends its outputs with a newline behind each. Their number.
    ///
    /// # Errors
    /// If the record is for the general engine; then `out` is as it was.
    pub fn record(&mut self, record: &[u8], out: &mut Vec<u8>) -> Result<u32, Why> {
        self.padded(record, |engine, line| {
            let end = engine.read(line, false, false).map_err(Why::Unfit)?;
            let outputs = engine.answer(line.part(0, end), out).map_err(Why::Left)?;
            engine.counts.exact += 1;
            Ok(outputs)
        })
    }

    /// Does something with a copy of a record that has room behind it.
    fn padded<T>(&mut self, record: &[u8], with: impl FnOnce(&mut Self, Line<'_>) -> T) -> T {
        self.forget();
        let mut padded = std::mem::take(&mut self.padded);
        padded.extend_from_slice(&[b'\n'; BEFORE]);
        padded.extend_from_slice(record);
        padded.resize(BEFORE + record.len() + PAD, b'\n');
        let line = Line::new(&padded, BEFORE, BEFORE + record.len());
        let result = with(self, line.expect("there are as many bytes around it"));
        reset(&mut padded);
        self.padded = padded;
        result
    }

    /// Whether a record is JSON and matches the rule.
    ///
    /// # Errors
    /// If it does not, or that is not certain.
    pub fn matches(&mut self, record: &[u8]) -> Result<(), Unfit> {
        self.padded(record, |engine, line| engine.read(line, false, false)).map(drop)
    }

    /// Runs the records of a text, one on each line, from `start` on. Each line ends with a line feed before
    /// `end`, behind which [`PAD`] bytes of the buffer can be read. A record has at most `longest` bytes, all
    /// outputs go to `out`.
    pub fn lines<L: Ledger>(
        &mut self,
        (buffer, start, end): (&[u8], usize, usize),
        longest: usize,
        out: &mut [u8],
        ledger: &mut L,
    ) -> Stop {
        debug_assert_eq!(L::RUNS, self.program.as_ref().is_some_and(Program::is_of_ledger));
        let fits = end.saturating_sub(start) <= out.len();
        let passing = ledger.passes();
        let mut lines = Lines { buffer, start, at: start, end, out, written: 0, longest, passing };
        if end <= start || buffer.get(end - 1) != Some(&b'\n') || !Line::ends(buffer, end - 1) {
            lines.copy(ledger);
            return Stop::General(start, Why::Unfit(Unfit::Json));
        }
        if !fits {
            lines.copy(ledger);
        }
        let stop = self.all_lines(&mut lines, ledger);
        if stop != Stop::End {
            lines.copy(ledger);
        }
        stop
    }

    /// The same through a program that is [none of the engine's](Program::of), which has all the output.
    /// Who calls it may be compiled to be small.
    #[inline(never)]
    pub fn runs(&mut self, text: (&[u8], usize, usize), longest: usize, program: &mut dyn Runs) -> Stop {
        self.lines(text, longest, &mut [], &mut Running(program))
    }

    fn all_lines<L: Ledger>(&mut self, lines: &mut Lines<'_>, ledger: &mut L) -> Stop {
        self.forget();
        loop {
            if self.policy.is_on() && !self.learn.trie.is_empty() {
                let (leave, records) = self.learned(lines, ledger);
                self.counts.learned += u64::from(records);
                self.policy.hits(records);
                match leave {
                    Ok(Leave::Done) => return Stop::End,
                    Ok(Leave::Full) => return Stop::Full(lines.at),
                    Ok(_) => self.forget(),
                    Err((end, why)) => {
                        self.policy.hits(1);
                        return Stop::Fails { at: lines.at, end, why };
                    }
                }
            }
            match self.line(lines, ledger) {
                Some(Stop::Fails { at, end, why }) => {
                    lines.copy(ledger);
                    if !ledger.fails(self, why, lines.buffer, (at, end)) {
                        return Stop::Fails { at, end, why };
                    }
                    lines.at = end + 1;
                }
                Some(stop) => return stop,
                None => {}
            }
            if lines.at >= lines.end {
                return Stop::End;
            }
        }
    }

    /// One line by the exact tier.
    fn line<L: Ledger>(&mut self, lines: &mut Lines<'_>, ledger: &mut L) -> Option<Stop> {
        let (buffer, at) = (lines.buffer, lines.at);
        let mut first = buffer[at];
        if first <= b' ' {
            let end = line_end(buffer, at, lines.end);
            let Some(other) = buffer[at..end].iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'))
            else {
                lines.copy(ledger);
                lines.at = end + 1;
                ledger.blank(lines.at);
                return None;
            };
            first = *other;
        }
        // A record that is a scalar is all value: no shape would come back.
        let mut learning = matches!(first, b'{' | b'[') && self.policy.misses();
        if self.policy.restarts() {
            self.learn.trie.clear();
            learning = false;
        }
        let line = Line::new(buffer, at, lines.end - 1);
        let read = match line {
            Some(line) => self.read(line, true, learning),
            None => {
                // At the very start of the buffer.
                let text = &buffer[at..line_end(buffer, at, lines.end)];
                self.padded(text, |engine, line| engine.read(line, true, learning))
            }
        };
        if std::mem::take(&mut self.exact.arrays.astray) {
            self.learn.trie.clear();
        }
        // It may have a carriage return, which ends all that a line feed does.
        let end = match read {
            Ok(length) => at + length + usize::from(buffer[at + length] == b'\r'),
            Err(_) => line_end(buffer, at, lines.end),
        };
        if end - at > lines.longest {
            return Some(Stop::General(at, Why::Unfit(Unfit::Json)));
        }
        let length = match read {
            Ok(length) => length,
            Err(unfit) if RECIPES && self.exact.breach.is_some() => {
                if learning {
                    self.learn.failing(&self.plan, &self.exact, &buffer[at..=end]);
                    self.part();
                }
                return Some(Stop::Fails { at, end, why: Why::Unfit(unfit) });
            }
            Err(unfit) => return Some(Stop::General(at, Why::Unfit(unfit))),
        };
        if let Err(stop) = self.write(line, length, end, lines, ledger) {
            return Some(stop);
        }
        if learning && self.exact.tokens.len() > MOST_OPS {
            self.policy.large();
        } else if learning {
            self.learn.shape(&self.plan, self.program.as_ref(), &self.exact, &buffer[at..=end]);
            self.part();
        }
        lines.at = end + 1;
        self.counts.exact += 1;
        None
    }

    /// Notes the array in which the record that was to be learned parts from others.
    fn part(&mut self) {
        if let Some(name) = self.learn.trie.parted.take() {
            self.exact.arrays.vary(name);
        }
    }

    /// Reads a record by the exact tier: see [`Exact::record`].
    fn read(&mut self, line: Line<'_>, row: bool, learning: bool) -> Result<usize, Unfit> {
        self.exact.record(&self.plan, line, row, self.nesting, learning)
    }

    /// The outputs of the record that was read last, which has this length, and a line up to `end`.
    fn write<L: Ledger>(
        &mut self,
        line: Option<Line<'_>>,
        length: usize,
        end: usize,
        lines: &mut Lines<'_>,
        ledger: &mut L,
    ) -> Result<(), Stop> {
        let (buffer, at) = (lines.buffer, lines.at);
        let (text, whole) = (&buffer[at..at + length], &buffer[at..=end]);
        if L::RUNS {
            let done = self.found(text, |found| ledger.run(&found, end + 1));
            return done.ok_or(Stop::General(at, Why::Left(Left::Error)));
        }
        if lines.passing && self.program.is_none() && !self.exact.spaced && whole.len() == length + 1 {
            ledger.passed(end + 1);
            return Ok(());
        }
        // It is written behind what was passed so far, as if that had been copied.
        let before = if lines.passing { at - lines.start } else { lines.written };
        let room = &mut lines.out[before..];
        let direct = self.direct.as_ref().filter(|_| RECIPES).zip(line);
        let kept = direct.and_then(|(direct, line)| Some((direct, direct.keeps(&self.exact, line)?)));
        if let Some((direct, true)) = kept
            && lines.passing
            && whole.len() == length + 1
            && direct.passes(&self.exact, length)
        {
            ledger.passed(end + 1);
            return Ok(());
        }
        let direct = kept.and_then(|(direct, kept)| match kept {
            true => Some((1, direct.write(&self.exact, &buffer[at..], room)?)),
            false => Some((0, 0)),
        });
        let (outputs, written) = match direct {
            Some(written) => written,
            None if self.program.is_none() && !self.exact.spaced => {
                let Some(room) = room.get_mut(..=length) else { return Err(Stop::Full(at)) };
                room[..length].copy_from_slice(text);
                room[length] = b'\n';
                (1, length + 1)
            }
            None => {
                let mut out = std::mem::take(&mut self.out);
                out.clear();
                let outputs = self.answer(text, &mut out);
                let written = out.len();
                if let Some(room) = room.get_mut(..written) {
                    room.copy_from_slice(&out);
                }
                reset(&mut out);
                self.out = out;
                let outputs = outputs.map_err(|left| Stop::General(at, Why::Left(left)))?;
                if written > room.len() {
                    return Err(Stop::Full(at));
                }
                (outputs, written)
            }
        };
        if lines.passing && same(&room[..written], whole) {
            ledger.passed(end + 1);
            return Ok(());
        }
        lines.copy(ledger);
        lines.written = before + written;
        ledger.done(outputs, end + 1, lines.written);
        Ok(())
    }

    /// Appends the outputs of the record that was read last, and gives their number.
    fn answer(&self, text: &[u8], out: &mut Vec<u8>) -> Result<u32, Left> {
        match &self.program {
            None if self.exact.spaced => compact(text, out),
            None => out.extend_from_slice(text),
            Some(program) => return self.found(text, |found| program.run(&found, out)),
        }
        out.push(b'\n');
        Ok(1)
    }

    /// Calls `with` for the slots of the record that was read last, which has this text.
    fn found<T>(&self, text: &[u8], with: impl FnOnce(Found<'_, '_>) -> T) -> T {
        let clean = !self.exact.spaced && !self.exact.odd;
        let slots = self.exact.slots().iter().map(|span| slot(text, *span));
        with_texts(slots, |texts| with(Found::new(texts, clean)))
    }
}

/// True if two texts are the same: sixteen bytes at a time, where the sandbox's own comparison takes one.
fn same(one: &[u8], other: &[u8]) -> bool {
    let ((one, rest), (other, others)) = (one.as_chunks::<16>(), other.as_chunks::<16>());
    rest == others
        && one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| u128::from_le_bytes(*one) == u128::from_le_bytes(*other))
}

/// True if a line is no record.
pub(crate) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
}

/// The text of a slot as a program expects it.
pub(crate) fn slot(text: &[u8], span: Span) -> &[u8] {
    if (span.start, span.end) == (ASTRAY.start, ASTRAY.end) {
        return NO_PARENT;
    }
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

impl Why {
    /// The reason in a few words.
    pub fn text(self) -> &'static str {
        match self {
            Why::Unfit(Unfit::Json) => "the record is no JSON, or it is nested too deep",
            Why::Unfit(Unfit::Schema) => "the record breaks the schema, or only the validator can tell",
            Why::Unfit(Unfit::Names) => "a name stands twice, or with needless escapes",
            Why::Left(left) => left.why(),
        }
    }
}
