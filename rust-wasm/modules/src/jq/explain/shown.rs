//! Parts of a program as text.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::Term;
use jaq_core::path::{Part, Path};

/// The names of a path from the input, if it has only names; each is one step.
pub(super) fn names<'t>(term: &'t Term<&str>) -> Option<Vec<&'t str>> {
    match term {
        Term::Id => Some(Vec::new()),
        Term::Path(from, Path(steps)) if matches!(**from, Term::Id) => steps
            .iter()
            .map(|(part, _)| if let Part::Index(name) = part { text(name) } else { None })
            .collect(),
        _ => None,
    }
}

/// A path or a constant as it is written; none for all else.
pub(super) fn plain(term: &Term<&str>) -> Option<String> {
    match term {
        Term::Num(digits) => Some((*digits).into()),
        Term::Neg(inner) => Some(format!("-{}", plain(inner)?)),
        Term::Call(word, args) if args.is_empty() => Some((*word).into()),
        Term::Str(..) => Some(format!("{:?}", text(term)?)),
        _ => {
            let mut path = String::new();
            for name in names(term)? {
                let is_word = name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
                    && !name.starts_with(|first: char| first.is_ascii_digit())
                    && !name.is_empty();
                path += &if is_word { format!(".{name}") } else { format!("[{name:?}]") };
            }
            if !path.starts_with('.') {
                path.insert(0, '.');
            }
            Some(path)
        }
    }
}

/// A string without escapes and interpolations.
pub(super) fn text<'t>(term: &'t Term<&str>) -> Option<&'t str> {
    match term {
        Term::Str(None, parts) => match parts[..] {
            [] => Some(""),
            [StrPart::Str(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}
