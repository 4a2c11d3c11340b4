//! Failures that are made without the validator, in the words that it had for one like it.
//!
//! Where bad records come, many come that break the same keyword. If one keyword at one place is all that is wrong
//! with a record, the validator says the same of each: only what was found, and where, differs.

use std::borrow::Cow;

use wasmrecords::{Failure, Told};
use wasmrecords_engine::rule::{Broken, Found, Rule};
use wasmrecords_json::{Value, parse, path_at};

use super::words::shown;

/// Keywords that a scalar may break, and `required`: what a failure may have as its code.
const CODES: [&str; 12] = [
    "required",
    "type",
    "enum",
    "const",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
];

const REQUIRED: usize = 0;

/// Values up to here are never cut.
const SHORT: usize = 64;

/// How many sentences are kept.
const MOST: usize = 1_000;

/// What was learned of one schema.
#[derive(Default)]
pub(super) struct Learned {
    /// By the number of the place that has this part of the schema.
    parts: Vec<Option<Part>>,
    sentences: usize,
}

/// A part of the schema.
struct Part {
    /// Its keywords by their places in `CODES`, each with its own rule; none if one has no rule.
    keywords: Option<Vec<(Option<usize>, Rule)>>,
    sentences: Vec<Sentence>,
    last: Option<Last>,
}

/// The scalar that broke a part of the schema the last time, and the number of the sentence that it was told in: wrong
/// values are often the same ones.
struct Last {
    text: u128,
    sentence: usize,
}

/// How a failure is told.
struct Sentence {
    /// By its place in `CODES`.
    code: usize,
    /// What of this kind was found.
    kind: Kind,
    rule: Box<str>,
    /// What stands in front of that.
    start: String,
    end: End,
}

#[derive(Clone, PartialEq)]
enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
    Missing(String),
}

/// What a sentence ends with.
#[derive(Clone, Copy)]
enum End {
    Nothing,
    Type,
    Value,
    Length,
}

impl Learned {
    /// Calls `with` for the failure of a record in which just this is broken.
    pub fn tell<T>(
        &mut self,
        broken: &Broken<'_, '_>,
        record_text: &[u8],
        with: impl FnOnce(Told<'_>) -> T,
    ) -> Option<T> {
        let part = self.parts.get_mut(broken.place as usize)?.as_mut()?;
        let sentence = part.sentence(broken.found)?;
        let path = match broken.path {
            Some(path) => Cow::Borrowed(path),
            None => path_at(record_text, broken.offset)?.into(),
        };
        Some(with(Told {
            code: CODES[sentence.code],
            offset: broken.offset,
            path: &path,
            rule: &sentence.rule,
            message: [&sentence.start, &sentence.end.text(broken.found)],
        }))
    }

    /// Takes the validator's words for a record in which just this is broken. `schema` is the whole one.
    pub fn learn(&mut self, broken: &Broken<'_, '_>, record_text: &[u8], failure: &Failure, schema: &Value) {
        if self.sentences >= MOST {
            return;
        }
        let place = broken.place as usize;
        if self.parts.len() <= place {
            self.parts.resize_with(place + 1, || None);
        }
        let part = self.parts[place].get_or_insert_with(|| {
            let keywords = Rule::keywords(schema, broken.schema).map(|keywords| {
                let known = |name: &str| CODES.iter().position(|code| *code == name);
                keywords.into_iter().map(|(name, rule)| (known(&name), rule)).collect()
            });
            Part { keywords, sentences: Vec::new(), last: None }
        });
        let Some(code) = part.broken(broken.found) else { return };
        // The validator has the last word.
        let expected = failure.code == CODES[code]
            && failure.offset == broken.offset
            && path_at(record_text, broken.offset).as_ref() == Some(&failure.path)
            && *failure.rule == format!("{}/{}", broken.schema, CODES[code])
            && failure.further.is_empty();
        for end in [End::Value, End::Type, End::Length, End::Nothing].into_iter().filter(|_| expected) {
            let tail = end.text(broken.found);
            let fits = |start: &&str| match broken.found {
                Found::Missing(_) => matches!(end, End::Nothing),
                _ => start.ends_with(", found "),
            };
            if let Some(start) = failure.message.strip_suffix(&*tail).filter(fits) {
                let (kind, start) = (Kind::of(broken.found), start.to_owned());
                part.sentences.push(Sentence { code, kind, rule: failure.rule.clone(), start, end });
                self.sentences += 1;
                return;
            }
        }
    }
}

impl Part {
    /// What is said of this.
    fn sentence(&mut self, found: Found<'_, '_>) -> Option<&Sentence> {
        let brief = brief(found);
        let number = match (brief, &self.last) {
            (Some(text), Some(last)) if text == last.text => last.sentence,
            _ => {
                let code = self.broken(found)?;
                let mut sentences = self.sentences.iter();
                sentences.position(|known| known.code == code && known.kind.is(found))?
            }
        };
        if let Some(text) = brief {
            self.last = Some(Last { text, sentence: number });
        }
        self.sentences.get(number)
    }

    /// The one keyword that is broken, by its place in `CODES`.
    fn broken(&self, found: Found<'_, '_>) -> Option<usize> {
        if let Found::Missing(_) = found {
            return Some(REQUIRED);
        }
        let mut broken = self.keywords.as_ref()?.iter().filter(|(_, rule)| !rule.allows(found));
        let (code, _) = broken.next()?;
        code.filter(|_| broken.next().is_none())
    }
}

/// A scalar of up to fifteen bytes, as one word with their number in front.
fn brief(found: Found<'_, '_>) -> Option<u128> {
    let Found::Scalar(text) = found else { return None };
    let word = |word: u128, byte| word << 8 | u128::from(byte);
    (text.len() < 16).then(|| text.bytes().fold(text.len() as u128, word))
}

impl Kind {
    fn of(found: Found<'_, '_>) -> Kind {
        match found {
            Found::Scalar(text) => match text.as_bytes().first() {
                Some(b'"') => Kind::String,
                Some(b'n') => Kind::Null,
                Some(b't' | b'f') => Kind::Boolean,
                _ => Kind::Number,
            },
            Found::Array => Kind::Array,
            Found::Object => Kind::Object,
            Found::Missing(name) => Kind::Missing(name.to_owned()),
        }
    }

    fn is(&self, found: Found<'_, '_>) -> bool {
        match (self, found) {
            (Kind::Missing(name), Found::Missing(missing)) => name == missing,
            (Kind::Missing(_), _) | (_, Found::Missing(_)) => false,
            (kind, found) => *kind == Kind::of(found),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Boolean => "boolean",
            Kind::Number => "number",
            Kind::String => "string",
            Kind::Array => "array",
            Kind::Object => "object",
            Kind::Missing(_) => "",
        }
    }
}

impl End {
    fn text<'t>(self, found: Found<'_, 't>) -> Cow<'t, str> {
        match (self, found) {
            (End::Type, found) => Kind::of(found).name().into(),
            // What is short and plain is shown as it is written.
            (End::Value, Found::Scalar(text))
                if text.len() <= SHORT && text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) =>
            {
                text.into()
            }
            (End::Value, Found::Scalar(text)) => match parse(text.as_bytes(), 0) {
                Ok(value) => shown(&value).into(),
                Err(_) => text.into(),
            },
            (End::Length, Found::Scalar(text)) => text.chars().count().saturating_sub(2).to_string().into(),
            _ => "".into(),
        }
    }
}
