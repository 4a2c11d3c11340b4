//! What is wrong with a record, if it is one thing alone.

use wasmrecords_json::{Cursor, Object, Text, Value};

use super::{ANY_COUNT, NumberRule, ObjectRule, Rule, Types, references};

/// The one value in a record that does not match.
#[derive(Debug)]
pub struct Broken<'r, 't> {
    /// Where the schema stands that the value does not match, as a pointer behind `#`.
    pub schema: &'r str,
    /// Where the value begins in the text.
    pub offset: usize,
    /// What is wrong.
    pub found: Found<'r, 't>,
}

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found<'r, 't> {
    /// This string, number, boolean or null. Of strings all in it stands for itself.
    Scalar(&'t str),
    /// It is an array, and has no business to be one.
    Array,
    /// It is an object, and has no business to be one.
    Object,
    /// There is no member of this name, which is required.
    Missing(&'r str),
}

impl Rule {
    /// The one thing in the text of a record that does not match, if all else in it is certain: that it is JSON of up
    /// to `depth` levels, and matches. None of a record that matches, too.
    pub fn broken<'r, 't>(&'r self, text: &'t [u8], depth: u32) -> Option<Broken<'r, 't>> {
        let text = std::str::from_utf8(text).ok()?;
        let mut search = Search { text, cursor: Cursor::new(text), seen: Vec::new(), broken: None };
        search.value(self, depth)?;
        search.broken.filter(|_| search.cursor.at_end())
    }

    /// Each keyword of the schema that `pointer` leads to, with its own rule. None if one has no rule by itself.
    pub fn keywords(schema: &Value, pointer: &str) -> Option<Vec<(String, Rule)>> {
        let Value::Object(keywords) = references::target(schema, pointer)? else { return None };
        let one = |(name, value): &(Text, Value)| {
            let mut alone = Object::default();
            alone.insert(name.clone(), value.clone());
            Some((name.to_string(), Rule::new(&alone.into(), false).ok()?))
        };
        // What says nothing about scalars says nothing here.
        let within =
            ["properties", "items", "additionalProperties", "required", "$defs", "definitions", "$schema"];
        keywords.iter().filter(|(name, _)| !within.contains(&name.as_str())).map(one).collect()
    }

    /// Whether what was found matches; only of what [`Rule::broken`] has found.
    pub fn allows(&self, found: Found<'_, '_>) -> bool {
        match found {
            Found::Scalar(text) => match text.as_bytes() {
                [b'"', inner @ .., b'"'] => self.types.has(Types::STRING) && self.string.allows(inner, false),
                b"null" => self.types.has(Types::NULL),
                b"true" => self.types.has(Types::BOOLEAN) && self.booleans[1],
                b"false" => self.types.has(Types::BOOLEAN) && self.booleans[0],
                digits => self.number.allows(digits, self.types),
            },
            Found::Array => self.types.has(Types::ARRAY),
            Found::Object => self.types.has(Types::OBJECT),
            Found::Missing(_) => true,
        }
    }
}

struct Search<'r, 't> {
    text: &'t str,
    cursor: Cursor<'t>,
    /// By known name, of all objects that are open: whether it was there.
    seen: Vec<bool>,
    broken: Option<Broken<'r, 't>>,
}

// Each step is none where something is not certain, or is a second thing that is wrong.
impl<'r, 't> Search<'r, 't> {
    fn value(&mut self, rule: &'r Rule, depth: u32) -> Option<()> {
        let start = self.cursor.at();
        let (allowed, length) = match self.cursor.peek()? {
            b'"' => {
                let found = self.cursor.string()?;
                let allowed = rule.types.has(Types::STRING) && rule.string.allows(found.bytes, found.escaped);
                if !allowed && !rule.string.is_sure_of(found.bytes, found.escaped) {
                    return None;
                }
                (allowed, found.bytes.len() + 2)
            }
            b'-' | b'0'..=b'9' => {
                let digits = self.cursor.number()?;
                let allowed = rule.number.allows(digits, rule.types);
                if !allowed && !NumberRule::is_sure_of(digits) {
                    return None;
                }
                (allowed, digits.len())
            }
            b'{' if rule.types.has(Types::OBJECT) => return self.object(rule, depth.checked_sub(1)?),
            b'[' if rule.types.has(Types::ARRAY) => return self.array(rule, depth.checked_sub(1)?),
            b'{' | b'[' => return self.odd_container(rule, depth),
            b'n' => (self.word("null", rule.types.has(Types::NULL))?, 4),
            b't' => (self.word("true", rule.types.has(Types::BOOLEAN) && rule.booleans[1])?, 4),
            b'f' => (self.word("false", rule.types.has(Types::BOOLEAN) && rule.booleans[0])?, 5),
            _ => return None,
        };
        if allowed {
            return Some(());
        }
        let text = self.text.get(start..start + length)?;
        self.found(rule, start, Found::Scalar(text))
    }

    fn word(&mut self, word: &str, allowed: bool) -> Option<bool> {
        self.cursor.word(word)?;
        Some(allowed)
    }

    /// An array or an object where none is allowed.
    fn odd_container(&mut self, rule: &'r Rule, depth: u32) -> Option<()> {
        let start = self.cursor.at();
        let array = self.cursor.peek() == Some(b'[');
        self.cursor.value(depth)?;
        // What the schema says about members or items counts all the same.
        let plain = rule.object.is_none() && rule.items.is_none() && rule.item_count == ANY_COUNT;
        plain.then(|| self.found(rule, start, if array { Found::Array } else { Found::Object }))?
    }

    fn array(&mut self, rule: &'r Rule, depth: u32) -> Option<()> {
        let mut count = 0_u64;
        self.cursor.take(b'[')?;
        if self.cursor.take(b']').is_none() {
            loop {
                match &rule.items {
                    Some(item) => self.value(item, depth)?,
                    None => self.cursor.value(depth)?,
                }
                count += 1;
                if self.cursor.take(b',').is_none() {
                    self.cursor.take(b']')?;
                    break;
                }
            }
        }
        rule.item_count.contains(&count).then_some(())
    }

    fn object(&mut self, rule: &'r Rule, depth: u32) -> Option<()> {
        let Some(members) = &rule.object else { return self.cursor.value(depth + 1) };
        if members.count != ANY_COUNT {
            return None;
        }
        let (start, first, mut next) = (self.cursor.at(), self.seen.len(), 0);
        self.seen.resize(first + members.known.len(), false);
        self.cursor.take(b'{')?;
        if self.cursor.take(b'}').is_none() {
            loop {
                match self.known(members, next)? {
                    Some(place) => {
                        if std::mem::replace(&mut self.seen[first + place], true) {
                            return None;
                        }
                        self.value(&members.known[place].1, depth)?;
                        next = place + 1;
                    }
                    None if members.others => self.cursor.value(depth)?,
                    None => return None,
                }
                if self.cursor.take(b',').is_none() {
                    self.cursor.take(b'}')?;
                    break;
                }
            }
        }
        for (place, (name, _)) in members.known.iter().enumerate() {
            if members.required[place] && !self.seen[first + place] {
                self.found(rule, start, Found::Missing(name))?;
            }
        }
        self.seen.truncate(first);
        Some(())
    }

    /// Passes over a name; its place if it is a known one. Mostly they stand in the order of the schema.
    fn known(&mut self, members: &'r ObjectRule, next: usize) -> Option<Option<usize>> {
        if let Some((name, _)) = members.known.get(next)
            && self.cursor.this_name(name).is_some()
        {
            return Some(Some(next));
        }
        let name = self.cursor.name()?;
        let place = members.known.iter().position(|(known, _)| known.as_bytes() == name.bytes);
        (!name.escaped).then_some(place)
    }

    #[cold]
    fn found(&mut self, rule: &'r Rule, offset: usize, found: Found<'r, 't>) -> Option<()> {
        let schema = rule.schema.as_deref().filter(|_| self.broken.is_none())?;
        self.broken = Some(Broken { schema, offset, found });
        Some(())
    }
}
