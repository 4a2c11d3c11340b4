//! The quick check: a schema of plain keywords against the text of a record, in one pass, with no value made.
//!
//! It only ever says "matches", of a record that is JSON and matches. Whatever else there is, a record that
//! fails, escapes where they matter, names that stand there twice, is for the validator to judge, and so is
//! every schema with other keywords.

use std::ops::RangeInclusive;

use wasmrecords_json::{Cursor, Number, Object, Raw, Value};

/// Keywords that say nothing about what matches.
const SILENT: [&str; 11] = [
    "$comment",
    "$schema",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "$defs",
    "definitions",
];

/// `$schema` of the drafts in which all keywords below mean the same.
const DRAFTS: [&str; 4] = [
    "//json-schema.org/draft/2020-12/schema",
    "//json-schema.org/draft/2019-09/schema",
    "//json-schema.org/draft-07/schema",
    "//json-schema.org/draft-06/schema",
];

/// Integers that a double holds exactly, as a bound may be one.
const EXACT: RangeInclusive<i64> = -9_007_199_254_740_992..=9_007_199_254_740_992;

/// One bit for each type that is allowed.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Types(u8);

impl Types {
    const NULL: u8 = 1;
    const BOOLEAN: u8 = 2;
    const INTEGER: u8 = 4;
    /// All numbers.
    const NUMBER: u8 = 8;
    const STRING: u8 = 16;
    const ARRAY: u8 = 32;
    const OBJECT: u8 = 64;
    const ALL: Types = Types(127);

    #[inline(always)]
    fn has(self, bits: u8) -> bool {
        self.0 & bits != 0
    }
}

/// A schema, or a part of one.
pub struct Quick {
    types: Types,
    /// Strings that are allowed, if not all are.
    options: Option<Vec<String>>,
    minimum: Bound,
    maximum: Bound,
    /// Characters of a string.
    length: Option<RangeInclusive<u64>>,
    items: Option<Box<Quick>>,
    item_count: RangeInclusive<u64>,
    object: Option<Members>,
}

struct Members {
    /// Up to 64: each has a bit.
    known: Vec<(String, Quick)>,
    /// The bits of those that must be there.
    required: u64,
    others: bool,
}

#[derive(Clone, Copy)]
enum Bound {
    None,
    /// The bound itself is allowed, or not.
    At(i64, bool),
}

impl Quick {
    /// The quick form of a schema that the validator has taken; none if it says more than plain keywords. Where
    /// `formats` refuse, `format` is no plain one.
    pub fn new(schema: &Value, formats: bool) -> Option<Quick> {
        let draft = match members(schema).and_then(|keywords| keywords.get("$schema")) {
            None => true,
            Some(draft) => {
                let (_, draft) = draft.as_str()?.trim_end_matches('#').split_once(':')?;
                DRAFTS.contains(&draft)
            }
        };
        if draft { Quick::part(schema, true, formats) } else { None }
    }

    fn part(schema: &Value, root: bool, formats: bool) -> Option<Quick> {
        let mut quick = Quick {
            types: Types::ALL,
            options: None,
            minimum: Bound::None,
            maximum: Bound::None,
            length: None,
            items: None,
            item_count: 0..=u64::MAX,
            object: None,
        };
        let keywords = match schema {
            Value::Bool(true) => return Some(quick),
            Value::Object(keywords) => keywords,
            _ => return None,
        };
        for (keyword, value) in keywords.iter() {
            match keyword.as_str() {
                "$schema" if !root => return None,
                "type" => quick.types = types(value)?,
                "enum" => quick.options = Some(strings(items(value)?)?),
                "const" => quick.options = Some(strings(std::slice::from_ref(value))?),
                "minimum" => quick.minimum = bound(value, true)?,
                "exclusiveMinimum" => quick.minimum = bound(value, false)?,
                "maximum" => quick.maximum = bound(value, true)?,
                "exclusiveMaximum" => quick.maximum = bound(value, false)?,
                "minLength" | "maxLength" => quick.length = Some(range(keywords, "minLength", "maxLength")?),
                "minItems" | "maxItems" => quick.item_count = range(keywords, "minItems", "maxItems")?,
                // A list of schemas, one for each item, is not plain.
                "items" => quick.items = Some(Quick::part(value, false, formats)?.into()),
                // Once for all three: what is within would be read three times at each level.
                "properties" | "required" | "additionalProperties" if quick.object.is_some() => {}
                "properties" | "required" | "additionalProperties" => {
                    quick.object = Some(Members::new(keywords, formats)?);
                }
                "format" if !formats => {}
                name if SILENT.contains(&name) => {}
                _ => return None,
            }
        }
        let twice = |one, other| keywords.get(one).is_some() && keywords.get(other).is_some();
        if twice("minimum", "exclusiveMinimum")
            || twice("maximum", "exclusiveMaximum")
            || twice("enum", "const")
        {
            return None;
        }
        if quick.options.is_some() {
            // Only strings are listed, so nothing else can match.
            quick.types = Types(quick.types.0 & Types::STRING);
        }
        Some(quick)
    }

