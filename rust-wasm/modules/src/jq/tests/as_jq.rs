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
fn precedence() {
    check(&[
        ("[5 * 7 % 4, 5 % 4 * 7, 100 / 10 % 3, 7 - 2 - 1, 2 + 3 * 4]", "null", "[3,7,1,4,14]"),
        (".a = .b // \"x\", (.a = (.b // \"x\"))", "{}", r#"{"a":null} {"a":"x"}"#),
        ("null // false // 3, (1 // 2 | . + 1), [false, 1 | . // 2 // 3]", "null", "3 2 [2,1]"),
        ("1 + 2 as $x | $x * 2, 1", "null", "6 1"),
        ("1, 2 as $x | 3, 4 | [.]", "null", "1 [3] [4]"),
        ("2, def f: 1; f | [.]", "null", "2 [1]"),
        ("[reduce .[] / .[] as $x (0; . + $x)], [foreach -.[0] as $x (0; . + $x)]", "[1,2]", "[4.5] [-1]"),
        (
            "try error(\"x\") // 2, -.a[0], {a: 1 | . + 1, b: 2 // 3,}",
            r#"{"a":[3]}"#,
            r#"2 -3 {"a":2,"b":2}"#,
        ),
        ("[.[0][true]??], [.[0]??], [.a[true]?]", r#"{"a":null}"#, "[] [] []"),
        ("try .[0][true]? catch .", r#"{"a":null}"#, r#""Cannot index object with number (0)""#),
        ("{if: 1, then: 2} | .if, .then, {(\"a\", \"b\"): 1}", "null", r#"1 2 {"a":1} {"b":1}"#),
    ]);
}

#[test]
fn alternative_patterns() {
    check(&[
        (".[] as [$a] ?// {a: $a} ?// $a | $a", r#"[[1],{"a":2},3]"#, "1 2 3"),
        (
            ".[] as {$a, b: [$c]} ?// [$a, {$b}] | [$a, $b, $c]",
            r#"[{"a":1,"b":[2]},[3,{"b":4}]]"#,
            "[1,null,2] [3,4,null]",
        ),
        (". as [$a] ?// [$b] | if $a then error(\"no\") else [$a, $b] end", "[3]", "[null,3]"),
        (". as [$a] ?// [$b] | (\"first\", error(\"no\"))", "[3]", r#""first" "first" ! no"#),
        (". as [$a] ?// {$a} | 1", "1", "! Cannot index number with string (\"a\")"),
        (
            "[.[] as [$a] ?// $a | $a] | error",
            "[[1]]",
            "! the program raised an error that is no string: [1]",
        ),
        ("reduce .[] as [$x] ?// $x (0; . + $x)", "[[1],2,[3]]", "6"),
        ("[foreach .[] as [$x] ?// $x (0; . + $x; [$x, .])]", "[[1],2]", "[[1,1],[2,3]]"),
        ("path(. as [$a] ?// $a | .[$a])", "0", "! Cannot index number with number (0)"),
        ("[paths] as [[$a]] ?// $a | .[0] as $x ?// $y | [$a, $x, $y]", r#"["q"]"#, r#"[0,"q",null]"#),
        ("def f: . as [$a] ?// $a | if $a > 0 then $a - 1 | f else $a end; f", "[3]", "0"),
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
fn times() {
    check(&[
        ("strptime(\"%H:%M\")", r#""10:20""#, "[1900,0,0,10,20,0,8,367]"),
        ("strptime(\"%Y-%m\")", r#""2015-03""#, "[2015,2,0,0,0,0,6,58]"),
        ("strptime(\"%Y %j\") | ., mktime", r#""2015 064""#, "[2015,2,5,0,0,0,4,63] 1425513600"),
        ("strptime(\"%Y-%m-%d\")", r#""  2015-3-5 x""#, r#"[2015,2,5,0,0,0,4,63," x"]"#),
        (
            "strptime(\"%a, %d %b %Y %I:%M:%S %p %z\")",
            r#""Thu, 05 Mar 2015 11:51:47 PM +0100""#,
            "[2015,2,5,23,51,47,4,63]",
        ),
        ("strptime(\"%s\") | mktime", r#""1425599621""#, "1425599621"),
        ("strptime(\"%D %T\")", r#""12/31/99 1:2:3""#, "[1999,11,31,1,2,3,5,364]"),
        (
            "strptime(\"%Y-%m-%d\")",
            r#""2015-13-05""#,
            r#"! date "2015-13-05" does not match format "%Y-%m-%d""#,
        ),
        ("strptime(\"%Y\")", r#""2015x""#, r#"! date "2015x" does not match format "%Y""#),
        ("strptime(1)", r#""1""#, "! strptime/1 requires string inputs and arguments"),
        ("gmtime", r#""x""#, "! gmtime() requires numeric inputs"),
        ("strftime([])", "0", "! strftime/1 requires a string format"),
        ("[1.5, -1.5 | gmtime[5]]", "null", "[1.5,58.5]"),
    ]);
}

#[test]
fn repetitions() {
    check(&[
        ("reduce range(3) as $x (0; empty), reduce range(3) as $x (0; ., 10)", "null", "null 10"),
        ("reduce range(3) as $x (0; if $x == 1 then empty else . + 1 end)", "null", "1"),
        ("map_values(., 9), map_values(empty), walk(1, 2), [walk(., 9)]", "[1]", "[1] [] 1 2 [[1,9],9]"),
        ("[walk(., 9)]", r#"{"a":1}"#, r#"[{"a":1},9]"#),
        ("limit(-1; 1)", "null", "! limit doesn't support negative count"),
        ("skip(-1; 1)", "null", "! skip doesn't support negative count"),
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
        ("from_entries", r#"[{"key":true}]"#, "! Cannot use boolean (true) as object key"),
        ("from_entries", r#"[{"k":"a"}]"#, "! Cannot use null (null) as object key"),
        ("[.[] | reverse]", r#"[[1,2],null,"",{}]"#, "[[2,1],[],[],[]]"),
        ("reverse", r#""ab""#, "! Cannot index string with number (1)"),
        ("join(\",\"), ([\"a\", \"b\"] | join(null))", r#"{"a":1,"b":"x"}"#, r#""1,x" "ab""#),
        ("indices(1), index(\"a\"), rindex(\"a\"), ({} | indices(\"a\"))", "null", "null null null null"),
        ("contains(\"a\")", "1", r#"! number (1) and string ("a") cannot have their containment checked"#),
        ("[contains(1), contains(2), ([\"ab\"] | contains([\"a\"]))]", "1", "[true,false,true]"),
        (
            "[.[] | isnan, isinfinite, isnormal]",
            r#"["a",null,1]"#,
            "[false,false,false,false,false,false,false,false,true]",
        ),
        ("abs", r#""a""#, r#""a""#),
        ("abs", "null", "! null (null) cannot be negated"),
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
