//! Patterns and definitions: what gives names to things.

use super::{KEYWORDS, Node, Parsed, Parser};
use jaq_core::load::lex::{StrPart, Tok, Token};
use jaq_core::load::parse::{Def, Pattern, Term};

/// The format of the keys of an object of patterns that stand for each other. No program can write it.
const ALTERNATIVE: &str = "?//";

/// The patterns of `$a ?// [$b]`, if it is one of these: the tree has no room of its own for them.
pub(in crate::jq) fn alternatives<'p, 's>(
    pattern: &'p mut Pattern<&'s str>,
) -> Option<&'p mut Vec<(Node<'s>, Pattern<&'s str>)>> {
    match pattern {
        Pattern::Obj(members) if matches!(members[..], [(Term::Str(Some(ALTERNATIVE), _), _), ..]) => {
            Some(members)
        }
        _ => None,
    }
}

impl<'t, 's> Parser<'t, 's> {
    /// A pattern, or several with `?//` between them.
    pub(super) fn patterns(&mut self) -> Parsed<Pattern<&'s str>> {
        let first = self.pattern()?;
        let mut all = vec![first];
        while let [Token("?", Tok::Sym), Token("//", Tok::Sym), behind @ ..] = self.rest {
            self.rest = behind;
            all.push(self.pattern()?);
        }
        Ok(match all.len() {
            1 => all.swap_remove(0),
            _ => {
                let key = || Term::Str(Some(ALTERNATIVE), Vec::new());
                Pattern::Obj(all.into_iter().map(|pattern| (key(), pattern)).collect())
            }
        })
    }

    fn pattern(&mut self) -> Parsed<Pattern<&'s str>> {
        match self.rest.first() {
            Some(Token(name, Tok::Var)) => {
                self.next();
                Ok(Pattern::Var(name))
            }
            Some(Token(block, Tok::Block(inner))) if block.starts_with('[') => {
                self.next();
                self.inside(inner).whole("`,` or `]`", |inside| {
                    let mut items = vec![inside.pattern()?];
                    while inside.takes(",") {
                        items.push(inside.pattern()?);
                    }
                    Ok(Pattern::Arr(items))
                })
            }
            Some(Token(block, Tok::Block(inner))) if block.starts_with('{') => {
                self.next();
                self.inside(inner).whole("`,` or `}`", |inside| {
                    let mut members = Vec::new();
                    inside.pattern_member(&mut members)?;
                    while inside.takes(",") {
                        inside.pattern_member(&mut members)?;
                    }
                    Ok(Pattern::Obj(members))
                })
            }
            _ => Err(self.unexpected("a pattern such as `$x`, `[$x, $y]` or `{a: $x}`")),
        }
    }

    fn pattern_member(&mut self, members: &mut Vec<(Node<'s>, Pattern<&'s str>)>) -> Parsed<()> {
        if let Some(Token(name, Tok::Var)) = self.rest.first() {
            self.next();
            let key = || Term::Str(None, vec![StrPart::Str(&name[1..])]);
            members.push((key(), Pattern::Var(name)));
            // `{$a: [$b]}` binds the value, and takes it apart.
            if self.takes(":") {
                members.push((key(), self.pattern()?));
            }
            return Ok(());
        }
        let key = match self.computed_key()? {
            Some(key) => key,
            None => self.key()?,
        };
        self.expects(":")?;
        members.push((key, self.pattern()?));
        Ok(())
    }

    /// All definitions that follow each other.
    pub(super) fn definitions(&mut self) -> Parsed<Vec<Def<&'s str>>> {
        let mut definitions = Vec::new();
        while self.takes("def") {
            definitions.push(self.definition()?);
        }
        Ok(definitions)
    }

    fn definition(&mut self) -> Parsed<Def<&'s str>> {
        let name = match self.rest.first() {
            Some(Token(name, Tok::Word)) if !name.contains("::") && !KEYWORDS.contains(name) => *name,
            _ => return Err(self.unexpected("a name")),
        };
        self.next();
        let mut args = Vec::new();
        if let [Token(block, Tok::Block(inner)), ..] = self.rest
            && block.starts_with('(')
        {
            self.next();
            args = self.inside(inner).whole("`;` or `)`", |inside| {
                let mut args = vec![inside.parameter()?];
                while inside.takes(";") {
                    args.push(inside.parameter()?);
                }
                Ok(args)
            })?;
        }
        self.expects(":")?;
        let body = self.pipe()?;
        self.expects(";")?;
        Ok(Def { name, args, body })
    }

    fn parameter(&mut self) -> Parsed<&'s str> {
        match self.rest.first() {
            Some(Token(name, Tok::Word)) if !name.contains("::") && !KEYWORDS.contains(name) => {
                self.next();
                Ok(name)
            }
            Some(Token(name, Tok::Var)) => {
                self.next();
                Ok(name)
            }
            _ => Err(self.unexpected("a parameter such as `f` or `$x`")),
        }
    }
}
