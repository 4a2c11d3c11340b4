//! Programs by a grammar of the subset, and some that people write.

use crate::chance::Chance;

const PATHS: [&str; 30] = [
    ".a",
    ".b",
    ".c",
    ".b.a",
    ".b.c",
    ".b.b.a",
    ".a?",
    ".b.c?",
    ".a[1:]",
    ".a[:2]",
    ".a[-2:]",
    ".d[0]",
    ".d[-1]",
    ".d[0:1]",
    ".[\"a b\"]",
    ".[\"é\"]",
    ".d",
    ".[\"k\\n\"]",
    ".b[\"b\"]",
    ".d[0]?",
    ".a[-3:-1]",
    ".[\"\"]",
    ".c?.a",
    ".",
    ".d[1].a",
    ".d.b",
    ".a.b",
    ".a",
    ".c",
    ".b",
];
const LITERALS: [&str; 24] = [
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "1.0",
    "2.50",
    "-2.50",
    "1e2",
    "\"x\"",
    "\"ab\"",
    "\"é\"",
    "\"\"",
    "\"a\\n\\\"\"",
    "[]",
    "{}",
    "\"\\u007f/\"",
    "3",
    "100000000000000000",
    "1234567890123456789",
    "0.5",
    "[1, \"x\", {a: 2}]",
    "{a: 1, \"b c\": [2]}",
];
const STRINGS: [&str; 12] = [
    "\"x\"", "\"a\"", "\"\"", "\"é\"", "\"ab\"", "\"\\n\"", "\"\\\"\"", "\".\"", "\"z\"", "\",\"", "\"/\"",
    "\"b\"",
];

const MACHINES: &[&str] = &[
    "\"^[^/]+$\"",
    "\"[0-9]+\"",
    "\"^\\\\d+$\"",
    "\"\\\\w\\\\s\"",
    "\"a.\"",
    "\"^.$\"",
    "\"(x|ab)+c?$\"",
    "\"[a-z]{2,3}\"",
    "\"\\\\.(b|c)$\"",
    "\"^(a|\\\\d)*$\"",
    "\"[^a-z]\"",
    "\"é+\"",
    "\"\\\\D$\"",
    "\"^[^é]$\"",
    "\"a|^$\"",
    "\"\\\\n.\"",
];

/// A program with any number of outputs.
pub fn program(chance: &mut Chance) -> String {
    let depth = 1 + chance.below(3);
    match chance.below(14) {
        10.. => straight(chance),
        0 => single(chance, 3),
        1 => format!("select({}) | {}", condition(chance, 2), body(chance)),
        2 => format!(
            "select({}) | select({}) | {}",
            condition(chance, 1),
            condition(chance, 2),
            many(chance, 1)
        ),
        3 => body(chance),
        4 => format!("{} | {}", body(chance), body(chance)),
        5 => format!("{} | {} | {}", body(chance), change(chance), change(chance)),
        _ => many(chance, depth),
    }
}

/// Tests of slots, and copies.
fn straight(chance: &mut Chance) -> String {
    const SLOTS: [&str; 7] = [".a", ".b.a", ".c", ".b.c", ".[\"a b\"]", ".d", ".b"];
    let test = |chance: &mut Chance| {
        let slot = *chance.pick(&SLOTS);
        match chance.below(6) {
            0 => slot.to_string(),
            1 => format!("({slot} | not)"),
            2 => format!("has({})", chance.pick(&["\"a\"", "\"é\"", "\"k\\n\""])),
            3 => format!("(.a | startswith({}))", chance.pick(&STRINGS)),
            _ => format!(
                "{slot} {} {}",
                chance.pick(&["==", "!=", "<", "<=", ">", ">="]),
                chance.pick(&LITERALS[..20])
            ),
        }
    };
    let condition = match chance.below(5) {
        0 => test(chance),
        1 => format!("{} and {}", test(chance), test(chance)),
        2 => format!("({} or {}) and {}", test(chance), test(chance), test(chance)),
        3 => format!("{} or ({} and {} | not)", test(chance), test(chance), test(chance)),
        _ => "true | not | not".into(),
    };
    let (one, other) = (*chance.pick(&SLOTS), *chance.pick(&SLOTS));
    let body = match chance.below(8) {
        0 => ".".into(),
        1 => one.into(),
        2 => format!("{{a, x: {one}, \"y\\n\": [{other}, 1, {{}}], z: {{b}}}}"),
        3 => format!("del(.a, .c) | .b = {one}"),
        4 => format!("del({}, .d)", chance.pick(&[".a", ".b", ".c", ".[\"é\"]", ".[\"\"]"])),
        5 => format!(". + {{a: {one}, n: [{other}]}} | .c = .d | del(.b)"),
        6 => format!(".new = {one} | del(.a, .[\"a b\"])"),
        _ => format!("[{one}, {{a: {other}}}, .c]"),
    };
    match chance.below(5) {
        0 => body,
        _ if condition.starts_with("true") => body,
        1 => format!("select({condition})"),
        _ => format!("select({condition}) | {body}"),
    }
}

