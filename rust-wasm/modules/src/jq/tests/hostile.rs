//! Programs that are made to break things.

use crate::jq::Program;

type Shape = (&'static str, fn(usize) -> String);

/// One thing again and again, each one level deeper in the tree.
const SHAPES: &[Shape] = &[
    ("+", |n| vec!["1"; n].join("+")),
    ("*", |n| vec!["1"; n].join("*")),
    ("/ and %", |n| vec!["1"; n].join("/1%")),
    ("- of several", |n| vec!["first(1)"; n].join("-")),
    (",", |n| vec!["1"; n].join(",")),
    ("|", |n| vec!["."; n].join("|")),
    ("or", |n| vec![".a == 1"; n].join(" or ")),
    ("//", |n| vec![".a"; n].join("//")),
    ("==", |n| vec!["1 == 1"; n].join("and")),
    ("== and +", |n| vec!["1 == 1+1"; n].join("+1 or ")),
    ("-", |n| format!("{}1", "- ".repeat(n))),
    ("()", |n| format!("{}1{}", "(".repeat(n), ")".repeat(n))),
    ("[]", |n| format!("{}1{}", "[".repeat(n), "]".repeat(n))),
    ("{}", |n| format!("{}1{}", "{a:".repeat(n), "}".repeat(n))),
    ("call", |n| format!("{}1{}", "map(".repeat(n), ")".repeat(n))),
    ("string", |n| format!("{}1{}", "\"\\(".repeat(n), ")\"".repeat(n))),
    ("unclosed", |n| "(".repeat(n)),
    ("unclosed strings", |n| "\"\\(".repeat(n)),
    ("comment", |n| format!("# \\\n\"\n{}", "(".repeat(n))),
    ("if", |n| format!("{}1{}", "if . then 1 else ".repeat(n), " end".repeat(n))),
    ("elif", |n| format!("if . then 1 {} end", "elif . then 1 ".repeat(n))),
    ("try", |n| format!("{}1", "try ".repeat(n))),
    ("?//", |n| format!(". as $x{} | 1", " ?// [$x]".repeat(n))),
    ("as", |n| format!("{}1", ". as $x | ".repeat(n))),
    ("label", |n| format!("{}1", "label $x | ".repeat(n))),
    ("def", |n| format!("{}1{}", "def f: ".repeat(n), "; .".repeat(n))),
    ("reduce", |n| format!("{}1{}", "reduce ".repeat(n), " as $x (0; 1)".repeat(n))),
    ("path", |n| ".a".repeat(n)),
    ("index", |n| format!(".{}", "[0]".repeat(n))),
    ("named patterns", |n| format!(". as {{{}}} | 1", vec!["$a: [$b]"; n].join(","))),
    ("surrogates", |n| format!("\"{}\"", "\\ud83d\\ude00".repeat(n))),
    ("any index", |n| format!(".{}", "[.]".repeat(n))),
    ("any slice", |n| format!(".{}", "[.:.]".repeat(n))),
    ("items", |n| format!(". as [{}] | 1", vec!["$x"; n].join(","))),
    ("several interpolations", |n| format!("\"{}\"", "\\(first)".repeat(n))),
    ("slice", |n| format!(".{}", "[1:]".repeat(n))),
    ("pattern", |n| format!(". as {}$x{} | 1", "[".repeat(n), "]".repeat(n))),
    ("assign", |n| format!("{}1", ".a = ".repeat(n))),
    ("members", |n| format!("{{{}}}", vec!["a: 1"; n].join(","))),
    ("interpolations", |n| format!("\"{}\"", "\\(1)".repeat(n))),
];

#[test]
fn deep_programs_are_refused() {
    for (name, shape) in SHAPES {
        for n in [10_000, 200_000] {
            let program = shape(n);
            let Err(failure) = Program::compile(&program) else { panic!("{name} compiles") };
            assert!(failure.message.contains("found more"), "{name}: {}", failure.message);
            assert!(failure.offset < program.len(), "{name}");
        }
    }
}

#[test]
fn what_is_not_refused_runs_in_a_small_stack() {
    in_small_stack(|| {
        for (name, shape) in SHAPES {
            let longest =
                (1..=1000).rev().find_map(|n| Program::compile(&shape(n)).ok().map(|program| (n, program)));
            let Some((_, program)) = longest else {
                assert!(name.starts_with("unclosed") || *name == "comment", "{name} never compiles");
                continue;
            };
            let mut recorder = super::Recorder::default();
            let null = wasmrecords_json::parse(b"null", 1).unwrap();
            // Its outcome is not the point.
            let _ = program.run(null, &mut recorder);
        }
    });
}

fn in_small_stack(test: fn()) {
    // An instance has 512 KiB for calls and 1 MiB for what has an address; here both share one stack.
    // Without optimisation frames are several times as large.
    let stack = if cfg!(debug_assertions) { 24 << 20 } else { 1536 << 10 };
    std::thread::Builder::new().stack_size(stack).spawn(test).unwrap().join().unwrap();
}

#[test]
fn long_programs_that_are_not_deep_compile() {
    in_small_stack(|| {
        let text = format!("\"{}\"", "x".repeat(1 << 20));
        assert!(Program::compile(&text).is_ok());
        let definitions: String = (0..2000).map(|i| format!("def f{i}: .a | .b + {i};\n")).collect();
        assert!(Program::compile(&format!("{definitions} f1999")).is_ok());
        let members =
            (0..350).map(|i| format!("a{i}: (.x.y[{i}] // \"none\" | tostring)")).collect::<Vec<_>>();
        assert!(Program::compile(&format!("{{{}}}", members.join(", "))).is_ok());
        let ids = (0..350).map(|i| format!(".user.id == {i}")).collect::<Vec<_>>();
        assert!(Program::compile(&format!("select({})", ids.join(" or "))).is_ok());
    });
}

#[test]
fn deep_outputs_are_errors() {
    let deep = "reduce range(1000) as $i (0; [.])";
    super::check(&[
        (deep, "null", "! expected at most 512 levels of arrays and objects, found more"),
        ("reduce range(512) as $i (0; [.]) | [..] | length", "null", "513"),
    ]);
}

#[test]
fn patterns_from_records_do_not_pile_up() {
    super::check(&[("[range(1000) | . as $n | \"\\($n)\" | test(\"^\\($n)$\")] | all", "null", "true")]);
}

#[test]
fn a_search_without_end_is_given_up() {
    let (_, result) = super::run(r#"test("^(a|a)*\\1$(?=b)")"#, &format!("\"{}c\"", "a".repeat(40)));
    assert!(result.unwrap_err().message.starts_with("the search for the regular expression was given up"));
}

#[test]
fn bytes_that_are_no_program_are_refused() {
    for program in ["\0", "\u{feff}.", "é", "{", "\"", "\\", "#\\", "$", "@", ".[", "|", "?//", "\u{1F4A9}"]
    {
        let Err(failure) = Program::compile(program) else {
            assert_eq!(program, "#\\", "compiles");
            continue;
        };
        assert!(failure.offset <= program.len() && failure.code == "program", "{program:?}");
    }
}
