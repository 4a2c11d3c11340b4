//! Running a program: one value, all values, or their text.

use super::env::{Env, One, Values};
use super::expr::{Compare, Expr, Function, Part};
use super::steps::{follow, walk};
use super::value::Value;
use super::{Exit, Left, containers, edit, functions, numbers};

/// Bytes of text that are written for one record. What makes more is for the general engine, which says it when
/// that is more than a guest may give.
const MOST: usize = 8 << 20;

/// Leaves where more has been written than is held.
#[inline]
pub(super) fn bound(out: &[u8]) -> Result<(), Exit> {
    if out.len() > MOST { Err(Left::Large.into()) } else { Ok(()) }
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
                bound(out)?;
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
                        bound(out)?;
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
        bound(out)?;
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
        bound(out)?;
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
