//! Regular expressions.

use super::convert::{items, utf8};
use super::native;
use super::{Answer, Builtin};
use crate::jq::value::string;
use fancy_regex::{Captures, Regex, RegexBuilder};
use jaq_core::Error;
use jaq_core::native::{bome, v};
use std::cell::RefCell;
use std::rc::Rc;
use wasmrecords_json::{Object, Text, Value};

/// More than these are compiled anew: a pattern that is made from the record could fill the memory.
const KEPT: usize = 32;

/// Steps back that one search may take before it is given up.
const BACKTRACKS: usize = 1_000_000;

/// Said of what the prelude never gives.
const OWN: &str = "is not what it was split into";

/// Compiled patterns, by their text and flags.
#[derive(Default)]
pub(in crate::jq) struct Patterns(Vec<(String, String, Rc<Pattern>)>);

struct Pattern {
    regex: Regex,
    global: bool,
    /// It has a `$`.
    ends: bool,
}

impl Pattern {
    /// A text without the newline at its end, if a `$` may stand before that too. The library's only stands at the very
    /// end, and look-ahead in its place would be slow: so both texts are searched.
    fn shorter<'t>(&self, text: &'t str) -> Option<&'t str> {
        text.strip_suffix('\n').filter(|_| self.ends)
    }

    fn is_in(&self, text: &str) -> Result<bool, fancy_regex::Error> {
        Ok(self.regex.is_match(text)?
            || self.shorter(text).map_or(Ok(false), |shorter| self.regex.is_match(shorter))?)
    }

    /// The first match from a place on.
    fn first<'t>(&self, text: &'t str, from: usize) -> Result<Option<Captures<'t, str>>, fancy_regex::Error> {
        let found = self.regex.captures_from_pos(text, from)?;
        let Some(shorter) = self.shorter(text).filter(|shorter| from <= shorter.len()) else {
            return Ok(found);
        };
        let start = |captures: &Captures<'_, str>| captures.get(0).map(|whole| whole.start());
        let other = self.regex.captures_from_pos(shorter, from)?;
        Ok(match (&found, &other) {
            (Some(one), Some(other)) if start(one) <= start(other) => found,
            (_, None) => found,
            _ => other,
        })
    }
}

pub(super) fn all() -> Vec<Builtin> {
    vec![
        native("test", v(1), |mut cv| {
            let pattern = cv.0.pop_var();
            bome(test(pattern, Value::Null, &cv.1, cv.0.data().patterns))
        }),
        native("_test", v(2), |mut cv| {
            let flags = cv.0.pop_var();
            let pattern = cv.0.pop_var();
            bome(test(pattern, flags, &cv.1, cv.0.data().patterns))
        }),
        // All matches as `match` yields them, in one array.
        native("_matches", v(2), |mut cv| {
            let flags = cv.0.pop_var();
            let pattern = cv.0.pop_var();
            bome(matches(pattern, flags, &cv.1, cv.0.data().patterns))
        }),
        // What stands between the matches, and the matches, in turn.
        native("_pieces", v(2), |mut cv| {
            let flags = cv.0.pop_var();
            let pattern = cv.0.pop_var();
            bome(pieces(pattern, flags, &cv.1, cv.0.data().patterns))
        }),
        three!("_spliced", |_, pieces, new| spliced(items(&pieces, OWN)?, items(&new, OWN)?)),
    ]
}

/// Whether a pattern is in a text, with flags or `null`.
pub(in crate::jq) fn test(pattern: Value, flags: Value, input: &Value, kept: &RefCell<Patterns>) -> Answer {
    let pattern = compiled(pattern, flags, input, kept)?;
    let found = pattern.is_in(subject(input)?.as_str()).map_err(gave_up)?;
    Ok(Value::Bool(found))
}

fn matches(pattern: Value, flags: Value, input: &Value, kept: &RefCell<Patterns>) -> Answer {
    let pattern = compiled(pattern, flags, input, kept)?;
    let mut found = Vec::new();
    each(&pattern, subject(input)?, |_, object| found.push(object))?;
    Ok(found.into())
}

fn pieces(pattern: Value, flags: Value, input: &Value, kept: &RefCell<Patterns>) -> Answer {
    let pattern = compiled(pattern, flags, input, kept)?;
    let subject = subject(input)?;
    let (mut pieces, mut behind) = (Vec::new(), 0);
    each(&pattern, subject, |(start, end), object| {
        pieces.extend([subject.sub(&subject[behind..start]).into(), object]);
        behind = end;
    })?;
    pieces.push(subject.sub(&subject[behind..]).into());
    Ok(pieces.into())
}

/// The texts with each match replaced: the first by all first replacements, and so on.
fn spliced(pieces: &[Value], new: &[Value]) -> Answer {
    let mut texts: Vec<String> = Vec::new();
    for (gap, new) in pieces.chunks(2).zip(new) {
        for (at, new) in items(new, OWN)?.iter().enumerate() {
            let new = match (new.as_str(), new) {
                (Some(new), _) => new,
                (None, Value::Null) => "",
                // The error of adding what is no string to one.
                (None, new) => return gap[0].clone() + new.clone(),
            };
            if at == texts.len() {
                texts.push(String::new());
            }
            texts[at].push_str(utf8(&gap[0], OWN)?);
            texts[at].push_str(new);
        }
    }
    let rest = utf8(pieces.last().unwrap_or(&Value::Null), OWN)?;
    Ok(texts.iter().map(|text| string(&format!("{text}{rest}"))).collect())
}

