//! Arrays of which nothing is asked: those that look alike are parts of shapes, and others cost no record its shape.

#[path = "../../json/tests/chance/mod.rs"]
mod chance;

use chance::Chance;
use wasmrecords_engine::program::{Expr, Literal, Place, Program, Step};
use wasmrecords_engine::rule::Rule;
use wasmrecords_engine::{Counts, Engine, Ledger, PAD, Stop};

struct Done(Vec<usize>);

impl Ledger for Done {
    fn done(&mut self, _outputs: u32, _consumed: usize, written: usize) {
        self.0.push(written);
    }
}

/// The outputs of lines, and how many went which way. A record that is for the general engine has none.
fn run(program: Option<Program>, learned: bool, lines: &[String]) -> (Vec<Option<Vec<u8>>>, Counts) {
    let mut engine = Engine::new(&Rule::any(), program, 16).unwrap();
    engine.set_learning(learned);
    let mut buffer = lines.concat().into_bytes();
    let end = buffer.len();
    buffer.resize(end + PAD, 0);
    let (mut outputs, mut at, mut out) = (Vec::new(), 0, vec![0; 2 * end + (1 << 16)]);
    while at < end {
        let mut done = Done(Vec::new());
        let stop = engine.lines((&buffer, at, end), end, &mut out, &mut done);
        let mut from = 0;
        for to in done.0 {
            outputs.push(Some(out[from..to].to_vec()));
            from = to;
        }
        match stop {
            Stop::End => break,
            Stop::General(general, _) => {
                outputs.push(None);
                at = general + buffer[general..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
            }
            other => panic!("{other:?}"),
        }
    }
    (outputs, engine.counts())
}

fn programs() -> [Option<Program>; 4] {
    let path =
        |name| Expr::path(Expr::Input, vec![Step { to: Place::Name(Literal::new(name)), optional: true }]);
    [None, Some(Program::new(Expr::Input)), Some(Program::new(path("a"))), Some(Program::new(path("list")))]
}

/// Records that the exact tier read, of lines that all tiers answer alike.
fn read_exactly(lines: &[String]) -> [u64; 4] {
    programs().map(|program| {
        let (expected, _) = run(program.clone(), false, lines);
        let (found, counts) = run(program, true, lines);
        assert!(found == expected);
        assert_eq!(counts.learned + counts.exact, lines.len() as u64, "{}", lines[1]);
        counts.exact
    })
}

fn lines(mut list: impl FnMut(usize) -> String) -> Vec<String> {
    (0..if cfg!(miri) { 20 } else { 300 })
        .map(|n| format!("{{\"a\":{n},\"list\":{},\"z\":true}}\n", list(n)))
        .collect()
}

fn list_of(number: usize, times: usize) -> String {
    format!("{:?}", vec![number; times]).replace(' ', "")
}

#[test]
fn arrays_that_look_alike_are_parts_of_a_shape() {
    let alike =
        lines(|n| format!("[{n},-{n}.5,\"é{n}\",{{\"none\":null,\"odd\":{}}},[],[\"x\"]]", n % 2 == 1));
    assert_eq!(read_exactly(&alike), [1; 4]);
    let spaced = lines(|n| format!("[ {n} , {n} ]"));
    assert_eq!(read_exactly(&spaced)[0], 1);
}

#[test]
fn arrays_that_do_not_cost_few_records_their_shape() {
    type List = fn(usize) -> String;
    let lists: [List; 8] = [
        // Of another length, with other kinds of values, with other names in them.
        |n| list_of(n, n % 5),
        |n| format!("[1,{}]", ["null", "2", "\"x\"", "true", "[]", "{}"][n % 6]),
        |n| format!("[{{\"{}\":1}},2]", ["a", "b", "c"][n % 3]),
        |n| format!("[[{n}],{}]", ["[]", "[1]", "[1,2]"][n % 3]),
        // Too long once, and then not; or with numbers that are.
        |n| list_of(n, if n == 5 { 40 } else { 3 }),
        |n| format!("[1,{}]", ["2", "12345678901234567890", "1e5", "-0", "0.1234567890123456"][n % 5]),
        // Strings once, and then not.
        |n| if n == 5 { "[\"x\"]".into() } else { "[1]".into() },
        // It parts from others at the very start, and behind the end.
        |n| ["[1,2]", "[\"x\",2]", "[{},2]", "[1,2],\"b\":[1]", "null", "7", "\"[\"", "[]"][n % 8].into(),
    ];
    for list in lists {
        let lines = lines(list);
        let read = read_exactly(&lines);
        assert!(read.iter().all(|read| *read < 20), "{read:?} of {}", lines[1]);
    }
}

#[test]
fn a_name_that_comes_again_with_other_arrays_misleads_nobody() {
    let mut chance = Chance::new(23);
    let values = [
        "1",
        "-2.50",
        "\"x\"",
        "\"\\n\\u00e9\"",
        "null",
        "true",
        "[]",
        "[1,2]",
        "[\"x\"]",
        "{\"list\":[1,[2]]}",
        "1e5",
        "[ 1,2]",
        "{\"b\":[{}],\"a\":[0]}",
        "12345678901234567890",
    ];
    for _ in 0..if cfg!(miri) { 1 } else { 60 } {
        let few: Vec<_> = (0..4).map(|_| *chance.pick(&values)).collect();
        let lines = lines(|_| {
            let list = |chance: &mut Chance| {
                let items: Vec<_> = (0..chance.below(4)).map(|_| *chance.pick(&few)).collect();
                format!("[{}]", items.join(","))
            };
            let list = list(&mut chance);
            if chance.below(9) == 0 { format!("{list},\"b\":{list},\"c\":[1") + "]" } else { list }
        });
        read_exactly(&lines);
    }
}

#[test]
fn there_are_bounds_for_arrays_in_shapes() {
    // More names than are remembered, and more levels than a shape has.
    let many = |n| (0..70).map(|k| format!(",\"k{k}\":[{n},{}]", n % 7)).collect::<String>();
    let lists: [&dyn Fn(usize) -> String; 2] =
        [&|n| format!("[]{}", many(n)), &|n| format!("{}{n}{}", "[".repeat(10), "]".repeat(10))];
    for list in lists {
        let lines = lines(list);
        let read = read_exactly(&lines);
        assert!(read[0] < 20, "{read:?} of {}", &lines[1][..60]);
    }
}
