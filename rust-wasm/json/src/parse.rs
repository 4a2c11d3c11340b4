//! The parser: one loop, no recursion, so that nesting costs heap and never stack.
//!
//! Values wait for the end of their container on two shared stacks, one for items and one for
//! members, and are moved out into a vector of exactly their number. A container therefore costs
//! one allocation, and where the parser stops at a fault the stacks hold the path to it.

mod resume;

pub use resume::Rest;

use std::rc::Rc;

use crate::digits::number_end;
use crate::fault::{Fault, What};
use crate::object::settle;
use crate::path::{Step, write_steps};
use crate::scan::skip_space;
use crate::string::string;
use crate::{Number, Object, SyntaxError, Text, Value};

type Member = (Text, Value);

/// Reads exactly one value; white space around it is allowed, nesting of containers up to `depth`.
///
/// Takes time in proportion to the text (n log n for objects of many names) and heap, not stack,
/// for nesting. Dropping, cloning or comparing the value does recurse.
///
/// # Errors
/// The first place where the text is no JSON by RFC 8259, no UTF-8, or too deep.
pub fn parse(text: &[u8], depth: u32) -> Result<Value, SyntaxError> {
    Parser::default().parse(text, depth).map(|record| record.value)
}

/// Whether a text is exactly one value, as [`parse`] sees it, without making one.
///
/// # Errors
/// As for [`parse`].
pub fn check(text: &[u8], depth: u32) -> Result<(), SyntaxError> {
    Parser::default().run::<false>(text, depth).map(drop)
}

/// A value, and what its text looks like.
#[derive(Debug)]
pub struct Record {
    /// The value.
    pub value: Value,
    /// No white space stands before, between or behind the tokens: the text is what
    /// [`compact`](crate::compact) would make of it.
    pub compact: bool,
}

/// Reads one value after the other, and keeps its memory in between.
#[derive(Default)]
pub struct Parser {
    /// The text of the last record, which its strings share.
    text: Rc<String>,
    unfinished: Unfinished,
}

impl Parser {
    /// Reads one value as [`parse`] does.
    ///
    /// # Errors
    /// As for [`parse`].
    pub fn parse(&mut self, text: &[u8], depth: u32) -> Result<Record, SyntaxError> {
        self.run::<true>(text, depth)
    }

    /// The same. Where no `VALUES` are wanted, all are null.
    fn run<const VALUES: bool>(&mut self, text: &[u8], depth: u32) -> Result<Record, SyntaxError> {
        self.unfinished.clear();
        match std::str::from_utf8(text) {
            Ok(valid) => self
                .read::<VALUES>(valid, depth, false)
                .map_err(|fault| fault.explain(text, self.unfinished.path(fault))),
            Err(error) => {
                // A syntax error in front of the first bad byte comes first. One that is due to the
                // end of the valid part is none: there the bad byte stands.
                let valid = error.valid_up_to();
                let cut_off = error.error_len().is_none();
                let utf8 = Fault::new(valid, What::Utf8 { cut_off });
                let prefix = std::str::from_utf8(&text[..valid]).unwrap_or_default();
                let first = match self.read::<VALUES>(prefix, depth, false) {
                    Err(fault) if fault.offset < valid => fault,
                    Err(fault) => return Err(utf8.explain(text, self.unfinished.path(fault))),
                    Ok(_) => utf8,
                };
                Err(first.explain(text, self.unfinished.path(first)))
            }
        }
    }

    /// Reads a text. Where no values are wanted, one may have `ended` where it begins.
    fn read<const VALUES: bool>(&mut self, text: &str, depth: u32, ended: bool) -> Result<Record, Fault> {
        match Rc::get_mut(&mut self.text) {
            // Nothing is left of the last record.
            Some(own) => {
                own.clear();
                own.push_str(text);
            }
            None => self.text = Rc::new(text.to_owned()),
        }
        read::<VALUES>(&self.text, depth, ended, &mut self.unfinished)
    }
}

/// The containers that are open, and what they hold so far.
#[derive(Default)]
struct Unfinished {
    open: Vec<Open>,
    /// The items of all open arrays, the outer ones first; at the end the one value of the text.
    items: Vec<Value>,
    /// The members of all open objects, the outer ones first. The last one of each has `null` in
    /// place of a value that is still being read.
    members: Vec<Member>,
    /// How many members the last record had at the most at once: the next one is likely to have as many.
    usual: usize,
}

