//! The language: what each construct yields, and its errors.

use super::check;

#[test]
fn paths() {
    check(&[
        (".", r#"{"a":1}"#, r#"{"a":1}"#),
        ("", "1", "1"),
        ("# only a comment", "1", "1"),
        (".a.b", r#"{"a":{"b":2}}"#, "2"),
        (".a.b", "null", "null"),
        (r#".["a b"], ."a b", .["a b"]?"#, r#"{"a b":1}"#, "1 1 1"),
        (".[1], .[-1], .[9]", "[1,2,3]", "2 3 null"),
        (".[1.7], .[1e0], .[-1.5], .[1e9], (.[length / 2])", "[1,2,3]", "2 2 3 null 2"),
        (".[.[1]], .[nan]", "[1,0.0]", "1 null"),
        (".[1:], .[:1], .[-2:], .[1:2]", "[1,2,3]", "[2,3] [1] [2,3] [2]"),
        (".[1:3]", r#""aéöb""#, r#""éö""#),
        (".a[0:2], .a[1:].b", "{}", "null null"),
        (".[.i:]", r#"[1]"#, "! Cannot index array with string (\"i\")"),
        (".a[.i:]", r#"{"a":[1,2],"i":1}"#, "[2]"),
        (".[]", r#"{"a":1,"b":[2]}"#, "1 [2]"),
        (".[]?, .a?", "1", ""),
        (".[]", "1", "! Cannot iterate over number (1)"),
        (".a", "[1]", "! Cannot index array with string (\"a\")"),
        ("[..]", "[1,[2]]", "[[1,[2]],1,[2],2]"),
        ("..|numbers", r#"{"a":[1,{"b":2}]}"#, "1 2"),
        ("[paths]", r#"{"a":[1]}"#, r#"[["a"],["a",0]]"#),
        ("[paths(type == \"number\")], [leaf_paths]", r#"{"a":[1]}"#, r#"[["a",0]] [["a",0]]"#),
        // As jq has it: what is null or false holds as little as an array.
        ("[leaf_paths]", r#"{"a":null,"b":false,"c":1,"d":[null,"x"]}"#, r#"[["c"],["d",1]]"#),
        ("path(.a[1:2].b?)", "null", r#"["a",{"start":1,"end":2},"b"]"#),
        (
            "[path(first(.a, .b)), path(if .a then .a else .b end), path(.a // .b)]",
            "{}",
            r#"[["a"],["b"],["b"]]"#,
        ),
        ("path(1)", "null", "! invalid path expression with input null"),
        (r#"getpath(["a","b"]), getpath(["c","d"])"#, r#"{"a":{"b":1}}"#, "1 null"),
    ]);
}

#[test]
fn assignments() {
    check(&[
        (r#"(if .a then .a else error("no a") end) = 1"#, "{}", "! no a"),
        (r#"try del(.a | error("b")) catch ., try error(error("c")) catch ."#, "{}", r#""b" "c""#),
        (".a = 1", r#"{"b":2,"a":0}"#, r#"{"b":2,"a":1}"#),
        (".a.b.c = 1", "null", r#"{"a":{"b":{"c":1}}}"#),
        (".[2] = 1", "null", "[null,null,1]"),
        (".[-1] = 9", "[1,2]", "[1,9]"),
        (".[-3] = 9", "[1,2]", "! Out of bounds negative array index"),
        (".[1e9] = 9", "[1,2]", "! Array index too large"),
        (".a = (1, 2)", "{}", r#"{"a":1} {"a":2}"#),
        (".a = .b", r#"{"b":3}"#, r#"{"b":3,"a":3}"#),
        (".[1:3] = [9]", "[1,2,3,4]", "[1,9,4]"),
        (".a[0:1] |= map(. + 1)", r#"{"a":[1,2]}"#, r#"{"a":[2,2]}"#),
        (".[0:1] = 3", "[1]", "! A slice of an array can only be assigned another array"),
        (".a |= . + 1", r#"{"a":1}"#, r#"{"a":2}"#),
        (".a |= (5, 6)", r#"{"a":1}"#, r#"{"a":5}"#),
        (".a |= empty", r#"{"a":1,"b":2,"c":3}"#, r#"{"b":2,"c":3}"#),
        (".a.b |= empty", "{}", "{}"),
        ("(.[] | select(. > 1)) |= empty", "[1,2,3,4]", "[1]"),
        (".[].a |= . + 1", r#"[{"a":1},{}]"#, r#"[{"a":2},{"a":1}]"#),
        (".[0.5] = 9, del(.[1.5])", "[1,2]", "[9,2] [1]"),
        (".[].a += 1", r#"[{"a":1},{}]"#, r#"[{"a":2},{"a":1}]"#),
        (
            ".a += 1 | .b -= 2 | .c *= 3 | .d /= 4 | .e %= 5",
            r#"{"a":1,"b":2,"c":3,"d":4,"e":7}"#,
            r#"{"a":2,"b":0,"c":9,"d":1,"e":2}"#,
        ),
        (".a //= 1 | .b //= 2", r#"{"a":null,"b":3}"#, r#"{"a":1,"b":3}"#),
        (".a += .b", r#"{"a":1,"b":10}"#, r#"{"a":11,"b":10}"#),
        ("(.a, .b) = 1", "{}", r#"{"a":1,"b":1}"#),
        (".. |= (numbers |= . + 1)", "[1,[2]]", "[2,[3]]"),
        ("(try .a catch .) = 1", "{}", r#"{"a":1}"#),
        ("(.a | if . then .b else .c end) = 1", r#"{"a":{"b":0}}"#, r#"{"a":{"b":1}}"#),
        ("def f: .a.b; f = 1", "null", r#"{"a":{"b":1}}"#),
        (".a = 1", "[1]", "! Cannot index array with string (\"a\")"),
        (".a.b |= 1", r#"{"a":2}"#, "! Cannot index number with string (\"b\")"),
        ("1 = 2", "null", "! invalid path expression with input null"),
        ("del(.a)", r#"{"a":1,"b":2,"c":3,"d":4}"#, r#"{"b":2,"c":3,"d":4}"#),
        ("del(.a, .c)", r#"{"a":1,"b":2,"c":3,"d":4}"#, r#"{"b":2,"d":4}"#),
        ("del(.a.b), del(.x[0])", "{}", "{} {}"),
        ("del(.[0, 2], .[-1])", "[1,2,3,4]", "[2]"),
        ("del(.[1:3])", "[1,2,3,4]", "[1,4]"),
        ("del(.[1:][0])", "[1,2,3,4]", "[1,3,4]"),
        ("del(.[] | select(. % 2 == 0))", "[1,2,3,4]", "[1,3]"),
        ("del(.a[] | select(.x).x)", r#"{"a":[{"x":1,"y":2},{}]}"#, r#"{"a":[{"y":2},{}]}"#),
        ("del(.)", "1", "null"),
        ("del(.a)", "[1]", "! Cannot index array with string (\"a\")"),
        (r#"delpaths([["a"], ["a", 0]])"#, r#"{"a":1,"c":2}"#, r#"{"c":2}"#),
        ("del((.[] | .a?), .[:-1])", r#"[{"b":1},0.5,"x"]"#, r#"["x"]"#),
        (r#"delpaths([["a","b"],["a"]])"#, r#"{"a":{"b":1},"c":2}"#, r#"{"c":2}"#),
        (r#"setpath(["a",1]; 2)"#, "null", r#"{"a":[null,2]}"#),
        (r#"to_entries, with_entries(.value += 1)"#, r#"{"a":1}"#, r#"[{"key":"a","value":1}] {"a":2}"#),
        ("map_values(empty), map_values(. + 1)", r#"{"a":1,"b":2}"#, r#"{} {"a":2,"b":3}"#),
        ("pick(.a[1].b)", r#"{"a":[0,{"b":1,"c":2}],"d":3}"#, r#"{"a":[null,{"b":1}]}"#),
    ]);
}

#[test]
fn construction_and_strings() {
    check(&[
        (
            r#"{a: 1, "b": 2, "c\(1)": 3, (.k): 4, @base64 "d": 5}"#,
            r#"{"k":"x"}"#,
            r#"{"a":1,"b":2,"c1":3,"x":4,"d":5}"#,
        ),
        (". as $x | {a, $x, \"b\", if: 1}", r#"{"a":1,"b":2}"#, r#"{"a":1,"x":{"a":1,"b":2},"b":2,"if":1}"#),
        ("{a: (1, 2), b: (3, 4)} | [.a, .b]", "null", "[1,3] [1,4] [2,3] [2,4]"),
        ("{(\"a\", \"b\"): 1}", "null", r#"{"a":1} {"b":1}"#),
        ("{(1 | .): 2} | .[1]", "null", "! Cannot use number (1) as object key"),
        ("{(.): empty}, {(.): error(\"v\")}", "1", "! v"),
        ("{(.): 1, b: empty}", "1", "! Cannot use number (1) as object key"),
        ("try {(.a): 2} catch \"no\"", r#"{"a":null}"#, r#""no""#),
        ("[], {}, [1, 2 | . + 1]", "null", "[] {} [2,3]"),
        (r#""a\(1 + 1)b\("x")", "\([1, null])""#, "null", r#""a2bx" "[1,null]""#),
        (r#""\t\u00e9\u0001\u007f\/""#, "null", "\"\\té\\u0001\\u007f/\""),
        (
            r#"@json "x\(.)y", @base64 "\(.)", @html "<\(.)>""#,
            r#""<&""#,
            r#""x\"<&\"y" "PCY=" "<&lt;&amp;>""#,
        ),
        ("$__loc__, {a: $__loc__}, {$__loc__} | .. | .line? // empty", "null", "1 1 1"),
        ("1\n| $__loc__", "null", r#"{"file":"<top-level>","line":2}"#),
        ("{(1 | .): 2}", "null", "! Cannot use number (1) as object key"),
        ("env, $ENV, $ENV.HOME", "null", "{} {} null"),
    ]);
}

#[test]
fn control() {
    check(&[
        ("if . then 1 else 2 end, if . then 1 end", "null", "2 null"),
        ("if . == 1 then \"a\" elif . == 2 then \"b\" else \"c\" end", "2", r#""b""#),
        ("if (true, false) then 1 else 2 end", "null", "1 2"),
        ("reduce .[] as $x (0; . + $x)", "[1,2,3]", "6"),
        ("reduce .[] as [$a, $b] (0; . + $a * $b)", "[[1,2],[3,4]]", "14"),
        ("foreach .[] as $x (0; . + $x)", "[1,2,3]", "1 3 6"),
        ("foreach .[] as $x (0; . + $x; [$x, .])", "[1,2]", "[1,1] [2,3]"),
        ("foreach range(5) as $x (null; $x; select(. % 2 == 0))", "null", "0 2 4"),
        (". as [$a, {b: $c, $d}] | [$a, $c, $d]", r#"[1,{"b":2,"d":3}]"#, "[1,2,3]"),
        (r#". as {"a": $x, ("b", "c"): $y} | [$x, $y]"#, r#"{"a":1,"b":2,"c":3}"#, "[1,2] [1,3]"),
        (
            "try error(\"x\") catch ., try error({a: 1}) catch .a, try error(null) catch .",
            "null",
            r#""x" 1 null"#,
        ),
        ("try error, (.a?), 1", "{}", "null 1"),
        ("(.a? // \"none\"), (.a.b? // \"none\")", "[]", r#""none" ! Cannot index array with string ("a")"#),
        (".a // \"none\"", "[]", r#"! Cannot index array with string ("a")"#),
        ("(1, error(\"x\"), 2) // 3", "null", "1 ! x"),
        ("(null, error(\"x\")) // 3", "null", "! x"),
        ("first((1, error) // 3), [(1, null, 2) // (3, 4)]", "null", "1 [1,2]"),
        ("(.[] // .a) = 7, path((.[], .[]) // .[])", "[null,1]", "[null,7] [1] [1]"),
        ("[.[] // \"none\"], (empty // 1)", "[null,false,1]", "[1] 1"),
        ("label $out | 1, break $out, 2", "null", "1"),
        ("[.[] | label $f | if . > 1 then ., break $f, 9 else . end]", "[1,2,3]", "[1,2,3]"),
        ("[label $a | label $b | 1, break $a, 2], 3", "null", "[1] 3"),
        ("def f(g; $x): g + $x; f(. * 2; 1)", "3", "7"),
        (
            "def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; [range(6) | fac]",
            "null",
            "[1,1,2,6,24,120]",
        ),
        ("def f: def g: 3; g; f", "null", "3"),
        ("def f: reduce range(100000) as $i (0; . + 1); f", "null", "100000"),
        ("def down: if . > 0 then . - 1 | down else . end; down", "100000", "0"),
        (
            "[limit(3; range(10))], [limit(0; 1, 2)], first(range(5; 10)), [skip(2; range(4))]",
            "null",
            "[0,1,2] [] 5 [2,3]",
        ),
        (
            "[until(. > 100; . * 2)], [while(. < 10; . * 2)], [limit(3; repeat(. * 2))]",
            "1",
            "[128] [1,2,4,8] [2,2,2]",
        ),
        ("isempty(empty), isempty(1, error(\"x\")), isempty(error(\"x\"))", "null", "true false ! x"),
        ("[.[] | (1 / .)?]", "[1,\"a\",2]", "[1,0.5]"),
        ("error", "\"boom\"", "! boom"),
        ("error({a: [1]})", "null", r#"! the program raised an error that is no string: {"a":[1]}"#),
        ("error(null)", "null", "! the program raised an error that is no string: null"),
        ("1, error(\"late\")", "null", "1 ! late"),
        ("try halt_error catch 1", "\"bye\\n\"", "! bye"),
        ("1, halt_error(2)", r#"{"a":1}"#, r#"1 ! {"a":1}"#),
        ("1 as $x | 2 as $y | [$x, $y, $x]", "null", "[1,2,1]"),
        ("[1, 2 | . * 10, . + 1]", "null", "[10,2,20,3]"),
        ("1 - 1 - 1, 2 * 3 + 4, 10 / 2 / 5, -1 - -1, 7 % 4 % 2", "null", "-1 10 1 0 1"),
        ("true and (true, false), (false or false), (null | not)", "null", "true false false true"),
    ]);
}

/// The last one is the outer loop, but the first end of a slice is.
#[test]
fn arguments_of_several_values() {
    check(&[
        ("[pow(2, 3; 1, 2)], [drem(5, 6; 4, 5)]", "null", "[2,3,4,9] [1,-2,0,1]"),
        ("[fma(1, 2; 3, 4; 0, 10)]", "null", "[3,6,4,8,13,16,14,18]"),
        (r#"[setpath(["a"], ["b"]; 1, 2)]"#, "null", r#"[{"a":1},{"b":1},{"a":2},{"b":2}]"#),
        (r#"[test("A", "c"; null, "i")]"#, r#""ab""#, "[false,false,true,false]"),
        (r#"test(error("a"); error("b"))"#, r#""ab""#, "! b"),
        (".[0, 1:2, 3]", "[1,2,3]", "[1,2] [1,2,3] [2] [2,3]"),
        (".[error(\"a\"):empty]", "[1]", "! a"),
    ]);
}

#[test]
fn numbers() {
    check(&[
        (
            "[[nan], [nan, 0, 0]], [[nan, 0, 0], [nan]] | sort",
            "null",
            "[[null],[null,0,0]] [[null],[null,0,0]]",
        ),
        (".", "1.0", "1.0"),
        (
            ".[]",
            "[1e2,1e400,100000000000000000000,-0,-0.0,0.10,1E+2]",
            "1e2 1e400 100000000000000000000 -0 -0.0 0.10 1E+2",
        ),
        ("map(. + 0)", "[1.0,1e2,1e400,-0.0,0.10]", "[1,100,1.7976931348623157e+308,0,0.1]"),
        (". + 1", "100000000000000000000", "100000000000000000001"),
        (
            "[6 / 2, 7 / 2, 1e17 + 0, 1e-5 + 0, 0.0001 + 0, 1.5e300 * 1]",
            "null",
            "[3,3.5,1e+17,1e-05,0.0001,1.5e+300]",
        ),
        (
            "[nan, infinite, -infinite], ([nan] | tojson), \"\\(nan)\"",
            "null",
            "[null,1.7976931348623157e+308,-1.7976931348623157e+308] \"[null]\" \"null\"",
        ),
        ("nan < 1, nan == nan, ([nan, 1] | sort)", "null", "true false [null,1]"),
        (
            "1 == 1.0, 1e400 == 1e500, 100000000000000000000 == 100000000000000000001",
            "null",
            "true true false",
        ),
        ("[.[] | length]", "[-5,-1.5,-9223372036854775808]", "[5,1.5,9223372036854775808]"),
        ("00.5, 007, 1e3", "null", "0.5 7 1e3"),
        (
            "[.[] | floor, round, ceil, sqrt, abs]",
            "[2.5,-0.5]",
            "[2,3,3,1.5811388300841898,2.5,-1,-1,-0,null,0.5]",
        ),
        (
            "[pow(2; 10), log2, exp10, (5 | fabs)], ldexp(1; 3), fma(2; 3; 4)",
            "8",
            "[1024,3,100000000,5] 8 10",
        ),
        ("[1.5 | frexp, modf, trunc, significand, logb]", "null", "[[0.75,1],[0.5,1],1,1.5,0]"),
        (
            "5 % 3, -5 % 3, 5 % -3, 1 % 0",
            "null",
            "2 -2 2 ! number (1) and number (0) cannot be divided (remainder) because the divisor is zero",
        ),
        (
            "[.[] | tostring, tojson]",
            "[1.0,100000000000000000000]",
            r#"["1.0","1.0","100000000000000000000","100000000000000000000"]"#,
        ),
        (
            "[1, 1.5, \"1\"] | map(isnormal? // null), (1 | isinfinite, isnan)",
            "null",
            "[true,true,null] false false",
        ),
        ("[range(3), range(1; 3), range(0; 1; 0.5), range(3; 0; -2)]", "null", "[0,1,2,1,2,0,0.5,3,1]"),
        ("[limit(3; range(0; infinite))]", "null", "[0,1,2]"),
        (
            "[(reduce range(20) as $i (10; . * .)), (reduce range(20) as $i (-10; . * . * .))]",
            "null",
            "[1.7976931348623157e+308,-1.7976931348623157e+308]",
        ),
        ("reduce range(399) as $i (1; . * 10) | tostring | length", "null", "400"),
    ]);
}

#[test]
fn long_values_are_cut_in_messages() {
    let input = format!("[{}]", vec!["\"é\""; 5000].join(","));
    for program in
        [".a", "error", "error(tojson)", "tojson | halt_error", ". - 1", "tojson | tonumber", ".[0] = 1 | .b"]
    {
        let (_, result) = super::run(program, &input);
        let message = result.unwrap_err().message;
        assert!(message.len() < 1000, "{program}: {message}");
    }
    // Those that jq does not cut itself.
    for program in ["error", "error(tojson)", "tojson | halt_error"] {
        let (_, result) = super::run(program, &input);
        let message = result.unwrap_err().message;
        assert!(message.contains(" … "), "{program}: {message}");
    }
}