/// What people do with a whole record.
fn body(chance: &mut Chance) -> String {
    match chance.below(7) {
        0 => ".".into(),
        1 => format!("{{a, b: {}, \"c d\": {}}}", single(chance, 1), chance.pick(&LITERALS)),
        2 => format!("[{}, {}]", single(chance, 1), chance.pick(&PATHS)),
        3 => format!(". + {{b: {}, e: {}}}", single(chance, 1), chance.pick(&LITERALS)),
        4 => format!("{{x: {{y: {}}}, z: [{}]}}", chance.pick(&PATHS), chance.pick(&PATHS)),
        _ => change(chance),
    }
}

/// Changes of the input.
fn change(chance: &mut Chance) -> String {
    let path = *chance.pick(&[".a", ".b", ".b.a", ".new", ".new.er", ".b.c", ".[\"é\"]", ".a.b"]);
    match chance.below(10) {
        0 => format!("del({path})"),
        1 => "del(.a, .b)".into(),
        2 => "del(.b.a, .c)".into(),
        3 => "del(.d[].b)".into(),
        4 => "del(.d[].b.a, .d[].c, .a)".into(),
        5 | 6 => format!("{path} = {}", single(chance, 1)),
        7 => format!("{path} |= {}", single(chance, 1)),
        8 => format!("{path} {} {}", chance.pick(&["//=", "+=", "-=", "*="]), single(chance, 1)),
        _ => format!(".e = {} | del({path})", chance.pick(&PATHS)),
    }
}

fn condition(chance: &mut Chance, depth: usize) -> String {
    let op = *chance.pick(&["==", "!=", "<", "<=", ">", ">="]);
    let path = *chance.pick(&PATHS);
    match chance.below(if depth == 0 { 7 } else { 11 }) {
        0 => path.into(),
        1 => format!("{} {op} {path}", chance.pick(&LITERALS)),
        2 | 3 => format!("{path} {op} {}", chance.pick(&LITERALS)),
        4 => format!("({path} | {})", test(chance)),
        5 => format!(
            "({path} | type == {})",
            chance.pick(&["\"string\"", "\"object\"", "\"number\"", "\"x\""])
        ),
        6 => format!("({path} | IN({}, {}, {path}))", chance.pick(&LITERALS), chance.pick(&LITERALS)),
        7 => format!("({} | not)", condition(chance, depth - 1)),
        8 => format!("{path} {op} {}", chance.pick(&PATHS)),
        _ => {
            let (left, right) = (condition(chance, depth - 1), condition(chance, depth - 1));
            format!("({left} {} {right})", chance.pick(&["and", "or"]))
        }
    }
}

fn test(chance: &mut Chance) -> String {
    let text = *chance.pick(&STRINGS);
    match chance.below(9) {
        0 => format!("has({text})"),
        1 => format!("startswith({text})"),
        2 => format!("endswith({text})"),
        3 => format!("contains({text})"),
        4 => format!(
            "test({})",
            chance.pick(&["\"^a\"", "\"x|y$\"", "\"b$\"", "\"a\\\\.b\"", "\"^x$\"", "\"\"", "\"é\""])
        ),
        5 => format!("test({}; \"i\")", chance.pick(&["\"A\"", "\"^ab\"", "\"x|C$\"", "\"K\""])),
        6 => format!("({text} == .)"),
        7 => format!("test({})", chance.pick(MACHINES)),
        _ => "(length > 1)".into(),
    }
}

