//! Engines with some schemas and programs, and runs over lines.

use wasmrecords_engine::program::{Compare, Constant, Expr, Literal, Name, Part, Place, Program, Step};
use wasmrecords_engine::rule::Rule;
use wasmrecords_engine::{Engine, Ledger, PAD, Stop};
use wasmrecords_json::parse;

/// Where the output of each record ends.
#[derive(Default)]
struct Done(Vec<usize>);

impl Ledger for Done {
    fn done(&mut self, _outputs: u32, _consumed: usize, written: usize) {
        self.0.push(written);
    }
}

/// Runs all lines, in pieces of so many, with so much room for output at first: what became of each record, none
/// of those for the general engine.
pub fn run(engine: &mut Engine, lines: &[Vec<u8>], piece: usize, room: usize) -> Vec<Option<String>> {
    let mut all = Vec::new();
    for lines in lines.chunks(piece) {
        let mut buffer = lines.concat();
        let end = buffer.len();
        buffer.resize(end + PAD, 0);
        let (buffer, mut at, mut room) = (buffer.into_boxed_slice(), 0, room);
        while at < end {
            let (mut out, mut done) = (vec![0; room].into_boxed_slice(), Done::default());
            let stop = engine.lines((&buffer, at, end), 1 << 20, &mut out, &mut done);
            let mut from = 0;
            for to in done.0 {
                all.push(Some(String::from_utf8_lossy(&out[from..to]).into_owned()));
                from = to;
            }
            at = match stop {
                Stop::End => end,
                Stop::Full(at) => {
                    room += 200;
                    at
                }
                Stop::General(at, _) => {
                    all.push(None);
                    at + 1 + buffer[at..].iter().position(|byte| *byte == b'\n').unwrap()
                }
            };
        }
    }
    all
}

/// The first record of which the learned tier says another thing than the exact one.
pub fn difference<'a>(
    exact: &'a [Option<String>],
    learned: &'a [Option<String>],
) -> Option<[&'a Option<String>; 2]> {
    assert_eq!(exact.len(), learned.len());
    let mut pairs = exact.iter().zip(learned);
    pairs.find(|(exact, learned)| exact != learned).map(|(exact, learned)| [exact, learned])
}

pub fn engine(schema: &str, program: Option<Expr>, learned: bool) -> Engine {
    let rule = Rule::new(&parse(schema.as_bytes(), 64).unwrap(), false).unwrap();
    let mut engine = Engine::new(&rule, program.map(Program::new), 16).unwrap();
    engine.set_learning(learned);
    engine
}

pub fn path(names: &[&str]) -> Expr {
    let step = |name: &&str| Step { to: Place::Name(Literal::new(name)), optional: false };
    Expr::path(Expr::Input, names.iter().map(step).collect())
}

pub fn is(names: &[&str], op: Compare, constant: &str) -> Expr {
    let constant = Constant::new(&parse(constant.as_bytes(), 1).unwrap()).unwrap();
    Expr::Compare(path(names).into(), op, Expr::Constant(constant).into())
}

pub fn object(members: &[(&str, Expr)]) -> Expr {
    let member = |(name, value): &(&str, Expr)| (Name::Constant(Literal::new(name)), value.clone());
    Expr::Object(members.iter().map(member).collect())
}

/// Programs that only test and copy, and others.
pub fn programs() -> Vec<Option<Expr>> {
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

pub const SCHEMAS: [&str; 3] = [
    "{}",
    r#"{"type":["object","array"],"items":{"type":"string"},"properties":{"id":{"type":"integer","minimum":-2},"name":{"type":"string"},"note":{"type":["string","null"]},"tags":{"type":"array","items":{"type":"string"}}}}"#,
    r#"{"properties":{"name":{"maxLength":20},"geo":{"properties":{"lat":{"minimum":-9.5}}},"score":{"type":"integer"}},"required":["id"]}"#,
];
