//! The head of a file: `module {..};` and what it imports.

use super::compile::tokens_of;
use super::given::{object, path_of};
use super::parse;
use super::value::string;
use jaq_core::ValT;
use jaq_core::load::lex::{StrPart, Tok, Token};
use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::load::{Arena, span};
use wasmrecords::Failure;
use wasmrecords_json::Value;

/// A program or a module, read as far as its imports.
pub(super) struct File<'s> {
    /// 0 for the program, modules count from 1.
    pub number: usize,
    /// What `$__loc__` calls it.
    pub name: &'s str,
    pub text: &'s str,
    pub tokens: Vec<Token<&'s str>>,
    /// How many of the tokens are in front of the definitions.
    pub head: usize,
    pub meta: Option<Value>,
    pub imports: Vec<Import<'s>>,
}

/// `import "path" as name {..};` or `include "path" {..};`
pub(super) struct Import<'s> {
    /// The token of the path: where errors point to.
    pub at: &'s str,
    pub path: String,
    pub name: Name<'s>,
    pub meta: Option<Value>,
    /// The number of the file that is meant.
    pub file: usize,
}

/// What an import is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Name<'s> {
    /// Nothing: its definitions are as if they stood here.
    Included,
    /// `name::`
    Module(&'s str),
    /// `$name`
    Data(&'s str),
}

impl<'s> File<'s> {
    pub fn body(&self) -> &[Token<&'s str>] {
        &self.tokens[self.head..]
    }

    /// A refusal at a part of the text, or at its start.
    pub fn refusal(&self, at: &str, message: impl Into<String>) -> Failure {
        let inside = self.text.as_bytes().as_ptr_range().contains(&at.as_ptr()) || at.is_empty();
        self.within(Failure {
            offset: if inside { span(self.text, at).start } else { 0 },
            ..Failure::new("program", message)
        })
    }

    /// The same failure, in this file.
    pub fn within(&self, failure: Failure) -> Failure {
        Failure { path: path_of(self.number), ..failure }
    }

    pub fn read(number: usize, name: &'s str, program: &str, arena: &'s Arena) -> Result<Self, Failure> {
        let (text, tokens) =
            tokens_of(program, arena).map_err(|failure| Failure { path: path_of(number), ..failure })?;
        let mut file = File { number, name, text, tokens, head: 0, meta: None, imports: Vec::new() };
        file.read_head()?;
        if file.imports.iter().any(|import| matches!(import.name, Name::Data(_))) {
            join_names(&mut file.tokens, text);
        }
        Ok(file)
    }

    fn read_head(&mut self) -> Result<(), Failure> {
        let mut directives = Directives { file: self, at: 0 };
        let meta = if directives.takes("module") { Some(directives.meta()?) } else { None };
        let mut imports = Vec::new();
        while let Some(import) = directives.import()? {
            imports.push(import);
        }
        let head = directives.at;
        (self.head, self.meta, self.imports) = (head, meta, imports);
        Ok(())
    }
}

/// The tokens at the beginning of a file.
struct Directives<'f, 's> {
    file: &'f File<'s>,
    at: usize,
}

impl<'s> Directives<'_, 's> {
    fn import(&mut self) -> Result<Option<Import<'s>>, Failure> {
        let includes = self.takes("include");
        if !includes && !self.takes("import") {
            return Ok(None);
        }
        let (at, path) = match self.file.tokens.get(self.at) {
            Some(Token(at, Tok::Str(parts))) => match constant_text(parts) {
                Some(path) => (*at, path),
                None => {
                    return Err(self.file.refusal(at, "expected a constant path, found an interpolation"));
                }
            },
            _ => return Err(self.expected("the path of a module, a string")),
        };
        self.at += 1;
        let name = if includes { Name::Included } else { self.name()? };
        let meta = if self.takes(";") { None } else { Some(self.meta()?) };
        Ok(Some(Import { at, path, name, meta, file: 0 }))
    }

    fn name(&mut self) -> Result<Name<'s>, Failure> {
        if !self.takes("as") {
            return Err(self.expected("`as`"));
        }
        let name = match self.file.tokens.get(self.at) {
            Some(Token(name, Tok::Word)) if !name.contains("::") => Name::Module(name),
            Some(Token(name, Tok::Var)) => Name::Data(name),
            _ => return Err(self.expected("a name such as `a` or `$a`")),
        };
        self.at += 1;
        Ok(name)
    }

    /// A constant object and the `;` behind it.
    fn meta(&mut self) -> Result<Value, Failure> {
        let file = self.file;
        let rest = &file.tokens[self.at..];
        let length = rest.iter().position(|token| token.0 == ";").unwrap_or(rest.len());
        let term = parse::program(&rest[..length], file.text).map_err(|failure| file.within(failure))?;
        let at = rest.first().map_or(&file.text[file.text.len()..], |token| token.0);
        self.at += length;
        if !self.takes(";") {
            return Err(self.expected("`;`"));
        }
        match constant(&term) {
            Some(meta @ Value::Object(_)) => Ok(meta),
            Some(_) => Err(file.refusal(at, "expected an object as metadata")),
            None => Err(file.refusal(at, "expected constant metadata: an object without filters")),
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        let takes = self.file.tokens.get(self.at).is_some_and(|token| token.0 == word);
        self.at += usize::from(takes);
        takes
    }

    fn expected(&self, what: &str) -> Failure {
        match self.file.tokens.get(self.at) {
            Some(Token(found, Tok::Str(_))) => {
                self.file.refusal(found, format!("expected {what}, found a string"))
            }
            Some(Token(found, _)) => self.file.refusal(found, format!("expected {what}, found `{found}`")),
            None => {
                let end = &self.file.text[self.file.text.len()..];
                self.file.refusal(end, format!("expected {what}, found the end of the program"))
            }
        }
    }
}

