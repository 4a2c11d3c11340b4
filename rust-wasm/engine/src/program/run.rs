//! Running a program: one value, all values, or their text.

use super::arena::Arena;
use super::expr::{Compare, Expr, Function, Part, Place, Step};
use super::value::{Text, Value};
use super::{Exit, Left, NO_PARENT, containers, edit, functions, numbers, strings, text};
use std::cell::Cell;

/// What a program sees of one record.
pub(super) struct Env<'v> {
    slots: &'v [&'v [u8]],
    clean: bool,
    arena: &'v Arena,
    /// A float was written that would be read back as an integer.
    whole: Cell<bool>,
    variables: [Cell<Value<'v>>; VARIABLES],
}

/// Variables of a program.
pub(super) const VARIABLES: usize = 8;

/// The only value of a part that has at most one.
pub(super) type One<'v> = Result<Option<Value<'v>>, Exit>;

/// Takes values one after the other.
pub(super) type Values<'o, 'v> = dyn FnMut(Value<'v>) -> Result<(), Exit> + 'o;

impl<'v> Env<'v> {
    pub fn new(slots: &'v [&'v [u8]], clean: bool, arena: &'v Arena) -> Self {
        let variables = [const { Cell::new(Value::Null) }; VARIABLES];
        Env { slots, clean, arena, whole: Cell::new(false), variables }
    }

    #[inline]
    fn slot(&self, slot: usize) -> Result<Value<'v>, Exit> {
        match self.slots.get(slot) {
            Some(text) if *text == NO_PARENT => Err(Left::Parent.into()),
            Some(text) => Ok(Value::of(text, self.clean)),
            None => Err(Left::Parent.into()),
        }
    }

    /// Writes what is in a slot.
    #[inline]
    fn copy(&self, slot: usize, out: &mut Vec<u8>) -> Result<(), Exit> {
        match self.slots.get(slot) {
            Some([]) => out.extend_from_slice(b"null"),
            Some(text) if *text == NO_PARENT => return Err(Left::Parent.into()),
            Some(text) if self.clean => out.extend_from_slice(text),
            Some(text) => Value::of(text, false).write(out),
            None => return Err(Left::Parent.into()),
        }
        Ok(())
    }

    fn present(&self, slot: usize) -> Result<bool, Exit> {
        match self.slots.get(slot) {
            Some(text) if *text != NO_PARENT => Ok(!text.is_empty()),
            _ => Err(Left::Parent.into()),
        }
    }

    /// Keeps a text that was made.
    pub fn keep(&self, text: Vec<u8>) -> Result<&'v [u8], Exit> {
        self.arena.keep(text)
    }

    /// The string that stands between quotes in `raw`.
    pub fn string(&self, raw: Vec<u8>) -> One<'v> {
        Ok(Some(Value::String(Text::clean(self.keep(raw)?))))
    }

    /// The value that `write` writes; none if it writes none.
    pub fn made(&self, write: impl FnOnce(&mut Vec<u8>) -> Result<bool, Exit>) -> One<'v> {
        let before = self.whole.replace(false);
        let mut made = Vec::new();
        let written = write(&mut made)?;
        if self.whole.replace(before) {
            return Err(Left::Number.into());
        }
        Ok(if written { Some(Value::of(self.keep(made)?, true)) } else { None })
    }

    /// Appends a value within a container.
    #[inline]
    pub fn write(&self, value: Value<'_>, out: &mut Vec<u8>) {
        if let Value::Float(float) = value
            && float.fract() == 0.0
        {
            self.whole.set(true);
        }
        value.write(out);
    }

    /// A text with nothing in it that would be written otherwise.
    pub fn clean(&self, text: Text<'v>) -> Result<&'v [u8], Exit> {
        if text.clean {
            return Ok(text.bytes);
        }
        let mut clean = Vec::new();
        crate::rewrite(text.bytes, &mut clean);
        self.keep(clean)
    }
}

