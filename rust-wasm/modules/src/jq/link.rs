//! Which definition a name means, across files.
//!
//! jaq compiles one list of definitions and a program. So the definitions of a module are given names that
//! no program can say, `!1!f` for `f` of file 1, and all that call them are changed to match.

use super::head::{File, Import, Name};
use jaq_core::load::Arena;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::path::Part;
use std::collections::BTreeMap;
use wasmrecords_json::nearest;

/// The names that files define, with the number of arguments, by the number of the file.
pub(super) type Definitions<'s> = BTreeMap<usize, Vec<(&'s str, usize)>>;

type Node<'s> = Term<&'s str>;

/// The names of one file.
pub(super) struct Linker<'f, 's> {
    arena: &'s Arena,
    imports: &'f [Import<'s>],
    defined: &'f Definitions<'s>,
    number: usize,
    /// The file's own definitions so far, if it is a module.
    pub own: Vec<(&'s str, usize)>,
    filters: Vec<(&'s str, usize)>,
    variables: Vec<&'s str>,
    /// Names that no import leads to: where, and what to say.
    pub errors: Vec<(&'s str, String)>,
}

impl<'f, 's> Linker<'f, 's> {
    /// `defined` has all that the file imports.
    pub fn new(file: &'f File<'s>, defined: &'f Definitions<'s>, arena: &'s Arena) -> Self {
        Linker {
            arena,
            imports: &file.imports,
            defined,
            number: file.number,
            own: Vec::new(),
            filters: Vec::new(),
            variables: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// The definitions of a module. Each sees itself and those in front of it.
    pub fn module(&mut self, definitions: &mut [Def<&'s str>]) {
        for definition in definitions {
            self.own.push((definition.name, definition.args.len()));
            self.body(definition);
            definition.name = self.name_in(self.number, definition.name);
        }
    }

    /// The main program, or any part of a body.
    pub fn term(&mut self, term: &mut Node<'s>) {
        match term {
            Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) | Term::Arr(None) => {}
            Term::Var(name) => *name = self.variable(name),
            Term::Str(_, parts) => parts.iter_mut().for_each(|part| {
                if let StrPart::Term(inner) = part {
                    self.term(inner);
                }
            }),
            Term::Arr(Some(inner)) | Term::Neg(inner) | Term::Label(_, inner) => self.term(inner),
            Term::Obj(members) => members.iter_mut().for_each(|(key, value)| self.member(key, value)),
            Term::BinOp(left, BinaryOp::Pipe(Some(pattern)), right) => {
                self.term(left);
                self.keys(pattern);
                self.with_variables(pattern, |linker| linker.term(right));
            }
            Term::BinOp(left, _, right) => {
                self.term(left);
                self.term(right);
            }
            Term::Fold(_, source, pattern, args) => {
                self.term(source);
                self.keys(pattern);
                let mut args = args.iter_mut();
                if let Some(start) = args.next() {
                    self.term(start);
                }
                self.with_variables(pattern, |linker| args.for_each(|arg| linker.term(arg)));
            }
            Term::TryCatch(body, catch) => {
                self.term(body);
                catch.iter_mut().for_each(|catch| self.term(catch));
            }
            Term::IfThenElse(branches, otherwise) => {
                for (condition, then) in branches {
                    self.term(condition);
                    self.term(then);
                }
                otherwise.iter_mut().for_each(|otherwise| self.term(otherwise));
            }
            Term::Def(definitions, rest) => {
                let outer = self.filters.len();
                for definition in definitions {
                    self.filters.push((definition.name, definition.args.len()));
                    self.body(definition);
                }
                self.term(rest);
                self.filters.truncate(outer);
            }
            Term::Call(name, args) => {
                args.iter_mut().for_each(|arg| self.term(arg));
                *name = self.filter(name, args.len());
            }
            Term::Path(from, path) => {
                self.term(from);
                for (part, _) in &mut path.0 {
                    match part {
                        Part::Index(index) => self.term(index),
                        Part::Range(from, to) => from.iter_mut().chain(to).for_each(|bound| self.term(bound)),
                    }
                }
            }
        }
    }

    fn body(&mut self, definition: &mut Def<&'s str>) {
        let outer = (self.filters.len(), self.variables.len());
        for arg in &definition.args {
            if arg.starts_with('$') {
                self.variables.push(arg);
            }
            self.filters.push((arg.trim_start_matches('$'), 0));
        }
        self.term(&mut definition.body);
        self.filters.truncate(outer.0);
        self.variables.truncate(outer.1);
    }

    fn member(&mut self, key: &mut Node<'s>, value: &mut Option<Node<'s>>) {
        if let (Term::Var(name), None) = (&*key, &*value) {
            let found = self.variable(name);
            if found != *name {
                // The member keeps the name that the program has for it.
                let name = &name[1..];
                *key = Term::Str(None, vec![StrPart::Str(name)]);
                *value = Some(Term::Var(found));
            }
            return;
        }
        self.term(key);
        value.iter_mut().for_each(|value| self.term(value));
    }

    fn keys(&mut self, pattern: &mut Pattern<&'s str>) {
        match pattern {
            Pattern::Var(_) => {}
            Pattern::Arr(items) => items.iter_mut().for_each(|item| self.keys(item)),
            Pattern::Obj(members) => members.iter_mut().for_each(|(key, pattern)| {
                self.term(key);
                self.keys(pattern);
            }),
        }
    }

    fn with_variables(&mut self, pattern: &Pattern<&'s str>, then: impl FnOnce(&mut Self)) {
        let outer = self.variables.len();
        collect(pattern, &mut self.variables);
        then(self);
        self.variables.truncate(outer);
    }

    /// The name of a variable for jaq: that of a data file, or its own.
    fn variable(&self, name: &'s str) -> &'s str {
        if self.variables.contains(&name) {
            return name;
        }
        // `$a::a` is another way to say `$a`.
        let (name, again) = name.split_once("::").unwrap_or((name, &name[1..]));
        let data = self.imports.iter().rev().find(|import| import.name == Name::Data(name));
        match data {
            Some(import) if *again == name[1..] => self.arena.alloc(data_name(import.file)),
            _ => name,
        }
    }

    /// The name of a filter for jaq: that of a definition in another file, or its own.
    fn filter(&mut self, called: &'s str, count: usize) -> &'s str {
        let wanted = |name| (name, count);
        if let Some((alias, name)) = called.split_once("::") {
            let named = self.imports.iter().rev().filter(|import| import.name == Name::Module(alias));
            for import in named {
                if self.defined[&import.file].contains(&wanted(name)) {
                    return self.name_in(import.file, name);
                }
            }
            self.errors.push((called, self.unknown(called, alias, name, count)));
            return called;
        }
        if self.filters.contains(&wanted(called)) {
            return called;
        }
        if self.own.contains(&wanted(called)) {
            return self.name_in(self.number, called);
        }
        let included = self.imports.iter().rev().filter(|import| import.name == Name::Included);
        for import in included {
            if self.defined[&import.file].contains(&wanted(called)) {
                return self.name_in(import.file, called);
            }
        }
        called
    }

    fn name_in(&self, number: usize, name: &str) -> &'s str {
        self.arena.alloc(format!("!{number}!{name}"))
    }

    fn unknown(&self, called: &str, alias: &str, name: &str, count: usize) -> String {
        let modules = self.imports.iter().filter_map(|import| match import.name {
            Name::Module(name) => Some((name, import.file)),
            _ => None,
        });
        let files: Vec<_> = modules.clone().filter(|(known, _)| *known == alias).collect();
        if files.is_empty() {
            let hint = match nearest(alias, modules.map(|(name, _)| name)) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => format!(": `import \"...\" as {alias};` at the start would do it"),
            };
            return format!("no module is imported as `{alias}`{hint}");
        }
        let known: Vec<_> = files.iter().flat_map(|(_, file)| &self.defined[file]).collect();
        if let Some((_, takes)) = known.iter().find(|(known, _)| *known == name) {
            let plural = if *takes == 1 { "" } else { "s" };
            return format!("`{called}` takes {takes} argument{plural}, {count} given");
        }
        match nearest(name, known.into_iter().map(|(name, _)| *name)) {
            Some(near) => format!("`{called}` is not defined; did you mean `{alias}::{near}`?"),
            None => format!("`{called}` is not defined"),
        }
    }
}

/// The variable that holds a data file.
pub(super) fn data_name(number: usize) -> String {
    format!("$!{number}")
}

fn collect<'s>(pattern: &Pattern<&'s str>, names: &mut Vec<&'s str>) {
    match pattern {
        Pattern::Var(name) => names.push(name),
        Pattern::Arr(items) => items.iter().for_each(|item| collect(item, names)),
        Pattern::Obj(members) => members.iter().for_each(|(_, pattern)| collect(pattern, names)),
    }
}