/// The value of a term that needs no input and no filter.
fn constant(term: &Term<&str>) -> Option<Value> {
    Some(match term {
        Term::Num(digits) => Value::from_num(digits).ok()?,
        Term::Str(None, parts) => string(&constant_text(parts)?),
        Term::Call("null", args) if args.is_empty() => Value::Null,
        Term::Call("true", args) if args.is_empty() => Value::Bool(true),
        Term::Call("false", args) if args.is_empty() => Value::Bool(false),
        Term::Arr(None) => [].into_iter().collect(),
        Term::Arr(Some(items)) => commas(items).into_iter().map(constant).collect::<Option<_>>()?,
        Term::Obj(members) => {
            let member = |(key, value): &(Term<&str>, Option<Term<&str>>)| match key {
                Term::Str(None, parts) => Some((constant_text(parts)?, constant(value.as_ref()?)?)),
                _ => None,
            };
            let members = members.iter().map(member).collect::<Option<Vec<_>>>()?;
            object(members.iter().map(|(name, value)| (name.as_str(), value.clone())))
        }
        _ => return None,
    })
}

/// The terms with commas between.
fn commas<'t, 's>(mut term: &'t Term<&'s str>) -> Vec<&'t Term<&'s str>> {
    let mut terms = Vec::new();
    while let Term::BinOp(left, BinaryOp::Comma, right) = term {
        terms.push(&**right);
        term = left;
    }
    terms.push(term);
    terms.reverse();
    terms
}

/// The text of a string without interpolations.
fn constant_text<T>(parts: &[StrPart<&str, T>]) -> Option<String> {
    let mut text = String::new();
    for part in parts {
        match part {
            StrPart::Str(part) => text.push_str(part),
            StrPart::Char(c) => text.push(*c),
            StrPart::Term(_) => return None,
        }
    }
    Some(text)
}

/// `$a::a` is one name: the lexer takes it for four tokens.
fn join_names<'s>(tokens: &mut Vec<Token<&'s str>>, text: &'s str) {
    let mut joined: Vec<Token<&'s str>> = Vec::with_capacity(tokens.len());
    for mut token in tokens.drain(..) {
        if let Tok::Block(inner) = &mut token.1 {
            join_names(inner, text);
        }
        if let Tok::Str(parts) = &mut token.1 {
            for part in parts {
                if let StrPart::Term(Token(_, Tok::Block(inner))) = part {
                    join_names(inner, text);
                }
            }
        }
        let joins = match (&joined[..], &token) {
            ([.., Token(name, Tok::Var), Token(":", _), Token(":", _)], Token(again, Tok::Word)) => {
                span(text, name).end + 2 == span(text, again).start
            }
            _ => false,
        };
        if joins {
            joined.truncate(joined.len() - 2);
            let end = span(text, token.0).end;
            if let Some(Token(name, _)) = joined.last_mut() {
                *name = &text[span(text, name).start..end];
            }
        } else {
            joined.push(token);
        }
    }
    *tokens = joined;
}
