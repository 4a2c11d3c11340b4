//! What to say about a name that is not defined.

use super::builtins::signatures;
use jaq_core::compile::Undefined;
use jaq_core::load::lex::{StrPart, Tok, Token};
use wasmrecords_json::nearest;

/// Names that jq has and a sandbox has not, each with the reason and the way out.
const REFUSED: [(&str, &str); 7] = [
    (
        "now",
        "it needs a clock: `--allow clock` grants one that counts records, `--allow clock=real` the machine's",
    ),
    ("input", ALONE),
    ("inputs", ALONE),
    ("input_line_number", "lines are counted outside: a failed record's is in its dead letter"),
    ("halt", "a record cannot end the run: `empty` drops it, `error` and `halt_error` fail it"),
    ("get_jq_origin", "a program has no place"),
    ("get_prog_origin", "a program has no place"),
];

const ALONE: &str = "each record is transformed alone, and `.` is that record";

/// Why a name is refused, if it is one that jq has.
fn refused(name: &str) -> Option<String> {
    let (_, why) = REFUSED.iter().find(|(refused, _)| *refused == name)?;
    Some(format!("`{name}` is not available: {why}"))
}

/// The message for a name that the compiler did not find.
pub(super) fn undefined(name: &str, kind: &Undefined, own: &Known<'_>) -> String {
    if let Some(message) = refused(name) {
        return message;
    }
    let known: Vec<_> = match kind {
        Undefined::Filter(given) => {
            // The program's own first: of two that are as near, these are meant.
            let mut known = own.filters.clone();
            let builtins = signatures().chain([("reduce", 2), ("foreach", 2), ("foreach", 3)]);
            for (name, count) in builtins {
                if !name.starts_with(['_', '!']) {
                    known.push((name, count));
                }
            }
            let mut arities: Vec<_> =
                known.iter().filter(|(known, _)| *known == name).map(|(_, n)| *n).collect();
            if arities.contains(given) {
                return format!("`{name}` is defined behind this place: a definition sees those before it");
            }
            if !arities.is_empty() {
                arities.sort_unstable();
                arities.dedup();
                return wrong_count(name, &arities, *given);
            }
            known.into_iter().map(|(name, _)| name).collect()
        }
        Undefined::Var => own.variables.iter().copied().chain(["$__loc__"]).collect(),
        _ => own.labels.clone(),
    };
    let what = match kind {
        Undefined::Filter(_) | Undefined::Var => format!("`{name}`"),
        _ => format!("label `{name}`"),
    };
    match nearest(name, known.into_iter()) {
        Some(near) => format!("{what} is not defined; did you mean `{near}`?"),
        None if matches!(kind, Undefined::Var) => {
            let name = name.trim_start_matches('$');
            format!("{what} is not defined: `--arg {name} VALUE`, or `args` in Python, gives it from outside")
        }
        None => format!("{what} is not defined"),
    }
}

fn wrong_count(name: &str, arities: &[usize], given: usize) -> String {
    let counts: Vec<_> = arities.iter().map(usize::to_string).collect();
    let plural = if *arities == [1] { "" } else { "s" };
    format!("`{name}` takes {} argument{plural}, {given} given", counts.join(" or "))
}

/// What a file itself defines, wherever it does, and what it was given.
#[derive(Default)]
pub(super) struct Known<'s> {
    pub filters: Vec<(&'s str, usize)>,
    pub variables: Vec<&'s str>,
    labels: Vec<&'s str>,
}

impl<'s> Known<'s> {
    /// Adds what these tokens define.
    pub fn collect(&mut self, tokens: &[Token<&'s str>]) {
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
