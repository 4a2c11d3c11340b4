//! `del` and assignments: the text of the whole is copied around what changes.

use super::env::Env;
use super::expr::{Assignment, Update};
use super::literal::Literal;
use super::text::{Items, Members, is_empty};
use super::value::Value;
use super::{Exit, Left, containers};

/// What `del` takes out: names within names.
#[derive(Debug, Clone, Default)]
pub struct Edits {
    names: Vec<(Literal, Edits)>,
    /// What is taken out of each item or value.
    each: Option<Box<Edits>>,
}

/// A step on the way to what is deleted.
#[derive(Debug, Clone)]
pub enum Way {
    /// To a member.
    Name(Literal),
    /// To each item or value.
    Each,
}

impl Edits {
    /// Adds a path; false if it is not of the kind that is deleted here: it must end with a name, and neither
    /// lead into what is deleted nor delete what others lead into.
    pub fn add(&mut self, path: &[Way]) -> bool {
        let Some((step, rest)) = path.split_first() else { return false };
        let next = match step {
            Way::Name(name) => match self.names.iter().position(|(known, _)| known == name) {
                Some(known) if rest.is_empty() || self.names[known].1.is_end() => return false,
                Some(known) => &mut self.names[known].1,
                None => {
                    self.names.push((name.clone(), Edits::default()));
                    let last = self.names.len() - 1;
                    &mut self.names[last].1
                }
            },
            Way::Each if rest.is_empty() => return false,
            Way::Each => self.each.get_or_insert_default(),
        };
        rest.is_empty() || next.add(rest)
    }

    fn is_end(&self) -> bool {
        self.names.is_empty() && self.each.is_none()
    }

    /// The names that are deleted, if there is nothing but names of the value itself.
    pub(super) fn own_names(&self) -> Option<impl Iterator<Item = &Literal>> {
        let plain = self.each.is_none() && self.names.iter().all(|(_, within)| within.is_end());
        plain.then(|| self.names.iter().map(|(name, _)| name))
    }

    /// Writes a value without what is deleted. The text is as it would be written.
    fn without(&self, text: &[u8], out: &mut Vec<u8>) -> Result<(), Exit> {
        match text.first() {
            Some(b'{') => self.without_members(text, out),
            Some(b'[') if self.names.is_empty() => {
                let Some(each) = &self.each else { return Err(Left::Error.into()) };
                out.push(b'[');
                for (place, item) in Items::of(text).enumerate() {
                    if place > 0 {
                        out.push(b',');
                    }
                    each.without(item, out)?;
                }
                out.push(b']');
                Ok(())
            }
            Some(b'n') => {
                self.of_nothing()?;
                out.extend_from_slice(text);
                Ok(())
            }
            _ => Err(Left::Error.into()),
        }
    }

    /// Leaves if it is an error to go these ways from `null`.
    fn of_nothing(&self) -> Result<(), Exit> {
        if self.each.is_some() {
            return Err(Left::Error.into());
        }
        self.names.iter().try_for_each(|(_, within)| within.of_nothing())
    }

    fn without_members(&self, text: &[u8], out: &mut Vec<u8>) -> Result<(), Exit> {
        if self.each.is_some() && !self.names.is_empty() {
            // Both ways lead into the same members.
            return Err(Left::Large.into());
        }
        // What is not written yet begins at `from`; something was kept before it.
        let (mut from, mut kept) = (0, false);
        let mut seen = 0_u64;
        for member in Members::of(text) {
            let found = match &self.each {
                Some(each) => Some((0, &**each)),
                None => {
                    let at = self.names.iter().position(|(name, _)| name.is(member.name));
                    at.map(|at| (at, &self.names[at].1))
                }
            };
            match found {
                Some((at, within)) if within.is_end() => {
                    seen |= 1 << at.min(63);
                    // The comma in front goes with it, or the one behind it if it is the first that is left.
                    out.extend_from_slice(&text[from..member.start - usize::from(kept)]);
                    let comma = !kept && text.get(member.end) == Some(&b',');
                    from = member.end + usize::from(comma);
                }
                Some((at, within)) => {
                    seen |= 1 << at.min(63);
                    out.extend_from_slice(&text[from..member.middle]);
                    within.without(member.value, out)?;
                    from = member.end;
                    kept = true;
                }
                None => kept = true,
            }
        }
        out.extend_from_slice(&text[from..]);
        if self.each.is_none() {
            let missing = |at: usize| at >= 63 || seen & 1 << at == 0;
            let missing = self.names.iter().enumerate().filter(|(at, _)| missing(*at));
            missing.map(|(_, (_, within))| within).try_for_each(Edits::of_nothing)?;
        }
        Ok(())
    }
}