/// An open container: where its part of the shared stack begins.
#[derive(Clone, Copy)]
enum Open {
    Array(usize),
    Object(usize),
}

impl Unfinished {
    /// Puts a value where it belongs. Inlined, so that it is made there and not moved there.
    #[inline(always)]
    fn put(&mut self, value: Value) {
        match (self.open.last(), self.members.last_mut()) {
            (Some(Open::Object(_)), Some(member)) => member.1 = value,
            _ => self.items.push(value),
        }
    }

    #[inline(always)]
    fn open_object(&mut self) {
        if self.members.capacity() == 0 {
            // Need not grow step by step.
            self.members.reserve(self.usual.max(4));
        }
        self.open.push(Open::Object(self.members.len()));
    }

    #[inline(always)]
    fn open_array(&mut self) {
        self.open.push(Open::Array(self.items.len()));
    }

    #[inline]
    fn close_object<const VALUES: bool>(&mut self, start: usize) {
        if !VALUES {
            self.open.pop();
            self.members.truncate(start);
            return self.put(Value::Null);
        }
        settle(&mut self.members, start);
        self.open.pop();
        self.usual = self.usual.max(self.members.len());
        let members = take_from(&mut self.members, start, self.open.is_empty());
        self.put(Object::of_settled(members).into());
    }

    #[inline]
    fn close_array<const VALUES: bool>(&mut self, start: usize) {
        self.open.pop();
        if !VALUES {
            self.items.truncate(start);
            return self.put(Value::Null);
        }
        let items = take_from(&mut self.items, start, self.open.is_empty());
        self.put(items.into());
    }

    fn clear(&mut self) {
        self.open.clear();
        self.items.clear();
        self.members.clear();
    }

    /// The path to what was being read when `fault` came up.
    #[cold]
    fn path(&self, fault: Fault) -> String {
        let mut path = Vec::with_capacity(self.open.len());
        let (mut items, mut members) = (self.items.len(), self.members.len());
        // Inner containers first: each one's part of a stack ends where the next one's begins.
        for container in self.open.iter().rev() {
            match *container {
                Open::Array(start) => {
                    path.push(Step::Index(items - start));
                    items = start;
                }
                Open::Object(start) => {
                    let name = self.members[start..members].last().map_or("", |(name, _)| name.as_str());
                    path.push(Step::Name(name));
                    members = start;
                }
            }
        }
        // Of a container's fault the path ends with it.
        write_steps(path.into_iter().skip(usize::from(fault.of_container)).rev())
    }
}

