//! What builtins can reach while a program runs on one record.

use super::Sink;
use super::builtins::Patterns;
use jaq_core::data::HasLut;
use jaq_core::{DataT, Lut};
use std::cell::{Cell, RefCell};
use wasmrecords_json::Value;

/// The types that filters work on, for `jaq`.
pub(super) struct Jq;

/// One run of a program.
pub(super) struct Run<'a> {
    pub lut: &'a Lut<Jq>,
    pub patterns: &'a RefCell<Patterns>,
    /// What `modulemeta`, `get_search_list` and `input_filename` answer.
    pub modules: &'a [(String, Value)],
    pub folders: &'a [String],
    pub source: Option<&'a str>,
    /// Outputs and log lines go out while the program runs, so that neither piles up.
    pub sink: RefCell<&'a mut dyn Sink>,
    /// What `halt_error` left: jaq's own exception has only room for an exit status.
    pub last_words: Cell<Option<String>>,
}

impl DataT for Jq {
    type V<'a> = Value;
    type Data<'a> = &'a Run<'a>;
}

impl<'a> HasLut<'a, Jq> for &'a Run<'a> {
    fn lut(&self) -> &'a Lut<Jq> {
        self.lut
    }
}