fn subject(value: &Value) -> Result<&Text, Error<Value>> {
    utf8(value, "cannot be matched, as it is not a string")
}

fn gave_up(why: fancy_regex::Error) -> Error<Value> {
    Error::str(format_args!("the search for the regular expression was given up: {why}"))
}

/// Calls `found` for each match with its extent in bytes and its object.
fn each(
    pattern: &Pattern,
    subject: &Text,
    mut found: impl FnMut((usize, usize), Value),
) -> Result<(), Error<Value>> {
    let names: Vec<_> = pattern.regex.capture_names().skip(1).map(|name| name.map(string)).collect();
    let keys = ["offset", "length", "string", "captures", "name"].map(Text::from);
    let mut place = Place { subject, byte: 0, character: 0 };
    let mut from = 0;
    // An empty match may stand right behind another one, as in jq.
    while let Some(captures) = pattern.first(subject.as_str(), from).map_err(gave_up)? {
        let whole = captures.get(0).expect("group 0 is the match");
        found((whole.start(), whole.end()), object(&captures, &names, &keys, &mut place));
        from = whole.end();
        if whole.start() == whole.end() {
            let Some(c) = subject[from..].chars().next() else { break };
            from += c.len_utf8();
        }
        if !pattern.global {
            break;
        }
    }
    Ok(())
}

fn object(
    captures: &Captures<'_, str>,
    names: &[Option<Value>],
    keys: &[Text; 5],
    place: &mut Place<'_>,
) -> Value {
    let [offset, length, text, groups, name] = keys;
    let mut extent = |at: usize| match captures.get(at) {
        Some(group) => {
            let start = place.character_of(group.start());
            [
                (offset.clone(), Value::from(start)),
                (length.clone(), Value::from(group.as_str().chars().count())),
                (text.clone(), place.subject.sub(group.as_str()).into()),
            ]
        }
        None => [
            (offset.clone(), Value::from(-1isize)),
            (text.clone(), Value::Null),
            (length.clone(), Value::from(0usize)),
        ],
    };
    let whole = extent(0);
    let named = names.iter().enumerate().map(|(at, found)| {
        let name = (name.clone(), found.clone().unwrap_or_default());
        Value::from(extent(at + 1).into_iter().chain([name]).collect::<Object>())
    });
    let all = (groups.clone(), named.collect());
    whole.into_iter().chain([all]).collect::<Object>().into()
}

/// Bytes counted as characters, going on from the last place.
struct Place<'t> {
    subject: &'t Text,
    byte: usize,
    character: usize,
}

impl Place<'_> {
    fn character_of(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            // A look-behind can capture what stands before the match.
            (self.byte, self.character) = (0, 0);
        }
        self.character += self.subject[self.byte..byte].chars().count();
        self.byte = byte;
        self.character
    }
}

/// `pattern` may be an array of the pattern and its flags, as in jq.
fn compiled(
    pattern: Value,
    flags: Value,
    input: &Value,
    kept: &RefCell<Patterns>,
) -> Result<Rc<Pattern>, Error<Value>> {
    let (pattern, flags) = match (&pattern, &flags) {
        (Value::Array(both), Value::Null) if !both.is_empty() => {
            (both[0].clone(), both.get(1).cloned().unwrap_or_default())
        }
        (Value::String(_), _) => (pattern, flags),
        (other, Value::Null) => {
            return Err(Error::str(format_args!("{} not a string or array", other.type_name())));
        }
        _ => (pattern, flags),
    };
    subject(input)?;
    let pattern = utf8(&pattern, "is not a string")?.as_str();
    let flags = if let Value::Null = flags { "" } else { utf8(&flags, "is not a string")?.as_str() };
    let Patterns(kept) = &mut *kept.borrow_mut();
    if let Some((.., found)) = kept.iter().find(|(p, f, _)| p == pattern && f == flags) {
        return Ok(found.clone());
    }
    let new = Rc::new(compile(pattern, flags)?);
    if kept.len() == KEPT {
        kept.clear();
    }
    kept.push((pattern.into(), flags.into(), new.clone()));
    Ok(new)
}

fn compile(pattern: &str, flags: &str) -> Result<Pattern, Error<Value>> {
    let mut builder = RegexBuilder::new(pattern);
    builder.backtrack_limit(BACKTRACKS);
    let mut global = false;
    for flag in flags.chars() {
        match flag {
            'g' => global = true,
            'i' => _ = builder.case_insensitive(true),
            'x' => _ = builder.verbose_mode(true),
            'n' => _ = builder.find_not_empty(true),
            'p' => _ = builder.dot_matches_new_line(true),
            // `^` and `$` are not the ends of lines anyhow, and matches are as long as they can be.
            's' | 'l' => {}
            _ => {
                return Err(Error::str(format_args!("{flags} is not a valid modifier string")));
            }
        }
    }
    let regex = builder.build().map_err(|why| Error::str(format_args!("Regex failure: {why}")))?;
    Ok(Pattern { regex, global, ends: has_end(pattern) })
}

/// Whether there is a `$` in a pattern, behind no backslash and in no class.
fn has_end(pattern: &str) -> bool {
    let (mut characters, mut classes) = (pattern.chars(), 0_usize);
    while let Some(c) = characters.next() {
        match c {
            '\\' => drop(characters.next()),
            '[' => classes += 1,
            ']' => classes = classes.saturating_sub(1),
            '$' if classes == 0 => return true,
            _ => {}
        }
    }
    false
}