fn read<const VALUES: bool>(
    text: &Rc<String>,
    depth: u32,
    mut ended: bool,
    unfinished: &mut Unfinished,
) -> Result<Record, Fault> {
    let bytes = text.as_bytes();
    let mut compact = true;
    let mut at = gap(bytes, 0, &mut compact);
    let mut missing = What::Value;
    loop {
        // A value begins at `at`, or ended there.
        match bytes.get(at) {
            _ if !VALUES && ended => ended = false,
            Some(b'"') => {
                let (decoded, end) = string(text, at)?;
                unfinished.put(if VALUES { Value::String(decoded) } else { Value::Null });
                at = end;
            }
            Some(b'-' | b'0'..=b'9') => {
                let end = number_end(bytes, at)?;
                unfinished.put(if VALUES {
                    Value::Number(Number::written(&text[at..end], || Text::part(text, at, end)))
                } else {
                    Value::Null
                });
                at = end;
            }
            Some(&bracket @ (b'{' | b'[')) => {
                if unfinished.open.len() >= depth as usize {
                    return Err(Fault::new(at, What::Nesting(depth)));
                }
                at = gap(bytes, at + 1, &mut compact);
                match (bracket, bytes.get(at)) {
                    (b'{', Some(b'}')) => unfinished.put(Object::default().into()),
                    (b'[', Some(b']')) => unfinished.put(Vec::new().into()),
                    (b'{', _) => {
                        unfinished.open_object();
                        at = read_name(text, at, What::FirstName, &mut unfinished.members, &mut compact)?;
                        missing = What::Value;
                        continue;
                    }
                    _ => {
                        unfinished.open_array();
                        missing = What::FirstItem;
                        continue;
                    }
                }
                at += 1;
            }
            Some(b't') => {
                at = word_end(bytes, at, "true")?;
                unfinished.put(Value::Bool(true));
            }
            Some(b'f') => {
                at = word_end(bytes, at, "false")?;
                unfinished.put(Value::Bool(false));
            }
            Some(b'n') => {
                at = word_end(bytes, at, "null")?;
                unfinished.put(Value::Null);
            }
            _ => return Err(Fault::new(at, missing)),
        }
        // A value ended at `at`. So may its container there, and that one's container.
        loop {
            at = gap(bytes, at, &mut compact);
            match (unfinished.open.last(), bytes.get(at)) {
                (Some(Open::Object(_)), Some(b',')) => {
                    at = gap(bytes, at + 1, &mut compact);
                    at = read_name(text, at, What::Name, &mut unfinished.members, &mut compact)?;
                    break;
                }
                (Some(Open::Array(_)), Some(b',')) => {
                    at = gap(bytes, at + 1, &mut compact);
                    break;
                }
                (Some(&Open::Object(start)), Some(b'}')) => unfinished.close_object::<VALUES>(start),
                (Some(&Open::Array(start)), Some(b']')) => unfinished.close_array::<VALUES>(start),
                (Some(Open::Object(_)), _) => return Err(Fault::new(at, What::AfterMember)),
                (Some(Open::Array(_)), _) => return Err(Fault::new(at, What::AfterItem)),
                (None, Some(_)) => return Err(Fault::new(at, What::AfterRecord)),
                (None, None) => {
                    let value = unfinished.items.pop().ok_or_else(|| Fault::new(at, What::Value))?;
                    return Ok(Record { value, compact });
                }
            }
            at += 1;
        }
        missing = What::Value;
    }
}

/// Moves a closed container's part off the stack. The outermost one takes the stack itself.
#[inline]
fn take_from<T>(stack: &mut Vec<T>, start: usize, outermost: bool) -> Vec<T> {
    if outermost { std::mem::take(stack) } else { stack.drain(start..).collect() }
}

/// Reads `"name" :` at `at` into a member without a value; returns where the value begins.
#[inline(always)]
fn read_name(
    text: &Rc<String>,
    at: usize,
    missing: What,
    members: &mut Vec<Member>,
    compact: &mut bool,
) -> Result<usize, Fault> {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'"') {
        return Err(Fault::new(at, missing));
    }
    let (name, end) = string(text, at).map_err(|fault| fault.in_name())?;
    members.push((name, Value::Null));
    let at = gap(bytes, end, compact);
    if bytes.get(at) != Some(&b':') {
        return Err(Fault::new(at, What::Colon));
    }
    Ok(gap(bytes, at + 1, compact))
}

/// Passes over white space, and remembers that there was some.
#[inline(always)]
fn gap(text: &[u8], at: usize, compact: &mut bool) -> usize {
    let end = skip_space(text, at);
    *compact &= end == at;
    end
}