impl Expr {
    /// Gives all values to `values`, in their order.
    pub(super) fn each<'v>(
        &'v self,
        input: Value<'v>,
        env: &Env<'v>,
        values: &mut Values<'_, 'v>,
    ) -> Result<(), Exit> {
        match self {
            Expr::Walk(from, steps) => from.each(input, env, &mut |value| walk(value, steps, env, values)),
            Expr::Pipe(left, right) => left.each(input, env, &mut |value| right.each(value, env, values)),
            Expr::Bind(value, variable, body) => value.each(input, env, &mut |value| {
                env.variables[*variable].set(value);
                body.each(input, env, values)
            }),
            Expr::Comma(left, right) => {
                left.each(input, env, values)?;
                right.each(input, env, values)
            }
            Expr::Alternative(left, right) => {
                let mut found = false;
                left.each(input, env, &mut |value| {
                    if value.is_true() {
                        found = true;
                        values(value)?;
                    }
                    Ok(())
                })?;
                if found { Ok(()) } else { right.each(input, env, values) }
            }
            Expr::If(branches, otherwise) => match taken(branches, otherwise, input, env)? {
                Some(branch) => branch.each(input, env, values),
                None => Ok(()),
            },
            _ => match self.one(input, env)? {
                Some(value) => values(value),
                None => Ok(()),
            },
        }
    }

    /// Writes all values to `out`, each with a byte behind it, and counts them.
    pub(super) fn outputs<'v>(
        &'v self,
        input: Value<'v>,
        env: &Env<'v>,
        out: &mut Vec<u8>,
        behind: u8,
        count: &mut u32,
    ) -> Result<(), Exit> {
        match self {
            Expr::Walk(..) => self.each(input, env, &mut |value| {
                env.write(value, out);
                out.push(behind);
                *count += 1;
                Ok(())
            }),
            Expr::Pipe(left, right) if !left.is_single() => {
                left.each(input, env, &mut |value| right.outputs(value, env, out, behind, count))
            }
            Expr::Pipe(left, right) => match left.one(input, env)? {
                Some(value) => right.outputs(value, env, out, behind, count),
                None => Ok(()),
            },
            Expr::Bind(value, variable, body) => value.each(input, env, &mut |value| {
                env.variables[*variable].set(value);
                body.outputs(input, env, out, behind, count)
            }),
            Expr::Comma(left, right) => {
                left.outputs(input, env, out, behind, count)?;
                right.outputs(input, env, out, behind, count)
            }
            Expr::Alternative(left, right) => {
                let before = *count;
                left.each(input, env, &mut |value| {
                    if value.is_true() {
                        env.write(value, out);
                        out.push(behind);
                        *count += 1;
                    }
                    Ok(())
                })?;
                if *count > before { Ok(()) } else { right.outputs(input, env, out, behind, count) }
            }
            Expr::If(branches, otherwise) => match taken(branches, otherwise, input, env)? {
                Some(branch) => branch.outputs(input, env, out, behind, count),
                None => Ok(()),
            },
            _ => {
                if self.render(input, env, out)? {
                    out.push(behind);
                    *count += 1;
                }
                Ok(())
            }
        }
    }

    /// Writes the only value to `out`; false if there is none, and `out` is as it was.
    pub(super) fn render<'v>(
        &'v self,
        input: Value<'v>,
        env: &Env<'v>,
        out: &mut Vec<u8>,
    ) -> Result<bool, Exit> {
        let start = out.len();
        let written = match self {
            Expr::Slot(slot) => {
                env.copy(*slot, out)?;
                true
            }
            Expr::Object(members) => containers::object(members, input, env, out)?,
            Expr::Array(items) => {
                out.push(b'[');
                let mut count = 0;
                items.outputs(input, env, out, b',', &mut count)?;
                if count > 0 {
                    out.pop();
                }
                out.push(b']');
                true
            }
            Expr::Interpolation(parts) => {
                out.push(b'"');
                let written = interpolation(parts, input, env, out)?;
                out.push(b'"');
                written
            }
            Expr::Pipe(left, right) => match left.one(input, env)? {
                Some(value) => right.render(value, env, out)?,
                None => false,
            },
            Expr::Bind(value, variable, body) => match value.one(input, env)? {
                Some(value) => {
                    env.variables[*variable].set(value);
                    body.render(input, env, out)?
                }
                None => false,
            },
            Expr::Delete(of, edits) => match of.one(input, env)? {
                Some(value) => edit::delete(value, edits, env, out)?,
                None => false,
            },
            Expr::Update(update) => edit::update(update, input, env, out)?,
            Expr::Calculate(left, op, right) => match both(left, right, input, env)? {
                Some((left, right)) => containers::calculate_to(left, *op, right, env, out)?,
                None => false,
            },
            _ => match self.one(input, env)? {
                Some(value) => {
                    env.write(value, out);
                    true
                }
                None => false,
            },
        };
        if !written {
            out.truncate(start);
        }
        Ok(written)
    }

    /// The only value of a part that has at most one.
    pub(super) fn one<'v>(&'v self, input: Value<'v>, env: &Env<'v>) -> One<'v> {
        Ok(Some(match self {
            Expr::Input => input,
            Expr::Slot(slot) => env.slot(*slot)?,
            Expr::Constant(constant) => constant.value(),
            Expr::Empty => return Ok(None),
            Expr::Variable(variable) => env.variables[*variable].get(),
            Expr::Bind(value, variable, body) => match value.one(input, env)? {
                Some(value) => {
                    env.variables[*variable].set(value);
                    return body.one(input, env);
                }
                None => return Ok(None),
            },
            Expr::Fail => return Err(Left::Error.into()),
            Expr::Try(body) => match body.one(input, env) {
                Err(Exit::Left(Left::Error)) => return Ok(None),
                other => return other,
            },
            Expr::Path(from, steps) => match from.one(input, env)? {
                Some(value) => return follow(value, steps, env),
                None => return Ok(None),
            },
            Expr::Present(_) | Expr::And(..) | Expr::Or(..) | Expr::Compare(..) | Expr::Test(_) => {
                return Ok(self.truth(input, env)?.map(Value::Bool));
            }
            Expr::Among(_) | Expr::Any(..) | Expr::All(..) => {
                return Ok(self.truth(input, env)?.map(Value::Bool));
            }
            Expr::Pipe(left, right) => match left.one(input, env)? {
                Some(value) => return right.one(value, env),
                None => return Ok(None),
            },
            Expr::Alternative(left, right) => match left.one(input, env)? {
                Some(value) if value.is_true() => value,
                _ => return right.one(input, env),
            },
            Expr::If(branches, otherwise) => match taken(branches, otherwise, input, env)? {
                Some(branch) => return branch.one(input, env),
                None => return Ok(None),
            },
            Expr::Calculate(left, op, right) => match both(left, right, input, env)? {
                Some((left, right)) => return containers::calculate(left, *op, right, env),
                None => return Ok(None),
            },
            Expr::Negate(value) => match value.one(input, env)? {
                Some(value) => {
                    let number = numbers::number(value).ok_or(Left::Error)?;
                    numbers::of(number.negate(), |digits| env.keep(digits))?
                }
                None => return Ok(None),
            },
            Expr::Call(function) => return functions::call(*function, input, env),
            Expr::CallWith(function, argument) => match argument.one(input, env)? {
                Some(argument) => return functions::call_with(*function, input, argument, env),
                None => return Ok(None),
            },
            Expr::Object(_)
            | Expr::Array(_)
            | Expr::Interpolation(_)
            | Expr::Delete(..)
            | Expr::Update(_) => {
                return env.made(|out| self.render(input, env, out));
            }
            Expr::First(values) => {
                let mut first = None;
                let ended = values.each(input, env, &mut |value| {
                    first = Some(value);
                    Err(Exit::Stop)
                });
                stopped(ended)?;
                return Ok(first);
            }
            // These have several values, and are only asked for each.
            Expr::Walk(..) | Expr::Comma(..) => return Err(Left::Error.into()),
        }))
    }

    /// Whether the only value is neither `false` nor `null`.
    #[inline]
    pub(super) fn truth<'v>(&'v self, input: Value<'v>, env: &Env<'v>) -> Result<Option<bool>, Exit> {
        Ok(Some(match self {
            Expr::Slot(slot) => env.slot(*slot)?.is_true(),
            Expr::Present(slot) => env.present(*slot)?,
            Expr::Compare(left, op, right) => {
                if let Expr::Constant(constant) = &**right {
                    let value = match &**left {
                        Expr::Slot(slot) => env.slot(*slot)?,
                        left => match left.one(input, env)? {
                            Some(value) => value,
                            None => return Ok(None),
                        },
                    };
                    return constant.compare(value, *op).map(Some);
                }
                let Some((left, right)) = both(left, right, input, env)? else { return Ok(None) };
                left.compare(right, *op)?
            }
            Expr::And(left, right) => match left.truth(input, env)? {
                Some(true) => return right.truth(input, env),
                other => return Ok(other),
            },
            Expr::Or(left, right) => match left.truth(input, env)? {
                Some(false) => return right.truth(input, env),
                other => return Ok(other),
            },
            Expr::Test(pattern) => pattern.is_in(input)?,
            Expr::Pipe(left, right) => match left.one(input, env)? {
                Some(value) => return right.truth(value, env),
                None => return Ok(None),
            },
            Expr::Call(Function::Not) => !input.is_true(),
            Expr::Among(values) => {
                for value in values {
                    let equal = match value {
                        Expr::Constant(constant) => constant.compare(input, Compare::Equal)?,
                        value => match value.one(input, env)? {
                            Some(value) => value.compare(input, Compare::Equal)?,
                            None => false,
                        },
                    };
                    if equal {
                        return Ok(Some(true));
                    }
                }
                false
            }
            Expr::Any(values, condition) => found(values, condition, true, input, env)?,
            Expr::All(values, condition) => !found(values, condition, false, input, env)?,
            _ => return Ok(self.one(input, env)?.map(Value::is_true)),
        }))
    }
}

