//! What the learned tier tells of records that fail: all of it, once it knows their shapes.

use wasmrecords_engine::rule::{Found, Rule};
use wasmrecords_engine::{Engine, Ledger, PAD, Stop};
use wasmrecords_json::parse;

struct Passed;

impl Ledger for Passed {
    fn done(&mut self, _outputs: u32, _consumed: usize, _written: usize) {}
}

const SCHEMA: &str = r#"{"required":["on","id","geo"],"properties":{"id":{"type":"integer","minimum":0},
    "name":{"type":"string"},"on":{"type":"boolean"},"tags":{"type":"array","items":{"type":"string"}},
    "geo":{"required":["lon","lat"],"properties":{"lat":{"type":"number"},"lon":{"type":"number"}}},
    "note":{"type":["string","null"]}}}"#;

const SOUND: &str =
    r#"{"id":7,"name":"Ada é","on":true,"tags":["a","b"],"geo":{"lat":1.5,"lon":2},"note":"n\n"}"#;

/// Breaks what stands there in a sound record, or the whole one.
fn with(old: &str, new: &str) -> String {
    assert!(SOUND.contains(old), "{old}");
    SOUND.replacen(old, new, 1)
}

/// Runs one record, which fails: the path to what breaks the schema, or the error in its text.
fn told(engine: &mut Engine, record: &str) -> Result<Option<String>, Option<String>> {
    let mut buffer = format!("{record}\n").into_bytes();
    let end = buffer.len();
    buffer.resize(end + PAD, 0);
    let stop = engine.lines((&buffer, 0, end), 1 << 20, &mut vec![0; 1 << 10], &mut Passed);
    let Stop::Fails { at: 0, end: feed, .. } = stop else { panic!("{record}: {stop:?}") };
    assert_eq!(feed, end - 1);
    if let Some(error) = engine.syntax() {
        assert_eq!(Some(&error), parse(record.as_bytes(), 8).err().as_ref());
        return Err(Some(error.message));
    }
    let broken = engine.broken(record.as_bytes()).expect(record);
    if let Found::Missing(name) = broken.found {
        return Ok(broken.path.map(|path| format!("{path} lacks {name}, alone {}", broken.alone)));
    }
    Ok(broken.path.map(str::to_owned))
}

fn engine() -> Engine {
    let rule = Rule::new(&parse(SCHEMA.as_bytes(), 64).unwrap(), false).unwrap();
    let mut engine = Engine::new(&rule, None, 8).unwrap();
    let mut buffer = format!("{SOUND}\n{SOUND}\n").into_bytes();
    let end = buffer.len();
    buffer.resize(end + PAD, 0);
    let stop = engine.lines((&buffer, 0, end), 1 << 20, &mut vec![0; 1 << 10], &mut Passed);
    assert_eq!((stop, engine.counts().learned), (Stop::End, 1));
    engine
}

#[test]
fn what_breaks_the_schema_has_its_path_the_second_time() {
    for (record, expected) in [
        (with("7", "-7"), "$.id"),
        (with("7", "\"x\""), "$.id"),
        (with("7", "{\"a\":[]}"), "$.id"),
        (with("\"Ada é\"", "null"), "$.name"),
        (with("\"Ada é\"", "12"), "$.name"),
        (with("true", "null"), "$.on"),
        (with("\"b\"", "3"), "$.tags[1]"),
        (with("1.5", "\"1.5\""), "$.geo.lat"),
        (with("\"n\\n\"", "false"), "$.note"),
        (with("\"id\":7,", ""), "$ lacks id, alone true"),
        (with("\"on\":true,", ""), "$ lacks on, alone true"),
        (with("\"lat\":1.5,\"lon\":2", ""), "$.geo lacks lon, alone false"),
        (with("\"lat\":1.5,", ""), "$.geo lacks lat, alone true"),
    ] {
        let mut engine = engine();
        let found = [told(&mut engine, &record), told(&mut engine, &record)];
        assert_eq!(found, [Ok(None), Ok(Some(expected.to_owned()))], "{record}");
    }
}

#[test]
fn what_is_no_json_is_told_at_once() {
    let mut engine = engine();
    for record in [
        with("true", "True"),
        with("true", "tru"),
        with(":7", "7"),
        with(":7", ":07"),
        with(",\"name\"", " \"name\""),
        with("\"name\"", "name"),
        with("Ada", "\\x"),
        with("Ada", "\\ud800"),
        with("Ada", "\t"),
        with("\"a\",", "\"a\",,"),
        with("[\"a\"", "['a'"),
        with("2}", "2,}"),
        with("2}", "2]"),
        with("\"n\\n\"}", "\"n\\n\",}"),
        with("\"n\\n\"}", "\"n\\n\"}}"),
        SOUND[..10].to_owned(),
        SOUND[..1].to_owned(),
        SOUND[..SOUND.len() - 1].to_owned(),
        SOUND[..SOUND.len() - 3].to_owned(),
        format!("{SOUND} # end"),
    ] {
        assert!(matches!(told(&mut engine, &record), Err(Some(_))), "{record}");
    }
}
