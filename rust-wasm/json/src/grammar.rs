//! The grammar of JSON: one loop over a text, which tells somebody what stands there.

use crate::digits::number_end;
use crate::fault::{Fault, What};
use crate::scan::skip_space;

/// What is made of a text while it is read.
pub(crate) trait Build {
    /// How many containers are open.
    fn depth(&self) -> usize;
    /// The innermost one.
    fn innermost(&self) -> Option<Open>;
    /// A string begins: where it ends.
    fn string(&mut self, at: usize) -> Result<usize, Fault>;
    /// A number, which begins and ends there.
    fn number(&mut self, at: usize, end: usize);
    /// One of the three words, by its first letter.
    fn word(&mut self, first: u8);
    /// A container with nothing in it.
    fn empty(&mut self, object: bool);
    /// A container with something in it begins.
    fn open(&mut self, object: bool);
    /// The name of a member begins: where it ends.
    fn name(&mut self, at: usize) -> Result<usize, Fault>;
    /// This one, the innermost, ends.
    fn close(&mut self, open: Open);
}

/// An open container, and where whoever builds it has its beginning.
#[derive(Clone, Copy)]
pub(crate) enum Open {
    Array(usize),
    Object(usize),
}

/// As much of a text as is UTF-8, and the fault behind it.
pub(crate) fn valid(text: &[u8]) -> (&str, Option<Fault>) {
    match std::str::from_utf8(text) {
        Ok(valid) => (valid, None),
        Err(error) => {
            let valid = std::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or_default();
            let cut_off = error.error_len().is_none();
            (valid, Some(Fault::new(valid.len(), What::Utf8 { cut_off })))
        }
    }
}

/// Reads a text of one value: whether no white space stands before, between or behind its tokens.
#[inline(always)]
pub(crate) fn read<B: Build>(text: &str, depth: u32, build: &mut B) -> Result<bool, Fault> {
    go_on(text, depth, false, build)
}

/// Reads the rest of a text. A value may have `ended` where it begins; else one is due.
#[inline(always)]
pub(crate) fn go_on<B: Build>(text: &str, depth: u32, mut ended: bool, build: &mut B) -> Result<bool, Fault> {
    let bytes = text.as_bytes();
    let mut compact = true;
    let mut at = gap(bytes, 0, &mut compact);
    let mut missing = What::Value;
    loop {
        // A value begins at `at`, or ended there.
        match bytes.get(at) {
            _ if ended => ended = false,
            Some(b'"') => at = build.string(at)?,
            Some(b'-' | b'0'..=b'9') => {
                let end = number_end(bytes, at)?;
                build.number(at, end);
                at = end;
            }
            Some(&bracket @ (b'{' | b'[')) => {
                if build.depth() >= depth as usize {
                    return Err(Fault::new(at, What::Nesting(depth)));
                }
                at = gap(bytes, at + 1, &mut compact);
                match (bracket, bytes.get(at)) {
                    (b'{', Some(b'}')) => build.empty(true),
                    (b'[', Some(b']')) => build.empty(false),
                    (b'{', _) => {
                        build.open(true);
                        at = name(bytes, at, What::FirstName, build, &mut compact)?;
                        missing = What::Value;
                        continue;
                    }
                    _ => {
                        build.open(false);
                        missing = What::FirstItem;
                        continue;
                    }
                }
                at += 1;
            }
            Some(b't') => {
                at = word_end(bytes, at, "true")?;
                build.word(b't');
            }
            Some(b'f') => {
                at = word_end(bytes, at, "false")?;
                build.word(b'f');
            }
            Some(b'n') => {
                at = word_end(bytes, at, "null")?;
                build.word(b'n');
            }
            _ => return Err(Fault::new(at, missing)),
        }
        // A value ended at `at`. So may its container there, and that one's container.
        loop {
            at = gap(bytes, at, &mut compact);
            match (build.innermost(), bytes.get(at)) {
                (Some(Open::Object(_)), Some(b',')) => {
                    at = gap(bytes, at + 1, &mut compact);
                    at = name(bytes, at, What::Name, build, &mut compact)?;
                    break;
                }
                (Some(Open::Array(_)), Some(b',')) => {
                    at = gap(bytes, at + 1, &mut compact);
                    break;
                }
                (Some(Open::Object(start)), Some(b'}')) => build.close(Open::Object(start)),
                (Some(Open::Array(start)), Some(b']')) => build.close(Open::Array(start)),
                (Some(Open::Object(_)), _) => return Err(Fault::new(at, What::AfterMember)),
                (Some(Open::Array(_)), _) => return Err(Fault::new(at, What::AfterItem)),
                (None, Some(_)) => return Err(Fault::new(at, What::AfterRecord)),
                (None, None) => return Ok(compact),
            }
            at += 1;
        }
        missing = What::Value;
    }
}

/// Reads `"name" :`; where the value begins.
#[inline(always)]
fn name<B: Build>(
    bytes: &[u8],
    at: usize,
    missing: What,
    build: &mut B,
    compact: &mut bool,
) -> Result<usize, Fault> {
    if bytes.get(at) != Some(&b'"') {
        return Err(Fault::new(at, missing));
    }
    let end = build.name(at).map_err(|fault| fault.in_name())?;
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