/// A program with one output at most.
fn single(chance: &mut Chance, depth: usize) -> String {
    if depth == 0 {
        let from = if chance.below(3) == 0 { &LITERALS[..] } else { &PATHS[..] };
        return chance.pick(from).to_string();
    }
    let (first, second) = (single(chance, depth - 1), single(chance, depth - 1));
    let first = if chance.below(3) == 0 { chance.pick(&[".a", ".b", ".c", ".d"]).to_string() } else { first };
    match chance.below(31) {
        0 => format!("({first} | {second})"),
        1 => format!("{{a: {first}, \"b\": ({second})}}"),
        2 => format!("{{(({first}) | tostring): ({second}), c}}"),
        3 | 4 => format!("[{}]", many(chance, depth - 1)),
        5 => format!("({first} // {second})"),
        6 | 7 => condition(chance, depth),
        8 => format!("({first} {} {second})", chance.pick(&["+", "+", "-", "*", "/", "%"])),
        9 => format!(
            "(.c {} {})",
            chance.pick(&["+", "-", "*", "/", "%"]),
            chance.pick(&[".c", "2", "1.5", ".b.c", "3"])
        ),
        10 => format!("({} + {})", chance.pick(&[".a", ".b.a"]), chance.pick(&["\"é\"", ".a", "\"\\n\""])),
        11 => format!("(if {} then {first} else {second} end)", condition(chance, 1)),
        12 => format!("\"<\\({first})|\\({second})>\""),
        13 => format!("select({})", condition(chance, 1)),
        14 | 15 => format!(
            "({} | {})",
            chance.pick(&[".a", ".c", ".b.a", "[.a]", "\"\\(.c)\"", "{c}"]),
            chance.pick(&[
                "length", "type", "tostring", "tojson", "not", "values", "strings", "@html", "@json", "@text"
            ])
        ),
        16 => format!(
            "({} | {})",
            chance.pick(&[".a", ".b.a", ".a[1:]", "\"\\(.d)\""]),
            chance.pick(&["ascii_downcase", "ascii_upcase", "tonumber", "split(\"a\")", "ltrimstr(\"a\")"])
        ),
        17 => format!(
            "({} | {})",
            chance.pick(&[".b", ".d", ".", ".d[0]"]),
            chance.pick(&["keys", "keys_unsorted", "to_entries", "add", "any", "all", "length"])
        ),
        18 => format!(
            "({first} | {})",
            chance.pick(&["scalars", "first", "last", "-.", "@csv", "tonumber", "add"])
        ),
        19 => format!(
            "([{first}, {second}] | {})",
            chance.pick(&["@csv", "@tsv", "join(\",\")", "add", "length"])
        ),
        20 => format!(
            "({first} | {}({}))",
            chance.pick(&["ltrimstr", "rtrimstr", "split", "join", "has", "contains"]),
            chance.pick(&STRINGS)
        ),
        21 => {
            format!("with_entries(select(.value {} {}))", chance.pick(&["!=", "=="]), chance.pick(&LITERALS))
        }
        22 => format!("({first} | {})", change(chance)),
        23 => format!("({first} as $x | {{$x, b: {second}}})"),
        24 => format!("(. as {{$a, b: $y}} | [$y, ($a | tostring), {second}])"),
        25 => format!("(.a as $x | [(.d[]? as $y | {{$x, $y}}), {first}] | length)"),
        26 => format!(
            "({} | {})",
            chance.pick(&["[.c, .a, .b.c]", ".d", "[.d[]?.c]", "[.c, 1, 1.0, .c]", "[.a, \"x\", .a]"]),
            chance.pick(&["sort", "unique", "min", "max", "reverse", "index(\"x\")", "sort | unique"])
        ),
        27 => format!(
            "({} | {})",
            chance.pick(&[".a", ".b.a", ".a + \" \"", "[.b] | tojson", "\"\\(.d)\"", ".c | tojson"]),
            chance.pick(&[
                "trim",
                "ltrim",
                "rtrim",
                "utf8bytelength",
                "index(\"a\")",
                "index(\"\")",
                "fromjson?",
                "fromjson",
                "tonumber?",
                "[tonumber?]"
            ])
        ),
        28 => format!(
            "({} | {})",
            chance.pick(&[".c", ".c / 2", ".b.c"]),
            chance.pick(&["floor", "ceil", "round", "abs"])
        ),
        29 => format!(
            "({} | contains({}))",
            chance.pick(&[".d", "[.d]", "[.d, .b]", "[[.a, .b]]", "[.b]"]),
            chance.pick(&["[[]]", "[{}]", "[[1]]", "[\"x\", []]", "[{a: \"x\"}]", "[]", "[.d[0]?]"])
        ),
        _ => format!(
            "({} | {})",
            chance.pick(&["any(.[]; . == 1)", "all(.a)", "any(. > 1)", "first(.[])"]),
            "."
        ),
    }
}

fn many(chance: &mut Chance, depth: usize) -> String {
    let one = single(chance, depth);
    let other = if depth > 0 { many(chance, depth - 1) } else { String::from(".") };
    match chance.below(9) {
        0 => format!("({one}, {other})"),
        1 => format!("({one} | .[]? | {other})"),
        2 => format!("(.[] | {other})"),
        3 => format!("(if {} then {other} else .a end)", condition(chance, 1)),
        4 => format!(".{}[]", chance.pick(&["d", "b", "c?", "d"])),
        5 => format!(
            "({}[]? | select({}) | {other})",
            chance.pick(&[".d", ".b", ".b.d"]),
            condition(chance, 1)
        ),
        6 => format!("((.d // [])[]? | {other})"),
        7 => format!("map({other})"),
        _ => one,
    }
}

