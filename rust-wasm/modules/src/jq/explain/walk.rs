//! All parts of a program, from the outside in.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::path::Part;

/// Gives a part of a program and all parts of it to `look`, and whether the input of each is the record.
pub(super) fn each(term: &Term<&str>, at_record: bool, look: &mut dyn FnMut(&Term<&str>, bool)) {
    look(term, at_record);
    match term {
        Term::Id | Term::Recurse | Term::Break(_) | Term::Arr(None) | Term::Num(_) | Term::Var(_) => {}
        Term::Str(_, parts) => {
            for part in parts {
                if let StrPart::Term(inner) = part {
                    each(inner, at_record, look);
                }
            }
        }
        Term::Arr(Some(inner)) | Term::Neg(inner) | Term::Label(_, inner) => each(inner, at_record, look),
        Term::Obj(members) => {
            for (key, value) in members {
                each(key, at_record, look);
                value.iter().for_each(|value| each(value, at_record, look));
            }
        }
        Term::BinOp(left, op, right) => {
            let passes = match op {
                BinaryOp::Pipe(None) => matches!(&**left, Term::Id | Term::Call("select", _)),
                BinaryOp::Update | BinaryOp::UpdateMath(_) => false,
                _ => true,
            };
            each(left, at_record, look);
            each(right, at_record && passes, look);
        }
        Term::Fold(_, from, _, args) => {
            each(from, at_record, look);
            args.iter().for_each(|arg| each(arg, false, look));
        }
        Term::TryCatch(body, catch) => {
            each(body, at_record, look);
            catch.iter().for_each(|catch| each(catch, false, look));
        }
        Term::IfThenElse(branches, otherwise) => {
            for (condition, then) in branches {
                each(condition, at_record, look);
                each(then, at_record, look);
            }
            otherwise.iter().for_each(|otherwise| each(otherwise, at_record, look));
        }
        Term::Def(definitions, rest) => {
            definitions.iter().for_each(|definition| each(&definition.body, false, look));
            each(rest, at_record, look);
        }
        Term::Call(name, args) => {
            let passes = *name == "select";
            args.iter().for_each(|arg| each(arg, at_record && passes, look));
        }
        Term::Path(from, path) => {
            each(from, at_record, look);
            for (part, _) in &path.0 {
                match part {
                    Part::Index(index) => each(index, at_record, look),
                    Part::Range(from, to) => {
                        from.iter().chain(to).for_each(|bound| each(bound, at_record, look));
                    }
                }
            }
        }
    }
}
