//! Where jaq does otherwise than jq 1.8: rewritten programs, and operators.

use super::check;

#[test]
fn calculations() {
    check(&[
        ("[6 / 4, 6 / 3, (\"a,b\" / \",\")]", "null", r#"[1.5,2,["a","b"]]"#),
        ("1 / 0", "null", "! number (1) and number (0) cannot be divided because the divisor is zero"),
        ("0 / 0.0", "null", "! number (0) and number (0.0) cannot be divided because the divisor is zero"),
        ("[.[] | (1 / .)?]", "[0,2]", "[0.5]"),
        ("[5.5 % 2, 5 % 1.5, 5 % 2.7, -5.5 % 2, 1e19 % 7, 5 % infinite]", "null", "[1,0,1,-1,0,5]"),
        ("infinite % 5, -infinite % 5, 5 % nan, nan % 5", "null", "2 -3 null null"),
        ("try (5 % 0.5) catch \"E\", try (\"a\" % 1) catch \"E\"", "null", r#""E" "E""#),
        (".a /= 2 | .b %= 2.5 | .c *= 1.5", r#"{"a":4,"b":5,"c":"xy"}"#, r#"{"a":2,"b":1,"c":"xy"}"#),
        (
            "[\"a\" * (0, 0.5, 1, 1.5, 2.7, nan, -1, -0.5)], -1.0 * \"abc\", 2 * \"ab\"",
            "null",
            r#"["","","a","a","aa",null,null,null] null "abab""#,
        ),
        ("\"a\" * 1e10", "null", "! Repeat string result too long"),
        ("\"\" * 1e10", "null", r#""""#),
        (
            "[(1, 2) + (10, 20)], [(1, 2) - (10, 20)], [(6, 8) / (1, 2)], [(1, 2) * (1, 3)]",
            "null",
            "[11,12,21,22] [-9,-8,-19,-18] [6,8,3,4] [1,2,3,6]",
        ),
        (
            "[(1, 2) == (1, 3)], [(1, 2) < (2, 1)]",
            "null",
            "[true,false,false,false] [true,false,false,false]",
        ),
    ]);
}

#[test]
fn places() {
    check(&[
        (".[0]", r#"{"a":1}"#, "! Cannot index object with number (0)"),
        ("{a: 1}[null]", "null", "! Cannot index object with null (null)"),
        ("[.[0]?, .[true]?], .[\"a\"]", r#"{"a":1}"#, "[] 1"),
        ("null | .[0], .[1:], .[\"a\"], .[{}]", "null", "null null null null"),
        (
            ".a[.i], .a[.i:], .a[.i]?, .[.s][.i], .[\"\\(.s)\"][0]",
            r#"{"a":[7,8],"i":1,"s":"a"}"#,
            "8 [8] 8 8 7",
        ),
        ("[(.[0], .[1])[0, 1]], [.[.[0][0], 1][0]]", "[[1,2],[3,4]]", "[1,3,2,4] [3,3]"),
        ("[.[0, 1:2, 3]]", "[1,2,3,4]", "[[1,2],[1,2,3],[2],[2,3]]"),
        ("path(.[1.7]), path(.[1:][0]), path(.[.[0]])", "[1,2]", r#"[1.7] [{"start":1,"end":null},0] [1]"#),
        (".a[.i] |= . + 1 | del(.a[.i - 1])", r#"{"a":[7,8],"i":1}"#, r#"{"a":[9],"i":1}"#),
        (".[0:1e300], .[-1e300:1], .[nan:1], .[1:nan], .[infinite:]", "[1,2]", "[1,2] [1] [1] [2] []"),
        (".[0:2] |= empty, (.[:1] |= . + [9])", "[1,2,3]", "[3] [1,9,2,3]"),
        ("has(0)", r#"{"a":1}"#, "! Cannot check whether object has a number key"),
        ("has(-1, 0.5, nan, 1), (null | has(0, \"a\"))", "[1]", "false true false false false false"),
        (". as [$a] | $a", r#"{"a":1}"#, "! Cannot index object with number (0)"),
        (". as [$a] | $a", "null", "null"),
        (". as [$a, [$b], {c: [$d]}] | [$a, $b, $d]", r#"[1,[2],{"c":[3]}]"#, "[1,2,3]"),
        ("reduce .[] as [$k, $v] ({}; .[$k] += $v)", r#"[["a",1],["a",2]]"#, r#"{"a":3}"#),
        (
            "[foreach .[] as [$k, {a: $v}] (0; . + $v; [$k, .])]",
            r#"[["x",{"a":1}],["y",{"a":2}]]"#,
            r#"[["x",1],["y",3]]"#,
        ),
    ]);
}

#[test]
fn syntax() {
    check(&[
        (
            r#""\ud83d\ude00", "\\ud83d\\ude00", @base64 "\ud83d\ude00""#,
            "null",
            r#""😀" "\\ud83d\\ude00" "😀""#,
        ),
        (r#"{"\uD83D\uDE00": 1}, "a\("\ud83d\ude00")""#, "null", r#"{"😀":1} "a😀""#),
        ("[.05, 1.5, .5 + .5, -.5], \"a\\(.5)b\"", "null", r#"[0.05,1.5,1,-0.5] "a0.5b""#),
        ("def f($x): $x | x; f(3)", "null", "3"),
        ("def f($first; $y): [first, y, ([$y] | first)]; f(2; 3)", "null", "[2,3,2]"),
        (". as {$a: [$x]} | [$a, $x]", r#"{"a":[1]}"#, "[[1],1]"),
        ("[.] | . as [{$a: {$b: [$c]}}] | [$a, $b, $c]", r#"{"a":{"b":[3]}}"#, r#"[{"b":[3]},[3],3]"#),
        (
            "\"\\(1, 2)-\\(3, 4)\", [@json \"\\(1, 2)\\(\"a\", \"b\")\"]",
            "null",
            r#""1-3" "2-3" "1-4" "2-4" ["1\"a\"","2\"a\"","1\"b\"","2\"b\""]"#,
        ),
    ]);
}

#[test]
fn repetitions() {
    check(&[
        ("reduce range(3) as $x (0; empty), reduce range(3) as $x (0; ., 10)", "null", "null 10"),
        ("reduce range(3) as $x (0; if $x == 1 then empty else . + 1 end)", "null", "1"),
        ("map_values(., 9), map_values(empty), walk(1, 2), [walk(., 9)]", "[1]", "[1] [] 1 2 [[1,9],9]"),
        ("[walk(., 9)]", r#"{"a":1}"#, r#"[{"a":1},9]"#),
        ("limit(-1; 1)", "null", "! limit does not support a negative count"),
        ("skip(-1; 1)", "null", "! skip does not support a negative count"),
        ("[limit(1.5; 1, 2, 3)], [skip(1.5; 1, 2, 3)], [limit(0; error)]", "null", "[1,2] [2,3] []"),
        ("[range(0; 3; 0)], [range(3; 0; -2)], [range(0, 1; 3)]", "null", "[] [3,1] [0,1,2,1,2]"),
    ]);
}

#[test]
fn builtins() {
    check(&[
        ("[gsub(\"(?<a>.)\"; \"\\(.a | ascii_upcase)\", \"c\")]", r#""aB""#, r#"["AB","cc"]"#),
        ("gsub(\"[^a-z]*(?<x>[a-z]*)\"; \"Z\\(.x)\")", r#""123foo456bar""#, r#""ZfooZbarZ""#),
        (
            "[match(\"a*\"; \"g\").offset], gsub(\"a\"; empty), gsub(\"^\"; \"-\")",
            r#""baab""#,
            r#"[0,1,3,4] "baab" "-baab""#,
        ),
        ("to_entries", "[5]", r#"[{"key":0,"value":5}]"#),
        (
            "from_entries",
            r#"[{"key":true}]"#,
            "! expected a string as the key of an entry, found boolean (true)",
        ),
        ("from_entries", r#"[{"k":"a"}]"#, "! expected a string as the key of an entry, found null (null)"),
        ("[.[] | reverse]", r#"[[1,2],null,"",{}]"#, "[[2,1],[],[],[]]"),
        ("reverse", r#""ab""#, r#"! expected an array, found string ("ab")"#),
        ("join(\",\"), ([\"a\", \"b\"] | join(null))", r#"{"a":1,"b":"x"}"#, r#""1,x" "ab""#),
        ("indices(1), index(\"a\"), rindex(\"a\"), ({} | indices(\"a\"))", "null", "null null null null"),
        ("contains(\"a\")", "1", r#"! number (1) cannot contain string ("a"): their types differ"#),
        ("[contains(1), contains(2), ([\"ab\"] | contains([\"a\"]))]", "1", "[true,false,true]"),
        (
            "[.[] | isnan, isinfinite, isnormal]",
            r#"["a",null,1]"#,
            "[false,false,false,false,false,false,false,false,true]",
        ),
        ("abs", r#""a""#, r#""a""#),
        ("abs", "null", "! expected a number, found null (null)"),
        ("[.[] | @base64d]", r#"["=","====","YQ","YQ=="]"#, r#"["","","a","a"]"#),
        (
            "mktime, strftime(\"%Y-%m-%d\"), todate",
            "[2024,1,3]",
            r#"1706918400 "2024-02-03" "2024-02-03T00:00:00Z""#,
        ),
        (
            "JOIN({a: 1}; .[0]), [JOIN({a: 1}; .[]; .[0])], [JOIN({a: 1}; .[]; .[0]; length)]",
            r#"[["a"],["b"]]"#,
            r#"[[["a"],1],[["b"],null]] [[["a"],1],[["b"],null]] [2,2]"#,
        ),
    ]);
}
