//! Engines with some schemas and programs, and runs over lines.

use wasmrecords_engine::program::{Compare, Constant, Expr, Literal, Name, Part, Place, Program, Step};
use wasmrecords_engine::rule::Rule;
use wasmrecords_engine::{Engine, Ledger, PAD, Stop};
use wasmrecords_json::parse;

/// Where the output of each record ends, and whether it is a part of the text.
struct Done {
    ends: Vec<usize>,
    start: usize,
    passing: bool,
}

impl Ledger for Done {
    fn done(&mut self, _outputs: u32, _consumed: usize, written: usize) {
        assert!(!self.passing);
        self.ends.push(written);
    }

    fn passes(&self) -> bool {
        self.passing
    }

    fn passed(&mut self, consumed: usize) {
        assert!(self.passing);
        self.ends.push(consumed - self.start);
    }

    fn copied(&mut self) {
        assert!(std::mem::take(&mut self.passing));
    }
}

/// Runs all lines, in pieces of so many, with so much room for output at first: what became of each record, none
/// of those for the general engine. With `passing`, output may stay where it is.
pub fn run(
    engine: &mut Engine,
    lines: &[Vec<u8>],
    piece: usize,
    room: usize,
    passing: bool,
) -> Vec<Option<String>> {
    let mut all = Vec::new();
    for lines in lines.chunks(piece) {
        let mut buffer = lines.concat();
        let end = buffer.len();
        buffer.resize(end + PAD, 0);
        let (buffer, mut start, mut room) = (buffer.into_boxed_slice(), 0, room);
        while start < end {
            let mut out = vec![0; room].into_boxed_slice();
            let mut done = Done { ends: Vec::new(), start, passing };
            let stop = engine.lines((&buffer, start, end), 1 << 20, &mut out, &mut done);
            assert!(stop == Stop::End || !done.passing);
            let output = if done.passing { &buffer[start..end] } else { &out[..] };
            let mut from = 0;
            for to in done.ends {
                all.push(Some(String::from_utf8_lossy(&output[from..to]).into_owned()));
                from = to;
            }
            start = match stop {
                Stop::End => end,
                Stop::Full(at) => {
                    room += 200;
                    at
                }
                Stop::General(at, _) | Stop::Fails { at, .. } => {
                    all.push(None);
                    at + 1 + buffer[at..].iter().position(|byte| *byte == b'\n').unwrap()
                }
            };
        }
    }
    all
}

/// Whether the output of all lines stays where it is.
pub fn passes(engine: &mut Engine, lines: &[Vec<u8>]) -> bool {
    let mut buffer = lines.concat();
    let end = buffer.len();
    buffer.resize(end + PAD, 0);
    let (mut out, mut done) = (vec![0; end], Done { ends: Vec::new(), start: 0, passing: true });
    assert_eq!(engine.lines((&buffer, 0, end), end, &mut out, &mut done), Stop::End);
    done.passing
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
    let between = Expr::And(
        is(&["id"], Compare::AtLeast, "2").into(),
        Expr::Or(is(&["id"], Compare::Less, "7.5").into(), is(&["on"], Compare::Equal, "true").into()).into(),
    );
    let either = Expr::Or(
        is(&["name"], Compare::Equal, "\"Ada\"").into(),
        Expr::And(is(&["name"], Compare::Equal, "\"é\"").into(), path(&["on"]).into()).into(),
    );
    let each = Expr::path(
        Expr::Input,
        vec![
            Step { to: Place::Name(Literal::new("tags")), optional: false },
            Step { to: Place::Each, optional: false },
        ],
    );
    let fields = object(&[("id", path(&["id"])), ("lat", path(&["geo", "lat"])), ("é", path(&["name"]))]);
    vec![
        None,
        Some(Expr::pipe(Expr::select(both), fields)),
        Some(Expr::pipe(Expr::select(path(&["on"])), Expr::Input)),
        Some(Expr::pipe(Expr::select(between), path(&["geo", "lat"]))),
        Some(each.clone()),
        Some(Expr::pipe(Expr::select(is(&["id"], Compare::Less, "7.5")), each)),
        Some(Expr::pipe(Expr::select(either), path(&["tags"]))),
        Some(Expr::Interpolation(vec![Part::Value(path(&["name"])), Part::Value(path(&["geo", "lat"]))])),
        Some(Expr::select(is(&["tags"], Compare::Equal, "[]"))),
        Some(Expr::Alternative(path(&["note"]).into(), path(&["tags"]).into())),
    ]
}

pub const SCHEMAS: [&str; 3] = [
    "{}",
    r#"{"type":["object","array"],"items":{"type":"string"},"properties":{"id":{"type":"integer","minimum":-2},"name":{"type":"string"},"note":{"type":["string","null"]},"tags":{"type":"array","items":{"type":"string"}}}}"#,
    r#"{"properties":{"name":{"maxLength":20},"geo":{"properties":{"lat":{"minimum":-9.5,"exclusiveMaximum":40.25},"lon":{"type":"number","maximum":1}}},"score":{"type":"integer"}},"required":["id"]}"#,
];
