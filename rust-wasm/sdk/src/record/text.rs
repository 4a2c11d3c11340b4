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

    // What appends takes `&mut self`: with `self` each byte would move all the bytes, and the compiler does what a
    // constant says one step after the other.

    /// Appends a text as it is.
    pub const fn raw(&mut self, text: &str) -> &mut Self {
        let text = text.as_bytes();
        let end = self.length + text.len();
        if end <= N {
            let (_, room) = self.bytes.split_at_mut(self.length);
            room.split_at_mut(text.len()).0.copy_from_slice(text);
            self.length = end;
            return self;
        }
        let mut at = 0;
        while at < text.len() {
            self.byte(text[at]);
            at += 1;
        }
        self
    }

    const fn byte(&mut self, byte: u8) -> &mut Self {
        if self.length < N {
            self.bytes[self.length] = byte;
        }
        self.length += 1;
        self
    }

    /// Appends a JSON string.
    pub const fn string(&mut self, text: &str) -> &mut Self {
        let text = text.as_bytes();
        self.byte(b'"');
        let mut at = 0;
        while at < text.len() {
            let byte = text[at];
            match byte {
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
    pub const fn member(&mut self, name: &str, first: bool) -> &mut Self {
        if !first {
            self.raw(", ");
        }
        self.string(name).raw(": ")
    }

    /// Appends a list of JSON strings.
    pub const fn strings(&mut self, texts: &[&str]) -> &mut Self {
        self.byte(b'[');
        let mut at = 0;
        while at < texts.len() {
            if at > 0 {
                self.raw(", ");
            }
            self.string(texts[at]);
            at += 1;
        }
        self.byte(b']')
    }

    const fn integer(&mut self, negative: bool, value: u64) -> &mut Self {
        if negative {
            self.byte(b'-');
        }
        let mut unit = 1;
        while value / unit >= 10 {
            unit *= 10;
        }
        while unit > 0 {
            self.byte(b'0' + (value / unit % 10) as u8);
            unit /= 10;
        }
        self
    }

    /// Appends the JSON Schema of a shape.
    pub const fn schema(&mut self, shape: &Shape) -> &mut Self {
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

    const fn tuple(&mut self, items: &[Shape]) -> &mut Self {
        self.raw("{\"type\": \"array\", \"prefixItems\": [");
        let mut at = 0;
        while at < items.len() {
            if at > 0 {
                self.raw(", ");
            }
            self.schema(&items[at]);
            at += 1;
        }
        let count = items.len() as u64;
        self.raw("], \"items\": false, \"minItems\": ").integer(false, count).raw("}")
    }

    const fn object(&mut self, object: &Object) -> &mut Self {
        self.raw("{\"type\": \"object\", \"properties\": {");
        self.properties(object.parts, self.length);
        self.raw("}, \"required\": [");
        self.required(object.parts, self.length);
        match object.rest() {
            Some(values) => self.raw("], \"additionalProperties\": ").schema(values).raw("}"),
            None if object.open => self.raw("]}"),
            None => self.raw("], \"additionalProperties\": false}"),
        }
    }

    const fn properties(&mut self, parts: &[Part], start: usize) {
        let mut at = 0;
        while at < parts.len() {
            match &parts[at] {
                Part::Member(member) => {
                    let first = self.length == start;
                    self.member(member.name, first).property(member);
                }
                Part::Flat(Shape::Object(object)) => self.properties(object.parts, start),
                Part::Flat(_) => {}
            }
            at += 1;
        }
    }

    /// The schema of a member's value, with what is said of the member in front.
    const fn property(&mut self, member: &Member) {
        let about = !member.about.is_empty();
        if !about && member.default.is_none() {
            self.schema(&member.shape);
            return;
        }
        self.byte(b'{');
        if about {
            self.member("description", true).string(member.about);
        }
        if let Some(default) = member.default {
            self.member("default", !about).raw(default);
        }
        self.raw(", \"allOf\": [").schema(&member.shape).raw("]}");
    }

    const fn required(&mut self, parts: &[Part], start: usize) {
        let mut at = 0;
        while at < parts.len() {
            match &parts[at] {
                Part::Member(member) if member.required => {
                    if self.length != start {
                        self.raw(", ");
                    }
                    self.string(member.name);
                }
                Part::Flat(Shape::Object(object)) => self.required(object.parts, start),
                _ => {}
            }
            at += 1;
        }
    }
}

const fn hex(digit: u8) -> u8 {
    b"0123456789abcdef"[digit as usize]
}