/// Forms that people write.
pub const LISTED: &[&str] = &[
    "select(.a == \"x\")",
    "{a: .a[0:3], b: (.b // .c), c}",
    ".",
    ".a",
    ". + {on: true, days: 30, most: 1000000}",
    "del(.a)",
    "select(.a==\"x\" and .b.c.d >= 400)",
    "select(.a == \"x\") | .b",
    "select(.a==\"x\") | {t: .b, m: (.c[0:16])}",
    "select(.a | test(\"x\"))",
    "select(.a==\"x\" and (.b.c | test(\"x\")))",
    "select(.a | test(\"X\"; \"i\"))",
    "select(.a.b | contains(\"a\") | not)",
    "select(.a != \"x\")",
    "select(.a==\"x\" and (.b.c|test(\"ab|y\"))) | {id:.b.c, d:.d}",
    "select(.a < \"2025-11-26T00:00:00Z\")",
    "{a: .b | length, b: (.c // \"z\")}",
    "del(.a[].b.c) | del(.a[].d) | del(.b.c)",
    "del(.a) | .b = true | .c = \"x\"",
    "{a: {b: .a, c: {d: .b}}}",
    "{a: 1, b: \"X\", c: [], d: {e: .}}",
    "{a, b: .b.c, c, d: [.d[]? | {a, b, c}]}",
    "{a: {b: [.a[]? | select(.b == \"x\" and (.c | IN(\"x\", \"y\")))] | length, d: .b}}",
    ".a, .b[]? | @text",
    "if .a == \"x\" then ((.b // [])[] | select(.c == \"x\") | .d) elif .a == \"y\" then \"\\n\" else empty end",
    "if (.a | has(\"k/l\")) and .b == \"x\" then [.a.b, .a.c] else empty end",
    "[.a,.b,.c] | join(\" | \")",
    ".a[]? | select(.b == \"x\") | {t: ((.b // \"\") | @html)}",
    "select(.a.b.c? == \"x\") | .a.b",
    "select(.a.b != null) | \"\\(.a.c // .b): \\(.a.b)\"",
    "[ .a, [.b[]? | select(.a | test(\"x\")) | [ .a, .b|tostring ] ] ]",
    "select(.a | ascii_downcase | test(\"\\\\.c$\") | not)",
    "select(.a) | .b",
    "[.a, .b.c, .b.d] | @csv",
    "select(.a | startswith(\"x.\"))",
    "select(.a == \"x\" or .a == \"y\") | .b",
    "select(.a==\"x\") | .b, .c",
    "select(.a and .b==\"x\") | .c + \"  \" + .d",
    "select(.a) | \"\\(.a)  m \\(.b)m  x \\(.c)\"",
    "select(.a != true) | [ .b.c[]? | select(.a==\"x\") | .b ] | join(\"\\n\")",
    ".a.b // .c.d",
    "select(.a==\"x\") | .b // \"[none]\"",
    ". | {_a: .b, c, d}",
    ".a // {}",
    ".a[]? | select(.b | test(\"x$\"))",
    "\"\\(.a) \\(.b)\"",
    "has(\"a\")",
    "to_entries | map(.value) | @csv",
    ".a |= with_entries(if .key == \"b\" then .key = \"z\" else . end)",
    ".a | to_entries",
    ".a.b = (.c / .d)",
    ".a |= map(.b //= \"x\")",
    "{a: {b: .a.b, c: .a[\"x:y\"]}, (.c): \"on\"}",
    "[.a, .b, .c] | @tsv",
    "any(.a[]?; . == \"x\")",
    ".a |= ascii_downcase",
    ".a.b |= tostring",
    ".a | tonumber",
    "with_entries(select(.value != null))",
    "with_entries(.key |= \"p_\" + .)",
    "to_entries[] | {k: .key, v: .value}",
    "map(.a)",
    ".a | first",
    ".b = .a | del(.a)",
    "{new: .a} + del(.a)",
    "{u: .a.b, c: ([.b[]?.a] | add)}",
    "select(has(\"a\"))",
    ".a //= \"x\"",
    "select((.a | has(\"x\")) and .b == \"x\")",
    ".a |= {b, c}",
    "{a, b} | select(.a > 1)",
    "[.a[]?.b] | sort",
    "select(.d | index(\"x\"))",
    "fromjson? | select(type == \"object\")",
    ".a |= fromjson",
    ". as {$a, $c} | .d[]? | {$a, $c, b}",
    "(.a as $x | (1, 2) | [., $x]) as $y | {y: $y}",
    "if .a then .a else error(\"no a\") end",
    "select(.a | test(\"^original/[^/]+/[0-9]+\\\\.tar$\"))",
    "select(.a | ascii_downcase | test(\"\\\\.(sig|sha256|txt)$\") | not)",
];