/// Whether the condition is `wanted` for one of the values. It looks no further than the first.
fn found<'v>(
    values: &'v Expr,
    condition: &'v Expr,
    wanted: bool,
    input: Value<'v>,
    env: &Env<'v>,
) -> Result<bool, Exit> {
    let mut found = false;
    let ended = values.each(input, env, &mut |value| {
        found = condition.truth(value, env)? == Some(wanted);
        if found { Err(Exit::Stop) } else { Ok(()) }
    });
    stopped(ended)?;
    Ok(found)
}

fn stopped(ended: Result<(), Exit>) -> Result<(), Exit> {
    if let Err(Exit::Stop) = ended { Ok(()) } else { ended }
}

/// Both sides of an operator. The right one comes first, as in jq.
#[inline]
fn both<'v>(
    left: &'v Expr,
    right: &'v Expr,
    input: Value<'v>,
    env: &Env<'v>,
) -> Result<Option<(Value<'v>, Value<'v>)>, Exit> {
    let Some(right) = right.one(input, env)? else { return Ok(None) };
    Ok(left.one(input, env)?.map(|left| (left, right)))
}

/// The branch of the first condition that holds; none if a condition has no value.
#[inline]
fn taken<'v>(
    branches: &'v [(Expr, Expr)],
    otherwise: &'v Expr,
    input: Value<'v>,
    env: &Env<'v>,
) -> Result<Option<&'v Expr>, Exit> {
    for (condition, then) in branches {
        match condition.truth(input, env)? {
            Some(true) => return Ok(Some(then)),
            Some(false) => {}
            None => return Ok(None),
        }
    }
    Ok(Some(otherwise))
}

