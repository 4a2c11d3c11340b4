//! Programs that do not compile: where, and what is said.

use crate::jq::Program;

/// A program with `^` before the byte at fault, and the message.
const CASES: &[(&str, &str)] = &[
    // The lexer's.
    ("1 + ^& 2", "expected a filter or an operator, found `&`"),
    (".a^)", "expected a filter or an operator, found `)`"),
    ("(1, 2^", "expected `)`, found the end of the program"),
    (".a[0^", "expected `]`, found the end of the program"),
    ("{a: 1^", "expected `}`, found the end of the program"),
    ("\"abc^", "expected a closing `\"`, found the end of the program"),
    ("\"a\\^q\"", "expected an escape such as `\\n`, `\\\"` or `\\(`, found `q`"),
    ("\"\\u12^\"", "expected four hexadecimal digits of a Unicode character, found `\"`"),
    ("1.^", "expected a digit, found the end of the program"),
    ("$^ x", "expected a name, found ` `"),
    // The parser's.
    (". |^", "expected a filter, found the end of the program"),
    (". ^foo", "expected an operator or the end of the program, found `foo`"),
    ("if . then 1^", "expected `elif`, `else` or `end`, found the end of the program"),
    ("if . ^else 1 end", "expected `then`, found `else`"),
    ("{a:^}", "expected a filter, found `}`"),
    ("{a: 1,^, b: 2}", "expected a key, found `,`"),
    (". as [$a^: $b] | .", "expected `,` or `]`, found `:`"),
    (". as ^1 | .", "expected a pattern such as `$x`, `[$x, $y]` or `{a: $x}`, found `1`"),
    ("[1, 2^; 3]", "expected `]`, found `;`"),
    (". ^(1)", "expected an operator or the end of the program, found `(`"),
    (".a ^\"b\"", "expected an operator or the end of the program, found a string"),
    ("label ^x | .", "expected a variable such as `$x`, found `x`"),
    (". as [$a] ?// ^1 | .", "expected a pattern such as `$x`, `[$x, $y]` or `{a: $x}`, found `1`"),
    ("1 < 2 ^== true", "expected brackets around the operator before, as these do not chain, found `==`"),
    ("{^(0): 1}", "Cannot use number (0) as object key"),
    (". as {^(true): $x} | 1", "Cannot use boolean (true) as object key"),
    ("1 | ^then", "expected a filter, found `then`"),
    ("def ^if: 1; 2", "expected a name, found `if`"),
    // Names.
    (".a | ^slect(.b)", "`slect` is not defined; did you mean `select`?"),
    ("^to_entires", "`to_entires` is not defined; did you mean `to_entries`?"),
    ("^xyzzy", "`xyzzy` is not defined"),
    ("^select", "`select` takes 1 argument, 0 given"),
    ("^select(1; 2)", "`select` takes 1 argument, 2 given"),
    ("^range(1; 2; 3; 4)", "`range` takes 1 or 2 or 3 arguments, 4 given"),
    ("^reduce .[] as $x (0)", "`reduce` takes 2 arguments, 1 given"),
    ("def wanted(f): f; ^wnted(.)", "`wnted` is not defined; did you mean `wanted`?"),
    ("def f($limit): ^limi; f(1)", "`limi` is not defined; did you mean `limit`?"),
    (". as $item | ^$itme", "`$itme` is not defined; did you mean `$item`?"),
    ("^$x", "`$x` is not defined: `--arg x VALUE`, or `args` in Python, gives it from outside"),
    ("label $out | break ^$oot", "label `$oot` is not defined; did you mean `$out`?"),
    ("^@cvs", "`@cvs` is not defined; did you mean `@csv`?"),
    ("\"a\\(^foo)\"", "`foo` is not defined"),
    ("[.[] | {a: ^frist}]", "`frist` is not defined; did you mean `first`?"),
    ("^foo, bar", "`foo` is not defined"),
    ("# é\n^nope", "`nope` is not defined"),
    ("^@wasmrecords_main", "`@wasmrecords_main` is not defined"),
    // What the sandbox has not.
    (
        "^now",
        "`now` is not available: it needs a clock: `--allow clock` grants one that counts records, `--allow clock=real` the machine's",
    ),
    ("[^inputs]", "`inputs` is not available: each record is transformed alone, and `.` is that record"),
    ("^input", "`input` is not available: each record is transformed alone, and `.` is that record"),
    (
        "^input_line_number",
        "`input_line_number` is not available: lines are counted outside: a failed record's is in its dead letter",
    ),
    ("1 | ^a::b", "no module is imported as `a`: `import \"...\" as a;` at the start would do it"),
    (
        "^halt",
        "`halt` is not available: a record cannot end the run: `empty` drops it, `error` and `halt_error` fail it",
    ),
];

#[test]
fn say_where_and_what() {
    for (marked, message) in CASES {
        let offset = marked.find('^').expect("a mark");
        let program = marked.replacen('^', "", 1);
        let Err(failure) = Program::compile(&program) else { panic!("{program} compiles") };
        assert_eq!(failure.message, *message, "{program}");
        assert_eq!(
            (failure.code.as_ref(), failure.offset, failure.path.as_str()),
            ("program", offset, "$"),
            "{program}"
        );
    }
}

#[test]
fn own_definitions_may_have_refused_names() {
    super::check(&[("def now: 1; def input(f): f; [now, input(2)]", "null", "[1,2]")]);
}
