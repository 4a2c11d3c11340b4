//! From a schema to its rule.

use wasmrecords_json::{Object, Value};

use super::number::Bound;
use super::object::ObjectRule;
use super::read::{is_true, items, narrow, object, plain_name, step, types, weight};
use super::{Leaves, Rule, Types, references, union};

/// Bytes that the rules of one schema may take, what it refers to counted each time: some 10,000 rules.
const MOST_BYTES: usize = 4 << 20;

/// Levels of rules: no record has more.
const DEEPEST: usize = 128;

/// Keywords that ask for something and have no rule, and what to say about them.
const WITHOUT_RULE: [(&str, &str); 24] = [
    ("allOf", "write its parts into one schema"),
    ("anyOf", ALTERNATIVES),
    ("oneOf", ALTERNATIVES),
    ("not", "say what is allowed"),
    ("if", NO_RULE),
    ("then", NO_RULE),
    ("else", NO_RULE),
    ("contains", NO_RULE),
    ("minContains", NO_RULE),
    ("maxContains", NO_RULE),
    ("prefixItems", "one schema for all items is fast"),
    ("additionalItems", "one schema for all items is fast"),
    ("unevaluatedItems", NO_RULE),
    ("patternProperties", "properties with names are fast"),
    ("propertyNames", NO_RULE),
    ("unevaluatedProperties", "`additionalProperties` is fast"),
    ("dependencies", NO_RULE),
    ("dependentRequired", NO_RULE),
    ("dependentSchemas", NO_RULE),
    ("contentEncoding", NO_RULE),
    ("contentMediaType", NO_RULE),
    ("contentSchema", NO_RULE),
    ("$dynamicRef", "a `$ref` into the same schema is fast"),
    ("$recursiveRef", "a `$ref` into the same schema is fast"),
];

const ALTERNATIVES: &str = "alternatives are fast if each names its own types, with nothing else beside them";

const NO_RULE: &str = "only the general engine has it";

/// What differs between the drafts.
#[derive(Clone, Copy, PartialEq)]
enum Draft {
    Four,
    /// 6 and 7.
    Six,
    /// 2019-09 and 2020-12.
    Newer,
}

/// What building needs to know.
pub(super) struct Builder<'s> {
    root: &'s Value,
    formats: bool,
    draft: Draft,
    bytes: usize,
    depth: usize,
    /// The references that are followed at the moment.
    open: Vec<String>,
    /// Whether the validator tells what is wrong with a value by the keyword that it breaks: not within alternatives.
    told: bool,
}

pub(super) fn build(schema: &Value, formats: bool) -> Result<Rule, Leaves> {
    let draft = draft(schema).ok_or_else(|| Leaves {
        path: "#/$schema".to_owned(),
        keyword: "$schema".to_owned(),
        hint: "name one of the drafts 4, 6, 7, 2019-09 and 2020-12",
    })?;
    // Of draft 4 a keyword has to be seen with others beside it.
    let told = draft != Draft::Four;
    Builder { root: schema, formats, draft, bytes: 0, depth: 0, open: Vec::new(), told }.rule(schema, "#")
}

fn draft(schema: &Value) -> Option<Draft> {
    let Some(draft) = object(schema).and_then(|keywords| keywords.get("$schema")) else {
        return Some(Draft::Newer);
    };
    let (_, draft) = draft.as_str()?.trim_end_matches('#').split_once("://")?;
    Some(match draft {
        "json-schema.org/draft/2020-12/schema" | "json-schema.org/draft/2019-09/schema" => Draft::Newer,
        "json-schema.org/draft-07/schema" | "json-schema.org/draft-06/schema" => Draft::Six,
        "json-schema.org/draft-04/schema" => Draft::Four,
        _ => return None,
    })
}

