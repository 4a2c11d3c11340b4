//! Calls of builtins.

use super::{Compiled, Compiler, Node};
use jaq_core::load::parse::{BinaryOp, Term};
use wasmrecords_engine::program::{
    Compare, Constant, Edits, Expr, Function as One, FunctionWith as With, Literal, Pattern, Place, Step,
};

const CALL: &str = "this is run by the general engine";

/// Builtins without an argument.
const FUNCTIONS: [(&str, One); 32] = [
    ("not", One::Not),
    ("length", One::Length),
    ("type", One::Type),
    ("tostring", One::ToString),
    ("@text", One::ToString),
    ("tojson", One::ToJson),
    ("@json", One::ToJson),
    ("tonumber", One::ToNumber),
    ("ascii_downcase", One::Downcase),
    ("ascii_upcase", One::Upcase),
    ("@csv", One::Csv),
    ("@tsv", One::Tsv),
    ("@html", One::Html),
    ("keys", One::Keys),
    ("keys_unsorted", One::KeysUnsorted),
    ("to_entries", One::ToEntries),
    ("from_entries", One::FromEntries),
    ("add", One::Add),
    ("fromjson", One::FromJson),
    ("sort", One::Sort),
    ("unique", One::Unique),
    ("min", One::Min),
    ("max", One::Max),
    ("reverse", One::Reverse),
    ("trim", One::Trim),
    ("ltrim", One::TrimStart),
    ("rtrim", One::TrimEnd),
    ("utf8bytelength", One::ByteLength),
    ("floor", One::Floor),
    ("ceil", One::Ceil),
    ("round", One::Round),
    ("abs", One::Absolute),
];

/// Builtins with one argument, which has at most one value.
const FUNCTIONS_WITH: [(&str, With); 9] = [
    ("index", With::Index),
    ("has", With::Has),
    ("startswith", With::StartsWith),
    ("endswith", With::EndsWith),
    ("contains", With::Contains),
    ("ltrimstr", With::WithoutStart),
    ("rtrimstr", With::WithoutEnd),
    ("join", With::Join),
    ("split", With::Split),
];

/// Builtins that select values of some types.
const TYPES: [(&str, &[&str]); 8] = [
    ("nulls", &["null"]),
    ("booleans", &["boolean"]),
    ("numbers", &["number"]),
    ("strings", &["string"]),
    ("arrays", &["array"]),
    ("objects", &["object"]),
    ("iterables", &["array", "object"]),
    ("scalars", &["null", "boolean", "number", "string"]),
];

impl Compiler<'_> {
    pub(super) fn call(&self, term: &Node<'_>, name: &str, args: &[Node<'_>]) -> Compiled<Expr> {
        match args {
            [] => {
                if let Some(function) = named(&FUNCTIONS, name) {
                    return Ok(Expr::Call(function));
                }
                if let Some(types) = named(&TYPES, name) {
                    return Ok(of_types(types));
                }
            }
            [argument] => {
                if let Some(function) = named(&FUNCTIONS_WITH, name) {
                    return Ok(Expr::CallWith(function, self.boxed(argument)?));
                }
            }
            _ => {}
        }
        let at = |at| Expr::path(Expr::Input, vec![Step { to: Place::At(at), optional: false }]);
        Ok(match (name, args) {
            ("empty", []) => Expr::Empty,
            ("null", []) => Expr::Constant(Constant::Null),
            ("true", []) => Expr::Constant(Constant::Bool(true)),
            ("false", []) => Expr::Constant(Constant::Bool(false)),
            ("select", [condition]) => Expr::select(self.single(condition)?),
            ("values", []) => {
                let null = Expr::Constant(Constant::Null);
                Expr::select(Expr::Compare(Expr::Input.into(), Compare::Unequal, null.into()))
            }
            ("map", [change]) => self.map(change)?,
            ("first", []) => at(0),
            ("last", []) => at(-1),
            ("first", [values]) => Expr::First(self.expr(values)?.into()),
            ("any", []) => Expr::Any(each().into(), Expr::Input.into()),
            ("all", []) => Expr::All(each().into(), Expr::Input.into()),
            ("any", [condition]) => Expr::Any(each().into(), self.boxed(condition)?),
            ("all", [condition]) => Expr::All(each().into(), self.boxed(condition)?),
            ("any", [values, condition]) => Expr::Any(self.expr(values)?.into(), self.boxed(condition)?),
            ("all", [values, condition]) => Expr::All(self.expr(values)?.into(), self.boxed(condition)?),
            ("IN", [values]) => {
                let mut all = Vec::new();
                self.among(values, &mut all)?;
                Expr::Among(all)
            }
            ("test", [regex]) => self.test(term, regex, None)?,
            ("test", [regex, flags]) => self.test(term, regex, Some(flags))?,
            ("del", [paths]) => {
                let mut edits = Edits::default();
                self.delete(paths, &mut edits)?;
                Expr::Delete(Expr::Input.into(), edits)
            }
            ("with_entries", [change]) => {
                let entries = Expr::pipe(Expr::Call(One::ToEntries), self.map(change)?);
                Expr::pipe(entries, Expr::Call(One::FromEntries))
            }
            ("add", [values]) => Expr::pipe(Expr::Array(self.expr(values)?.into()), Expr::Call(One::Add)),
            ("error", [] | [_]) => Expr::Fail,
            ("sub" | "gsub" | "capture" | "match" | "scan" | "split" | "splits", _) => {
                return self.leaves(
                    term,
                    "regular expressions that do more than test are run by the general engine",
                );
            }
            _ => return self.leaves(term, CALL),
        })
    }

    /// `map(change)`
    fn map(&self, change: &Node<'_>) -> Compiled<Expr> {
        Ok(Expr::Array(Expr::pipe(each(), self.expr(change)?).into()))
    }

    fn among(&self, values: &Node<'_>, all: &mut Vec<Expr>) -> Compiled<()> {
        if let Term::BinOp(left, BinaryOp::Comma, right) = values {
            self.among(left, all)?;
            return self.among(right, all);
        }
        all.push(self.single(values)?);
        Ok(())
    }

    fn test(&self, term: &Node<'_>, regex: &Node<'_>, flags: Option<&Node<'_>>) -> Compiled<Expr> {
        const HINT: &str = "this is for the general engine: only constants without flags but `i`, look-around, \
                            references and Unicode classes are tested here";
        let flags = flags.map_or(Some(Literal::new("")), |flags| self.known(flags));
        let pattern = self.known(regex).zip(flags);
        match pattern.and_then(|(regex, flags)| Pattern::new(regex.plain(), flags.plain())) {
            Some(pattern) => Ok(Expr::Test(pattern.into())),
            None => self.leaves(term, HINT),
        }
    }
}

fn named<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

/// `.[]`
fn each() -> Expr {
    Expr::path(Expr::Input, vec![Step { to: Place::Each, optional: false }])
}

/// `select(type == .. or ..)`
fn of_types(names: &[&str]) -> Expr {
    let is = |name: &&str| {
        let name = Expr::Constant(Constant::String(Literal::new(name)));
        Expr::Compare(Expr::Call(One::Type).into(), Compare::Equal, name.into())
    };
    let any = names.iter().map(is).reduce(|left, right| Expr::Or(left.into(), right.into()));
    Expr::select(any.unwrap_or(Expr::Empty))
}
