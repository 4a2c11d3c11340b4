//! What holds other values.

use super::{Members, PlainMembers, PlainValue, Reader, Record, Room, Shape, Slots, Taken, Writer};
use std::borrow::Cow;
use std::collections::BTreeMap;

impl<'a, T: Record<'a>> Record<'a> for Option<T> {
    const SHAPE: Shape = if T::SHAPE.takes_null() { T::SHAPE } else { Shape::Nullable(&T::SHAPE) };
    const OPTIONAL: bool = true;

    #[inline]
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        if reader.peek() == Some(b'n') {
            reader.word("null")?;
            return Some(None);
        }
        T::read(reader).map(Some)
    }

    #[inline(always)]
    fn read_plain(value: PlainValue<'a, '_>) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::read_plain(value).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    #[inline]
    fn write(&self, out: &mut Writer) {
        match self {
            Some(value) => value.write(out),
            None => out.raw("null"),
        }
    }

    const PUTS: bool = T::PUTS;

    #[inline(always)]
    fn most(&self) -> usize {
        self.as_ref().map_or(4, T::most)
    }

    #[inline(always)]
    fn put(&self, room: &mut Room<'_>) -> Option<()> {
        match self {
            Some(value) => value.put(room),
            None => room.raw("null"),
        }
    }
}

impl<'a, T: Record<'a>> Record<'a> for Box<T> {
    const SHAPE: Shape = T::SHAPE;
    const OPTIONAL: bool = T::OPTIONAL;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        T::read(reader).map(Box::new)
    }

    fn from_slots(slots: &mut Slots<'a, '_>) -> Option<Self> {
        T::from_slots(slots).map(Box::new)
    }

    #[inline(always)]
    fn from_plain<const ESCAPES: bool>(members: &mut PlainMembers<'a, '_, ESCAPES>) -> Option<Self> {
        T::from_plain(members).map(Box::new)
    }

    fn read_plain(value: PlainValue<'a, '_>) -> Option<Self> {
        T::read_plain(value).map(Box::new)
    }

    fn absent() -> Option<Self> {
        T::absent().map(Box::new)
    }

    fn write(&self, out: &mut Writer) {
        T::write(self, out);
    }

    const PUTS: bool = T::PUTS;

    #[inline(always)]
    fn most(&self) -> usize {
        T::most(self)
    }

    #[inline(always)]
    fn put(&self, room: &mut Room<'_>) -> Option<()> {
        T::put(self, room)
    }
}

impl<'a, T: Record<'a>> Record<'a> for Vec<T> {
    const SHAPE: Shape = Shape::Array(&T::SHAPE);

    #[inline]
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut items = Vec::new();
        reader.array(|reader| {
            items.push(T::read(reader)?);
            Some(())
        })?;
        Some(items)
    }

    #[inline]
    fn read_plain(value: PlainValue<'a, '_>) -> Option<Self> {
        if !matches!(T::SHAPE, Shape::String) {
            return value.read();
        }
        let (mut items, mut right) = (Vec::new(), true);
        let all = value.strings(|item| match T::read_plain(item) {
            Some(item) => {
                if items.capacity() == 0 {
                    // As many as the first push would make room for, without the way there.
                    items = Vec::with_capacity(4);
                }
                items.push(item);
            }
            None => right = false,
        });
        if all && right { Some(items) } else { value.read() }
    }

    fn write(&self, out: &mut Writer) {
        out.array(self, |out, item| item.write(out));
    }

    const PUTS: bool = T::PUTS;

    #[inline(always)]
    fn most(&self) -> usize {
        2 + self.iter().map(|item| item.most() + 1).sum::<usize>()
    }

    #[inline(always)]
    fn put(&self, room: &mut Room<'_>) -> Option<()> {
        let Some((first, others)) = self.split_first() else { return room.raw("[]") };
        room.raw("[")?;
        first.put(room)?;
        for item in others {
            room.raw(",")?;
            item.put(room)?;
        }
        room.raw("]")
    }
}

impl<'a, T: Record<'a>, const N: usize> Record<'a> for [T; N] {
    const SHAPE: Shape = Shape::Tuple(&[T::SHAPE; N]);

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        Vec::read(reader)?.try_into().ok()
    }

    fn write(&self, out: &mut Writer) {
        out.array(self, |out, item| item.write(out));
    }
}

