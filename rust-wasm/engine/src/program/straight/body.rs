//! What a program copies.

use super::super::expr::{Assignment, Calculation, Expr, Name, Place, Update};
use super::super::literal::Literal;
use super::super::text::Members;
use super::super::{Left, NO_PARENT};

/// A part of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'t> {
    /// The program's own text.
    Literal(&'t [u8]),
    /// A part of the record's text.
    Span(&'t [u8]),
}

/// Where a part of an output comes from.
#[derive(Debug, Clone)]
pub(super) enum Copy {
    Text(Vec<u8>),
    Slot(usize),
    /// The member of a whole that is being changed.
    Member(Literal),
    /// The record, changed.
    Whole {
        slot: usize,
        changes: Vec<Change>,
    },
}

#[derive(Debug, Clone)]
pub(super) enum Change {
    Without(Literal),
    /// Members with new values, all of them read before the first is written.
    With(Vec<(Literal, Vec<Copy>)>),
}

/// A member of a whole: its name as it is written, the name with quotes and colon, and its value.
pub(super) struct Member<'t> {
    name: &'t [u8],
    key: Piece<'t>,
    value: Vec<Piece<'t>>,
    /// The text of all of it, if it is the record's own.
    own: Option<&'t [u8]>,
}

/// What a body copies, with a newline behind it; none if it does more.
pub(super) fn copies(body: &Expr, slots: &[Vec<Box<str>>]) -> Option<Vec<Copy>> {
    let mut all = Vec::new();
    copy(body, slots, false, &mut all)?;
    text(b"\n", &mut all);
    Some(all)
}

/// Texts, each with the slot behind it; none if there is more in it.
pub(super) fn parts(copies: &[Copy]) -> Option<Vec<(&[u8], Option<usize>)>> {
    let mut parts: Vec<(&[u8], Option<usize>)> = Vec::new();
    for copy in copies {
        match copy {
            Copy::Text(text) => parts.push((text, None)),
            Copy::Slot(slot) => match parts.last_mut() {
                Some((_, last @ None)) => *last = Some(*slot),
                _ => parts.push((b"", Some(*slot))),
            },
            Copy::Member(_) | Copy::Whole { .. } => return None,
        }
    }
    Some(parts)
}

fn text(bytes: &[u8], all: &mut Vec<Copy>) {
    match all.last_mut() {
        Some(Copy::Text(before)) => before.extend_from_slice(bytes),
        _ => all.push(Copy::Text(bytes.into())),
    }
}

/// `changed` if the input is a whole that is being changed, and not the record.
fn copy(expr: &Expr, slots: &[Vec<Box<str>>], changed: bool, all: &mut Vec<Copy>) -> Option<()> {
    match expr {
        Expr::Slot(slot) => all.push(Copy::Slot(*slot)),
        Expr::Constant(constant) => {
            let mut written = Vec::new();
            constant.value().write(&mut written);
            text(&written, all);
        }
        Expr::Path(from, steps) if changed && matches!(**from, Expr::Input) => match &steps[..] {
            [step] => match &step.to {
                Place::Name(name) => all.push(Copy::Member(name.clone())),
                _ => return None,
            },
            _ => return None,
        },
        Expr::Object(members) => {
            for (place, (name, value)) in members.iter().enumerate() {
                let Name::Constant(name) = name else { return None };
                text(if place > 0 { b"," } else { b"{" }, all);
                text(name.key(), all);
                copy(value, slots, changed, all)?;
            }
            text(if members.is_empty() { b"{}" } else { b"}" }, all);
        }
        Expr::Array(items) => {
            text(b"[", all);
            match &**items {
                Expr::Empty => {}
                items => list(items, slots, changed, all)?,
            }
            text(b"]", all);
        }
        _ if !changed => {
            let (slot, changes) = whole(expr, slots, None)?;
            all.push(Copy::Whole { slot, changes });
        }
        _ => return None,
    }
    Some(())
}

fn list(items: &Expr, slots: &[Vec<Box<str>>], changed: bool, all: &mut Vec<Copy>) -> Option<()> {
    if let Expr::Comma(left, right) = items {
        list(left, slots, changed, all)?;
        text(b",", all);
        return list(right, slots, changed, all);
    }
    copy(items, slots, changed, all)
}

