//! All roads through the engine, over lines in a buffer that is no larger than it must be: for Miri, which sees
//! what reads beyond it (`cargo +nightly miri test -p wasmrecords-engine`).

use wasmrecords_engine::program::{Compare, Constant, Expr, Literal, Name, Part, Place, Program, Step};
use wasmrecords_engine::rule::Rule;
use wasmrecords_engine::{Counts, Engine, Ledger, PAD, Stop};
use wasmrecords_json::parse;

/// What was done, and how far.
#[derive(Default)]
struct Done {
    outputs: u32,
    written: usize,
}

impl Ledger for Done {
    fn done(&mut self, outputs: u32, _consumed: usize, written: usize) {
        self.outputs += outputs;
        self.written = written;
    }
}

/// Runs all lines, in pieces of so many; those for the general engine are answered with `!`.
fn run(engine: &mut Engine, lines: &[Vec<u8>], piece: usize, room: usize) -> Vec<u8> {
    let mut all = Vec::new();
    for lines in lines.chunks(piece) {
        let mut buffer = lines.concat();
        let end = buffer.len();
        buffer.resize(end + PAD, 0);
        let (buffer, mut at, mut room) = (buffer.into_boxed_slice(), 0, room);
        while at < end {
            let (mut out, mut done) = (vec![0; room].into_boxed_slice(), Done::default());
            let stop = engine.lines((&buffer, at, end), 1 << 20, &mut out, &mut done);
            all.extend_from_slice(&out[..done.written]);
            at = match stop {
                Stop::End => end,
                Stop::Full(at) => {
                    room += 200;
                    at
                }
                Stop::General(at, _) => {
                    all.extend_from_slice(b"!\n");
                    at + 1 + buffer[at..].iter().position(|byte| *byte == b'\n').unwrap()
                }
            };
        }
    }
    all
}

fn engine(schema: &str, program: Option<Expr>, learned: bool) -> Engine {
    let rule = Rule::new(&parse(schema.as_bytes(), 64).unwrap(), false).unwrap();
    let mut engine = Engine::new(&rule, program.map(Program::new), 16).unwrap();
    engine.set_learning(learned);
    engine
}

fn path(names: &[&str]) -> Expr {
    let step = |name: &&str| Step { to: Place::Name(Literal::new(name)), optional: false };
    Expr::path(Expr::Input, names.iter().map(step).collect())
}

fn is(names: &[&str], op: Compare, constant: &str) -> Expr {
    let constant = Constant::new(&parse(constant.as_bytes(), 1).unwrap()).unwrap();
    Expr::Compare(path(names).into(), op, Expr::Constant(constant).into())
}

fn object(members: &[(&str, Expr)]) -> Expr {
    let member = |(name, value): &(&str, Expr)| (Name::Constant(Literal::new(name)), value.clone());
    Expr::Object(members.iter().map(member).collect())
}

/// Programs that only test and copy, and others.
fn programs() -> Vec<Option<Expr>> {
    let both = Expr::And(
        is(&["id"], Compare::AtLeast, "3").into(),
        is(&["name"], Compare::Unequal, "\"Ada\"").into(),
    );
    let fields = object(&[("id", path(&["id"])), ("lat", path(&["geo", "lat"])), ("é", path(&["name"]))]);
    vec![
        None,
        Some(Expr::pipe(Expr::select(both), fields)),
        Some(Expr::pipe(Expr::select(path(&["on"])), Expr::Input)),
        Some(Expr::Interpolation(vec![Part::Value(path(&["name"])), Part::Value(path(&["geo", "lat"]))])),
        Some(Expr::select(is(&["tags"], Compare::Equal, "[]"))),
        Some(Expr::Alternative(path(&["note"]).into(), path(&["tags"]).into())),
    ]
}

const SCHEMAS: [&str; 3] = [
    "{}",
    r#"{"type":["object","array"],"items":{"type":"string"},"properties":{"id":{"type":"integer","minimum":-2},"name":{"type":"string"},"note":{"type":["string","null"]},"tags":{"type":"array","items":{"type":"string"}}}}"#,
    r#"{"properties":{"name":{"maxLength":20},"geo":{"properties":{"lat":{"minimum":-9.5}}},"score":{"type":"integer"}},"required":["id"]}"#,
];