/// `null`: what a function gives back that gives back nothing.
impl<'a> Record<'a> for () {
    const SHAPE: Shape = Shape::Null;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.word("null")
    }

    fn write(&self, out: &mut Writer) {
        out.raw("null");
    }
}

/// The arguments of a function that has none.
pub struct NoArguments;

impl<'a> Record<'a> for NoArguments {
    const SHAPE: Shape = Shape::Tuple(&[]);

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.array(|_| None)?;
        Some(NoArguments)
    }

    fn write(&self, out: &mut Writer) {
        out.raw("[]");
    }
}

/// Names of a map's members.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the name of an object's member",
    label = "expected `String`, `&str` or `Cow<str>`"
)]
trait Name<'a>: Sized + Ord + AsRef<str> {
    fn of(name: Cow<'a, str>, reader: &mut Reader<'a>) -> Option<Self>;
}

impl<'a> Name<'a> for String {
    fn of(name: Cow<'a, str>, _: &mut Reader<'a>) -> Option<Self> {
        Some(name.into_owned())
    }
}

impl<'a> Name<'a> for Cow<'a, str> {
    fn of(name: Cow<'a, str>, _: &mut Reader<'a>) -> Option<Self> {
        Some(name)
    }
}

impl<'a> Name<'a> for &'a str {
    fn of(name: Cow<'a, str>, reader: &mut Reader<'a>) -> Option<Self> {
        match name {
            Cow::Borrowed(name) => Some(name),
            Cow::Owned(name) => reader.keep(name),
        }
    }
}

#[allow(private_bounds, reason = "the three kinds of strings")]
impl<'a, K: Name<'a>, T: Record<'a>> Record<'a> for BTreeMap<K, T> {
    const SHAPE: Shape = Shape::Map(&T::SHAPE);

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let mut members = BTreeMap::new();
        reader.object(&mut |reader, name| {
            let name = K::of(name, reader)?;
            members.insert(name, T::read(reader)?).is_none().then_some(())
        })?;
        Some(members)
    }

    fn write(&self, out: &mut Writer) {
        out.object(|out| self.write_members(out));
    }
}

/// As a part of a struct it takes all members that are left.
#[allow(private_bounds, reason = "the three kinds of strings")]
impl<'a, K: Name<'a>, T: Record<'a>> Members<'a> for BTreeMap<K, T> {
    type Partial = Self;

    fn member(partial: &mut Self, name: &str, reader: &mut Reader<'a>) -> Option<Taken> {
        let name = K::of(Cow::Owned(name.to_owned()), reader)?;
        partial.insert(name, T::read(reader)?).is_none().then_some(Taken::Yes)
    }

    fn finish(partial: Self) -> Option<Self> {
        Some(partial)
    }

    fn write_members(&self, out: &mut Writer) {
        for (name, value) in self {
            out.raw(",");
            out.string(name.as_ref());
            out.raw(":");
            value.write(out);
        }
    }

    fn again(&self, object: &Shape) -> Option<&str> {
        self.keys().map(AsRef::as_ref).find(|name| object.names(name))
    }
}

macro_rules! tuples {
    ($(($($type:ident $place:tt)*))*) => {$(
        impl<'a, $($type: Record<'a>),*> Record<'a> for ($($type,)*) {
            const SHAPE: Shape = Shape::Tuple(&[$($type::SHAPE),*]);

            #[allow(non_snake_case, reason = "a name for each type")]
            fn read(reader: &mut Reader<'a>) -> Option<Self> {
                let mut place = 0;
                $(let mut $type = None;)*
                reader.array(|reader| {
                    match place {
                        $($place => $type = Some($type::read(reader)?),)*
                        _ => return None,
                    }
                    place += 1;
                    Some(())
                })?;
                Some(($($type?,)*))
            }

            fn write(&self, out: &mut Writer) {
                out.listed(b'[', b']', |out| {
                    $(out.raw(","); self.$place.write(out);)*
                });
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0 B 1)
    (A 0 B 1 C 2)
    (A 0 B 1 C 2 D 3)
    (A 0 B 1 C 2 D 3 E 4)
    (A 0 B 1 C 2 D 3 E 4 F 5)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7)
}
