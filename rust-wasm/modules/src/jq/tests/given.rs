//! What a program gets from outside.

use super::{Recorder, run_compiled};
use crate::jq::{File, Given, Program};

fn given(args: &[(&str, &str)], files: &[(&str, &str)], imports: &[(usize, usize, usize)]) -> Given {
    let owned = |(a, b): &(&str, &str)| (String::from(*a), String::from(*b));
    Given {
        args: args.iter().map(owned).collect(),
        files: files.iter().map(owned).map(|(name, text)| File { name, text }).collect(),
        imports: imports.to_vec(),
        folders: vec!["lib".into()],
        nesting: 8,
        ..Given::default()
    }
}

fn outputs(program: &str, given: Given) -> String {
    let compiled = Program::compile_with(program, given)
        .unwrap_or_else(|e| panic!("{program}: {} at {} of {}", e.message, e.offset, e.path));
    let (Recorder { outputs, .. }, result) = run_compiled(&compiled, "null");
    result.unwrap_or_else(|e| panic!("{program}: {}", e.message));
    outputs.join(" ")
}

/// Code, offset, path and message.
fn refused(program: &str, given: Given) -> (String, usize, String, String) {
    match Program::compile_with(program, given) {
        Ok(_) => panic!("{program} compiles"),
        Err(e) => (e.code.into(), e.offset, e.path, e.message),
    }
}

