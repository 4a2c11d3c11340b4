//! Why a text is no value of a type: looked for only once it could not be read.

use super::integers::whole;
use super::shape::{Check, Member, Shape};
use super::{Arena, Reader};
use crate::Failure;
use std::collections::BinaryHeap;
use std::mem::replace;
use wasmrecords_json::{Segment, check, joined, listed, nearest, push_natural, write_path, write_string};

/// Of a value no more than so many bytes are shown.
const LONGEST: usize = 60;

/// The first thing that is wrong with a text, if anything is.
#[cold]
pub(crate) fn explain(shape: &Shape, text: &[u8], levels: u32) -> Option<Failure> {
    if let Err(error) = check(text, levels) {
        return Some(Failure {
            offset: error.offset,
            path: error.path,
            ..Failure::new(error.kind.code(), error.message)
        });
    }
    let arena = Arena::default();
    let reader = Reader::new(std::str::from_utf8(text).ok()?, &arena, levels);
    Search { reader, path: Vec::new() }.value(shape)
}

/// A walk through a valid text. Where the reader has nothing, the text is at its end: that cannot be, and ends the
/// walk without a finding.
struct Search<'a> {
    reader: Reader<'a>,
    path: Vec<Segment>,
}

/// None if the value is right.
type Fault = Option<Failure>;

impl Search<'_> {
    fn value(&mut self, shape: &Shape) -> Fault {
        let first = self.reader.peek()?;
        match (shape, first) {
            (Shape::Null | Shape::Nullable(_), b'n') | (Shape::Any, _) | (Shape::Boolean, b't' | b'f') => {
                self.skip()
            }
            (Shape::Nullable(inner), _) if inner.takes(first) => self.value(inner),
            (Shape::Integer { least, most }, b'-' | b'0'..=b'9') => self.integer(*least, *most),
            (Shape::Number(check), b'-' | b'0'..=b'9') => self.number(*check),
            (Shape::String, b'"') => self.skip(),
            (Shape::Bytes(check), b'"') => self.bytes(*check),
            (Shape::Words(words), b'"') => self.word(words),
            (Shape::Array(items), b'[') => self.items(&|_| Some(*items), None),
            (Shape::Tuple(items), b'[') => self.items(&|place| items.get(place), Some(items.len())),
            (Shape::Map(values), b'{') => self.object(&[], Some(values), true),
            (Shape::Object(object), b'{') => self.object(&shape.members(), object.rest(), object.open),
            _ => self.fault("type", format!("expected {}, found {}", shape.expected(), type_name(first))),
        }
    }

    fn skip(&mut self) -> Fault {
        self.reader.skip()?;
        None
    }

    fn fault(&self, code: &'static str, message: String) -> Fault {
        self.fault_at(self.reader.at(), code, message)
    }

    fn fault_at(&self, offset: usize, code: &'static str, message: String) -> Fault {
        Some(Failure { offset, path: write_path(&self.path), ..Failure::new(code, message) })
    }

    fn integer(&mut self, least: i64, most: u64) -> Fault {
        let at = self.reader.at();
        let digits = self.reader.number()?;
        let shown = cut(digits);
        let Some(value) = whole(digits) else {
            return self.fault_at(at, "type", format!("expected integer, found {shown}"));
        };
        // No type begins above 0. Of two numbers without a sign the longer one is the larger one.
        let (code, side, sign, bound, size) = match value.strip_prefix('-') {
            Some(size) => {
                let sign = if least < 0 { "-" } else { "" };
                ("minimum", "at least ", sign, least.unsigned_abs(), size)
            }
            None => ("maximum", "at most ", "", most, &*value),
        };
        let mut most = String::new();
        push_natural(bound, &mut most);
        if (size.len(), size) <= (most.len(), &most) {
            return None;
        }
        self.fault_at(at, code, joined(&["expected ", side, sign, &most, ", found ", &shown]))
    }

    fn number(&mut self, check: Check) -> Fault {
        let at = self.reader.at();
        let digits = self.reader.number()?;
        if check.0(digits) {
            return None;
        }
        let message = format!("expected a number within the range of a 64-bit float, found {}", cut(digits));
        self.fault_at(at, "number", message)
    }

    fn bytes(&mut self, check: Check) -> Fault {
        let at = self.reader.at();
        let text = self.reader.string()?;
        if check.0(&text) {
            return None;
        }
        self.fault_at(at, "contentEncoding", format!("expected base64, found {}", quoted(&text)))
    }

    fn word(&mut self, words: &[&str]) -> Fault {
        let at = self.reader.at();
        let text = self.reader.string()?;
        if words.contains(&&*text) {
            return None;
        }
        let words_in_quotes: Vec<_> = words.iter().map(|word| quoted(word)).collect();
        let hint = meant(&text, words.iter().copied());
        let all = listed(words_in_quotes.iter().map(|word| &**word));
        let message = joined(&["expected one of ", &all, ", found ", &quoted(&text), &hint]);
        self.fault_at(at, "enum", message)
    }

    fn items<'s>(&mut self, shape: &dyn Fn(usize) -> Option<&'s Shape>, count: Option<usize>) -> Fault {
        let start = self.reader.at();
        let mut found = 0;
        let mut more = self.reader.open(b'[', b']')?;
        while more {
            self.path.push(Segment::Index(found));
            let fault = match shape(found) {
                Some(shape) => self.value(shape),
                None => self.skip(),
            };
            if fault.is_some() {
                return fault;
            }
            self.path.pop();
            found += 1;
            more = self.reader.more(b']')?;
        }
        let count = count.filter(|count| *count != found)?;
        let code = if found < count { "minItems" } else { "maxItems" };
        let items = if count == 1 { "item" } else { "items" };
        self.fault_at(start, code, format!("expected {count} {items}, found {found}"))
    }

    /// Members with these names, and others: those that are left over, if something takes them, else any or none.
    fn object(&mut self, known: &[&Member], rest: Option<&Shape>, open: bool) -> Fault {
        let (start, levels) = (self.reader.at(), self.path.len());
        let mut there = vec![false; known.len()];
        let mut names = BinaryHeap::new();
        let fault = self.members(&mut |name, at| match known.iter().position(|known| known.name == name) {
            Some(place) if replace(&mut there[place], true) => Next::Again,
            Some(place) => Next::Value(&known[place].shape),
            None => match rest {
                Some(values) => {
                    names.push((name.to_owned(), at));
                    Next::Value(values)
                }
                None if open => Next::Value(&Shape::Any),
                None => Next::Unexpected(meant(name, known.iter().map(|known| known.name))),
            },
        });
        // A name stands before its value, and so before all that is wrong with that.
        let names = names.into_sorted_vec();
        let again = names.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| &pair[1]);
        if let Some((name, at)) = again.min_by_key(|(_, at)| *at) {
            self.path.truncate(levels);
            self.path.push(Segment::Name(name.clone()));
            return self.again(*at, name);
        }
        if fault.is_some() {
            return fault;
        }
        let missing = known.iter().zip(there).find(|(member, there)| member.required && !there);
        let name = quoted(missing?.0.name);
        self.fault_at(start, "required", format!("missing the required property {name}"))
    }

    /// Goes through the members of an object: `next` is told each name and where it stands.
    fn members<'s>(&mut self, next: &mut dyn FnMut(&str, usize) -> Next<'s>) -> Fault {
        let mut more = self.reader.open(b'{', b'}')?;
        while more {
            let at = self.reader.at();
            let name = self.reader.name()?.into_owned();
            let next = next(&name, at);
            self.path.push(Segment::Name(name.clone()));
            let fault = match next {
                Next::Value(shape) => self.value(shape),
                Next::Again => self.again(at, &name),
                Next::Unexpected(hint) => {
                    self.fault("additionalProperties", format!("unexpected property {}{hint}", quoted(&name)))
                }
            };
            if fault.is_some() {
                return fault;
            }
            self.path.pop();
            more = self.reader.more(b'}')?;
        }
        None
    }

    fn again(&self, at: usize, name: &str) -> Fault {
        self.fault_at(at, "duplicate", format!("the property {} stands there twice", quoted(name)))
    }
}

