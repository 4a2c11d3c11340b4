//! The files of a program: itself, and the modules that it imports, which the host hands over.
//!
//! Only the host knows what file an import means. One that it has not handed over is asked for by a refusal
//! with the code `import`, and the host opens again with more. So the language has one reader, and the host
//! reads no jq.

use super::given::{Given, path_of};
use super::head::{File, Import, Name};
use super::link::Definitions;
use super::value::string;
use jaq_core::load::{Arena, span};
use std::fmt::Write;
use wasmrecords::Failure;
use wasmrecords_json::{Object, Value};

/// Bytes of a path and its search list, so that what is asked for fits a message.
const LONGEST: usize = 1000;
/// Bytes of what is asked for at once; the host asks again for the rest.
const MESSAGE: usize = 4000;

/// Reads the program and all modules that it imports, each in front of those that import it.
///
/// # Errors
/// `import` if the host has to hand over more: the message is the list of what is wanted, in JSON.
pub(super) fn load<'s>(program: &str, given: &Given, arena: &'s Arena) -> Result<Vec<File<'s>>, Failure> {
    let mut files: Vec<Option<File<'s>>> = (0..=given.files.len()).map(|_| None).collect();
    files[0] = Some(File::read(0, "<top-level>", program, arena)?);
    let mut wanted = String::new();
    let mut open = vec![0];
    while let Some(number) = open.pop() {
        let Some(mut file) = files[number].take() else { continue };
        for (nth, import) in file.imports.iter_mut().enumerate() {
            let found = given.imports.iter().find(|(from, at, _)| (*from, *at) == (number, nth));
            let Some((_, _, to)) = found.copied().filter(|(_, _, to)| (1..files.len()).contains(to)) else {
                want(&mut wanted, file.text, number, nth, import)
                    .map_err(|failure| Failure { path: path_of(number), ..failure })?;
                continue;
            };
            import.file = to;
            let is_new = files[to].is_none() && to != number && !open.contains(&to);
            if is_new && !matches!(import.name, Name::Data(_)) {
                let module = &given.files[to - 1];
                let name = arena.alloc(module.name.clone());
                files[to] = Some(File::read(to, name, &module.text, arena)?);
                open.push(to);
            }
        }
        files[number] = Some(file);
    }
    if !wanted.is_empty() {
        return Err(Failure::new("import", format!("[{wanted}]")));
    }
    let mut sorted = Vec::new();
    sort(0, &mut files, &mut Vec::new(), &mut sorted)?;
    Ok(sorted)
}

/// Moves a file behind all that it imports.
fn sort<'s>(
    number: usize,
    files: &mut [Option<File<'s>>],
    open: &mut Vec<usize>,
    sorted: &mut Vec<File<'s>>,
) -> Result<(), Failure> {
    let Some(file) = files[number].take() else { return Ok(()) };
    open.push(number);
    for import in file.imports.iter().filter(|import| !matches!(import.name, Name::Data(_))) {
        if open.contains(&import.file) {
            let message = format!("`{}` is imported by a module that it imports itself", import.path);
            return Err(file.refusal(import.at, message));
        }
        sort(import.file, files, open, sorted)?;
    }
    open.pop();
    sorted.push(file);
    Ok(())
}

/// Adds an import to the list of what is wanted.
fn want(
    list: &mut String,
    file_text: &str,
    from: usize,
    nth: usize,
    import: &Import<'_>,
) -> Result<(), Failure> {
    let data = matches!(import.name, Name::Data(_));
    let offset = span(file_text, import.at).start;
    let mut item = format!("{{\"from\":{from},\"nth\":{nth},\"offset\":{offset},\"data\":{data},\"path\":");
    quote(&import.path, &mut item);
    if let Some(search) = import.meta.as_ref().and_then(|meta| member(meta, "search")) {
        item.push_str(",\"search\":[");
        let several = match search {
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            one => one.as_str().into_iter().collect::<Vec<_>>(),
        };
        for (at, folder) in several.into_iter().enumerate() {
            item.push_str(if at > 0 { "," } else { "" });
            quote(folder, &mut item);
        }
        item.push(']');
    }
    item.push('}');
    if item.len() > LONGEST {
        let message = format!("expected a path and a search list of at most {LONGEST} bytes, found more");
        return Err(Failure { offset, ..Failure::new("program", message) });
    }
    if list.len() + item.len() < MESSAGE - 2 {
        list.push_str(if list.is_empty() { "" } else { "," });
        list.push_str(&item);
    }
    Ok(())
}

/// A JSON string of ASCII alone: a message may lose what does not print.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(byte) if (b' '..=b'~').contains(&byte) && !matches!(byte, b'"' | b'\\') => {
                out.push(byte.into());
            }
            _ => {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out.push('"');
}

/// What `modulemeta` knows: the metadata of each module, by the path that it was imported by.
pub(super) fn metadata(files: &[File<'_>], defined: &Definitions<'_>) -> Vec<(String, Value)> {
    let imports = files.iter().flat_map(|file| &file.imports);
    let modules = imports.filter(|import| !matches!(import.name, Name::Data(_)));
    let known = modules.filter_map(|import| {
        let file = files.iter().find(|file| file.number == import.file)?;
        let dependencies: Value = file.imports.iter().map(dependency).collect();
        let mut names: Vec<String> = Vec::new();
        for (name, count) in &defined[&file.number] {
            let name = format!("{name}/{count}");
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let names = names.iter().map(|name| string(name)).collect();
        Some((import.path.clone(), with(file.meta.clone(), [("deps", dependencies), ("defs", names)])))
    });
    known.collect()
}

fn dependency(import: &Import<'_>) -> Value {
    let name = match import.name {
        Name::Included => None,
        Name::Module(name) => Some(name),
        Name::Data(name) => Some(&name[1..]),
    };
    let data = Value::Bool(matches!(import.name, Name::Data(_)));
    let rest = [("is_data", data), ("relpath", string(&import.path))];
    with(import.meta.clone(), name.map(|name| ("as", string(name))).into_iter().chain(rest))
}

fn with<'n>(meta: Option<Value>, members: impl IntoIterator<Item = (&'n str, Value)>) -> Value {
    let mut object = match meta {
        Some(Value::Object(object)) => (*object).clone(),
        _ => Object::default(),
    };
    object.extend(members.into_iter().map(|(name, value)| (name.into(), value)));
    object.into()
}

fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(members) => members.get(name),
        _ => None,
    }
}