fn lines() -> Vec<Vec<u8>> {
    let names =
        ["Ada", "é", "", "x\\ny", "山田太郎 with more than thirty-two bytes", "\\u00e9", "\u{7f}", "\\/"];
    let numbers = ["1", "-2", "3", "40.25", "123456789012345", "1e3", "-0", "0.5", "1234567890123456", "7"];
    let notes = ["null", "\"n\"", "\"é\\\"\"", "\"\\u0041\""];
    let tags = ["[]", "[\"a\"]", "[\"é\",\"b\\n\"]", "[1, {\"a\":[]}]", "[\"a\" ]", "{\"a\":{}}"];
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let turns = if cfg!(miri) { 5 } else { 40 };
    for turn in 0..turns {
        let (name, number) = (names[turn * 7 % 8], numbers[turn * 3 % 10]);
        let (note, tags) = (notes[turn % 4], tags[turn * 5 % 6]);
        let end = ["\n", "\n", "\r\n", "\n\n"][turn * 3 % 4];
        lines.push(
            format!(
                r#"{{"id":{number},"name":"{name}","on":{},"geo":{{"lat":{number},"lon":1}},"tags":{tags},"note":{note}}}{end}"#,
                turn % 3 == 0
            )
            .into(),
        );
        lines.push(format!(r#"{{ "id": {turn}, "name": "{name}", "score": {turn} }}{end}"#).into());
        // The exact tier leaves escapes at the very start of a record; the other one need not.
        let plain = names[turn % 3];
        lines.push(format!("[\"{plain}\"]{end}").into());
        lines.push(format!("[\"é{plain}\"]{end}").into());
        lines.push(format!("{{\"k\\n\":{turn},\"k\\\"\":\"{name}\",\"d\u{7f}\":{number}}}{end}").into());
        lines.push(format!("{{\"k\n\":{turn},\"id\":1}}{end}").into());
        lines.push(format!(r#"{{"id":{turn},"name":"{name}","id":2}}{end}"#).into());
    }
    let mut cut = lines[0].clone();
    cut.truncate(30);
    lines.push([&cut[..], b"\n"].concat());
    lines.push(b"{\"name\":\"\xe9\"}\n".to_vec());
    lines.push(lines[0].clone());
    lines
}

#[test]
fn the_learned_tier_answers_as_the_exact_one() {
    let lines = lines();
    let mut counts = Counts::default();
    for schema in SCHEMAS {
        for program in programs() {
            let mut exact = engine(schema, program.clone(), false);
            let mut learned = engine(schema, program.clone(), true);
            for (piece, room) in [(lines.len(), 1 << 16), (3, 300)] {
                let expected = run(&mut exact, &lines, piece, room);
                let found = run(&mut learned, &lines, piece, room);
                let [found, expected] =
                    [found, expected].map(|text| String::from_utf8_lossy(&text).into_owned());
                let both = || found.lines().zip(expected.lines()).find(|(one, other)| one != other);
                assert!(found == expected, "{schema} {program:?}: {:?}", both());
            }
            assert_eq!(exact.counts().learned, 0);
            (counts.learned, counts.exact) =
                (counts.learned + learned.counts().learned, counts.exact + learned.counts().exact);
        }
    }
    assert!(counts.learned > if cfg!(miri) { 100 } else { 1000 }, "{counts:?}");
}

#[test]
fn names_with_escapes_are_for_the_general_engine() {
    let any = Rule::new(&parse(b"true", 1).unwrap(), false).unwrap();
    for name in ["k\n", "k\"", "k\\", "k\u{7f}", "\u{1}"] {
        assert!(Engine::new(&any, Some(Program::new(path(&[name]))), 16).is_none(), "{name:?}");
    }
    let schema = parse(br#"{"properties":{"k\u007f":{}}}"#, 4).unwrap();
    assert!(Rule::new(&schema, false).is_err());
}
