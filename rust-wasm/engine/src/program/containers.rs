//! Arrays and objects that are made, and what `+ - * / %` make of values.

use super::env::{Env, One};
use super::expr::{Calculation, Expr, Name};
use super::strings::decode;
use super::text::{Items, Members, is_empty};
use super::value::{Text, Value, string};
use super::{Exit, Left, numbers};
use wasmrecords_json::write_characters;

/// With more members on the right side two objects are merged by the general engine.
const MOST: usize = 64;

/// Writes an object of members; false if one of them has no value.
pub(super) fn object<'v>(
    members: &'v [(Name, Expr)],
    input: Value<'v>,
    env: &Env<'v>,
    out: &mut Vec<u8>,
) -> Result<bool, Exit> {
    let start = out.len();
    let mut computed = false;
    out.push(b'{');
    for (place, (name, value)) in members.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        match name {
            Name::Constant(name) => out.extend_from_slice(name.key()),
            Name::Computed(name) => {
                computed = true;
                let Some(name) = name.one(input, env)? else { return Ok(false) };
                let Value::String(_) = name else { return Err(Left::Error.into()) };
                name.write(out);
                out.push(b':');
            }
        }
        if !value.render(input, env, out)? {
            return Ok(false);
        }
    }
    out.push(b'}');
    if computed {
        once(&out[start..])?
    }
    Ok(true)
}

/// Leaves if a name is twice in an object that was made.
pub(super) fn once(object: &[u8]) -> Result<(), Exit> {
    let mut names: Vec<_> = Members::of(object).map(|member| member.name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) { Err(Left::Repeated.into()) } else { Ok(()) }
}

/// The items of an array from a place up to another.
pub(super) fn part<'v>(array: Text<'v>, from: usize, to: Option<usize>, env: &Env<'v>) -> One<'v> {
    let count = to.map_or(usize::MAX, |to| to.saturating_sub(from));
    let mut made = vec![b'['];
    for item in Items::of(array.bytes).skip(from).take(count) {
        if made.len() > 1 {
            made.push(b',');
        }
        made.extend_from_slice(item);
    }
    made.push(b']');
    Ok(Some(Value::Array(Text { bytes: env.keep(made)?, clean: array.clean })))
}

/// `left op right`
pub(super) fn calculate<'v>(left: Value<'v>, op: Calculation, right: Value<'v>, env: &Env<'v>) -> One<'v> {
    match (op, left, right) {
        (Calculation::Add, Value::Null, other) | (Calculation::Add, other, Value::Null) => Ok(Some(other)),
        (_, Value::Int(a), Value::Int(b)) if op == Calculation::Add && a.checked_add(b).is_some() => {
            Ok(Some(Value::Int(a + b)))
        }
        (Calculation::Add, Value::String(_), Value::String(_))
        | (Calculation::Add, Value::Array(_), Value::Array(_))
        | (Calculation::Add, Value::Object(_), Value::Object(_))
        | (Calculation::Divide, Value::String(_), Value::String(_)) => {
            env.made(|out| calculate_to(left, op, right, env, out))
        }
        _ => {
            let (Some(left), Some(right)) = (numbers::number(left), numbers::number(right)) else {
                // An error, or one of the rarer operations of other types.
                return Err(Left::Error.into());
            };
            let result = numbers::calculate(&left, op, &right)?;
            numbers::of(result, |digits| env.keep(digits)).map(Some)
        }
    }
}

/// Writes `left op right`.
pub(super) fn calculate_to<'v>(
    left: Value<'v>,
    op: Calculation,
    right: Value<'v>,
    env: &Env<'v>,
    out: &mut Vec<u8>,
) -> Result<bool, Exit> {
    match (op, left, right) {
        (Calculation::Add, Value::String(left), Value::String(right)) => {
            out.push(b'"');
            string(left, out);
            string(right, out);
            out.push(b'"');
        }
        (Calculation::Add, Value::Array(left), Value::Array(right)) => {
            let (left, right) = (env.clean(left)?, env.clean(right)?);
            out.extend_from_slice(&left[..left.len() - 1]);
            if left.len() > 2 && right.len() > 2 {
                out.push(b',');
            }
            out.extend_from_slice(&right[1..]);
        }
        (Calculation::Add, Value::Object(left), Value::Object(right)) => {
            merge(env.clean(left)?, env.clean(right)?, out)?;
        }
        (Calculation::Divide, Value::String(text), Value::String(separator)) => split(text, separator, out),
        _ => match calculate(left, op, right, env)? {
            Some(value) => env.write(value, out),
            None => return Ok(false),
        },
    }
    Ok(true)
}

/// The members of both: those of the right one count, and what is new comes last.
pub(super) fn merge(left: &[u8], right: &[u8], out: &mut Vec<u8>) -> Result<(), Exit> {
    if is_empty(left) || is_empty(right) {
        out.extend_from_slice(if is_empty(left) { right } else { left });
        return Ok(());
    }
    let mut new: [Option<(&[u8], &[u8])>; MOST] = [None; MOST];
    let mut count = 0;
    for member in Members::of(right) {
        *new.get_mut(count).ok_or(Left::Large)? = Some((member.name, member.value));
        count += 1;
    }
    let new = &mut new[..count];
    // What is not written of the left side yet begins here.
    let mut from = 0;
    for member in Members::of(left) {
        for place in &mut *new {
            if let Some((name, value)) = *place
                && name == member.name
            {
                out.extend_from_slice(&left[from..member.middle]);
                out.extend_from_slice(value);
                from = member.end;
                *place = None;
                break;
            }
        }
    }
    out.extend_from_slice(&left[from..left.len() - 1]);
    for (name, value) in new.iter().flatten() {
        out.extend_from_slice(b",\"");
        out.extend_from_slice(name);
        out.extend_from_slice(b"\":");
        out.extend_from_slice(value);
    }
    out.push(b'}');
    Ok(())
}

/// Writes the parts between separators; without a separator, the characters.
pub(super) fn split(text: Text<'_>, separator: Text<'_>, out: &mut Vec<u8>) {
    let (text, separator) = (decode(text.bytes), decode(separator.bytes));
    // Both were UTF-8, and escapes decode to characters.
    let (Ok(text), Ok(separator)) = (std::str::from_utf8(&text), std::str::from_utf8(&separator)) else {
        return;
    };
    let start = out.len();
    let mut part = |part: &str| {
        out.extend_from_slice(b",\"");
        write_characters(part.as_bytes(), out);
        out.push(b'"');
    };
    if separator.is_empty() {
        text.char_indices().for_each(|(at, one)| part(&text[at..at + one.len_utf8()]));
    } else if !text.is_empty() {
        text.split(separator).for_each(&mut part);
    }
    match out.get_mut(start) {
        // In place of the first comma.
        Some(first) => *first = b'[',
        None => out.push(b'['),
    }
    out.push(b']');
}
