//! What functions give back, in all combinations, and errors of all kinds.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::iter::once;
use wasmrecords::prelude::*;
use wasmrecords::testing::{Chosen, run};

#[derive(Record)]
struct Item<'a> {
    id: u32,
    name: &'a str,
}

/// Outputs, and the messages of failures.
#[track_caller]
fn gives(kind: &str, name: &str, input: &str, output: &str, messages: &[&str]) {
    let opening =
        format!(r#"{{"abi": 1, "input": "ndjson", "output": "ndjson", "{kind}": "{name}", "config": null}}"#);
    let outcome = run::<Chosen>(&opening, input.as_bytes()).unwrap();
    assert_eq!(String::from_utf8_lossy(&outcome.output), output, "{name}");
    let found: Vec<_> = outcome.failures.iter().map(|(_, failure)| &*failure.message).collect();
    assert_eq!(found, messages, "{name}");
    assert!(outcome.failures.iter().all(|(_, failure)| failure.code == "error"), "{name}");
}

const INPUT: &str =
    "{\"id\": 1, \"name\": \"a\"}\n{\"id\": 2, \"name\": \"b\\n\"}\n{\"id\": 3, \"name\": \"c\"}\n";

#[transform]
fn pairs<'a>(item: Item<'a>) -> (u32, &'a str) {
    (item.id, item.name)
}

#[transform]
fn arrays<'a>(item: Item<'a>, ctx: &mut Ctx) -> Option<One<Vec<&'a str>>> {
    ctx.log("seen");
    (item.id != 2).then(|| One(vec![item.name, "x"]))
}

#[transform]
fn maps(item: Item<'_>) -> Vec<BTreeMap<&str, u32>> {
    vec![BTreeMap::from([(item.name, item.id)]); 2 - (item.id == 3) as usize]
}

#[transform]
fn lists(item: Item<'_>) -> [u32; 2] {
    [item.id, 0]
}

#[transform]
fn boxes(item: Item<'_>) -> Box<(u32, Item<'_>)> {
    Box::new((7, item))
}

#[transform]
fn sendable<'a>(item: Item<'a>) -> Box<dyn Iterator<Item = (u32, &'a str)> + Send + 'a> {
    Box::new(once((item.id, item.name)))
}

#[transform]
fn owned(item: Item<'_>) -> std::vec::IntoIter<u32> {
    vec![item.id, item.id].into_iter()
}

#[transform]
#[allow(clippy::type_complexity, reason = "all that may stand in each other")]
fn deep<'a>(
    item: Item<'a>,
) -> Result<Option<impl Iterator<Item = Result<Vec<(u32, &'a str)>, String>>>, Box<dyn Error>> {
    let Item { id, name } = item;
    match id {
        1 => Ok(Some([Ok(vec![(id, name), (0, name)]), Ok(vec![])].into_iter())),
        2 => Ok(Some([Ok(vec![(id, name)]), Err("the second one".to_owned())].into_iter())),
        _ => Err(name.parse::<u8>().unwrap_err().into()),
    }
}

/// One of any records.
#[derive(Record)]
struct Page<T> {
    items: Vec<T>,
    next: Option<u8>,
}

#[transform]
fn page<'a>(page: Page<Item<'a>>) -> Page<Item<'a>> {
    page
}

#[transform]
fn elided(page: Page<Item<'_>>) -> Option<Page<&str>> {
    let names = page.items.iter().map(|item| item.name).collect();
    page.next.map(|next| Page { items: names, next: Some(next + 1) })
}

