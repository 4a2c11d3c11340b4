//! What is legal in jq and rarely meant.

use super::kinds::{Kinds, kinds};
use super::shown::{names, plain, text};
use super::walk::each;
use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::ops::Cmp;
use wasmrecords_json::Value;

type Node<'s> = Term<&'s str>;

/// One line for each thing that is rarely meant. A comparison that the schema makes certain is none.
pub(super) fn of(program: &Node<'_>, schema: Option<&Value>) -> Vec<String> {
    let mut asks = Asks::default();
    each(program, true, &mut |term, _| asks.look(term));
    let mut found = Vec::new();
    each(program, true, &mut |term, at_record| {
        let doubt = doubt(term, &asks, schema.filter(|_| at_record));
        if let Some(doubt) = doubt.filter(|doubt| !found.contains(doubt)) {
            found.push(doubt);
        }
    });
    found
}

/// What a program asks of its values: then it has thought of values that are something else, or not there.
#[derive(Default)]
struct Asks {
    types: bool,
    null: bool,
}

impl Asks {
    fn look(&mut self, term: &Node<'_>) {
        match term {
            Term::Call("type" | "numbers" | "strings" | "scalars" | "tonumber" | "isvalid", _) => {
                self.types = true;
            }
            Term::Call("has" | "values" | "null", _) => self.null = true,
            _ => {}
        }
    }
}

fn doubt(term: &Node<'_>, asks: &Asks, schema: Option<&Value>) -> Option<String> {
    match term {
        Term::BinOp(left, BinaryOp::Cmp(cmp), right) => {
            // The path to the left.
            let (path, cmp, bound) = match (names(left), names(right)) {
                (Some(path), None) => (path, *cmp, right),
                (None, Some(path)) => (path, mirrored(*cmp), left),
                _ => return None,
            };
            if path.is_empty() {
                return None;
            }
            let shown = || Some(format!("`{} {} {}`", plain(left)?, sign(term)?, plain(right)?));
            let path_shown = || if names(left).is_some() { plain(left) } else { plain(right) };
            comparison(cmp, bound, asks, kinds(schema, &path))
                .and_then(|why| Some(format!("{} is also true where {} is {why}", shown()?, path_shown()?)))
        }
        Term::BinOp(left, BinaryOp::Alt, right) => match (&**left, &**right) {
            (Term::BinOp(path, BinaryOp::Assign, value), _) => {
                let (path, value, other) = (plain(path)?, plain(value)?, plain(right)?);
                Some(format!(
                    "`{path} = {value} // {other}` assigns {value}, as `=` binds closer than `//`: \
                     write `{path} = ({value} // {other})`"
                ))
            }
            (path, Term::Call("true", _)) => {
                let path = plain(path)?;
                Some(format!("`{path} // true` is also true where {path} is false"))
            }
            _ => None,
        },
        Term::Call("select", args) => match &args[..] {
            [condition] => assigned(condition),
            _ => None,
        },
        Term::IfThenElse(branches, _) => branches.iter().find_map(|(condition, _)| assigned(condition)),
        _ => None,
    }
}

/// Where a comparison with a constant holds although that is rarely meant.
fn comparison(cmp: Cmp, bound: &Node<'_>, asks: &Asks, known: Kinds) -> Option<&'static str> {
    let number =
        matches!(bound, Term::Num(_)) || matches!(bound, Term::Neg(inner) if matches!(**inner, Term::Num(_)));
    let string = text(bound).is_some();
    if asks.types {
        return None;
    }
    match cmp {
        Cmp::Lt | Cmp::Le if number && !asks.null && known.may_be(Kinds::LOW) => {
            Some("null, missing or a boolean")
        }
        Cmp::Lt | Cmp::Le if string && !asks.null && known.may_be(Kinds::LOW | Kinds::NUMBER) => {
            Some("missing, null or a number")
        }
        Cmp::Gt | Cmp::Ge if number && known.may_be(Kinds::STRING | Kinds::DEEP) => {
            Some("a string, an array or an object")
        }
        _ => None,
    }
}

/// A condition that is an assignment.
fn assigned(condition: &Node<'_>) -> Option<String> {
    match condition {
        // It binds less than `and` and `or`, so that there may be more than a path to its left.
        Term::BinOp(path, BinaryOp::Assign, value) => Some(match plain(path) {
            Some(path) => {
                format!("`{path} = {}` assigns and is true as a condition: `==` compares", plain(value)?)
            }
            None => format!("`= {}` assigns, and stands in a condition: `==` compares", plain(value)?),
        }),
        _ => None,
    }
}

fn mirrored(cmp: Cmp) -> Cmp {
    match cmp {
        Cmp::Lt => Cmp::Gt,
        Cmp::Le => Cmp::Ge,
        Cmp::Gt => Cmp::Lt,
        Cmp::Ge => Cmp::Le,
        other => other,
    }
}

fn sign(term: &Node<'_>) -> Option<&'static str> {
    match term {
        Term::BinOp(_, BinaryOp::Cmp(cmp), _) => Some(match cmp {
            Cmp::Lt => "<",
            Cmp::Le => "<=",
            Cmp::Gt => ">",
            Cmp::Ge => ">=",
            Cmp::Eq => "==",
            Cmp::Ne => "!=",
        }),
        _ => None,
    }
}
