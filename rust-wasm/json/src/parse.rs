//! The parser: one loop, no recursion, so that nesting costs heap and never stack.
//!
//! Values wait for the end of their container on two shared stacks, one for items and one for
//! members, and are moved out into a vector of exactly their number. A container therefore costs
//! one allocation, and where the parser stops at a fault the stacks hold the path to it.

use std::borrow::Cow;

use crate::fault::{Fault, What};
use crate::number::number_end;
use crate::object::settle;
use crate::path::{Segment, write_path};
use crate::scan::skip_space;
use crate::string::string;
use crate::{Number, Object, SyntaxError, Value};

type Member<'a> = (Cow<'a, str>, Value<'a>);

/// Reads exactly one value; white space around it is allowed, nesting of containers up to `depth`.
///
/// Takes time in proportion to the text (n log n for objects of many names) and heap, not stack,
/// for nesting. Dropping, cloning or comparing the value does recurse.
///
/// # Errors
/// The first place where the text is no JSON by RFC 8259, no UTF-8, or too deep.
pub fn parse(text: &[u8], depth: u32) -> Result<Value<'_>, SyntaxError> {
    let mut unfinished = Unfinished::default();
    match std::str::from_utf8(text) {
        Ok(valid) => {
            read(valid, depth, &mut unfinished).map_err(|fault| fault.explain(text, unfinished.path(fault)))
        }
        Err(error) => {
            // A syntax error in front of the first bad byte comes first. One that is due to the
            // end of the valid part is none: there the bad byte stands.
            let valid = error.valid_up_to();
            let cut_off = error.error_len().is_none();
            let utf8 = Fault::new(valid, What::Utf8 { cut_off });
            let prefix = std::str::from_utf8(&text[..valid]).unwrap_or_default();
            let first = match read(prefix, depth, &mut unfinished) {
                Err(fault) if fault.offset < valid => fault,
                Err(fault) => return Err(utf8.explain(text, unfinished.path(fault))),
                Ok(_) => utf8,
            };
            Err(first.explain(text, unfinished.path(first)))
        }
    }
}

/// The containers that are open, and what they hold so far.
#[derive(Default)]
struct Unfinished<'a> {
    open: Vec<Open>,
    /// The items of all open arrays, the outer ones first.
    items: Vec<Value<'a>>,
    /// The members of all open objects, the outer ones first. The last one of each has `null` in
    /// place of a value that is still being read.
    members: Vec<Member<'a>>,
}

/// An open container: where its part of the shared stack begins.
#[derive(Clone, Copy)]
enum Open {
    Array(usize),
    Object(usize),
}

impl Unfinished<'_> {
    /// The path to what was being read when `fault` came up.
    #[cold]
    fn path(&self, fault: Fault) -> String {
        let mut path = Vec::with_capacity(self.open.len());
        let (mut items, mut members) = (self.items.len(), self.members.len());
        // Inner containers first: each one's part of a stack ends where the next one's begins.
        for container in self.open.iter().rev() {
            match *container {
                Open::Array(start) => {
                    path.push(Segment::Index(items - start));
                    items = start;
                }
                Open::Object(start) => {
                    let name = self.members[start..members].last().map_or("", |(name, _)| name);
                    path.push(Segment::Name(name.to_owned()));
                    members = start;
                }
            }
        }
        path.reverse();
        if fault.of_container {
            path.pop();
        }
        write_path(&path)
    }
}

fn read<'a>(text: &'a str, depth: u32, unfinished: &mut Unfinished<'a>) -> Result<Value<'a>, Fault> {
    let bytes = text.as_bytes();
    let Unfinished { open, items, members } = unfinished;
    let mut at = skip_space(bytes, 0);
    let mut missing = What::Value;
    loop {
        // A value begins at `at`.
        let mut value = match bytes.get(at) {
            Some(b'"') => {
                let (decoded, end) = string(text, at)?;
                at = end;
                Value::String(decoded)
            }
            Some(b'-' | b'0'..=b'9') => {
                let start = at;
                at = number_end(bytes, at)?;
                Value::Number(Number(&text[start..at]))
            }
            Some(b'{') => {
                if open.len() >= depth as usize {
                    return Err(Fault::new(at, What::Nesting(depth)));
                }
                at = skip_space(bytes, at + 1);
                if bytes.get(at) == Some(&b'}') {
                    at += 1;
                    Value::Object(Object::default())
                } else {
                    open.push(Open::Object(members.len()));
                    at = read_name(text, at, What::FirstName, members)?;
                    missing = What::Value;
                    continue;
                }
            }
            Some(b'[') => {
                if open.len() >= depth as usize {
                    return Err(Fault::new(at, What::Nesting(depth)));
                }
                at = skip_space(bytes, at + 1);
                if bytes.get(at) == Some(&b']') {
                    at += 1;
                    Value::Array(Vec::new())
                } else {
                    open.push(Open::Array(items.len()));
                    missing = What::FirstItem;
                    continue;
                }
            }
            Some(b't') => {
                at = word_end(bytes, at, "true")?;
                Value::Bool(true)
            }
            Some(b'f') => {
                at = word_end(bytes, at, "false")?;
                Value::Bool(false)
            }
            Some(b'n') => {
                at = word_end(bytes, at, "null")?;
                Value::Null
            }
            _ => return Err(Fault::new(at, missing)),
        };
        // A value ended at `at`: put it into its container, and so on outwards while those end.
        loop {
            at = skip_space(bytes, at);
            match open.last() {
                Some(&Open::Object(start)) => {
                    if let Some(member) = members.last_mut() {
                        member.1 = value;
                    }
                    match bytes.get(at) {
                        Some(b',') => {
                            at = skip_space(bytes, at + 1);
                            at = read_name(text, at, What::Name, members)?;
                            break;
                        }
                        Some(b'}') => {
                            settle(members, start);
                            value = Value::Object(Object(take_from(members, start)));
                        }
                        _ => return Err(Fault::new(at, What::AfterMember)),
                    }
                }
                Some(&Open::Array(start)) => {
                    items.push(value);
                    match bytes.get(at) {
                        Some(b',') => {
                            at = skip_space(bytes, at + 1);
                            break;
                        }
                        Some(b']') => value = Value::Array(take_from(items, start)),
                        _ => return Err(Fault::new(at, What::AfterItem)),
                    }
                }
                None if at == bytes.len() => return Ok(value),
                None => return Err(Fault::new(at, What::AfterRecord)),
            }
            open.pop();
            at += 1;
        }
        missing = What::Value;
    }
}

/// Moves a closed container's part off the stack. The outermost one takes the stack itself.
#[inline]
fn take_from<T>(stack: &mut Vec<T>, start: usize) -> Vec<T> {
    if start == 0 { std::mem::take(stack) } else { stack.drain(start..).collect() }
}

/// Reads `"name" :` at `at` into a member without a value; returns where the value begins.
#[inline(always)]
fn read_name<'a>(
    text: &'a str,
    at: usize,
    missing: What,
    members: &mut Vec<Member<'a>>,
) -> Result<usize, Fault> {
    let bytes = text.as_bytes();
    if bytes.get(at) != Some(&b'"') {
        return Err(Fault::new(at, missing));
    }
    let (name, end) = string(text, at).map_err(|fault| fault.in_name())?;
    members.push((name, Value::Null));
    let at = skip_space(bytes, end);
    if bytes.get(at) != Some(&b':') {
        return Err(Fault::new(at, What::Colon));
    }
    Ok(skip_space(bytes, at + 1))
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
