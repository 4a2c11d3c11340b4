//! Terms: what operators stand between.

use super::{KEYWORDS, Node, Parsed, Parser};
use jaq_core::load::lex::{StrPart, Tok, Token};
use jaq_core::load::parse::Term;
use jaq_core::path::{Opt, Part, Path};

type Member<'s> = (Node<'s>, Option<Node<'s>>);
type Step<'s> = (Part<Node<'s>>, Opt);

impl<'t, 's> Parser<'t, 's> {
    /// A term with the steps behind it.
    pub(super) fn term(&mut self) -> Parsed<Node<'s>> {
        if self.takes("-") {
            return Ok(Term::Neg(self.term()?.into()));
        }
        let (mut term, mut steps) = self.head()?;
        loop {
            let Some(step) = self.step()? else {
                if !steps.is_empty() {
                    term = Term::Path(term.into(), Path(std::mem::take(&mut steps)));
                }
                if !self.optional() {
                    return Ok(term);
                }
                term = Term::TryCatch(term.into(), None);
                continue;
            };
            let opt = self.option();
            steps.push((step, opt));
        }
    }

    /// The `?` of a step. One more is of all that stands in front of it.
    fn option(&mut self) -> Opt {
        if self.takes("?") { Opt::Optional } else { Opt::Essential }
    }

    /// True behind `?`, however many.
    fn optional(&mut self) -> bool {
        let mut found = false;
        while self.takes("?") {
            found = true;
        }
        found
    }

    /// The term itself, and the first step if it begins with one.
    fn head(&mut self) -> Parsed<(Node<'s>, Vec<Step<'s>>)> {
        let alone = |term| Ok((term, Vec::new()));
        let Some(Token(text, kind)) = self.rest.first() else { return Err(self.unexpected("a filter")) };
        match (*text, kind) {
            (".", Tok::Sym) => {
                self.next();
                let Some(name) = self.string()? else { return alone(Term::Id) };
                let opt = self.option();
                Ok((Term::Id, vec![(Part::Index(name), opt)]))
            }
            ("..", Tok::Sym) => {
                self.next();
                alone(Term::Recurse)
            }
            (field, Tok::Sym) if field.starts_with('.') => alone(Term::Id),
            ("if", Tok::Word) => alone(self.condition()?),
            ("try", Tok::Word) => {
                self.next();
                let body = self.term()?;
                let catch = if self.takes("catch") { Some(self.term()?.into()) } else { None };
                alone(Term::TryCatch(body.into(), catch))
            }
            ("reduce" | "foreach", Tok::Word) => {
                self.next();
                let source = self.operators()?;
                self.expects("as")?;
                let pattern = self.patterns()?;
                let args = self.arguments()?;
                alone(Term::Fold(text, source.into(), pattern, args))
            }
            ("break", Tok::Word) => {
                self.next();
                alone(Term::Break(self.variable()?))
            }
            (word, Tok::Word) if !KEYWORDS.contains(&word) => {
                self.next();
                alone(Term::Call(word, self.arguments()?))
            }
            (_, Tok::Var) => {
                self.next();
                alone(Term::Var(text))
            }
            (_, Tok::Num) => {
                self.next();
                alone(Term::Num(text))
            }
            (_, Tok::Fmt) => match self.string()? {
                Some(string) => alone(string),
                None => {
                    self.next();
                    alone(Term::Call(text, Vec::new()))
                }
            },
            (_, Tok::Str(_)) => alone(self.string()?.unwrap_or_default()),
            (block, Tok::Block(inner)) => {
                self.next();
                let inside = self.inside(inner);
                alone(match (&block[..1], &inner[..]) {
                    ("[", [_]) => Term::Arr(None),
                    ("[", _) => Term::Arr(Some(inside.whole("`]`", Self::pipe)?.into())),
                    ("{", _) => Term::Obj(inside.whole("`,` or `}`", Self::members)?),
                    _ => inside.whole("`)`", Self::pipe)?,
                })
            }
            _ => Err(self.unexpected("a filter")),
        }
    }

    /// `.name`, `."name"`, `[..]` or `.[..]`, if one is next.
    fn step(&mut self) -> Parsed<Option<Part<Node<'s>>>> {
        match self.rest {
            [Token(field, Tok::Sym), ..] if field.len() > 1 && field.starts_with('.') && *field != ".." => {
                self.next();
                Ok(Some(Part::Index(text(&field[1..]))))
            }
            [Token(".", Tok::Sym), Token(block, Tok::Block(inner)), ..] if block.starts_with('[') => {
                self.next();
                self.next();
                self.inside(inner).whole("`]`", Self::index).map(Some)
            }
            [Token(".", Tok::Sym), ..] => {
                self.next();
                match self.string()? {
                    Some(name) => Ok(Some(Part::Index(name))),
                    None => Err(self.unexpected("a key")),
                }
            }
            [Token(block, Tok::Block(inner)), ..] if block.starts_with('[') => {
                self.next();
                self.inside(inner).whole("`]`", Self::index).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// What stands between the brackets of a step.
    fn index(&mut self) -> Parsed<Part<Node<'s>>> {
        if self.rest.len() <= 1 {
            return Ok(Part::Range(None, None));
        }
        if self.takes(":") {
            return Ok(Part::Range(None, Some(self.pipe()?)));
        }
        let from = self.pipe()?;
        if !self.takes(":") {
            return Ok(Part::Index(from));
        }
        let to = if self.rest.len() <= 1 { None } else { Some(self.pipe()?) };
        Ok(Part::Range(Some(from), to))
    }

    fn condition(&mut self) -> Parsed<Node<'s>> {
        let mut branches = Vec::new();
        loop {
            // `if` or `elif`
            self.next();
            let condition = self.pipe()?;
            self.expects("then")?;
            branches.push((condition, self.pipe()?));
            if self.takes("else") {
                let otherwise = self.pipe()?;
                self.expects("end")?;
                return Ok(Term::IfThenElse(branches, Some(otherwise.into())));
            }
            if self.takes("end") {
                return Ok(Term::IfThenElse(branches, None));
            }
            if !matches!(self.rest, [Token("elif", Tok::Word), ..]) {
                return Err(self.unexpected("`elif`, `else` or `end`"));
            }
        }
    }

    /// `(f; g)` behind a name, if it is there.
    fn arguments(&mut self) -> Parsed<Vec<Node<'s>>> {
        let [Token(block, Tok::Block(inner)), ..] = self.rest else { return Ok(Vec::new()) };
        if !block.starts_with('(') {
            return Ok(Vec::new());
        }
        self.next();
        self.inside(inner).whole("`;` or `)`", |inside| {
            let mut args = vec![inside.pipe()?];
            while inside.takes(";") {
                args.push(inside.pipe()?);
            }
            Ok(args)
        })
    }

    /// A string, perhaps with a format in front, if one is next.
    pub(super) fn string(&mut self) -> Parsed<Option<Node<'s>>> {
        let (format, parts, behind) = match self.rest {
            [Token(_, Tok::Str(parts)), behind @ ..] => (None, parts, behind),
            [Token(format, Tok::Fmt), Token(_, Tok::Str(parts)), behind @ ..] => {
                (Some(*format), parts, behind)
            }
            _ => return Ok(None),
        };
        self.rest = behind;
        let parts = parts.iter().map(|part| match part {
            StrPart::Str(text) => Ok(StrPart::Str(*text)),
            StrPart::Char(c) => Ok(StrPart::Char(*c)),
            StrPart::Term(Token(_, Tok::Block(inner))) => {
                self.inside(inner).whole("`)`", Self::pipe).map(StrPart::Term)
            }
            StrPart::Term(_) => Ok(StrPart::Str("")),
        });
        Ok(Some(Term::Str(format, parts.collect::<Parsed<_>>()?)))
    }

    fn members(&mut self) -> Parsed<Vec<Member<'s>>> {
        let mut members = Vec::new();
        while self.rest.len() > 1 {
            members.push(self.member()?);
            if !self.takes(",") {
                break;
            }
        }
        Ok(members)
    }

    fn member(&mut self) -> Parsed<Member<'s>> {
        if let Some(key) = self.computed_key()? {
            self.expects(":")?;
            return Ok((key, Some(self.member_value()?)));
        }
        let key = match self.rest.first() {
            Some(Token(name, Tok::Var)) => {
                self.next();
                Term::Var(*name)
            }
            _ => self.key()?,
        };
        let value = if self.takes(":") { Some(self.member_value()?) } else { None };
        Ok((key, value))
    }

    /// `(f)` as a key, if it is next.
    pub(super) fn computed_key(&mut self) -> Parsed<Option<Node<'s>>> {
        let [Token(block, Tok::Block(inner)), ..] = self.rest else { return Ok(None) };
        if !block.starts_with('(') {
            return Ok(None);
        }
        let key = self.inside(inner).whole("`)`", Self::pipe)?;
        if let Some(found) = never_a_string(&key) {
            return Err(self.refusal(block, format!("Cannot use {found} as object key")));
        }
        self.next();
        Ok(Some(key))
    }

    /// A name or a string as a key.
    pub(super) fn key(&mut self) -> Parsed<Node<'s>> {
        match self.rest.first() {
            Some(Token(name, Tok::Word)) if !name.contains("::") => {
                self.next();
                Ok(text(name))
            }
            _ => self.string()?.ok_or_else(|| self.unexpected("a key")),
        }
    }

    pub(super) fn variable(&mut self) -> Parsed<&'s str> {
        match self.rest.first() {
            Some(Token(name, Tok::Var)) => {
                self.next();
                Ok(name)
            }
            _ => Err(self.unexpected("a variable such as `$x`")),
        }
    }
}

/// What a constant is that is no string: a key like that is a mistake that needs no record to show.
fn never_a_string(key: &Node<'_>) -> Option<String> {
    match key {
        Term::Num(digits) => Some(format!("number ({digits})")),
        Term::Arr(None) => Some("array ([])".into()),
        Term::Call("null", args) if args.is_empty() => Some("null (null)".into()),
        Term::Call(name @ ("true" | "false"), args) if args.is_empty() => Some(format!("boolean ({name})")),
        _ => None,
    }
}

fn text(text: &str) -> Term<&str> {
    Term::Str(None, vec![StrPart::Str(text)])
}