fn interpolation<'v>(
    parts: &'v [Part],
    input: Value<'v>,
    env: &Env<'v>,
    out: &mut Vec<u8>,
) -> Result<bool, Exit> {
    let mut written = true;
    for part in parts {
        match part {
            Part::Text(literal) => out.extend_from_slice(literal.raw()),
            Part::Value(value) => match value.one(input, env)? {
                Some(value) => functions::text_of(value, out),
                None => written = false,
            },
        }
    }
    Ok(written)
}

/// The value at the end of steps that are all single.
fn follow<'v>(mut value: Value<'v>, steps: &'v [Step], env: &Env<'v>) -> One<'v> {
    for step in steps {
        match stepped(value, step, env)? {
            Some(next) => value = next,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

/// One step, not to each item.
fn stepped<'v>(value: Value<'v>, step: &'v Step, env: &Env<'v>) -> One<'v> {
    Ok(Some(match (&step.to, value) {
        (Place::Name(_) | Place::At(_) | Place::Slice(..), Value::Null) => Value::Null,
        (Place::Name(name), Value::Object(object)) => {
            text::member(object.bytes, name).map_or(Value::Null, |text| Value::of(text, object.clean))
        }
        (Place::At(at), Value::Array(array)) => {
            let mut items = text::Items::of(array.bytes);
            let item = match usize::try_from(*at) {
                Ok(at) => items.nth(at),
                Err(_) => {
                    let count = text::Items::of(array.bytes).count();
                    let back = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
                    count.checked_sub(back).and_then(|at| items.nth(at))
                }
            };
            item.map_or(Value::Null, |text| Value::of(text, array.clean))
        }
        (Place::Slice(from, to), Value::String(string)) => {
            let (from, to) = bounds(*from, *to, || strings::length(string.bytes));
            let start = strings::place(string.bytes, from);
            let rest = &string.bytes[start..];
            let end = to.map_or(rest.len(), |to| strings::place(rest, to.saturating_sub(from)));
            Value::String(Text { bytes: &rest[..end], clean: string.clean })
        }
        (Place::Slice(from, to), Value::Array(array)) => {
            let (from, to) = bounds(*from, *to, || text::Items::of(array.bytes).count());
            return containers::part(array, from, to, env);
        }
        _ if step.optional => return Ok(None),
        _ => return Err(Left::Error.into()),
    }))
}

/// Bounds as places; the last is none if it is open.
fn bounds(from: Option<i64>, to: Option<i64>, length: impl Fn() -> usize) -> (usize, Option<usize>) {
    let place = |at: i64| match usize::try_from(at) {
        Ok(at) => at,
        Err(_) => length().saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    (from.map_or(0, place), to.map(place))
}

/// Gives what stands at the end of steps of all kinds to `values`.
fn walk<'v>(
    value: Value<'v>,
    steps: &'v [Step],
    env: &Env<'v>,
    values: &mut Values<'_, 'v>,
) -> Result<(), Exit> {
    let [step, rest @ ..] = steps else { return values(value) };
    let Place::Each = step.to else {
        return match stepped(value, step, env)? {
            Some(value) => walk(value, rest, env, values),
            None => Ok(()),
        };
    };
    match value {
        Value::Array(array) => text::Items::of(array.bytes)
            .try_for_each(|item| walk(Value::of(item, array.clean), rest, env, values)),
        Value::Object(object) => text::Members::of(object.bytes)
            .try_for_each(|member| walk(Value::of(member.value, object.clean), rest, env, values)),
        _ if step.optional => Ok(()),
        _ => Err(Left::Error.into()),
    }
}