    /// True if a text is JSON and matches, and whether it is without white space; none if that is not certain.
    pub fn matches(&self, text: &[u8], depth: u32) -> Option<bool> {
        let mut cursor = Cursor::new(std::str::from_utf8(text).ok()?);
        self.value(&mut cursor, depth)?;
        cursor.at_end().then(|| cursor.compact())
    }

    fn value(&self, cursor: &mut Cursor<'_>, depth: u32) -> Option<()> {
        let (types, found) = (self.types, cursor.peek()?);
        match found {
            b'"' if types.has(Types::STRING) => self.string(cursor.string()?),
            b'-' | b'0'..=b'9' => self.number(cursor.number()?),
            b'n' if types.has(Types::NULL) => cursor.word("null"),
            b't' if types.has(Types::BOOLEAN) => cursor.word("true"),
            b'f' if types.has(Types::BOOLEAN) => cursor.word("false"),
            b'{' if types.has(Types::OBJECT) => match &self.object {
                Some(members) => members.object(cursor, depth),
                None => cursor.value(depth),
            },
            b'[' if types.has(Types::ARRAY) => self.array(cursor, depth),
            _ => None,
        }
    }

    #[inline(always)]
    fn string(&self, found: Raw<'_>) -> Option<()> {
        if self.options.is_none() && self.length.is_none() {
            return Some(());
        }
        if found.escaped {
            return None;
        }
        if let Some(options) = &self.options
            && !options.iter().any(|option| option.as_bytes() == found.bytes)
        {
            return None;
        }
        match &self.length {
            Some(length) => length.contains(&characters(found.bytes)).then_some(()),
            None => Some(()),
        }
    }

    #[inline(always)]
    fn number(&self, digits: &[u8]) -> Option<()> {
        let bounded = !matches!((self.minimum, self.maximum), (Bound::None, Bound::None));
        if !bounded && self.types.has(Types::NUMBER) {
            return Some(());
        }
        if !self.types.has(Types::NUMBER | Types::INTEGER) {
            return None;
        }
        if digits.len() > 15 {
            return None;
        }
        // Fifteen digits are exact either way.
        if let Some(value) = integer(digits) {
            return (self.minimum.below(value) && self.maximum.above(value)).then_some(());
        }
        if !self.types.has(Types::NUMBER) {
            // It may be written with a fraction and whole all the same.
            return None;
        }
        let value = std::str::from_utf8(digits).ok()?.parse::<f64>().ok()?;
        if value == 0.0 && digits.iter().any(|byte| matches!(byte, b'e' | b'E')) {
            // It may be too small for a double, and not zero.
            return None;
        }
        (self.minimum.below_float(value) && self.maximum.above_float(value)).then_some(())
    }

    fn array(&self, cursor: &mut Cursor<'_>, depth: u32) -> Option<()> {
        let inner = depth.checked_sub(1)?;
        let mut count = 0;
        cursor.take(b'[')?;
        if cursor.take(b']').is_none() {
            loop {
                count += 1;
                match &self.items {
                    Some(item) => item.value(cursor, inner)?,
                    None => cursor.value(inner)?,
                }
                if cursor.take(b',').is_none() {
                    cursor.take(b']')?;
                    break;
                }
            }
        }
        self.item_count.contains(&count).then_some(())
    }
}

impl Members {
    fn new(keywords: &Object, formats: bool) -> Option<Members> {
        let mut known = Vec::new();
        if let Some(properties) = keywords.get("properties") {
            for (name, schema) in members(properties)? {
                known.push((name.to_string(), Quick::part(schema, false, formats)?));
            }
        }
        let mut required = 0;
        for name in keywords.get("required").map_or(Some(&[][..]), items)? {
            let name = name.as_str()?;
            let place = known.iter().position(|(known, _)| known == name).or_else(|| {
                known.push((name.to_owned(), Quick::part(&Value::Bool(true), false, formats)?));
                Some(known.len() - 1)
            })?;
            required |= 1_u64.checked_shl(place as u32)?;
        }
        // Such a name never stands in a text as it is.
        if known.iter().any(|(name, _)| name.contains(|c| c < ' ' || c == '"' || c == '\\')) {
            return None;
        }
        let others = match keywords.get("additionalProperties") {
            None | Some(Value::Bool(true)) => true,
            Some(Value::Bool(false)) => {
                // One that is only required is not among the properties.
                let properties = keywords.get("properties").and_then(members).map_or(0, Object::len);
                if properties != known.len() {
                    return None;
                }
                false
            }
            Some(_) => return None,
        };
        (known.len() <= 64).then_some(Members { known, required, others })
    }

