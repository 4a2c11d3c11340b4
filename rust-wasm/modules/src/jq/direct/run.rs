//! Running the parts of a program on a value.

use super::super::builtins::{self, Answer};
use super::super::data::Run;
use super::{Name, Node, Part, Place, Step};
use jaq_core::Error;
use wasmrecords::Failure;
use wasmrecords_json::{Object, Value, index, no_key, not_iterable, slice};

/// Why a program ends before its end.
pub(in crate::jq) enum Exit {
    Error(Box<Error<Value>>),
    /// Nobody takes more outputs.
    Stop(Box<Failure>),
}

impl From<Error<Value>> for Exit {
    #[cold]
    fn from(error: Error<Value>) -> Self {
        Exit::Error(Box::new(error))
    }
}

/// Takes values one after the other.
pub(in crate::jq) type Outputs<'o> = dyn FnMut(Value) -> Result<(), Exit> + 'o;

type One = Result<Option<Value>, Exit>;

impl Node {
    /// Gives all values to `outputs`, in their order.
    pub(in crate::jq) fn each(
        &self,
        input: &Value,
        run: &Run<'_>,
        outputs: &mut Outputs<'_>,
    ) -> Result<(), Exit> {
        match self {
            Node::Path(from, steps) if !self.is_single() => {
                let Some(keys) = keys(steps, input, run)? else { return Ok(()) };
                from.each(input, run, &mut |value| walk(value, steps, &keys, outputs))
            }
            Node::Pipe(left, right) => left.each(input, run, &mut |value| right.each(&value, run, outputs)),
            Node::Comma(left, right) => {
                left.each(input, run, outputs)?;
                right.each(input, run, outputs)
            }
            Node::Alternative(left, right) => match left.one(input, run)? {
                Some(value) if value.is_true() => outputs(value),
                _ => right.each(input, run, outputs),
            },
            Node::If(branches, otherwise) => match taken(branches, otherwise, input, run)? {
                Some(branch) => branch.each(input, run, outputs),
                None => Ok(()),
            },
            Node::Try(body) => {
                // What is raised behind this part is not its to catch.
                let mut behind = Ok(());
                let result = body.each(input, run, &mut |value| {
                    behind = outputs(value);
                    if behind.is_ok() { Ok(()) } else { Err(Error::new(Value::Null).into()) }
                });
                match result {
                    Err(Exit::Error(_)) => behind,
                    other => other,
                }
            }
            _ => match self.one(input, run)? {
                Some(value) => outputs(value),
                None => Ok(()),
            },
        }
    }

    /// The only value of a part that has at most one.
    fn one(&self, input: &Value, run: &Run<'_>) -> One {
        Ok(Some(match self {
            Node::Input => input.clone(),
            Node::Constant(value) => value.clone(),
            Node::Empty => return Ok(None),
            Node::Path(from, steps) => {
                let Some(keys) = keys(steps, input, run)? else { return Ok(None) };
                return match &**from {
                    Node::Input => follow(input, steps, &keys),
                    from => match from.one(input, run)? {
                        Some(value) => follow(&value, steps, &keys),
                        None => Ok(None),
                    },
                };
            }
            Node::Object(members) => return object(members, input, run),
            Node::Array(items) => {
                let mut all = Vec::new();
                items.each(input, run, &mut |value| {
                    all.push(value);
                    Ok(())
                })?;
                all.into()
            }
            Node::Pipe(left, right) => match left.one(input, run)? {
                Some(value) => return right.one(&value, run),
                None => return Ok(None),
            },
            Node::Alternative(left, right) => match left.one(input, run)? {
                Some(value) if value.is_true() => value,
                _ => return right.one(input, run),
            },
            Node::And(left, right) => match left.one(input, run)? {
                Some(left) if !left.is_true() => false.into(),
                Some(_) => return Ok(right.one(input, run)?.map(|right| right.is_true().into())),
                None => return Ok(None),
            },
            Node::Or(left, right) => match left.one(input, run)? {
                Some(left) if left.is_true() => true.into(),
                Some(_) => return Ok(right.one(input, run)?.map(|right| right.is_true().into())),
                None => return Ok(None),
            },
            Node::Compare(left, cmp, right) => match both(left, right, input, run)? {
                Some((left, right)) => cmp.run(&left, &right).into(),
                None => return Ok(None),
            },
            Node::Calculate(left, math, right) => match both(left, right, input, run)? {
                Some((left, right)) => math.run::<Value, Answer>(left, right)?,
                None => return Ok(None),
            },
            Node::Negate(value) => match value.one(input, run)? {
                Some(value) => (-value)?,
                None => return Ok(None),
            },
            Node::If(branches, otherwise) => match taken(branches, otherwise, input, run)? {
                Some(branch) => return branch.one(input, run),
                None => return Ok(None),
            },
            Node::Try(body) => match body.one(input, run) {
                Err(Exit::Error(_)) => return Ok(None),
                other => return other,
            },
            Node::Interpolation(parts) => return interpolation(parts, input, run),
            Node::Select(condition) => match condition.one(input, run)? {
                Some(value) if value.is_true() => input.clone(),
                _ => return Ok(None),
            },
            Node::Call(function) => function(input.clone())?,
            Node::CallWith(function, argument) => match argument.one(input, run)? {
                Some(argument) => function(input.clone(), argument)?,
                None => return Ok(None),
            },
            Node::Test(pattern, flags) => match both(pattern, flags, input, run)? {
                Some((pattern, flags)) => builtins::test(pattern, flags, input, run.patterns)?,
                None => return Ok(None),
            },
            // It has several values, and is only asked for each.
            Node::Comma(..) => return Ok(None),
        }))
    }
}