#[test]
fn arguments_are_variables() {
    let args =
        &[("x", "1.10"), ("name", r#""Ada""#), ("list", "[100000000000000000000, {\"b\": 1, \"a\": 2}]")];
    for (program, expected) in [
        ("$x, $name, $list[0]", "1.10 \"Ada\" 100000000000000000000"),
        ("$ARGS.named | keys_unsorted", r#"["x","name","list"]"#),
        (
            "$ARGS",
            r#"{"positional":[],"named":{"x":1.10,"name":"Ada","list":[100000000000000000000,{"b":1,"a":2}]}}"#,
        ),
        ("{$x, $name}", r#"{"x":1.10,"name":"Ada"}"#),
        ("5 as $x | $x, (1 | . as $y | $name)", "5 \"Ada\""),
        ("def f($x): $x; f(2), $x", "2 1.10"),
        ("reduce range(3) as $x (0; . + $x) | ., $x", "3 1.10"),
        ("[foreach range(3) as $i ($x; . + $i; [., $x])] | length, $ENV", "3 {}"),
    ] {
        assert_eq!(outputs(program, given(args, &[], &[])), expected, "{program}");
    }
    assert_eq!(outputs("$ARGS, $ENV, env", Given::default()), r#"{"positional":[],"named":{}} {} {}"#);
}

#[test]
fn arguments_that_are_no_json_say_where() {
    let (code, offset, path, message) = refused(".", given(&[("a", "1"), ("b", "{\"x\": nan}")], &[], &[]));
    assert_eq!((code.as_str(), offset, path.as_str()), ("args", 7, "b"));
    assert!(message.contains("found `nan`"), "{message}");
    assert_eq!(refused(".", given(&[("deep", "[[[[[[[[[1]]]]]]]]]")], &[], &[])).0, "args");
}

#[test]
fn unknown_variables_tell_of_arguments() {
    let (_, offset, _, message) = refused("1 + $limt", given(&[("limit", "1")], &[], &[]));
    assert_eq!((offset, message.as_str()), (4, "`$limt` is not defined; did you mean `$limit`?"));
}

const MODULES: &[(&str, &str)] = &[
    (
        "lib/a.jq",
        "module {\"version\": 1.70, tags: [\"x\", true, null]}; def a: \"a\"; def f(g): g | g; def map(f): \"own\";",
    ),
    (
        "lib/b.jq",
        "import \"a\" as in_b; def a: in_b::a + \"b\"; def e: 1; def e: 2; def uses: map(.); def twice: e, $x;",
    ),
    (
        "lib/c.jq",
        "def e: 3; def old: e; def e: old + 10; def loc: $__loc__; def rec: if . < 3 then . + 1 | rec else . end;",
    ),
    ("lib/d.json", " {\"n\": 1.50} [2] \"three\"\n"),
];

#[test]
fn modules_are_imported_and_included() {
    let all = &[(2, 0, 1), (0, 0, 2), (0, 1, 1), (0, 2, 3), (0, 3, 4)][..];
    let head = "import \"b\" as b; import \"a\" as x; include \"c\"; import \"d\" as $d; ";
    for (body, expected) in [
        ("b::a, x::a", "\"ab\" \"a\""),
        ("b::e", "2"),
        ("[1] | b::uses, map(. + 1), x::map(.)", "[1] [2] \"own\""),
        ("b::twice", "2 7"),
        ("e, old", "13 3"),
        ("def e: 5; e, old", "5 3"),
        ("def f(e): e; f(6), e", "6 13"),
        ("def f($e): e + $e; f(6), e", "12 13"),
        ("loc", r#"{"file":"lib/c.jq","line":1}"#),
        ("0 | rec", "3"),
        ("3 | x::f(. * 2)", "12"),
        ("$d, $d::d[1]", r#"[{"n":1.50},[2],"three"] [2]"#),
        ("{$d} | .d[2]", "\"three\""),
        ("\"\\($d::d[2]) \\(b::a)\"", "\"three ab\""),
        (". as $d | $d, [[1] as [$d] | $d]", "null [1]"),
        ("def g: $d[0].n; g", "1.50"),
        ("get_search_list", r#"["lib"]"#),
        (
            "\"a\" | modulemeta",
            r#"{"version":1.70,"tags":["x",true,null],"deps":[],"defs":["a/0","f/1","map/1"]}"#,
        ),
        ("\"b\" | modulemeta | .deps", r#"[{"as":"in_b","is_data":false,"relpath":"a"}]"#),
        ("\"c\" | modulemeta | .defs", r#"["e/0","old/0","loc/0","rec/0"]"#),
        (
            "try (\"nope\" | modulemeta) catch .",
            "\"expected the path of a module that is imported, found string (\\\"nope\\\")\"",
        ),
        ("", "null"),
    ] {
        let program = format!("{head}{body}");
        assert_eq!(outputs(&program, given(&[("x", "7")], MODULES, all)), expected, "{body}");
    }
}

#[test]
fn of_modules_with_one_name_the_last_that_has_the_filter_is_meant() {
    let files =
        &[("0", "def p: 0; def q: 0;"), ("1", "def q: 1; def r: 1;"), ("2", "def r: 2; def r(f): f;")];
    let imports = &[(0, 0, 1), (0, 1, 2), (0, 2, 3)];
    let program = "import \"p\" as t; import \"q\" as t; import \"r\" as t; t::p, t::q, t::r, t::r(5)";
    assert_eq!(outputs(program, given(&[], files, imports)), "0 1 2 5");
    let program = "include \"p\"; include \"q\"; include \"r\"; p, q, r, r(5)";
    assert_eq!(outputs(program, given(&[], files, imports)), "0 1 2 5");
    // Also where the short road knows the builtin of this name.
    let own = &[("m", "def map(f): \"own map\"; def length: \"own length\"; def select(f): f;")];
    let program = "include \"m\"; [map(.), length, select(1)]";
    assert_eq!(outputs(program, given(&[], own, &[(0, 0, 1)])), r#"["own map","own length",1]"#);
}

#[test]
fn what_is_missing_is_asked_for() {
    let program = "import \"a\" as a; include \"é\\\"\" {search: [\"./x\", 1, \"y\"]}; import \"d\" as $d {search: \"z\"}; .";
    let (code, _, _, message) = refused(program, given(&[], &[("a.jq", "import \"b\" as b;")], &[(0, 0, 1)]));
    assert_eq!(code, "import");
    let expected = concat!(
        r#"[{"from":0,"nth":1,"offset":25,"data":false,"path":"\u00e9\u0022","search":["./x","y"]},"#,
        r#"{"from":0,"nth":2,"offset":66,"data":true,"path":"d","search":["z"]},"#,
        r#"{"from":1,"nth":0,"offset":7,"data":false,"path":"b"}]"#
    );
    assert_eq!(message, expected);
    let many: String = (0..500).map(|n| format!("import \"{n:050}\" as a;")).collect();
    let (code, _, _, message) = refused(&many, Given::default());
    assert!(code == "import" && message.len() <= 4000 && message.ends_with("}]"), "{message}");
    let long = format!("include \"{}\"; .", "x".repeat(2000));
    assert_eq!(refused(&long, Given::default()).0, "program");
}

/// A file with `^` before the byte at fault, and the message.
fn refusal_in(marked: &str, message: &str) {
    let offset = marked.find('^').expect("a mark");
    let text = marked.replacen('^', "", 1);
    let files = &[("m.jq", text.as_str()), ("n.jq", "def near: 1; def f(g): g;"), ("d.json", "1")];
    let imports = &[(0, 0, 1), (1, 0, 2), (1, 1, 3)];
    let (code, at, path, found) = refused("import \"m\" as m; .", given(&[], files, imports));
    assert_eq!((code.as_str(), at, path.as_str()), ("program", offset, "$.given.files[0]"), "{marked}");
    assert_eq!(found, message, "{marked}");
}

#[test]
fn errors_in_modules_have_their_place() {
    for (marked, message) in [
        ("^wat;", "expected a definition such as `def f: .;`, found `wat`"),
        ("def f: 1; ^.", "expected a definition such as `def f: .;`, found `.`"),
        ("def f: ^;", "expected a filter, found `;`"),
        ("def f: \"\\^q\";", "expected an escape such as `\\n`, `\\\"` or `\\(`, found `q`"),
        ("# é\ndef f: ^nope;", "`nope` is not defined"),
        (
            "def f: ^later; def later: 1;",
            "`later` is defined behind this place: a definition sees those before it",
        ),
        ("def f: ^$x;", "`$x` is not defined: `--arg x VALUE`, or `args` in Python, gives it from outside"),
        ("def f: 1^\0;", "expected a filter or an operator, found `\0`"),
        ("import \"n\" as n; def f: ^n::naer;", "`n::naer` is not defined; did you mean `n::near`?"),
        ("import \"n\" as n; def f: ^n::f;", "`n::f` takes 1 argument, 0 given"),
        ("import \"n\" as node; def f: ^nod::f;", "no module is imported as `nod`; did you mean `node`?"),
        ("include \"n\"; def f: ^neer;", "`neer` is not defined; did you mean `near`?"),
        (
            "include \"n\"; import \"d\" as $data; def f: ^$dat;",
            "`$dat` is not defined; did you mean `$data`?",
        ),
        ("import ^n as n;", "expected the path of a module, a string, found `n`"),
        ("import ^\"\\(1)\" as n;", "expected a constant path, found an interpolation"),
        ("import \"n\" ^\"n\";", "expected `as`, found a string"),
        ("import \"n\" as ^a::b;", "expected a name such as `a` or `$a`, found `a::b`"),
        ("include \"n\" ^[];", "expected an object as metadata"),
        ("include \"n\" ^{a: .b};", "expected constant metadata: an object without filters"),
        ("include \"n\" {a: ^};", "expected a filter, found `}`"),
        ("include \"n\"^", "expected `;`, found the end of the program"),
        ("module ^1;", "expected an object as metadata"),
        ("module {}^", "expected `;`, found the end of the program"),
    ] {
        refusal_in(marked, message);
    }
}

#[test]
fn data_files_are_json() {
    let files = &[("d.json", "{\"a\": 1}\n{\"a\": nan}"), ("e.json", "[1")];
    let program = "import \"d\" as $d; $d";
    let (code, offset, path, message) = refused(program, given(&[], files, &[(0, 0, 1)]));
    assert_eq!((code.as_str(), offset, path.as_str()), ("program", 16, "$.given.files[0]"));
    assert!(message.contains("found `nan`"), "{message}");
    assert_eq!(refused(program, given(&[], files, &[(0, 0, 2)])).1, 2);
    assert_eq!(outputs(program, given(&[], &[("d.json", " \n")], &[(0, 0, 1)])), "[]");
}

#[test]
fn cycles_are_refused() {
    let files = &[("a.jq", "import \"b\" as b; def f: 1;"), ("b.jq", "import \"a\" as a; def f: 1;")];
    let (code, offset, path, message) =
        refused("include \"a\"; f", given(&[], files, &[(0, 0, 1), (1, 0, 2), (2, 0, 1)]));
    assert_eq!((code.as_str(), offset, path.as_str()), ("program", 7, "$.given.files[1]"));
    assert_eq!(message, "`a` is imported by a module that it imports itself");
    assert_eq!(refused("include \"a\"; f", given(&[], &files[..1], &[(0, 0, 1), (1, 0, 1)])).0, "program");
}