/// Writes a value without what is deleted.
pub(super) fn delete<'v>(
    value: Value<'v>,
    edits: &Edits,
    env: &Env<'v>,
    out: &mut Vec<u8>,
) -> Result<bool, Exit> {
    match value {
        Value::Object(text) | Value::Array(text) => edits.without(env.clean(text)?, out)?,
        Value::Null => edits.without(b"null", out)?,
        _ => return Err(Left::Error.into()),
    }
    Ok(true)
}

/// Where a path of names leads in a text.
enum Found {
    /// To the value at this place.
    At(usize, usize),
    /// To nothing: the object that closes here has no member of this many names.
    Missing(usize, usize),
    /// To nothing: at this place is `null` behind this many names.
    Null(usize, usize, usize),
}

fn find(text: &[u8], path: &[Literal]) -> Result<Found, Exit> {
    let (mut start, mut end) = (0, text.len());
    for (depth, name) in path.iter().enumerate() {
        match text.get(start) {
            Some(b'n') => return Ok(Found::Null(depth, start, end)),
            Some(b'{') => {}
            _ => return Err(Left::Error.into()),
        }
        match Members::of(&text[start..end]).find(|member| name.is(member.name)) {
            Some(member) => (start, end) = (start + member.middle, start + member.end),
            None => return Ok(Found::Missing(depth, end - 1)),
        }
    }
    Ok(Found::At(start, end))
}

/// Writes the whole with a new value at a path; false if there is no output.
pub(super) fn update<'v>(
    update: &'v Update,
    input: Value<'v>,
    env: &Env<'v>,
    out: &mut Vec<u8>,
) -> Result<bool, Exit> {
    let Update { of, path, op, value } = update;
    let start = out.len();
    let right = match op {
        Assignment::Set | Assignment::Update => None,
        Assignment::Alternative | Assignment::Calculate(_) => match value.one(input, env)? {
            Some(right) => Some(right),
            None => return Ok(false),
        },
    };
    let Some(whole) = of.one(input, env)? else { return Ok(false) };
    let text = match whole {
        Value::Object(text) => env.clean(text)?,
        Value::Null => b"null",
        _ => return Err(Left::Error.into()),
    };
    let found = find(text, path)?;
    let old = match found {
        Found::At(start, end) => Value::of(&text[start..end], true),
        _ => Value::Null,
    };
    let behind = match found {
        Found::At(start, end) => {
            out.extend_from_slice(&text[..start]);
            end
        }
        Found::Missing(depth, close) => {
            out.extend_from_slice(&text[..close]);
            if !is_empty(&text[object_start(text, &path[..depth])..]) {
                out.push(b',');
            }
            nested(&path[depth..], out);
            close
        }
        Found::Null(depth, start, end) => {
            out.extend_from_slice(&text[..start]);
            out.push(b'{');
            nested(&path[depth..], out);
            end
        }
    };
    let written = match (op, right) {
        (Assignment::Set, _) => value.render(input, env, out)?,
        (Assignment::Update, _) => value.render(old, env, out)?,
        (Assignment::Alternative, Some(right)) => {
            env.write(if old.is_true() { old } else { right }, out);
            true
        }
        (Assignment::Calculate(op), Some(right)) => containers::calculate_to(old, *op, right, env, out)?,
        _ => false,
    };
    if !written {
        out.truncate(start);
        if *op != Assignment::Update {
            return Ok(false);
        }
        // Where there is no new value, the old one goes.
        without(text, found, out);
        return Ok(true);
    }
    let made = match found {
        Found::At(..) => 0,
        Found::Missing(depth, _) => path.len() - depth - 1,
        Found::Null(depth, ..) => path.len() - depth,
    };
    out.extend(std::iter::repeat_n(b'}', made));
    out.extend_from_slice(&text[behind..]);
    Ok(true)
}

/// Where the object at a path begins, which is there.
fn object_start(text: &[u8], path: &[Literal]) -> usize {
    match find(text, path) {
        Ok(Found::At(start, _)) => start,
        _ => 0,
    }
}

/// Writes `"a":{"b":`
fn nested(path: &[Literal], out: &mut Vec<u8>) {
    for (place, name) in path.iter().enumerate() {
        if place > 0 {
            out.push(b'{');
        }
        out.extend_from_slice(name.key());
    }
}

/// Writes the whole without the member that was found.
fn without(text: &[u8], found: Found, out: &mut Vec<u8>) {
    let Found::At(start, end) = found else { return out.extend_from_slice(text) };
    // The name in front of the value: back over the colon and the quote to the quote that no backslash escapes.
    let mut name = start - 2;
    loop {
        name -= 1;
        let escapes = text[..name].iter().rev().take_while(|byte| **byte == b'\\').count();
        if text[name] == b'"' && escapes % 2 == 0 {
            break;
        }
    }
    let (from, to) = match (text[name - 1], text[end]) {
        (b',', _) => (name - 1, end),
        (_, b',') => (name, end + 1),
        _ => (name, end),
    };
    out.extend_from_slice(&text[..from]);
    out.extend_from_slice(&text[to..]);
}
