//! What the learned tier tells of records that fail: all of it, once it knows their shapes.

use wasmrecords_engine::rule::{Found, Rule};
use wasmrecords_engine::{Engine, Ledger, PAD, Stop, Unfit, Why};
use wasmrecords_json::parse;

struct Passed;

impl Ledger for Passed {
    fn done(&mut self, _outputs: u32, _consumed: usize, _written: usize) {}
}

/// What was told of each line: `ok`, where the loop found out itself what is wrong the path or the message.
#[derive(Default)]
struct Told(Vec<String>);

impl Ledger for Told {
    fn done(&mut self, _outputs: u32, _consumed: usize, _written: usize) {
        self.0.push("ok".to_owned());
    }

    fn fails(&mut self, engine: &mut Engine, _why: Why, text: &[u8], (at, feed): (usize, usize)) -> bool {
        assert_eq!(text[feed], b'\n');
        let record = text[at..feed].strip_suffix(b"\r").unwrap_or(&text[at..feed]);
        let told = match engine.syntax() {
            Some(error) => {
                assert_eq!(parse(record, 8).err().as_ref(), Some(&error));
                error.message
            }
            None => match engine.broken(record).and_then(|broken| broken.path) {
                Some(path) => path.to_owned(),
                None => return false,
            },
        };
        self.0.push(told);
        true
    }
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
fn told(engine: &mut Engine, record: &str) -> Result<Option<String>, String> {
    let mut buffer = format!("{record}\n").into_bytes();
    let end = buffer.len();
    buffer.resize(end + PAD, 0);
    let stop = engine.lines((&buffer, 0, end), 1 << 20, &mut vec![0; 1 << 10], &mut Passed);
    let Stop::Fails { at: 0, end: feed, .. } = stop else { panic!("{record}: {stop:?}") };
    assert_eq!(feed, end - 1);
    if let Some(error) = engine.syntax() {
        assert_eq!(Some(&error), parse(record.as_bytes(), 8).err().as_ref());
        return Err(error.message);
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
fn the_loop_goes_on_behind_what_fails() {
    let mut engine = engine();
    let lines = [
        (with("7", "-7"), "$.id"),
        (SOUND.to_owned(), "ok"),
        (with("true", "True"), "expected a value, found `True` (JSON writes `true`)"),
        (with("7", "-7") + "\r", "$.id"),
        (SOUND[..20].to_owned() + "\r", "the string is not closed: expected `\"`, found end of record"),
        (with(",\"name\"", ",,\"name\""), "expected a name in double quotes, found `,`"),
        (with("\"id\":7,", ""), "$"),
        (SOUND.to_owned(), "ok"),
    ];
    // The first ones of their kind are for the exact tier.
    for known in [with("7", "-7"), with("7", "-7") + "\r", with("\"id\":7,", "")] {
        assert_eq!(told(&mut engine, &known), Ok(None));
    }
    let mut buffer: Vec<u8> = lines.iter().flat_map(|(line, _)| format!("{line}\n").into_bytes()).collect();
    let end = buffer.len();
    buffer.resize(end + PAD, 0);
    let (mut ledger, before) = (Told::default(), engine.counts().exact);
    let stop = engine.lines((&buffer, 0, end), 1 << 20, &mut vec![0; 1 << 12], &mut ledger);
    assert_eq!((stop, engine.counts().exact), (Stop::End, before));
    assert_eq!(ledger.0, lines.map(|(_, told)| told));
}

#[test]
fn of_two_things_that_are_wrong_nothing_is_told() {
    let mut engine = engine();
    let (one, other) = (with("7", "-7"), with("true", "null"));
    for known in [&one, &other] {
        assert_eq!(told(&mut engine, known), Ok(None));
    }
    for record in [one.replacen("true", "null", 1), one.replacen("\"on\":true,", "", 1)] {
        let mut buffer = format!("{record}\n{SOUND}\n").into_bytes();
        let end = buffer.len();
        buffer.resize(end + PAD, 0);
        let mut ledger = Told::default();
        let stop = engine.lines((&buffer, 0, end), 1 << 20, &mut vec![0; 1 << 10], &mut ledger);
        assert_eq!(stop, Stop::General(0, Why::Unfit(Unfit::Schema)), "{record}");
        assert!(ledger.0.is_empty());
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
        assert!(told(&mut engine, &record).is_err(), "{record}");
    }
}

#[test]
fn records_that_fail_may_part_from_others_in_an_array() {
    let mut engine = engine();
    let sound = format!("{{\"list\":[1,2],{}", &SOUND[1..]);
    let fails = sound.replacen("[1,2]", "[1]", 1).replacen("true", "null", 1);
    let mut all = vec![];
    // That arrays of this name vary is seen at the first one that fails. What was learned before is forgotten then.
    for record in [&sound, &fails, &fails, &sound, &fails, &fails] {
        let mut buffer = format!("{record}\n").into_bytes();
        let end = buffer.len();
        buffer.resize(end + PAD, 0);
        let mut ledger = Told::default();
        engine.lines((&buffer, 0, end), 1 << 20, &mut vec![0; 1 << 10], &mut ledger);
        all.push(ledger.0.join(" "));
    }
    assert_eq!(all, ["ok", "", "", "ok", "", "$.on"]);
}
