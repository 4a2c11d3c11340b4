//! What binds variables: patterns, folds, parameters, and interpolations, which are computed from behind.

use super::super::parse::alternatives;
use super::{Node, Rewrite, is_constant};
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::path::{Opt, Part, Path};

impl<'s> Rewrite<'s> {
    /// A parameter `$x` is a filter `x` as well.
    pub fn definition(&mut self, definition: &mut Def<&'s str>) {
        let outer = std::mem::take(&mut self.called);
        self.term(&mut definition.body);
        let inner = std::mem::replace(&mut self.called, outer);
        for &arg in &definition.args {
            if let Some(name) = arg.strip_prefix('$').filter(|name| inner.contains(name)) {
                let alias = Def { name, args: Vec::new(), body: Term::Var(arg) };
                definition.body = Term::Def(vec![alias], std::mem::take(&mut definition.body).into());
            }
        }
        self.called.extend(inner);
    }

    /// `value as [$x] | body` takes items of what is an array, or `null`.
    pub(super) fn destructuring(&mut self, term: &mut Node<'s>) {
        let Term::BinOp(_, BinaryOp::Pipe(Some(pattern)), _) = term else { return };
        if !has_array(pattern) && alternatives(pattern).is_none() {
            return;
        }
        let Term::BinOp(value, BinaryOp::Pipe(Some(pattern)), body) = std::mem::take(term) else { return };
        *term = self.taken_apart(pattern, *value, *body);
    }

    /// `reduce` goes on with the last of several outputs, and with `null` if there is none.
    pub(super) fn fold(&mut self, term: &mut Node<'s>) {
        let Term::Fold(name, _, pattern, args) = term else { return };
        if has_array(pattern) || alternatives(pattern).is_some() {
            let pattern = std::mem::replace(pattern, Pattern::Var("$!row"));
            for arg in args.iter_mut().skip(1) {
                *arg = self.taken_apart(pattern.clone(), Term::Var("$!row"), std::mem::take(arg));
            }
        }
        if let ("reduce", [_, update]) = (*name, &mut args[..]) {
            *update = Term::Call("!latest", vec![std::mem::take(update)]);
        }
    }

    fn taken_apart(&mut self, mut pattern: Pattern<&'s str>, value: Node<'s>, body: Node<'s>) -> Node<'s> {
        match alternatives(&mut pattern).map(std::mem::take) {
            Some(patterns) => self.either(patterns.into_iter().map(|(_, pattern)| pattern), value, body),
            None => self.bind(pattern, value, body, 0),
        }
    }

    /// Each pattern with the body, up to the first that raises no error. All variables are there in all of
    /// them, `null` where the pattern has them not. The body is a definition, as it stands there once only.
    fn either(
        &mut self,
        patterns: impl DoubleEndedIterator<Item = Pattern<&'s str>>,
        value: Node<'s>,
        body: Node<'s>,
    ) -> Node<'s> {
        let patterns: Vec<_> = patterns.map(|pattern| (variables(&pattern), pattern)).collect();
        let mut all: Vec<&'s str> = Vec::new();
        for name in patterns.iter().flat_map(|(names, _)| names) {
            if !all.contains(name) {
                all.push(name);
            }
        }
        self.called.insert("null");
        let mut tried: Option<Node<'s>> = None;
        for (names, pattern) in patterns.into_iter().rev() {
            let args = all.iter().map(|name| match names.contains(name) {
                true => Term::Var(*name),
                false => Term::Call("null", Vec::new()),
            });
            let call = Term::Call("!body", args.collect());
            let bound = self.bind(pattern, Term::Var("$!either"), call, 0);
            tried = Some(match tried {
                Some(otherwise) => Term::Call("!either", vec![bound, otherwise]),
                None => bound,
            });
        }
        let body = Def { name: "!body", args: all, body };
        bound(value, "$!either", Term::Def(vec![body], tried.unwrap_or_default().into()))
    }

    fn bind(&self, pattern: Pattern<&'s str>, value: Node<'s>, body: Node<'s>, depth: usize) -> Node<'s> {
        let whole = self.arena.alloc(format!("$!whole{depth}")).as_str();
        let as_whole = |body: Node<'s>| bound(value.clone(), whole, body);
        match pattern {
            Pattern::Var(name) => bound(value, name, body),
            Pattern::Arr(items) => {
                as_whole(items.into_iter().enumerate().rev().fold(body, |body, (at, item)| {
                    let at = Term::Num(self.arena.alloc(at.to_string()).as_str());
                    let path = Path(vec![(Part::Index(at), Opt::Essential)]);
                    let item_value = Term::Path(Term::Var(whole).into(), path);
                    self.bind(item, item_value, body, depth + 1)
                }))
            }
            Pattern::Obj(members) => as_whole(members.into_iter().rev().fold(body, |body, (key, member)| {
                let path = Path(vec![(Part::Index(key), Opt::Essential)]);
                self.bind(member, Term::Path(Term::Var(whole).into(), path), body, depth + 1)
            })),
        }
    }

    /// Of several interpolations the last is the outer loop.
    pub(super) fn interpolations(&mut self, term: &mut Node<'s>) {
        let Term::Str(_, parts) = term else { return };
        let mut values = Vec::new();
        let several = |part: &StrPart<_, Node<'s>>| matches!(part, StrPart::Term(term) if !is_plain(term));
        if parts.iter().filter(|part| several(part)).count() < 2 {
            return;
        }
        for part in parts {
            if let StrPart::Term(inner) = part
                && !is_plain(inner)
            {
                let name = self.arena.alloc(format!("$!part{}", values.len())).as_str();
                values.push((name, std::mem::replace(inner, Term::Var(name))));
            }
        }
        let text = std::mem::take(term);
        *term = values.into_iter().fold(text, |text, (name, value)| bound(value, name, text));
    }
}

fn bound<'s>(value: Node<'s>, name: &'s str, body: Node<'s>) -> Node<'s> {
    Term::BinOp(value.into(), BinaryOp::Pipe(Some(Pattern::Var(name))), body.into())
}

fn has_array(pattern: &Pattern<&str>) -> bool {
    match pattern {
        Pattern::Var(_) => false,
        Pattern::Arr(_) => true,
        Pattern::Obj(members) => members.iter().any(|(_, pattern)| has_array(pattern)),
    }
}

fn variables<'s>(pattern: &Pattern<&'s str>) -> Vec<&'s str> {
    match pattern {
        Pattern::Var(name) => vec![name],
        Pattern::Arr(items) => items.iter().flat_map(variables).collect(),
        Pattern::Obj(members) => members.iter().flat_map(|(_, pattern)| variables(pattern)).collect(),
    }
}

/// True if a term is known to have one value and no error.
pub(super) fn is_plain(term: &Node<'_>) -> bool {
    matches!(term, Term::Id) || is_constant(term)
}
