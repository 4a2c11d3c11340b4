//! Texts that are put together while a module is compiled: its manifest, and the JSON Schemas in it.

use super::shape::{Member, Object, Part, Shape};

/// A text of at most `N` bytes. With too small an `N` only its length is right.
#[derive(Clone, Copy)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Text<N> {
    /// An empty one.
    #[allow(clippy::new_without_default, reason = "a default is not const")]
    pub const fn new() -> Self {
        Text { bytes: [0; N], length: 0 }
    }

    /// How long it is, or would be.
    pub const fn length(&self) -> usize {
        self.length
    }

    /// Its bytes, all of which are in use if `N` is its length.
    pub const fn bytes(&self) -> [u8; N] {
        self.bytes
    }

    /// What was appended, as far as there was room.
    pub const fn as_str(&self) -> &str {
        let length = if self.length < N { self.length } else { N };
        match std::str::from_utf8(self.bytes.split_at(length).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    /// Appends a text as it is.
    #[must_use]
    pub const fn raw(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut at = 0;
        while at < text.len() {
            self = self.byte(text[at]);
            at += 1;
        }
        self
    }

    const fn byte(mut self, byte: u8) -> Self {
        if self.length < N {
            self.bytes[self.length] = byte;
        }
        self.length += 1;
        self
    }

    /// Appends a JSON string.
    #[must_use]
    pub const fn string(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        self = self.byte(b'"');
        let mut at = 0;
        while at < text.len() {
            let byte = text[at];
            self = match byte {
                b'"' | b'\\' => self.byte(b'\\').byte(byte),
                b'\n' => self.raw("\\n"),
                0..0x20 => self.raw("\\u00").byte(hex(byte >> 4)).byte(hex(byte & 15)),
                _ => self.byte(byte),
            };
            at += 1;
        }
        self.byte(b'"')
    }

    /// Appends a member's name and colon, behind a comma if it is not the first one.
    #[must_use]
    pub const fn member(self, name: &str, first: bool) -> Self {
        let text = if first { self } else { self.raw(", ") };
        text.string(name).raw(": ")
    }

    /// Appends a list of JSON strings.
    #[must_use]
    pub const fn strings(mut self, texts: &[&str]) -> Self {
        self = self.byte(b'[');
        let mut at = 0;
        while at < texts.len() {
            if at > 0 {
                self = self.raw(", ");
            }
            self = self.string(texts[at]);
            at += 1;
        }
        self.byte(b']')
    }

    const fn integer(mut self, negative: bool, value: u64) -> Self {
        if negative {
            self = self.byte(b'-');
        }
        let mut unit = 1;
        while value / unit >= 10 {
            unit *= 10;
        }
        while unit > 0 {
            self = self.byte(b'0' + (value / unit % 10) as u8);
            unit /= 10;
        }
        self
    }

    /// Appends the JSON Schema of a shape.
    #[must_use]
    pub const fn schema(self, shape: &Shape) -> Self {
        match shape {
            Shape::Any => self.raw("{}"),
            Shape::Null => self.raw("{\"type\": \"null\"}"),
            Shape::Boolean => self.raw("{\"type\": \"boolean\"}"),
            Shape::Integer { least, most } => self
                .raw("{\"type\": \"integer\", \"minimum\": ")
                .integer(*least < 0, least.unsigned_abs())
                .raw(", \"maximum\": ")
                .integer(false, *most)
                .raw("}"),
            Shape::Number(_) => self.raw("{\"type\": \"number\"}"),
            Shape::String => self.raw("{\"type\": \"string\"}"),
            Shape::Bytes(_) => self.raw("{\"type\": \"string\", \"contentEncoding\": \"base64\"}"),
            Shape::Words(words) => self.raw("{\"enum\": ").strings(words).raw("}"),
            Shape::Array(items) => self.raw("{\"type\": \"array\", \"items\": ").schema(items).raw("}"),
            Shape::Tuple(items) => self.tuple(items),
            Shape::Map(values) => {
                self.raw("{\"type\": \"object\", \"additionalProperties\": ").schema(values).raw("}")
            }
            Shape::Nullable(shape) => self.raw("{\"anyOf\": [").schema(shape).raw(", {\"type\": \"null\"}]}"),
            Shape::Object(object) => self.object(object),
        }
    }

    const fn tuple(mut self, items: &[Shape]) -> Self {
        self = self.raw("{\"type\": \"array\", \"prefixItems\": [");
        let mut at = 0;
        while at < items.len() {
            if at > 0 {
                self = self.raw(", ");
            }
            self = self.schema(&items[at]);
            at += 1;
        }
        let count = items.len() as u64;
        self.raw("], \"items\": false, \"minItems\": ").integer(false, count).raw("}")
    }

    const fn object(mut self, object: &Object) -> Self {
        self = self.raw("{\"type\": \"object\", \"properties\": {");
        self = self.properties(object.parts, self.length);
        self = self.raw("}, \"required\": [");
        self = self.required(object.parts, self.length);
        match object.rest() {
            Some(values) => self.raw("], \"additionalProperties\": ").schema(values).raw("}"),
            None if object.open => self.raw("]}"),
            None => self.raw("], \"additionalProperties\": false}"),
        }
    }

    const fn properties(mut self, parts: &[Part], start: usize) -> Self {
        let mut at = 0;
        while at < parts.len() {
            self = match &parts[at] {
                Part::Member(member) => {
                    let first = self.length == start;
                    self.member(member.name, first).property(member)
                }
                Part::Flat(Shape::Object(object)) => self.properties(object.parts, start),
                Part::Flat(_) => self,
            };
            at += 1;
        }
        self
    }

    /// The schema of a member's value, with what is said of the member in front.
    const fn property(self, member: &Member) -> Self {
        let about = !member.about.is_empty();
        if !about && member.default.is_none() {
            return self.schema(&member.shape);
        }
        let mut text = self.byte(b'{');
        if about {
            text = text.member("description", true).string(member.about);
        }
        if let Some(default) = member.default {
            text = text.member("default", !about).raw(default);
        }
        text.raw(", \"allOf\": [").schema(&member.shape).raw("]}")
    }

    const fn required(mut self, parts: &[Part], start: usize) -> Self {
        let mut at = 0;
        while at < parts.len() {
            self = match &parts[at] {
                Part::Member(member) if member.required => {
                    let text = if self.length == start { self } else { self.raw(", ") };
                    text.string(member.name)
                }
                Part::Flat(Shape::Object(object)) => self.required(object.parts, start),
                _ => self,
            };
            at += 1;
        }
        self
    }
}

const fn hex(digit: u8) -> u8 {
    b"0123456789abcdef"[digit as usize]
}
