//! What is known of a type while it is compiled: enough for its JSON Schema, and to say what is wrong with a record.

/// What the JSON text of a type looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Any JSON value.
    Any,
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// An integer within bounds.
    Integer {
        /// The least one.
        least: i64,
        /// The largest one.
        most: u64,
    },
    /// Any number that a 64-bit float holds: whether its digits are one.
    Number(Check),
    /// A string.
    String,
    /// Bytes, as a string in base64: whether its characters are that.
    Bytes(Check),
    /// One of these strings.
    Words(&'static [&'static str]),
    /// An array of any length.
    Array(&'static Shape),
    /// An array of exactly these.
    Tuple(&'static [Shape]),
    /// An object of any names.
    Map(&'static Shape),
    /// This or `null`.
    Nullable(&'static Shape),
    /// An object of known names.
    Object(&'static Object),
}

/// Whether a text is one of a type's values. It stands in the shape, so that a module without such a type has not what
/// it takes.
#[derive(Clone, Copy, Debug)]
pub struct Check(pub fn(&str) -> bool);

impl PartialEq for Check {
    /// There is one of each kind.
    fn eq(&self, _: &Check) -> bool {
        true
    }
}

impl Eq for Check {}

/// What an object has in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its members, in the order in which they are written.
    pub parts: &'static [Part],
    /// Whether others are passed over. Else they are refused.
    pub open: bool,
}

/// A member of an object, or all members of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// One member.
    Member(Member),
    /// The members of an object, or of a map, that is written as part of this one.
    Flat(&'static Shape),
}

/// One member of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
    /// The value that it has where it is not there, as JSON, if that is known before the module runs.
    pub default: Option<&'static str>,
    /// What its author says of it.
    pub about: &'static str,
}

impl Object {
    /// What the members are that no part names, if one takes these.
    pub const fn rest(&self) -> Option<&Shape> {
        let mut at = 0;
        while at < self.parts.len() {
            if let Part::Flat(shape) = &self.parts[at]
                && let Some(values) = shape.rest()
            {
                return Some(values);
            }
            at += 1;
        }
        None
    }
}

impl Shape {
    /// What members of any name are.
    pub const fn rest(&self) -> Option<&Shape> {
        match self {
            Shape::Map(values) => Some(values),
            Shape::Object(object) => object.rest(),
            _ => None,
        }
    }

    /// Whether a member is called so, by one of its parts.
    pub fn names(&self, name: &str) -> bool {
        let Shape::Object(object) = self else { return false };
        object.parts.iter().any(|part| match part {
            Part::Member(member) => member.name == name,
            Part::Flat(shape) => shape.names(name),
        })
    }

    /// True if `null` is one of its values.
    pub const fn takes_null(&self) -> bool {
        matches!(self, Shape::Any | Shape::Null | Shape::Nullable(_))
    }

    /// The members of an object, those of flat parts among them.
    pub fn members(&self) -> Vec<&'static Member> {
        let mut members = Vec::new();
        self.push_members(&mut members);
        members
    }

    fn push_members(&self, members: &mut Vec<&'static Member>) {
        let Shape::Object(object) = self else { return };
        for part in object.parts {
            match part {
                Part::Member(member) => members.push(member),
                Part::Flat(shape) => shape.push_members(members),
            }
        }
    }

    /// What was expected where something else stands, in words.
    pub fn expected(&self) -> String {
        match self {
            Shape::Any => "a value".into(),
            Shape::Null => "null".into(),
            Shape::Boolean => "boolean".into(),
            Shape::Integer { .. } => "integer".into(),
            Shape::Number(_) => "number".into(),
            Shape::String | Shape::Bytes(_) | Shape::Words(_) => "string".into(),
            Shape::Array(_) | Shape::Tuple(_) => "array".into(),
            Shape::Map(_) | Shape::Object(_) => "object".into(),
            Shape::Nullable(shape) => format!("{} or null", shape.expected()),
        }
    }
}
