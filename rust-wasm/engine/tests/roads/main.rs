//! All roads through the engine, over lines in a buffer that is no larger than it must be: for Miri, which sees
//! what reads beyond it (`cargo +nightly miri test -p wasmrecords-engine`).

mod kit;

use kit::{SCHEMAS, difference, engine, is, object, passes, path, programs, run};
use wasmrecords_engine::program::{Compare, Expr, Literal, Place, Program, Step};
use wasmrecords_engine::rule::Rule;
use wasmrecords_engine::{Counts, Engine, Ledger, PAD, Stop};
use wasmrecords_json::parse;

struct Silent;

impl Ledger for Silent {
    fn done(&mut self, _outputs: u32, _consumed: usize, _written: usize) {}
}

fn lines() -> Vec<Vec<u8>> {
    let names =
        ["Ada", "é", "", "x\\ny", "山田太郎 with more than thirty-two bytes", "\\u00e9", "\u{7f}", "\\/"];
    let numbers = ["1", "-2", "3", "40.25", "123456789012345", "1e3", "-0", "0.5", "1234567890123456", "7"];
    let notes = ["null", "\"n\"", "\"é\\\"\"", "\"\\u0041\""];
    let many = format!("[{}\"\"]", "\"x\",".repeat(70));
    let some = format!("[{}\"é\"]", "\"x,\",".repeat(64));
    let tags = [
        "[]",
        "[\"a\"]",
        "[\"é\",\"b\\n\"]",
        "[1, {\"a\":[]}]",
        "[\"a\" ]",
        "{\"a\":{}}",
        "[\"a\",7]",
        "[\"a,b\",\"\",\"\\\"]\"]",
        "[\"\u{7f}\",\"b\"]",
        &many,
        &some,
    ];
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let turns = if cfg!(miri) { 3 } else { 40 };
    for turn in 0..turns {
        let (name, number) = (names[turn * 7 % 8], numbers[turn * 3 % 10]);
        let (note, tags) = (notes[turn % 4], tags[turn * 5 % 11]);
        let end = ["\n", "\n", "\r\n", "\n\n"][turn * 3 % 4];
        lines.push(
            format!(
                r#"{{"id":{number},"name":"{name}","on":{},"geo":{{"lat":{number},"lon":1}},"tags":{tags},"note":{note}}}{end}"#,
                turn % 3 == 0
            )
            .into(),
        );
        lines.push(format!(r#"{{ "id": {turn}, "name": "{name}", "score": {turn} }}{end}"#).into());
        lines.push(format!("[\"{name}\"]{end}").into());
        lines.push(format!("[\"é{name}\"]{end}").into());
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
    // Under Miri, which takes thousands of times as long, some are enough.
    let (schemas, step) = if cfg!(miri) { (&SCHEMAS[1..2], 6) } else { (&SCHEMAS[..], 1) };
    for schema in schemas {
        for program in programs().into_iter().step_by(step) {
            let mut exact = engine(schema, program.clone(), false);
            let mut learned = engine(schema, program.clone(), true);
            for (piece, room, passing) in [(lines.len(), 1 << 16, false), (3, 300, false), (5, 1 << 12, true)]
            {
                let expected = run(&mut exact, &lines, piece, room, false);
                let found = run(&mut learned, &lines, piece, room, passing);
                let difference = difference(&expected, &found);
                assert!(difference.is_none(), "{schema} {program:?}: {difference:?}");
            }
            assert_eq!(exact.counts().learned, 0);
            (counts.learned, counts.exact) =
                (counts.learned + learned.counts().learned, counts.exact + learned.counts().exact);
        }
    }
    assert!(counts.learned > if cfg!(miri) { 20 } else { 1000 }, "{counts:?}");
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

#[test]
fn strings_of_all_lengths_go_on_where_the_loop_left_them() {
    let (mut lines, good) = (Vec::new(), b"{\"name\":\"a\"}\n");
    let lengths = if cfg!(miri) { 32..34 } else { 0..140 };
    for length in lengths {
        for start in ["", "é", "\\n"] {
            for end in
                [&b""[..], b"\xc3", b"\xc3\\n", b"\xc3z", "é".as_bytes(), b"\\n", b"\x7f", b"\x01", b"\\q"]
            {
                let plain = vec![b'z'; length];
                lines.push(good.to_vec());
                lines.push([b"{\"name\":\"", start.as_bytes(), &plain, end, b"\"}\n"].concat());
            }
        }
    }
    for program in [Program::new(path(&["name"])), Program::new(object(&[("n", path(&["name"]))]))] {
        let any = Rule::new(&parse(b"true", 1).unwrap(), false).unwrap();
        let [expected, found] = [false, true].map(|learned| {
            let mut engine = Engine::new(&any, Some(program.clone()), 16).unwrap();
            engine.set_learning(learned);
            (run(&mut engine, &lines, lines.len(), 1 << 20, false), engine.counts().learned)
        });
        assert_eq!(difference(&expected.0, &found.0), None);
        assert!(found.1 * 2 > lines.len() as u64, "{}", found.1);
    }
}

#[test]
fn what_is_as_it_was_is_not_copied() {
    let count = if cfg!(miri) { 2 } else { 50 };
    let lines: Vec<_> = (0..count).map(|id| format!("{{\"id\":{id},\"n\":\"é\"}}\n").into_bytes()).collect();
    let others: [&[u8]; 4] =
        [b"{\"id\":51, \"n\":\"x\"}\n", b"\n", b"{\"id\":52,\"n\":\"\\u0041\"}\r\n", b"{\"id\":1}\n"];
    let others = if cfg!(miri) { &others[..2] } else { &others[..] };
    let programs = [None, Some(Expr::Input), Some(object(&[("id", path(&["id"])), ("n", path(&["n"]))]))];
    for program in programs {
        for learned in [false, true] {
            let mut engine = engine("{}", program.clone(), learned);
            assert!(passes(&mut engine, &lines));
            for other in others {
                for at in [0, 1, count / 2, count] {
                    let mut lines = lines.clone();
                    lines.insert(at, (*other).to_vec());
                    let expected = run(&mut engine, &lines, lines.len(), 1 << 12, false);
                    for room in [1 << 12, 100] {
                        let found = run(&mut engine, &lines, lines.len(), room, true);
                        assert_eq!(difference(&expected, &found), None);
                    }
                }
            }
        }
    }
}

#[test]
fn numbers_are_held_to_their_range() {
    let numbers = [
        "1.5", "7", "1.2", "1.20", "1.8", "1.81", "1.19", "1", "2", "-1", "-0", "-0.0", "0", "1.5e0",
        "15e-1", "40",
    ];
    let ranges = [
        r#""minimum":1.2,"maximum":1.8"#,
        r#""exclusiveMinimum":1.2,"exclusiveMaximum":1.8"#,
        r#""minimum":0"#,
        r#""exclusiveMinimum":0,"maximum":7"#,
        r#""maximum":-0.5"#,
        r#""minimum":1.5,"maximum":1.5"#,
        r#""minimum":0,"multipleOf":1"#,
        r#""minimum":0,"enum":[1.5,7]"#,
    ];
    let lines: Vec<_> = (0..numbers.len() * numbers.len())
        .map(|at| format!("{{\"n\":{}}}\n", numbers[(at + at / numbers.len()) % numbers.len()]).into_bytes())
        .collect();
    let lines = if cfg!(miri) { &lines[..8] } else { &lines[..] };
    let ranges = if cfg!(miri) { &ranges[..2] } else { &ranges[..] };
    for range in ranges {
        for types in ["", r#""type":"number","#, r#""type":"integer","#, r#""type":["integer","null"],"#] {
            for program in [None, Some(Expr::select(is(&["n"], Compare::AtLeast, "1.5")))] {
                let schema = format!(r#"{{"properties":{{"n":{{{types}{range}}}}}}}"#);
                let [expected, found] = [false, true].map(|learned| {
                    run(&mut engine(&schema, program.clone(), learned), lines, lines.len(), 1 << 16, false)
                });
                assert_eq!(difference(&expected, &found), None, "{schema} {program:?}");
            }
        }
    }
}

#[test]
fn integers_with_a_fraction_have_shapes_of_their_own() {
    let schema = r#"{"properties":{"n":{"type":"integer","minimum":-3,"maximum":400}}}"#;
    let programs =
        [None, Some(Expr::Input), Some(Expr::select(is(&["n"], Compare::AtLeast, "3"))), Some(path(&["n"]))];
    let valid = ["1", "1.0", "30", "3.00", "-0", "-2", "400.000", "7"];
    // By the general engine, or by nobody.
    let others = ["1e2", "4.5", "1.", "1.0e", "1.0.0", "401.0"];
    let turns = if cfg!(miri) { 2 } else { 20 };
    for program in programs {
        let numbers = || valid.iter().chain(&others);
        let line = |number: &&str| format!("{{\"a\":true,\"n\":{number},\"z\":\"\"}}\n").into_bytes();
        let lines: Vec<_> = (0..turns).flat_map(|_| numbers().map(line)).collect();
        let [(expected, _), (found, counts)] = [false, true].map(|learned| {
            let mut engine = engine(schema, program.clone(), learned);
            (run(&mut engine, &lines, lines.len(), 1 << 16, false), engine.counts())
        });
        assert_eq!(difference(&expected, &found), None, "{program:?}");
        // Each kind when it is first met.
        assert_eq!((counts.exact, counts.learned), (2, (turns * valid.len()) as u64 - 2), "{program:?}");
    }
}

#[test]
fn the_commas_of_an_array_are_not_forgotten_for_another_one() {
    let each = Expr::path(
        Expr::Input,
        vec![
            Step { to: Place::Name(Literal::new("l")), optional: false },
            Step { to: Place::Each, optional: false },
        ],
    );
    let arrays = ["[]", "[\"x\"]", "[\"x\",1]", "[\"x\",\"y\"]", "[\"x\" ]", "[\"x\",[\"y\"]]", "[1]"];
    let turns = if cfg!(miri) { 8 } else { 200 };
    let lines: Vec<_> = (0..turns)
        .map(|n| (arrays[n * 3 % 7], arrays[n * n % 7]))
        .map(|(one, other)| format!("{{\"t\":{one},\"l\":[\"a\",\"b\"],\"u\":{other}}}\n").into_bytes())
        .collect();
    let [expected, found] = [false, true].map(|learned| {
        run(&mut engine("{}", Some(each.clone()), learned), &lines, lines.len(), 1 << 16, false)
    });
    assert_eq!(difference(&expected, &found), None);
    assert!(expected.iter().all(|output| output.as_deref() == Some("\"a\"\n\"b\"\n")));
}

#[test]
fn a_record_that_is_copied_in_many_parts_needs_no_more_room_than_it_fills() {
    // Each line feed, space and bracket that is left out ends a part.
    let members: String = (0..100).map(|n| format!(" \"k{n}\" : {{ }},")).collect();
    let lines = vec![format!("{{{members} \"n\" : 1 }}\n").into_bytes(); 9];
    let twice = object(&[("all", Expr::Input), ("n", path(&["n"])), ("again", Expr::Input)]);
    for (program, times) in [(None, 1), (Some(Expr::Input), 1), (Some(twice), 3)] {
        let mut engine = engine("{}", program.clone(), true);
        let mut buffer = lines.concat();
        let end = buffer.len();
        buffer.resize(end + PAD, 0);
        let stop = engine.lines((&buffer, 0, end), end, &mut vec![0; times * end + 2 * PAD], &mut Silent);
        let counts = engine.counts();
        assert_eq!((stop, counts.learned, counts.exact), (Stop::End, 8, 1), "{program:?}");
    }
}

#[test]
fn numbers_that_the_loop_does_not_read_are_parts_of_shapes_too() {
    let schema = r#"{"properties":{"b":{"minimum":-200,"maximum":1e20}}}"#;
    let long = ["-73.98513031005859", "40.758896999999999", "1e2", "-0", "12345678901234567890", "1.5E-3"];
    let programs =
        [None, Some(Expr::Input), Some(Expr::select(is(&["b"], Compare::AtLeast, "3"))), Some(path(&["a"]))];
    let turns = if cfg!(miri) { 18 } else { 240 };
    let number =
        |n: usize| if n.is_multiple_of(2) { n.to_string() } else { long[n / 2 % long.len()].to_owned() };
    let lines: Vec<_> = (0..turns)
        .map(|n| format!("{{\"a\":{},\"b\":{},\"z\":\"\"}}\n", number(n), number(n / 2)).into_bytes())
        .collect();
    for program in programs {
        let [(expected, _), (found, counts)] = [false, true].map(|learned| {
            let mut engine = engine(schema, program.clone(), learned);
            (run(&mut engine, &lines, lines.len(), 1 << 16, false), engine.counts())
        });
        assert_eq!(difference(&expected, &found), None, "{program:?}");
        // The values of two kinds each, in each way.
        let general = expected.iter().filter(|output| output.is_none()).count() as u64;
        assert_eq!((counts.exact, counts.learned), (4, turns as u64 - 4 - general), "{program:?}");
    }
}

#[test]
fn a_test_asks_for_the_number_of_its_own_record() {
    let values = ["50", "7.25", "", "1e2", "\"x\"", "49.5", "null", "12345678901234567890", "-3", "10"];
    let turns = if cfg!(miri) { 10 } else { 100 };
    // The value of `n`, or of `m`; nothing for no member.
    let value = |n: usize, of: usize| values[(n * (of + 1) + n / values.len() * of) % values.len()];
    let member = |name: &str, value: &str| match value {
        "" => String::new(),
        value => format!(",\"{name}\":{value}"),
    };
    let line = |n| format!("{{\"id\":{n}{}{}}}\n", member("n", value(n, 0)), member("m", value(n, 1)));
    let lines: Vec<_> = (0..turns).map(|n| line(n).into_bytes()).collect();
    // All strings are more than all numbers, and null is less.
    let number = |value: &str| match value {
        "" | "null" => f64::NEG_INFINITY,
        "\"x\"" => f64::INFINITY,
        digits => digits.parse().unwrap(),
    };
    let both = Expr::And(is(&["n"], Compare::AtLeast, "10").into(), is(&["m"], Compare::Less, "20").into());
    let program = Expr::pipe(Expr::select(both), path(&["id"]));
    for learned in [false, true] {
        let found = run(&mut engine("{}", Some(program.clone()), learned), &lines, 7, 1 << 12, false);
        for (n, found) in found.iter().enumerate() {
            let kept = number(value(n, 0)) >= 10.0 && number(value(n, 1)) < 20.0;
            let expected = if kept { format!("{n}\n") } else { String::new() };
            assert_eq!(found.as_deref(), Some(&*expected), "{}", line(n));
        }
    }
}
