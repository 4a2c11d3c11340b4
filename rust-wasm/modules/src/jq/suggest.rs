//! What to say about a name that is not defined.

use super::builtins::signatures;
use crate::nearest::nearest;
use jaq_core::compile::Undefined;
use jaq_core::load::lex::{StrPart, Tok, Token};

/// Names that jq has and a sandbox has not, each with the reason.
const REFUSED: [(&str, &str); 15] = [
    ("now", "it needs a clock, and programs run without one"),
    ("input", ALONE),
    ("inputs", ALONE),
    ("input_filename", ALONE),
    ("input_line_number", ALONE),
    ("halt", "a record cannot end the run: `empty` drops it, `error` and `halt_error` fail it"),
    ("modulemeta", NO_FILES),
    ("get_search_list", NO_FILES),
    ("import", NO_FILES),
    ("include", NO_FILES),
    ("module", NO_FILES),
    ("$__prog_args", NO_ARGUMENTS),
    ("$ARGS", NO_ARGUMENTS),
    ("$named", NO_ARGUMENTS),
    ("builtins", "a program cannot list the filters"),
];

const ALONE: &str = "each record is transformed alone";
const NO_FILES: &str = "there are no files to load modules from";
const NO_ARGUMENTS: &str = "a program gets no arguments";

/// Why a name is refused, if it is one that jq has.
pub(super) fn refused(name: &str) -> Option<String> {
    let (_, why) = REFUSED.iter().find(|(refused, _)| *refused == name)?;
    Some(format!("`{name}` is not available: {why}"))
}

/// The message for a name that the compiler did not find.
pub(super) fn undefined(name: &str, kind: &Undefined, tokens: &[Token<&str>]) -> String {
    if let Some(message) = refused(name) {
        return message;
    }
    let mut own = Own::default();
    own.collect(tokens);
    let known: Vec<_> = match kind {
        Undefined::Mod => return format!("module `{name}` is not available: {NO_FILES}"),
        Undefined::Filter(given) => {
            // The program's own first: of two that are as near, these are meant.
            let mut known = own.filters;
            let builtins = signatures().chain([("reduce", 2), ("foreach", 2), ("foreach", 3)]);
            for (name, count) in builtins {
                if !name.starts_with(['_', '!']) {
                    known.push((name, count));
                }
            }
            let mut arities: Vec<_> =
                known.iter().filter(|(known, _)| *known == name).map(|(_, n)| *n).collect();
            if !arities.is_empty() {
                arities.sort_unstable();
                arities.dedup();
                return wrong_count(name, &arities, *given);
            }
            known.into_iter().map(|(name, _)| name).collect()
        }
        Undefined::Var => own.variables.iter().copied().chain(["$ENV", "$__loc__"]).collect(),
        _ => own.labels,
    };
    let what = match kind {
        Undefined::Filter(_) | Undefined::Var => format!("`{name}`"),
        _ => format!("label `{name}`"),
    };
    match nearest(name, known.into_iter()) {
        Some(near) => format!("{what} is not defined; did you mean `{near}`?"),
        None => format!("{what} is not defined"),
    }
}

fn wrong_count(name: &str, arities: &[usize], given: usize) -> String {
    let counts: Vec<_> = arities.iter().map(usize::to_string).collect();
    let plural = if *arities == [1] { "" } else { "s" };
    format!("`{name}` takes {} argument{plural}, {given} given", counts.join(" or "))
}

/// What a program itself defines, wherever it does.
#[derive(Default)]
struct Own<'s> {
    filters: Vec<(&'s str, usize)>,
    variables: Vec<&'s str>,
    labels: Vec<&'s str>,
}

impl<'s> Own<'s> {
    fn collect(&mut self, tokens: &[Token<&'s str>]) {
        for (at, Token(text, kind)) in tokens.iter().enumerate() {
            match kind {
                Tok::Word if *text == "def" => self.definition(&tokens[at + 1..]),
                Tok::Var if at > 0 && tokens[at - 1].0 == "label" => self.labels.push(text),
                // A mention is as good as a definition: the name at fault itself is left out below.
                Tok::Var => self.variables.push(text),
                Tok::Block(inner) => self.collect(inner),
                Tok::Str(parts) => {
                    for part in parts {
                        if let StrPart::Term(Token(_, Tok::Block(inner))) = part {
                            self.collect(inner);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn definition(&mut self, behind: &[Token<&'s str>]) {
        let Some(Token(name, _)) = behind.first() else { return };
        let mut count = 0;
        if let Some(Token(_, Tok::Block(args))) = behind.get(1) {
            let words = args.iter().filter(|Token(_, kind)| matches!(kind, Tok::Word | Tok::Var));
            for Token(arg, _) in words {
                count += 1;
                self.filters.push((arg.trim_start_matches('$'), 0));
            }
        }
        self.filters.push((name, count));
    }
}
