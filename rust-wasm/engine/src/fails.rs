//! Records that fail, told from the place at which the learned tier stopped.
//!
//! A value that breaks the schema is read by the exact tier, where shapes have it, and the loop goes on behind it: at
//! the end the record is known to be right but for that. If the text stops to be JSON, all before is known to be
//! right, so that the parser has to look only at the place itself.

use crate::engine::{Engine, Why, is_blank};
use crate::exact::{Breach, Unfit};
use crate::hot::{Hot, Leave};
use crate::lines::Lines;
use crate::rule::Broken;
use crate::shape::{Do, End, Op};
use crate::walk::line_end;
use std::ptr;
use std::rc::Rc;
use wasmrecords_json::{Rest, SyntaxError, Text, names_behind, path_at, resume, write_names};

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
}

/// Bytes behind the place at which the loop stopped, in which the fault is looked for.
const NEAR: usize = 24;

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
    pub(crate) fn breaks(&mut self, hot: &mut Hot<'_>, op: &Op, breach: Breach, lines: &Lines<'_>) -> bool {
        let [record, value] = [hot.record, hot.at].map(|place| place as usize - hot.text as usize);
        let path = self.learn.trie.path(op, &lines.buffer[record..value]);
        let start = value - record;
        let breach = Breach { start: start + breach.start, end: start + breach.end, ..breach };
        // No record of this length passes the end.
        hot.longest = 0;
        self.fails.breach.replace((breach, path, start)).is_none()
    }

    /// Why the record fails that the loop missed, if that is certain, and the end of its line.
    pub(crate) fn failed(&mut self, leave: Leave, hot: &Hot<'_>, lines: &Lines<'_>) -> Option<(usize, Why)> {
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
            self.fails.syntax = Some(self.fault(leave, hot, text, at - record)?);
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
    fn fault(&mut self, leave: Leave, hot: &Hot<'_>, text: &[u8], at: usize) -> Option<SyntaxError> {
        let trie = &self.learn.trie;
        // SAFETY: the loop left at an operation of the trie, which is borrowed by nobody now.
        let missed = unsafe { &*hot.op };
        // The value that is due, or came last, and where the literal behind it begins.
        let (mut op, mut literal) = match leave {
            Leave::Value => (Some(missed), at),
            _ => (trie.before(missed), at),
        };
        while let Some(part) = op.filter(|op| op.does == Do::Nothing) {
            literal = literal.wrapping_sub(part.length as usize);
            op = trie.before(part);
        }
        let (path, rest) = match op {
            None => (Path::behind(b"")?, Rest { at: 0, ended: false }),
            Some(op) => {
                let quote = usize::from(matches!(op.does, Do::String | Do::Watched));
                let value = (op.at as usize + op.length as usize - quote) - hot.record as usize;
                let path = trie.path(op, text.get(..value)?)?;
                let end = if leave == Leave::Literal { end(op, missed, text, literal) } else { None };
                let rest = end.map_or(Rest { at: value, ended: false }, |at| Rest { at, ended: true });
                (path, rest)
            }
        };
        resume(text, rest, at + NEAR, &path.names, self.nesting)
    }
}

/// Where the value of an operation ends in a record, if the literal `missed` was looked for at a place right behind
/// it, and that is certain.
fn end(op: &Op, missed: &Op, text: &[u8], at: usize) -> Option<usize> {
    let next = text.get(at);
    match op.does {
        Do::String | Do::Watched => (next == Some(&b'"')).then_some(at + 1),
        // The closing quote of its own.
        Do::StringOrNull if ptr::eq(missed, ptr::from_ref(op).wrapping_add(1)) => None,
        // A number may go on in a way that is not read where integers are.
        _ => (!matches!(next, Some(b'0'..=b'9' | b'.' | b'e' | b'E'))).then_some(at),
    }
}