/// What stands behind a name.
enum Next<'s> {
    /// A value of this shape.
    Value(&'s Shape),
    /// The name was there before.
    Again,
    /// No such name is known: which one may have been meant.
    Unexpected(String),
}

impl Shape {
    /// True if a value that begins with this byte has the type of this shape.
    fn takes(&self, first: u8) -> bool {
        match self {
            Shape::Any => true,
            Shape::Null => first == b'n',
            Shape::Boolean => matches!(first, b't' | b'f'),
            Shape::Integer { .. } | Shape::Number(_) => matches!(first, b'-' | b'0'..=b'9'),
            Shape::String | Shape::Bytes(_) | Shape::Words(_) => first == b'"',
            Shape::Array(_) | Shape::Tuple(_) => first == b'[',
            Shape::Map(_) | Shape::Object(_) => first == b'{',
            Shape::Nullable(inner) => first == b'n' || inner.takes(first),
        }
    }
}

/// The type of the value that begins with this byte.
fn type_name(first: u8) -> &'static str {
    match first {
        b'-' | b'0'..=b'9' => "number",
        b'"' => "string",
        b'[' => "array",
        b'{' => "object",
        b'n' => "null",
        _ => "boolean",
    }
}

/// The name that somebody may have meant, as the end of a sentence.
fn meant<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    nearest(name, known).map(|near| format!("; did you mean {}?", quoted(near))).unwrap_or_default()
}

pub(super) fn quoted(text: &str) -> String {
    let mut out = Vec::new();
    write_string(text, &mut out);
    cut(std::str::from_utf8(&out).unwrap_or_default())
}

/// A text, cut where it gets long.
fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => joined(&[text.get(..at).unwrap_or_default(), "…"]),
        None => text.to_owned(),
    }
}