/// What the macro cannot see.
type Maps<'a> = Vec<BTreeMap<&'a str, (u32, &'a str)>>;

#[transform]
fn hidden_maps(item: Item<'_>) -> Maps<'_> {
    vec![BTreeMap::from([(item.name, (item.id, item.name))])]
}

type Hidden<T> = Result<Option<T>, Failure>;

#[transform]
fn hidden(item: Item<'_>) -> Hidden<Item<'_>> {
    Ok((item.id == 1).then_some(item))
}

#[test]
fn all_combinations() {
    gives("transform", "pairs", INPUT, "[1,\"a\"]\n[2,\"b\\n\"]\n[3,\"c\"]\n", &[]);
    gives("transform", "arrays", INPUT, "[\"a\",\"x\"]\n[\"c\",\"x\"]\n", &[]);
    gives("transform", "maps", INPUT, "{\"a\":1}\n{\"a\":1}\n{\"b\\n\":2}\n{\"b\\n\":2}\n{\"c\":3}\n", &[]);
    gives("transform", "lists", INPUT, "1\n0\n2\n0\n3\n0\n", &[]);
    gives("transform", "boxes", "{\"id\": 1, \"name\": \"a\"}\n", "[7,{\"id\":1,\"name\":\"a\"}]\n", &[]);
    gives("transform", "sendable", INPUT, "[1,\"a\"]\n[2,\"b\\n\"]\n[3,\"c\"]\n", &[]);
    gives("transform", "owned", INPUT, "1\n1\n2\n2\n3\n3\n", &[]);
    let messages = ["the second one", "invalid digit found in string"];
    gives("transform", "deep", INPUT, "[1,\"a\"]\n[0,\"a\"]\n", &messages);
    let pages = "{\"items\":[{\"id\":1,\"name\":\"a\\n\"}],\"next\":1}\n{\"items\":[],\"next\":null}\n";
    gives("transform", "page", pages, pages, &[]);
    gives("transform", "elided", pages, "{\"items\":[\"a\\n\"],\"next\":2}\n", &[]);
    let maps = "{\"a\":[1,\"a\"]}\n{\"b\\n\":[2,\"b\\n\"]}\n{\"c\":[3,\"c\"]}\n";
    gives("transform", "hidden_maps", INPUT, maps, &[]);
    gives("transform", "hidden", INPUT, "{\"id\":1,\"name\":\"a\"}\n", &[]);
}

#[derive(Debug)]
struct Outer(Option<fmt::Error>);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("outer")
    }
}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.as_ref().map(|inner| inner as _)
    }
}

/// A text, as `anyhow::Error` is one.
struct Told;

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("told")
    }
}

fn outer() -> Outer {
    Outer(Some(fmt::Error))
}

#[transform]
fn of_error(_: u8) -> Result<u8, Outer> {
    Err(outer())
}

#[transform]
fn of_box(_: u8) -> Result<u8, Box<dyn Error>> {
    Err(outer().into())
}

#[transform]
fn of_sendable(_: u8) -> Result<Option<u8>, Box<dyn Error + Send + Sync>> {
    Err(outer().into())
}

#[transform]
fn of_text(_: u8) -> Result<Vec<u8>, &'static str> {
    Err("a text")
}

#[transform]
fn of_some(_: u8) -> Result<u8, impl Error> {
    Err(outer())
}

#[transform]
fn of_told(_: u8) -> Option<Result<u8, Told>> {
    Some(Err(Told))
}

#[function]
fn boxed(number: &str) -> Result<(), Box<dyn Error>> {
    if number.parse::<u8>()? > 7 { Err("too large".into()) } else { Ok(()) }
}

#[function]
fn text(number: u8) -> Result<u8, String> {
    if number > 7 { Err(format!("{number} is too large")) } else { Ok(number) }
}

/// Neither its code nor its place is one.
#[transform]
fn of_no_word(_: u8) -> Result<u8, Failure> {
    Err(Failure { offset: 99, ..Failure::new("no word", "a reason all the same") })
}

mod alias {
    pub type Result<T> = std::result::Result<T, std::fmt::Error>;
}

#[transform]
fn of_alias(number: u8) -> alias::Result<u8> {
    if number > 1 { Err(fmt::Error) } else { Ok(number) }
}

#[test]
fn errors_of_all_kinds() {
    let formatted = "an error occurred when formatting an argument";
    let chain = format!("outer: {formatted}");
    for (name, message) in [
        ("of_error", &*chain),
        ("of_box", &chain),
        ("of_sendable", &chain),
        ("of_some", &chain),
        ("of_text", "a text"),
        ("of_told", "told"),
    ] {
        gives("transform", name, "1\n", "", &[message]);
    }
    gives("transform", "of_no_word", "1\n", "", &["a reason all the same"]);
    gives("transform", "of_alias", "1\n2\n", "1\n", &[formatted]);
    gives(
        "function",
        "boxed",
        "[\"7\"]\n[\"8\"]\n[\"x\"]\n",
        "null\n",
        &["too large", "invalid digit found in string"],
    );
    gives("function", "text", "[7]\n[8]\n", "7\n", &["8 is too large"]);
}