/// The end of one of the three words.
#[inline(always)]
fn word_end(text: &[u8], at: usize, word: &'static str) -> Result<usize, Fault> {
    let rest = &text[at..];
    if rest.starts_with(word.as_bytes()) {
        return Ok(at + word.len());
    }
    let same = rest.iter().zip(word.as_bytes()).take_while(|(a, b)| a == b).count();
    Err(Fault::new(at + same, What::Literal(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(text: &str) -> Value {
        parse(text.as_bytes(), 128).unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    #[test]
    fn numbers_keep_their_digits() {
        for digits in
            ["0", "-0", "-0.0", "1.0", "1e2", "1E+02", "1e400", "0.1000", "100000000000000000000000"]
        {
            assert_eq!(read(&format!(" {digits} ")).to_string(), digits);
            assert_eq!(read(&format!("[{digits}]")).to_string(), format!("[{digits}]"));
        }
    }

    #[test]
    fn strings_are_decoded() {
        let plain = "a long string, longer than one step of the search: é, 김, 😀, \u{7f}";
        assert_eq!(read(&format!("\"{plain}\"")).as_str(), Some(plain));
        let text = r#""\"\\\/\b\f\n\r\t\u0000\u00e9\uAC00\ud83d\uDE00 and the rest""#;
        let decoded = "\"\\/\u{8}\u{c}\n\r\t\0é가😀 and the rest";
        assert_eq!(read(text).as_str(), Some(decoded));
    }

    #[test]
    fn containers_nest_in_each_other() {
        let text = r#"{"a":[{"b":[[],{}]},[1,[2]],{"c":{"d":null}}],"e":[true,false]}"#;
        let Value::Object(object) = read(text) else { panic!() };
        let Some(Value::Array(items)) = object.get("a") else { panic!() };
        assert_eq!(items[0], read(r#"{"b":[[],{}]}"#));
        assert_eq!(items[1], read("[1,[2]]"));
        assert_eq!(items[2], read(r#"{"c":{"d":null}}"#));
        assert_eq!(object.get("e"), Some(&read("[true,false]")));
    }

    #[test]
    fn inner_containers_are_as_large_as_what_they_hold() {
        let Value::Array(outer) = read(r#"[[1],{"a":1},[1,2,3]]"#) else { panic!() };
        for (inner, length) in outer.iter().zip([1, 1, 3]) {
            let capacity = match inner {
                Value::Array(items) => items.capacity(),
                Value::Object(members) => members.capacity(),
                _ => 0,
            };
            assert_eq!(capacity, length);
        }
    }

    #[test]
    fn texts_without_gaps_are_known() {
        for text in [r#"{"a b":[1,"c d",{}],"e":[]}"#, "12", r#"" ""#, "[[1]]"] {
            assert!(Parser::default().parse(text.as_bytes(), 8).unwrap().compact, "{text}");
            // A gap at any place between two tokens is seen.
            let places = (0..=text.len()).filter(|&at| {
                let spaced = format!("{} {}", &text[..at], &text[at..]);
                Parser::default().parse(spaced.as_bytes(), 8).is_ok_and(|record| !record.compact)
            });
            let mut out = Vec::new();
            for at in places {
                let spaced = format!("{}\n{}", &text[..at], &text[at..]);
                out.clear();
                crate::compact(spaced.as_bytes(), &mut out);
                assert_eq!(String::from_utf8_lossy(&out), text, "{spaced}");
            }
        }
        for text in [
            " 1",
            "1 ",
            "[ ]",
            "[1 ]",
            "[1, 2]",
            "[1 ,2]",
            "{ }",
            r#"{"a" :1}"#,
            r#"{"a": 1}"#,
            r#"{"a":1 }"#,
            r#"{ "a":1}"#,
            r#"{"a":1, "b":2}"#,
        ] {
            assert!(!Parser::default().parse(text.as_bytes(), 8).unwrap().compact, "{text}");
        }
    }

    #[test]
    fn texts_are_checked_as_they_are_parsed() {
        let right = r#" {"a":[{"b":[[],{}]},[1,[-2.5e3]],{"a":{"d":null,"d":"\\u00e9"}}],"e":[true,false]} "#;
        assert_eq!(check(right.as_bytes(), 5), Ok(()));
        for at in 0..right.len() {
            for with in ["", "]", "}", ",", ":", "\"", "x", "0", "-", "\\", "é", "\u{1}", " "] {
                let text = [&right[..at], with, &right[at + 1..]].concat();
                assert_eq!(check(text.as_bytes(), 5), parse(text.as_bytes(), 5).map(drop), "{text}");
            }
            let cut = &right.as_bytes()[..at];
            assert_eq!(check(cut, 3), parse(cut, 3).map(drop));
            let odd = [cut, b"\xff", &right.as_bytes()[at..]].concat();
            assert_eq!(check(&odd, 5), parse(&odd, 5).map(drop));
        }
    }

    #[test]
    fn nesting_costs_no_stack() {
        let text = "[".repeat(100_000) + &"]".repeat(100_000);
        let small = std::thread::Builder::new().stack_size(64 * 1024);
        let read = move || {
            let value = parse(text.as_bytes(), 100_000);
            // Dropping it would recurse: that is for callers who set the limit to think of.
            value.map(std::mem::forget).is_ok()
        };
        assert!(small.spawn(read).unwrap().join().unwrap());
    }
}
