//! The parser: [one loop](crate::grammar), no recursion, so that nesting costs heap and never stack.
//!
//! Values wait for the end of their container on two shared stacks, one for items and one for
//! members, and are moved out into a vector of exactly their number. A container therefore costs
//! one allocation, and where the parser stops at a fault the stacks hold the path to it.

use std::rc::Rc;

use crate::fault::{Fault, first};
use crate::grammar::{Build, Open, read, valid};
use crate::object::settle;
use crate::path::{Step, write_steps};
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
        self.unfinished.clear();
        let (valid, utf8) = valid(text);
        let read = self.read(valid, depth);
        first(read, utf8).map_err(|(fault, at)| fault.explain(text, self.unfinished.path(at)))
    }

    fn read(&mut self, text: &str, depth: u32) -> Result<Record, Fault> {
        match Rc::get_mut(&mut self.text) {
            // Nothing is left of the last record.
            Some(own) => {
                own.clear();
                own.push_str(text);
            }
            None => self.text = Rc::new(text.to_owned()),
        }
        let Parser { text, unfinished } = self;
        let compact = values(text, depth, unfinished)?;
        Ok(Record { value: unfinished.items.pop().unwrap_or_default(), compact })
    }
}

/// The containers that are open, and what they hold so far.
#[derive(Default)]
struct Unfinished {
    /// Of each where its part of the shared stack begins.
    open: Vec<Open>,
    /// The items of all open arrays, the outer ones first; at the end the one value of the text.
    items: Vec<Value>,
    /// The members of all open objects, the outer ones first. The last one of each has `null` in
    /// place of a value that is still being read.
    members: Vec<Member>,
    /// How many members the last record had at the most at once: the next one is likely to have as many.
    usual: usize,
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
    fn close_object(&mut self, start: usize) {
        settle(&mut self.members, start);
        self.open.pop();
        self.usual = self.usual.max(self.members.len());
        let members = take_from(&mut self.members, start, self.open.is_empty());
        self.put(Object::of_settled(members).into());
    }

    #[inline]
    fn close_array(&mut self, start: usize) {
        self.open.pop();
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

/// Reads a text. Alone, so that the compiler of the sandbox has registers for it.
#[inline(never)]
fn values(text: &Rc<String>, depth: u32, unfinished: &mut Unfinished) -> Result<bool, Fault> {
    read(text, depth, &mut Values { text, unfinished })
}

/// What the parser makes of a text: all values that are in it.
struct Values<'p> {
    text: &'p Rc<String>,
    unfinished: &'p mut Unfinished,
}

impl Build for Values<'_> {
    #[inline(always)]
    fn depth(&self) -> usize {
        self.unfinished.open.len()
    }

    #[inline(always)]
    fn innermost(&self) -> Option<Open> {
        self.unfinished.open.last().copied()
    }

    #[inline(always)]
    fn string(&mut self, at: usize) -> Result<usize, Fault> {
        let (decoded, end) = string(self.text, at)?;
        self.unfinished.put(Value::String(decoded));
        Ok(end)
    }

    #[inline(always)]
    fn number(&mut self, at: usize, end: usize) {
        let number = Number::written(&self.text[at..end], || Text::part(self.text, at, end));
        self.unfinished.put(Value::Number(number));
    }

    #[inline(always)]
    fn word(&mut self, first: u8) {
        self.unfinished.put(match first {
            b'n' => Value::Null,
            _ => Value::Bool(first == b't'),
        });
    }

    #[inline(always)]
    fn empty(&mut self, object: bool) {
        self.unfinished.put(if object { Object::default().into() } else { Vec::new().into() });
    }

    #[inline(always)]
    fn open(&mut self, object: bool) {
        if object { self.unfinished.open_object() } else { self.unfinished.open_array() }
    }

    #[inline(always)]
    fn name(&mut self, at: usize) -> Result<usize, Fault> {
        let (name, end) = string(self.text, at)?;
        self.unfinished.members.push((name, Value::Null));
        Ok(end)
    }

    #[inline(always)]
    fn close(&mut self, open: Open) {
        match open {
            Open::Object(start) => self.unfinished.close_object(start),
            Open::Array(start) => self.unfinished.close_array(start),
        }
    }
}

/// Moves a closed container's part off the stack. The outermost one takes the stack itself.
#[inline]
fn take_from<T>(stack: &mut Vec<T>, start: usize, outermost: bool) -> Vec<T> {
    if outermost { std::mem::take(stack) } else { stack.drain(start..).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

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
