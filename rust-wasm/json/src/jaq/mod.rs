//! Values that programs of jaq compute with, by the rules and in the words of jq 1.8.

mod access;
mod errors;
mod operators;

pub use access::{index, slice};
pub use errors::{described, no_key, not_iterable};

use crate::order::unshared;
use crate::{Number, Object, Text, Value};
use errors::error;
use jaq_core::box_iter::{BoxIter, box_once};
use jaq_core::path::Opt;
use jaq_core::val::Range;
use jaq_core::{ValR, ValX};
use std::rc::Rc;

impl jaq_core::ValT for Value {
    fn from_num(digits: &str) -> ValR<Self> {
        Ok(Value::Number(Number::written(digits, || digits.into())))
    }

    fn from_map<I: IntoIterator<Item = (Self, Self)>>(members: I) -> ValR<Self> {
        let name = |name| match name {
            Value::String(name) => Ok(name),
            other => Err(no_key(&other)),
        };
        let members = members.into_iter().map(|(key, value)| Ok((name(key)?, value)));
        members.collect::<Result<Object, _>>().map(Value::from)
    }

    fn key_values(self) -> BoxIter<'static, ValR<(Self, Self), Self>> {
        match self {
            Value::Array(items) => Box::new(
                unshared(items).into_iter().enumerate().map(|(at, item)| Ok((Value::from(at), item))),
            ),
            Value::Object(members) => {
                Box::new(unshared(members).into_iter().map(|(name, value)| Ok((Value::String(name), value))))
            }
            other => box_once(Err(errors::not_iterable(&other))),
        }
    }

    fn values(self) -> Box<dyn Iterator<Item = ValR<Self>>> {
        match self {
            Value::Array(items) => Box::new(unshared(items).into_iter().map(Ok)),
            Value::Object(members) => Box::new(unshared(members).into_iter().map(|(_, value)| Ok(value))),
            other => box_once(Err(errors::not_iterable(&other))),
        }
    }

    fn index(self, key: &Self) -> ValR<Self> {
        index(self, key)
    }

    fn range(self, range: Range<&Self>) -> ValR<Self> {
        slice(self, range.start.unwrap_or(&Value::Null), range.end.unwrap_or(&Value::Null))
    }

    fn map_values<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        match self {
            // An item for which there is nothing is left out.
            Value::Array(items) => unshared(items).into_iter().filter_map(|item| f(item).next()).collect(),
            Value::Object(members) => {
                let values = unshared(members).into_iter();
                let values =
                    values.filter_map(|(name, value)| f(value).next().map(|value| Ok((name, value?))));
                values.collect::<ValX<'a, Object, Self>>().map(Value::from)
            }
            other => opt.fail(other, |other| errors::not_iterable(&other).into()),
        }
    }

    fn map_index<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        key: &Self,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        match (self, key) {
            (Value::Object(mut members), Value::String(name)) => {
                let own = Rc::make_mut(&mut members);
                let old = own.get_mut(name).map(std::mem::take);
                match f(old.unwrap_or_default()).next().transpose()? {
                    Some(new) => own.insert(name.clone(), new),
                    None => drop(own.remove(name)),
                }
                Ok(Value::Object(members))
            }
            (Value::Array(mut items), Value::Number(at)) => {
                let own = Rc::make_mut(&mut items);
                let Some(at) = access::place(at, own.len()).filter(|at| *at < own.len()) else {
                    return opt
                        .fail(Value::Array(items), |_| error("Out of bounds negative array index").into());
                };
                match f(std::mem::take(&mut own[at])).next().transpose()? {
                    Some(new) => own[at] = new,
                    None => drop(own.remove(at)),
                }
                Ok(Value::Array(items))
            }
            (other, key) => opt.fail(other, |other| errors::no_index(&other, key).into()),
        }
    }

    fn map_range<'a, I: Iterator<Item = ValX<'a, Self>>>(
        self,
        range: Range<&Self>,
        opt: Opt,
        f: impl Fn(Self) -> I,
    ) -> ValX<'a, Self> {
        let Value::Array(mut items) = self else {
            return opt.fail(self, |other| errors::not_iterable(&other).into());
        };
        let (from, to) = (range.start.unwrap_or(&Value::Null), range.end.unwrap_or(&Value::Null));
        let range = access::bounds(from, to, items.len())?;
        let part = items[range.clone()].iter().cloned().collect();
        match f(part).next().transpose()?.unwrap_or_else(|| Vec::new().into()) {
            Value::Array(part) => {
                Rc::make_mut(&mut items).splice(range, unshared(part));
                Ok(Value::Array(items))
            }
            _ => Err(error("A slice of an array can only be assigned another array").into()),
        }
    }

    fn as_bool(&self) -> bool {
        self.is_true()
    }

    fn into_string(self) -> Self {
        match self {
            Value::String(_) => self,
            other => Value::from(other.to_string()),
        }
    }
}

/// A slice as a step of a path.
impl From<Range<Value>> for Value {
    fn from(range: Range<Value>) -> Self {
        let bound = |bound: Option<Value>| bound.unwrap_or_default();
        let members = [("start", bound(range.start)), ("end", bound(range.end))];
        members.into_iter().map(|(name, bound)| (Text::from(name), bound)).collect::<Object>().into()
    }
}