/// Both sides of an operator. The right one comes first, as in jq: its error is the one that is raised.
#[inline]
fn both(left: &Node, right: &Node, input: &Value, run: &Run<'_>) -> Result<Option<(Value, Value)>, Exit> {
    let Some(right) = right.one(input, run)? else { return Ok(None) };
    Ok(left.one(input, run)?.map(|left| (left, right)))
}

/// The branch of the first condition that holds; none if a condition has no value.
fn taken<'n>(
    branches: &'n [(Node, Node)],
    otherwise: &'n Node,
    input: &Value,
    run: &Run<'_>,
) -> Result<Option<&'n Node>, Exit> {
    for (condition, then) in branches {
        match condition.one(input, run)? {
            Some(value) if value.is_true() => return Ok(Some(then)),
            Some(_) => {}
            None => return Ok(None),
        }
    }
    Ok(Some(otherwise))
}

/// What is computed for the steps of a path, in the order of the steps; none if one has no value.
///
/// As in jq the last step's comes first, and all before the value that the path goes into.
fn keys(steps: &[Step], input: &Value, run: &Run<'_>) -> Result<Option<Vec<Value>>, Exit> {
    let mut keys = Vec::new();
    for step in steps.iter().rev() {
        let (first, second) = match &step.to {
            Place::At(at) => (at, None),
            Place::Slice(from, to) => (from, Some(to)),
            Place::Name(_) | Place::Each => continue,
        };
        let Some(first) = first.one(input, run)? else { return Ok(None) };
        if let Some(second) = second {
            let Some(second) = second.one(input, run)? else { return Ok(None) };
            keys.push(second);
        }
        keys.push(first);
    }
    keys.reverse();
    Ok(Some(keys))
}

/// The value at the end of steps that are all single. Members on the way are only looked at.
fn follow(from: &Value, steps: &[Step], mut keys: &[Value]) -> One {
    let mut at = from;
    let mut rest = steps;
    while let [Step { to: Place::Name(name), .. }, behind @ ..] = rest {
        match at {
            Value::Object(members) => match members.get(name) {
                Some(member) => at = member,
                None => at = &Value::Null,
            },
            Value::Null => {}
            _ => break,
        }
        rest = behind;
    }
    let mut value = at.clone();
    for step in rest {
        match stepped(value, step, &mut keys)? {
            Some(next) => value = next,
            None => return Ok(None),
        }
    }
    Ok(Some(value))
}

/// One step, not to each item.
fn stepped(value: Value, step: &Step, keys: &mut &[Value]) -> One {
    let result = match (&step.to, *keys) {
        (Place::Name(name), _) => index(value, &Value::String(name.clone())),
        (Place::At(_), [at, rest @ ..]) => {
            *keys = rest;
            index(value, at)
        }
        (Place::Slice(..), [from, to, rest @ ..]) => {
            *keys = rest;
            slice(value, from, to)
        }
        // `keys` has one for each of them, and each item is not for here.
        _ => return Ok(None),
    };
    match result {
        Err(_) if step.optional => Ok(None),
        result => Ok(Some(result?)),
    }
}

/// Gives what stands at the end of steps of all kinds to `outputs`.
fn walk(value: Value, steps: &[Step], keys: &[Value], outputs: &mut Outputs<'_>) -> Result<(), Exit> {
    let [step, rest @ ..] = steps else { return outputs(value) };
    let Place::Each = step.to else {
        let mut keys = keys;
        return match stepped(value, step, &mut keys)? {
            Some(value) => walk(value, rest, keys, outputs),
            None => Ok(()),
        };
    };
    match &value {
        Value::Array(items) => items.iter().try_for_each(|item| walk(item.clone(), rest, keys, outputs)),
        Value::Object(members) => {
            members.values().try_for_each(|item| walk(item.clone(), rest, keys, outputs))
        }
        _ if step.optional => Ok(()),
        other => Err(not_iterable(other).into()),
    }
}

fn object(members: &[(Name, Node)], input: &Value, run: &Run<'_>) -> One {
    let mut object = Object::with_capacity(members.len());
    for (name, value) in members {
        let name = match name {
            Name::Constant(name) => Ok(name.clone()),
            Name::Computed(name) => match name.one(input, run)? {
                Some(Value::String(name)) => Ok(name),
                Some(other) => Err(no_key(&other)),
                None => return Ok(None),
            },
        };
        // That a name is none is only an error if there is a value, as in jq.
        let Some(value) = value.one(input, run)? else { return Ok(None) };
        object.insert(name?, value);
    }
    Ok(Some(object.into()))
}

fn interpolation(parts: &[Part], input: &Value, run: &Run<'_>) -> One {
    // From behind, as in jq: the last error is the one that is raised.
    let mut values = Vec::new();
    for part in parts.iter().rev() {
        if let Part::Value(value) = part {
            match value.one(input, run)? {
                Some(value) => values.push(builtins::to_text(value)?),
                None => return Ok(None),
            }
        }
    }
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(plain) => text.push_str(plain),
            Part::Value(_) => {
                if let Some(Value::String(value)) = values.pop() {
                    text.push_str(&value);
                }
            }
        }
    }
    Ok(Some(text.into()))
}