impl Builder<'_> {
    /// The rule of the schema at a place in the whole one.
    pub fn rule(&mut self, schema: &Value, at: &str) -> Result<Rule, Leaves> {
        self.spend(size_of::<Rule>() + at.len(), at, "")?;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(leaves(at, "", LARGE));
        }
        let mut rule = Rule::any();
        rule.number.written = self.draft == Draft::Four;
        match schema {
            Value::Bool(true) => {}
            Value::Bool(false) => rule.types = Types::NONE,
            Value::Object(keywords) => match references::reference(keywords) {
                Some(reference) => rule = self.referred(keywords, reference, at)?,
                None => self.keywords(&mut rule, keywords, at)?,
            },
            // A list of schemas for a list of items.
            _ => return Err(leaves(at, "", "one schema for all items is fast")),
        }
        self.depth -= 1;
        Ok(rule)
    }

    fn referred(&mut self, keywords: &Object, reference: &str, at: &str) -> Result<Rule, Leaves> {
        let refused = |hint| leaves(at, "$ref", hint);
        // What stands beside a reference counts in some drafts and not in others.
        let mut beside = Rule::any();
        let others = keywords.iter().filter(|(name, _)| name.as_str() != "$ref");
        for (name, value) in others {
            if !matches!(name.as_str(), "$schema" | "$id" | "id") || !self.at_root(at) {
                self.keyword(&mut beside, keywords, name, value, at)?;
            }
        }
        if !beside.is_any() {
            return Err(refused("have nothing else beside it"));
        }
        if self.open.iter().any(|open| open == reference) {
            return Err(refused("a schema that holds itself is for the general engine"));
        }
        let target = references::target(self.root, reference).ok_or_else(|| {
            refused("`#/$defs/...` is fast, other documents, anchors and nested `$id` are not")
        })?;
        self.open.push(reference.to_owned());
        let rule = self.rule(target, reference)?;
        self.open.pop();
        Ok(rule)
    }

    /// Counts the bytes that a rule takes.
    fn spend(&mut self, bytes: usize, at: &str, keyword: &str) -> Result<(), Leaves> {
        self.bytes += bytes;
        if self.bytes > MOST_BYTES { Err(leaves(at, keyword, LARGE)) } else { Ok(()) }
    }

    fn at_root(&self, at: &str) -> bool {
        at == "#" && self.open.is_empty()
    }

    fn keywords(&mut self, rule: &mut Rule, keywords: &Object, at: &str) -> Result<(), Leaves> {
        let mut alternatives = None;
        for (name, value) in keywords.iter() {
            match (name.as_str(), value) {
                ("anyOf" | "oneOf", Value::Array(schemas)) if alternatives.is_none() => {
                    alternatives = Some((name, schemas));
                }
                _ => self.keyword(rule, keywords, name, value, at)?,
            }
        }
        let strings = rule.items.as_ref().is_some_and(|items| items.types == Types::STRING);
        if rule.unique && !strings {
            return Err(leaves(at, "uniqueItems", "where `items` have the type `string` it is fast"));
        }
        if rule.object.as_ref().is_some_and(ObjectRule::is_any) {
            rule.object = None;
        }
        let Some((name, schemas)) = alternatives else {
            rule.schema = self.told.then(|| at.into());
            return Ok(());
        };
        let mut rules = Vec::with_capacity(schemas.len());
        let told = std::mem::replace(&mut self.told, false);
        for (number, schema) in schemas.iter().enumerate() {
            rules.push(self.rule(schema, &format!("{at}/{name}/{number}"))?);
        }
        self.told = told;
        let whole = union::union(rules).filter(|_| rule.is_any());
        *rule = whole.ok_or_else(|| leaves(at, name, ALTERNATIVES))?;
        Ok(())
    }

    /// Adds what one keyword asks for.
    fn keyword(
        &mut self,
        rule: &mut Rule,
        keywords: &Object,
        name: &str,
        value: &Value,
        at: &str,
    ) -> Result<(), Leaves> {
        self.spend(weight(name, value), at, name)?;
        let odd = || leaves(at, name, "written in another way it may be fast");
        let number = &mut rule.number;
        match name {
            "type" => rule.types = rule.types.both(types(value).ok_or_else(odd)?),
            "enum" => {
                union::list(rule, items(value).ok_or_else(odd)?).ok_or_else(|| leaves(at, name, LISTED))?
            }
            "const" if self.draft != Draft::Four => {
                union::list(rule, std::slice::from_ref(value)).ok_or_else(|| leaves(at, name, LISTED))?
            }
            // Of draft 4, where the bound itself stands beside it.
            "exclusiveMinimum" | "exclusiveMaximum" if matches!(value, Value::Bool(_)) => {}
            "minimum" | "exclusiveMinimum" => {
                let inclusive = name == "minimum" && !is_true(keywords, "exclusiveMinimum");
                let low = value.as_number().and_then(|number| Bound::low(number, inclusive));
                number.low.raise(low.ok_or_else(odd)?);
            }
            "maximum" | "exclusiveMaximum" => {
                let inclusive = name == "maximum" && !is_true(keywords, "exclusiveMaximum");
                let high = value.as_number().and_then(|number| Bound::high(number, inclusive));
                number.high.lower(high.ok_or_else(odd)?);
            }
            "multipleOf" => number.step = Some(step(value).ok_or_else(odd)?),
            "minLength" | "maxLength" => narrow(&mut rule.string.length, name, value).ok_or_else(odd)?,
            "pattern" => rule.string.search(value.as_str().ok_or_else(odd)?).ok_or_else(|| {
                leaves(at, name, "characters, classes, groups and counts are fast, up to 64 in all")
            })?,
            "minItems" | "maxItems" => narrow(&mut rule.item_count, name, value).ok_or_else(odd)?,
            "items" => rule.items = Some(self.rule(value, &format!("{at}/items"))?.into()),
            "minProperties" | "maxProperties" => {
                let object = rule.object.get_or_insert_with(ObjectRule::any);
                narrow(&mut object.count, name, value).ok_or_else(odd)?;
            }
            "properties" => self.properties(rule, value, at)?,
            "required" => required(rule, keywords, value).ok_or_else(|| {
                leaves(
                    at,
                    name,
                    "what is required has to be among the properties, with plain names, and not too many",
                )
            })?,
            "additionalProperties" => match value {
                Value::Bool(true) => {}
                Value::Bool(false) => rule.object.get_or_insert_with(ObjectRule::any).others = false,
                schema if self.rule(schema, &format!("{at}/{name}"))?.is_any() => {}
                _ => return Err(leaves(at, name, "`true` and `false` are fast")),
            },
            "format" if self.formats => {
                return Err(leaves(at, name, "a pattern may be fast, or do without --assert-format"));
            }
            "uniqueItems" => rule.unique |= matches!(value, Value::Bool(true)),
            "$schema" | "$id" | "id" if !self.at_root(at) => {
                if name != "id" || self.draft == Draft::Four {
                    return Err(leaves(at, name, "only the whole schema may have one"));
                }
            }
            "contentEncoding" | "contentMediaType" | "contentSchema" if self.draft == Draft::Newer => {}
            // All others say nothing about what matches.
            _ => {
                if let Some((_, hint)) = WITHOUT_RULE.iter().find(|(without, _)| *without == name) {
                    return Err(leaves(at, name, hint));
                }
            }
        }
        Ok(())
    }

    fn properties(&mut self, rule: &mut Rule, value: &Value, at: &str) -> Result<(), Leaves> {
        let within = format!("{at}/properties");
        for (name, schema) in object(value).into_iter().flat_map(|properties| properties.iter()) {
            let at = format!("{within}/{}", references::escaped(name));
            if !plain_name(name) {
                return Err(Leaves { path: at, keyword: name.to_string(), hint: PLAIN });
            }
            let member = self.rule(schema, &at)?;
            let object = rule.object.get_or_insert_with(ObjectRule::any);
            let place = object.place(name).ok_or_else(|| leaves(&within, "", LARGE))?;
            object.known[place].1 = member;
        }
        Ok(())
    }
}

const LARGE: &str = "the schema is very large or deep";

const LISTED: &str = "strings, short numbers, booleans and null are fast";

const PLAIN: &str = "a name with a quote, a backslash or a control character is for the general engine";

pub(super) fn leaves(at: &str, keyword: &str, hint: &'static str) -> Leaves {
    let path =
        if keyword.is_empty() { at.to_owned() } else { format!("{at}/{}", references::escaped(keyword)) };
    let keyword = if keyword.is_empty() { at.rsplit('/').next().unwrap_or_default() } else { keyword };
    Leaves { path, keyword: keyword.to_owned(), hint }
}

fn required(rule: &mut Rule, keywords: &Object, value: &Value) -> Option<()> {
    let properties = keywords.get("properties").and_then(object);
    let closed = matches!(keywords.get("additionalProperties"), Some(Value::Bool(false)));
    let object = rule.object.get_or_insert_with(ObjectRule::any);
    for name in items(value)? {
        let name = name.as_str().filter(|name| plain_name(name))?;
        // Nothing matches that must have a property which it may not have.
        if closed && properties.is_none_or(|properties| properties.get(name).is_none()) {
            return None;
        }
        let place = object.place(name)?;
        object.required.push(place);
    }
    Some(())
}
