//! The builtins: jaq's general ones, ours, and those that are written in jq.

/// A builtin `name` without arguments, from its function.
macro_rules! one {
    ($name:expr, $function:expr) => {
        $crate::jq::builtins::pure(
            $name,
            0,
            |cv| {
                let function: fn(wasmrecords_json::Value) -> $crate::jq::builtins::Answer = $function;
                jaq_core::native::bome(function(cv.1))
            },
            $crate::jq::builtins::Pure::One($function),
        )
    };
}

/// A builtin `name($a)` from its function of input and argument.
macro_rules! two {
    ($name:expr, $function:expr) => {
        $crate::jq::builtins::pure(
            $name,
            1,
            |mut cv| {
                let function: fn(
                    wasmrecords_json::Value,
                    wasmrecords_json::Value,
                ) -> $crate::jq::builtins::Answer = $function;
                let argument = cv.0.pop_var();
                jaq_core::native::bome(function(cv.1, argument))
            },
            $crate::jq::builtins::Pure::Two($function),
        )
    };
}

/// A builtin `name($a; $b)` from its function of input and arguments.
macro_rules! three {
    ($name:expr, $function:expr) => {
        $crate::jq::builtins::native($name, jaq_core::native::v(2), |mut cv| {
            let function: fn(
                wasmrecords_json::Value,
                wasmrecords_json::Value,
                wasmrecords_json::Value,
            ) -> $crate::jq::builtins::Answer = $function;
            let last = cv.0.pop_var();
            let first = cv.0.pop_var();
            jaq_core::native::bome(function(cv.1, first, last))
        })
    };
}

/// A builtin `name($a; $b; $c)` from its function of input and arguments.
macro_rules! four {
    ($name:expr, $function:expr) => {
        $crate::jq::builtins::native($name, jaq_core::native::v(3), |mut cv| {
            let function: fn(
                wasmrecords_json::Value,
                wasmrecords_json::Value,
                wasmrecords_json::Value,
                wasmrecords_json::Value,
            ) -> $crate::jq::builtins::Answer = $function;
            let last = cv.0.pop_var();
            let second = cv.0.pop_var();
            let first = cv.0.pop_var();
            jaq_core::native::bome(function(cv.1, first, second, last))
        })
    };
}

mod arrays;
mod convert;
mod dates;
mod deletions;
mod either;
mod entries;
mod formats;
mod lengths;
mod maths;
mod messages;
mod objects;
mod operators;
mod outside;
mod paths;
mod patterns;
mod ranges;
mod strings;
mod strptime;

use super::data::Jq;
use super::rewrite::Rewrite;
use jaq_core::load::parse::Def;
use jaq_core::load::{Arena, parse};
use jaq_core::native::Fun;
use jaq_core::{Bind, Error, Native, PathsPtr, RunPtr};
use std::collections::{BTreeMap, BTreeSet};
use wasmrecords_json::Value;

pub(super) use convert::to_text;
pub(super) use objects::MOST as MOST_MEMBERS;
pub(super) use patterns::{Patterns, test};

/// Names of filters.
pub(super) type Names<'s> = BTreeSet<&'s str>;

/// A builtin that yields one value or an error.
pub(super) type Answer = Result<Value, Error<Value>>;

const PRELUDE: &str = include_str!("prelude.jq");

/// A builtin written in Rust.
pub(super) struct Builtin {
    fun: Fun<Jq>,
    /// The function alone, where it needs nothing but values.
    pure: Option<Pure>,
}

/// A function of the input, or of the input and an argument.
#[derive(Clone, Copy)]
pub(super) enum Pure {
    One(fn(Value) -> Answer),
    Two(fn(Value, Value) -> Answer),
}

impl From<Fun<Jq>> for Builtin {
    fn from(fun: Fun<Jq>) -> Self {
        Builtin { fun, pure: None }
    }
}

fn native(name: &'static str, args: Box<[Bind]>, run: RunPtr<Jq>) -> Builtin {
    (name, args, Native::<Jq>::new(run)).into()
}