    fn object(&self, cursor: &mut Cursor<'_>, depth: u32) -> Option<()> {
        let inner = depth.checked_sub(1)?;
        let (mut seen, mut next) = (0_u64, 0);
        cursor.take(b'{')?;
        if cursor.take(b'}').is_some() {
            return (self.required == 0).then_some(());
        }
        loop {
            // Mostly they stand in the order of the schema.
            let expected = self.known.get(next).filter(|(known, _)| cursor.this_name(known).is_some());
            let place = match expected {
                Some(_) => Some(next),
                None => {
                    let name = cursor.name()?;
                    if name.escaped {
                        return None;
                    }
                    self.known.iter().position(|(known, _)| known.as_bytes() == name.bytes)
                }
            };
            match place {
                Some(place) => {
                    let bit = 1 << place;
                    if seen & bit != 0 {
                        return None;
                    }
                    seen |= bit;
                    next = place + 1;
                    self.known[place].1.value(cursor, inner)?;
                }
                None if self.others => cursor.value(inner)?,
                None => return None,
            }
            if cursor.take(b',').is_none() {
                cursor.take(b'}')?;
                return (seen & self.required == self.required).then_some(());
            }
        }
    }
}

impl Bound {
    fn below(self, value: i64) -> bool {
        match self {
            Bound::None => true,
            Bound::At(bound, allowed) => bound < value || (allowed && bound == value),
        }
    }

    fn above(self, value: i64) -> bool {
        match self {
            Bound::None => true,
            Bound::At(bound, allowed) => value < bound || (allowed && bound == value),
        }
    }

    fn below_float(self, value: f64) -> bool {
        match self {
            Bound::None => true,
            Bound::At(bound, allowed) => (bound as f64) < value || (allowed && bound as f64 == value),
        }
    }

    fn above_float(self, value: f64) -> bool {
        match self {
            Bound::None => true,
            Bound::At(bound, allowed) => value < bound as f64 || (allowed && bound as f64 == value),
        }
    }
}

/// The value of at most fifteen digits with neither a fraction nor an exponent.
#[inline(always)]
fn integer(digits: &[u8]) -> Option<i64> {
    let (negative, digits) = match digits {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let value = digits.iter().try_fold(0, |value: i64, digit| {
        digit.is_ascii_digit().then(|| value * 10 + i64::from(digit - b'0'))
    })?;
    Some(if negative { -value } else { value })
}

/// The number of characters in UTF-8.
fn characters(bytes: &[u8]) -> u64 {
    // Each has one byte that does not go on with another.
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count() as u64
}

fn bound(value: &Value, allowed: bool) -> Option<Bound> {
    integer_of(value).filter(|value| EXACT.contains(value)).map(|value| Bound::At(value, allowed))
}

fn types(value: &Value) -> Option<Types> {
    let bit = |name: &Value| {
        Some(match name.as_str()? {
            "null" => Types::NULL,
            "boolean" => Types::BOOLEAN,
            "integer" => Types::INTEGER,
            "number" => Types::NUMBER,
            "string" => Types::STRING,
            "array" => Types::ARRAY,
            "object" => Types::OBJECT,
            _ => return None,
        })
    };
    match value {
        Value::Array(names) => {
            names.iter().try_fold(Types(0), |types, name| Some(Types(types.0 | bit(name)?)))
        }
        name => Some(Types(bit(name)?)),
    }
}

fn strings(values: &[Value]) -> Option<Vec<String>> {
    values.iter().map(|value| value.as_str().map(str::to_owned)).collect()
}

fn range(keywords: &Object, least: &str, most: &str) -> Option<RangeInclusive<u64>> {
    let least = keywords.get(least).map_or(Some(0), count)?;
    let most = keywords.get(most).map_or(Some(u64::MAX), count)?;
    Some(least..=most)
}

fn members(value: &Value) -> Option<&Object> {
    match value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

fn items(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

/// An integer that is written as one.
fn integer_of(value: &Value) -> Option<i64> {
    match value.as_number() {
        Some(Number::Int(value)) => Some(*value),
        _ => None,
    }
}

fn count(value: &Value) -> Option<u64> {
    integer_of(value)?.try_into().ok()
}
