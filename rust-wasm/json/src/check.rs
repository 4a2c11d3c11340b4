//! Whether a text is JSON, with no value made of it: what is wrong is what the parser says.

mod resume;

pub use resume::{Rest, resume};

use crate::SyntaxError;
use crate::fault::{Fault, first};
use crate::grammar::{Build, Open, go_on, valid};
use crate::path::{Step, write_step};
use crate::string;

/// Whether a text is exactly one value, as [`parse`](crate::parse) sees it, without making one.
///
/// # Errors
/// As for [`parse`](crate::parse).
pub fn check(text: &[u8], depth: u32) -> Result<(), SyntaxError> {
    let (valid, utf8) = valid(text);
    let mut around = Around { text: valid, open: Vec::new() };
    let read = around.go_on(depth, false);
    first(read, utf8).map(drop).map_err(|(fault, at)| fault.explain(text, around.path(at)))
}

/// The containers that are open at a place of a text, the outer ones first.
struct Around<'t> {
    text: &'t str,
    open: Vec<Level<'t>>,
}

/// An open container: how many items were read, or which name came last, as it is written.
#[derive(Clone, Copy)]
enum Level<'t> {
    Array(usize),
    Object(&'t str),
}

impl Around<'_> {
    /// The first fault of the text.
    #[inline(never)]
    fn go_on(&mut self, depth: u32, ended: bool) -> Result<bool, Fault> {
        go_on(self.text, depth, ended, self)
    }

    /// The path to what was being read when `fault` came up.
    fn path(&self, fault: Fault) -> String {
        // Of a container's fault the path ends with it.
        let open = &self.open[..self.open.len() - usize::from(fault.of_container && !self.open.is_empty())];
        let mut path = "$".to_owned();
        for open in open {
            match open {
                Level::Array(index) => write_step(Step::Index(*index), &mut path),
                Level::Object(name) => write_step(Step::Name(&string::decoded(name)), &mut path),
            }
        }
        path
    }

    /// A value ended.
    fn count(&mut self) {
        if let Some(Level::Array(count)) = self.open.last_mut() {
            *count += 1;
        }
    }
}

impl Build for Around<'_> {
    fn depth(&self) -> usize {
        self.open.len()
    }

    fn innermost(&self) -> Option<Open> {
        self.open.last().map(|level| match level {
            Level::Array(_) => Open::Array(0),
            Level::Object(_) => Open::Object(0),
        })
    }

    fn string(&mut self, at: usize) -> Result<usize, Fault> {
        let end = string::right_end(self.text.as_bytes(), at + 1)?;
        self.count();
        Ok(end)
    }

    fn number(&mut self, _: usize, _: usize) {
        self.count();
    }

    fn word(&mut self, _: u8) {
        self.count();
    }

    fn empty(&mut self, _: bool) {
        self.count();
    }

    fn open(&mut self, object: bool) {
        self.open.push(if object { Level::Object("") } else { Level::Array(0) });
    }

    fn name(&mut self, at: usize) -> Result<usize, Fault> {
        let end = string::right_end(self.text.as_bytes(), at + 1)?;
        if let Some(open) = self.open.last_mut() {
            *open = Level::Object(self.text.get(at + 1..end - 1).unwrap_or_default());
        }
        Ok(end)
    }

    fn close(&mut self, _: Open) {
        self.open.pop();
        self.count();
    }
}