fn pure(name: &'static str, args: usize, run: RunPtr<Jq>, pure: Pure) -> Builtin {
    Builtin { pure: Some(pure), ..native(name, jaq_core::native::v(args), run) }
}

/// A builtin without arguments that can stand in a path.
fn flow(name: &'static str, run: RunPtr<Jq>, paths: PathsPtr<Jq>) -> Builtin {
    let args: Box<[Bind]> = [].into();
    (name, args, Native::<Jq>::new(run).with_paths(paths)).into()
}

/// The builtins that are ours.
fn ours() -> impl Iterator<Item = Builtin> {
    let all = [
        arrays::all(),
        convert::all(),
        dates::all(),
        either::all(),
        entries::all(),
        formats::all(),
        lengths::all(),
        maths::all(),
        messages::all(),
        objects::all(),
        operators::all(),
        outside::all(),
        paths::all(),
        patterns::all(),
        ranges::all(),
        strings::all(),
    ];
    all.into_iter().flatten()
}

/// The functions of those that need nothing but values, by name and number of arguments.
pub(super) fn functions() -> BTreeMap<(&'static str, usize), Pure> {
    ours().filter_map(|Builtin { fun: (name, args, _), pure }| Some(((name, args.len()), pure?))).collect()
}

/// The builtins written in Rust.
pub(super) fn natives() -> impl Iterator<Item = Fun<Jq>> {
    let jaqs = jaq_core::funs();
    // The first of two with one name is taken.
    let jaqs = jaqs.filter_map(|(name, args, fun)| Some((jq_name(name)?, args, fun)));
    ours().map(|builtin| builtin.fun).chain(jaqs)
}

/// Names of jaq's that jq does not have are hidden behind `_`, for the prelude, or left out.
fn jq_name(name: &'static str) -> Option<&'static str> {
    match name {
        "error_empty" => Some("_error"),
        "limit" => Some("_limit"),
        "skip" => Some("_skip"),
        "range" => Some("_range"),
        "path_value" | "key_values" => None,
        name => Some(name),
    }
}

/// The builtins written in jq that a program with these calls needs, in their order.
pub(super) fn definitions<'s>(arena: &'s Arena, called: &mut Names<'s>) -> Vec<Def<&'s str>> {
    let mut needed = Vec::new();
    // Each stands behind those that it calls, so one way from the end finds all.
    for text in definition_texts().rev() {
        if !called.contains(name_of(text)) {
            continue;
        }
        let mut definitions = parse(text, |parser| parser.defs()).expect("the prelude is jq");
        let mut rewrite =
            Rewrite { text, file: "<builtin>", arena, called: std::mem::take(called), keeps_operators: true };
        definitions.iter_mut().for_each(|definition| rewrite.term(&mut definition.body));
        *called = rewrite.called;
        needed.extend(definitions);
    }
    needed.reverse();
    needed
}

/// All names that a program can call, with the number of arguments.
pub(super) fn signatures() -> impl Iterator<Item = (&'static str, usize)> {
    let natives = natives().map(|(name, args, _)| (name, args.len()));
    natives.chain(definition_texts().map(|text| {
        let head = text.split_once(':').map_or(text, |(head, _)| head);
        (name_of(text), head.split_once('(').map_or(0, |(_, args)| args.matches(';').count() + 1))
    }))
}

/// The definitions of the prelude: each begins at the start of a line.
fn definition_texts() -> impl DoubleEndedIterator<Item = &'static str> {
    let starts: Vec<_> = PRELUDE.match_indices("\ndef ").map(|(line_end, _)| line_end + 1).collect();
    let ends = starts.clone().into_iter().skip(1).chain([PRELUDE.len()]);
    starts.into_iter().zip(ends).map(|(start, end)| &PRELUDE[start..end]).collect::<Vec<_>>().into_iter()
}

fn name_of(definition: &'static str) -> &'static str {
    let name = definition.strip_prefix("def ").unwrap_or(definition);
    name.split(['(', ':']).next().unwrap_or(name)
}