/// The record with changes. `before` is what has been done to the input, if it is not the record itself.
fn whole(
    expr: &Expr,
    slots: &[Vec<Box<str>>],
    before: Option<(usize, Vec<Change>)>,
) -> Option<(usize, Vec<Change>)> {
    let changed = before.is_some();
    Some(match expr {
        Expr::Input => before?,
        Expr::Slot(slot) if slots.get(*slot)?.is_empty() && !changed => (*slot, Vec::new()),
        Expr::Pipe(left, right) => {
            let left = whole(left, slots, before)?;
            whole(right, slots, Some(left))?
        }
        Expr::Delete(of, edits) => {
            let (slot, mut changes) = whole(of, slots, before)?;
            changes.extend(edits.own_names()?.map(|name| Change::Without(name.clone())));
            (slot, changes)
        }
        Expr::Update(update) => {
            let Update { of, path, op, value } = &**update;
            let ([name], Assignment::Set) = (&path[..], op) else { return None };
            let (slot, mut changes) = whole(of, slots, before)?;
            let mut copies = Vec::new();
            copy(value, slots, changed, &mut copies)?;
            changes.push(Change::With(vec![(name.clone(), copies)]));
            (slot, changes)
        }
        Expr::Calculate(left, Calculation::Add, right) => {
            let Expr::Object(members) = &**right else { return None };
            let (slot, mut changes) = whole(left, slots, before)?;
            let member = |(name, value): &(Name, Expr)| {
                let Name::Constant(name) = name else { return None };
                let mut copies = Vec::new();
                copy(value, slots, changed, &mut copies)?;
                Some((name.clone(), copies))
            };
            changes.push(Change::With(members.iter().map(member).collect::<Option<_>>()?));
            (slot, changes)
        }
        _ => return None,
    })
}

impl Copy {
    pub(super) fn pieces<'t>(
        &'t self,
        slots: &[&'t [u8]],
        members: &[Member<'t>],
        out: &mut Vec<Piece<'t>>,
    ) -> Result<(), Left> {
        match self {
            Copy::Text(text) => out.push(Piece::Literal(text)),
            Copy::Slot(slot) => out.push(of_slot(slots, *slot)?),
            Copy::Member(name) => match members.iter().find(|member| member.name == name.raw()) {
                Some(member) => out.extend_from_slice(&member.value),
                None => out.push(Piece::Literal(b"null")),
            },
            Copy::Whole { slot, changes } => {
                let text = slots.get(*slot).copied().unwrap_or_default();
                if text.first() != Some(&b'{') {
                    return Err(Left::Error);
                }
                let mut members: Vec<Member<'t>> = Members::of(text)
                    .map(|member| Member {
                        name: member.name,
                        key: Piece::Span(&text[member.start..member.middle]),
                        value: vec![Piece::Span(member.value)],
                        own: Some(&text[member.start..member.end]),
                    })
                    .collect();
                for change in changes {
                    change.apply(slots, &mut members)?;
                }
                put_together(text, &members, out);
            }
        }
        Ok(())
    }
}

fn of_slot<'t>(slots: &[&'t [u8]], slot: usize) -> Result<Piece<'t>, Left> {
    match slots.get(slot) {
        Some(text) if *text != NO_PARENT => {
            Ok(if text.is_empty() { Piece::Literal(b"null") } else { Piece::Span(text) })
        }
        _ => Err(Left::Parent),
    }
}

impl Change {
    fn apply<'t>(&'t self, slots: &[&'t [u8]], members: &mut Vec<Member<'t>>) -> Result<(), Left> {
        let new = match self {
            Change::Without(name) => {
                members.retain(|member| member.name != name.raw());
                return Ok(());
            }
            Change::With(new) => new,
        };
        let mut values = Vec::new();
        for (_, copies) in new {
            let mut value = Vec::new();
            copies.iter().try_for_each(|copy| copy.pieces(slots, members, &mut value))?;
            values.push(value);
        }
        for ((name, _), value) in new.iter().zip(values) {
            match members.iter_mut().find(|member| member.name == name.raw()) {
                Some(member) => (member.value, member.own) = (value, None),
                None => members.push(Member {
                    name: name.raw(),
                    key: Piece::Literal(name.key()),
                    value,
                    own: None,
                }),
            }
        }
        Ok(())
    }
}

/// The members as an object; what stands in a row in the record is one piece.
fn put_together<'t>(text: &'t [u8], members: &[Member<'t>], out: &mut Vec<Piece<'t>>) {
    let place = |part: &[u8]| part.as_ptr() as usize - text.as_ptr() as usize;
    out.push(Piece::Literal(b"{"));
    // Where a row of the record's own members begins and ends.
    let mut row: Option<(usize, usize)> = None;
    let flush = |row: &mut Option<(usize, usize)>, out: &mut Vec<Piece<'t>>| {
        if let Some((start, end)) = row.take() {
            out.push(Piece::Span(&text[start..end]));
        }
    };
    for (at, member) in members.iter().enumerate() {
        if let Some(own) = member.own {
            let start = place(own);
            match &mut row {
                Some((_, end)) if *end + 1 == start => *end = start + own.len(),
                _ => {
                    flush(&mut row, out);
                    if at > 0 {
                        out.push(Piece::Literal(b","));
                    }
                    row = Some((start, start + own.len()));
                }
            }
            continue;
        }
        flush(&mut row, out);
        if at > 0 {
            out.push(Piece::Literal(b","));
        }
        out.push(member.key);
        out.extend_from_slice(&member.value);
    }
    flush(&mut row, out);
    out.push(Piece::Literal(b"}"));
}
