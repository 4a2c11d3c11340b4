//! Records that fail, told from the place at which the learned tier stopped.
//!
//! A value that breaks the schema is read by the exact tier, where shapes have it, and the loop goes on behind it: at
//! the end the record is known to be right but for that. If the text stops to be JSON, all before is known to be
//! right, so that the parser has to look only at the place itself.

use crate::engine::{Engine, Why, is_blank};
use crate::exact::{Breach, Unfit};
use crate::hot::Hot;
use crate::lines::Lines;
use crate::rule::Broken;
use crate::shape::{Do, End, Op};
use crate::walk::line_end;
use std::rc::Rc;
use wasmrecords_json::{Parser, SyntaxError, Text, names_behind, path_at, write_names};

/// How one comes to a value, where that is by names alone.
pub(crate) struct Path {
    names: Vec<Text>,
    text: String,
}

impl Path {
    /// To the value that comes next behind the beginning of a record.
    pub fn behind(beginning: &[u8]) -> Option<Rc<Path>> {
        let names = names_behind(beginning)?;
        Some(Path { text: write_names(&names), names }.into())
    }
}

/// What is known of a record that fails.
#[derive(Default)]
pub(crate) struct Fails {
    /// In the record that is being read: what breaks the schema, the path to the value that it is in, and where that
    /// begins.
    pub breach: Option<(Breach, Option<Rc<Path>>, usize)>,
    /// Of the record that was left last: the path to what breaks the schema, empty if that is not known.
    path: String,
    /// And the fault in its text, if it is known.
    syntax: Option<SyntaxError>,
    parser: Parser,
}

/// Bytes behind the place at which the loop stopped, in which the fault is looked for.
const NEAR: usize = 48;

impl Engine {
    /// What breaks the rule in the record that was left last, of which this is the text, if it is one thing alone.
    pub fn broken<'r, 't>(&'r self, record: &'t [u8]) -> Option<Broken<'r, 't>> {
        let broken = self.exact.broken(&self.plan, record)?;
        let path = Some(&*self.fails.path).filter(|path| !path.is_empty());
        Some(Broken { path, ..broken })
    }

    /// What keeps the text of the record that was left last from being JSON, if that is known.
    pub fn syntax(&mut self) -> Option<SyntaxError> {
        self.fails.syntax.take()
    }

    /// Forgets the record that was left last.
    pub(crate) fn forget(&mut self) {
        self.fails.breach = None;
        self.fails.path.clear();
        self.fails.syntax = None;
    }

    /// Notes a breach in the value of an operation, which was read on its own. False if there was one before.
    pub(crate) fn breaks(&mut self, hot: &mut Hot, op: &Op, breach: Breach, lines: &Lines<'_>) -> bool {
        let [record, value] = [hot.record, hot.at].map(|place| place as usize - hot.text as usize);
        let path = self.learn.trie.path(op, &lines.buffer[record..value]);
        let start = value - record;
        let breach = Breach { start: start + breach.start, end: start + breach.end, ..breach };
        // No record of this length passes the end.
        hot.longest = 0;
        self.fails.breach.replace((breach, path, start)).is_none()
    }

    /// Why the record fails that the loop missed, if that is certain, and the end of its line.
    pub(crate) fn failed(&mut self, hot: &Hot, lines: &Lines<'_>) -> Option<(usize, Why)> {
        if hot.wrong.any() {
            return None;
        }
        let [record, at] = [hot.record, hot.at].map(|place| place as usize - hot.text as usize);
        // Behind its line feed all of a record has been read.
        let read = at > record && lines.buffer[at - 1] == b'\n';
        let end = if read { at - 1 } else { line_end(lines.buffer, at, lines.end) };
        if end - record > lines.longest {
            return None;
        }
        let text = &lines.buffer[record..end];
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if !read {
            if is_blank(text) {
                return None;
            }
            self.fails.syntax = Some(self.fault(hot, text, at - record)?);
            return Some((end, Why::Unfit(Unfit::Json)));
        }
        // SAFETY: the loop left at an operation of the trie, here at one that ends a record.
        let last = unsafe { (*hot.op).end } as usize;
        let lacks = match self.learn.trie.ends.get(last) {
            Some(End::Lacks { place, start, missing, path }) => {
                let start = start.place() as usize - hot.record as usize;
                let breach = Breach { place: *place, start, end: text.len(), missing: Some(*missing) };
                Some((breach, path.clone(), start))
            }
            _ => None,
        };
        let (breach, path, start) = match (self.fails.breach.take(), lacks) {
            (Some(only), None) | (None, Some(only)) => only,
            _ => return None,
        };
        if let Some(path) = path {
            let within = match breach.start - start {
                0 => Some(String::new()),
                offset => path_at(text.get(start..)?, offset),
            };
            self.fails.path.push_str(&path.text);
            self.fails.path.push_str(within?.get(1..).unwrap_or_default());
        }
        self.exact.breach = Some(breach);
        Some((end, Why::Unfit(Unfit::Schema)))
    }

    /// The fault near the place at which the loop stopped.
    fn fault(&mut self, hot: &Hot, text: &[u8], at: usize) -> Option<SyntaxError> {
        let trie = &self.learn.trie;
        let mut op = trie.before(hot.op);
        while let Some(literal) = op.filter(|op| op.does == Do::Nothing) {
            op = trie.before(literal);
        }
        let (value, path) = match op {
            None => (0, Path::behind(b"")?),
            Some(op) => {
                let quote = usize::from(matches!(op.does, Do::String | Do::Watched));
                let value = (op.at as usize + op.length as usize - quote) - hot.record as usize;
                (value, trie.path(op, text.get(..value)?)?)
            }
        };
        self.fails.parser.resume(text, (value, at + NEAR), &path.names, self.nesting)
    }
}
