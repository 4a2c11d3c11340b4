//! Builtins, by the file that they are in.

use super::check;

#[test]
fn conversions() {
    check(&[
        (
            "[.[] | type]",
            r#"[null,true,1,"a",[],{}]"#,
            r#"["null","boolean","number","string","array","object"]"#,
        ),
        (
            "[.[] | tonumber]",
            r#"["1","-0","007",".5","1.","1e3","1.50",12]"#,
            r#"[1,-0,7,0.5,1,1e3,1.50,12]"#,
        ),
        ("tonumber", r#""0x1""#, r#"! string ("0x1") cannot be parsed as a number"#),
        (
            "[.[] | try tonumber catch \"E\"]",
            r#"["","1 2","nan","+","--1"," 1","1 "]"#,
            r#"["E","E","E","E","E","E","E"]"#,
        ),
        ("[.[] | fromjson]", r#"["1.0","{\"a\":[1,null]}"," true "]"#, r#"[1.0,{"a":[1,null]},true]"#),
        (
            "[.[] | try fromjson catch \"E\"]",
            r#"["","nan","1 2","[1","'a'","{a:1}"]"#,
            r#"["E","E","E","E","E","E"]"#,
        ),
        ("fromjson?, tojson", "1", r#""1""#),
        ("[.[] | toboolean]", r#"[true,"false","true"]"#, "[true,false,true]"),
        ("[.[] | tostring]", r#"["a",1,[1,"b"]]"#, r#"["a","1","[1,\"b\"]"]"#),
        ("join(\", \"), ([] | join(\",\"))", r#"["a",1,null,true]"#, r#""a, 1, , true" """#),
        ("join(\",\")", "[[1]]", "! string (\"\") and array ([1]) cannot be added"),
        (
            "[.[] | ltrimstr(\"a\"), rtrimstr(\"a\"), trimstr(\"a\")], (1 | ltrimstr(\"a\"))",
            r#"["aba"]"#,
            r#"["ba","ab","b"] ! startswith() requires string inputs"#,
        ),
        ("[.[] | trim, ltrim, rtrim]", r#"[" a "]"#, r#"["a","a "," a"]"#),
        ("explode, (explode | implode), (65 | ascii)", r#""aé""#, r#"[97,233] "aé" "A""#),
        ("implode", "[-1]", "\"\u{fffd}\""),
        ("implode", "[55296]", "\"\u{fffd}\""),
        ("ascii_downcase, ascii_upcase, utf8bytelength, length", r#""aÉB""#, r#""aÉb" "AÉB" 4 3"#),
        (
            "startswith(\"a\"), endswith(\"b\"), contains(\"b\"), inside(\"xabx\")",
            r#""ab""#,
            "true true true true",
        ),
        (
            "indices(\"b\"), index(\"b\"), rindex(\"b\"), ([1, 2, 1] | indices(1))",
            r#""abcb""#,
            "[1,3] 1 3 [0,2]",
        ),
        (
            "split(\",\"), (. / \",\"), split(\", *\"; null), [splits(\"b\")]",
            r#""a,b""#,
            r#"["a","b"] ["a","b"] ["a","b"] ["a,",""]"#,
        ),
        ("toarray, ([1] | toarray), have_literal_numbers, have_decnum", "1", "[1] [1] true true"),
    ]);
}

#[test]
fn arrays_and_objects() {
    check(&[
        (
            "sort, sort_by(-.), unique, min, max, add, any, all, reverse",
            "[3,1,2,1]",
            "[1,1,2,3] [3,2,1,1] [1,2,3] 1 3 7 true true [1,2,1,3]",
        ),
        (
            "group_by(.a), unique_by(.a), min_by(.b), max_by(.b)",
            r#"[{"a":1,"b":2},{"a":1,"b":1}]"#,
            r#"[[{"a":1,"b":2},{"a":1,"b":1}]] [{"a":1,"b":2}] {"a":1,"b":1} {"a":1,"b":2}"#,
        ),
        ("min, max, add, first?, last, ([] | min_by(.a))", "[]", "null null null null null null"),
        (
            "flatten, flatten(1), flatten(0), ([] | flatten(1))",
            "[1,[2,[3]]]",
            "[1,2,3] [1,2,[3]] [1,[2,[3]]] []",
        ),
        ("flatten(-1)", "[]", "! flatten depth must not be negative"),
        ("transpose, ([] | transpose)", "[[1],[2,3]]", "[[1,2],[null,3]] []"),
        (
            "[combinations], [[0, 1] | combinations(2)]",
            "[[1,2],[3]]",
            "[[1,3],[2,3]] [[0,0],[0,1],[1,0],[1,1]]",
        ),
        (
            "keys, keys_unsorted, has(\"a\"), ([1] | has(0, 1)), (\"a\" | in({a: 1}))",
            r#"{"b":1,"a":2}"#,
            r#"["a","b"] ["b","a"] true true false true"#,
        ),
        (
            "from_entries",
            r#"[{"key":"a","value":1},{"Key":"b","Value":2},{"name":"c"},{"key":null,"Name":"d","value":false}]"#,
            r#"{"a":1,"b":2,"c":null,"d":false}"#,
        ),
        ("map(. + 1), map_values(. + 1), add(.[] | . * 2)", "[1,2]", "[2,3] [2,3] 6"),
        ("walk(if type == \"number\" then . + 1 else . end)", r#"[1,{"a":2}]"#, r#"[2,{"a":3}]"#),
        ("any(. > 2), all(. > 0), any(.[]; . == 1), all(.[]; . == 1)", "[1,2]", "false true true false"),
        (
            "[.[] | IN(2, 3)], IN(.[]; 1, 9), INDEX(.), ([[1, 2]] | INDEX(.[0]))",
            "[1,2]",
            r#"[false,true] true {"1":1,"2":2} {"1":[1,2]}"#,
        ),
        (
            "[tostream], fromstream(tostream)",
            r#"{"a":[1,{}]}"#,
            r#"[[["a",0],1],[["a",1],{}],[["a",1]],[["a"]]] {"a":[1,{}]}"#,
        ),
        ("fromstream(1 | truncate_stream([[0], 1], [[1, 0], 2], [[1, 0]], [[1]]))", "null", "[2]"),
        ("[fromstream((1, [], {}, [[]]) | tostream)]", "null", "[1,[],{},[[]]]"),
        ("[splits(\"a\")]", "1", "! number (1) cannot be matched, as it is not a string"),
        (
            "bsearch(2), bsearch(5), nth(1), [nth(1; .[])], [first(.[]), last(.[])]",
            "[1,2,3]",
            "1 -4 2 [2] [1,3]",
        ),
        ("contains({a: [1]}), ({} | contains({}))", r#"{"a":[1,2]}"#, "true true"),
        (
            "[.[] | values], [.[] | scalars, iterables], [.[] | nulls, booleans, strings, arrays, objects]",
            r#"[null,1,"a",[]]"#,
            r#"[1,"a",[]] [null,1,"a",[]] [null,"a",[]]"#,
        ),
        (
            "{a: {b: 1}} * {a: {c: 2}}, {a: 1} + {b: 2}, [1, 2, 1] - [1], \"ab\" * 2, \"a\" * 0",
            "null",
            r#"{"a":{"b":1,"c":2}} {"a":1,"b":2} [2] "abab" """#,
        ),
    ]);
}

#[test]
fn patterns() {
    check(&[
        (
            r#"test("B"), test("B"; "i"), test(["B", "i"]), test("a.c"), test("a c"; "x")"#,
            r#""abc""#,
            "false true true true false",
        ),
        (
            r#"[match("(a)?(?<n>b)"; "g")]"#,
            r#""bab""#,
            r#"[{"offset":0,"length":1,"string":"b","captures":[{"offset":-1,"string":null,"length":0,"name":null},{"offset":0,"length":1,"string":"b","name":"n"}]},{"offset":1,"length":2,"string":"ab","captures":[{"offset":1,"length":1,"string":"a","name":null},{"offset":2,"length":1,"string":"b","name":"n"}]}]"#,
        ),
        (r#"[match("ö"; "g").offset], [match(""; "g").offset]"#, r#""éöéö""#, "[1,3] [0,1,2,3,4]"),
        (r#"capture("(?<y>\\d+)-(?<m>\\d+)(?<z>x)?")"#, r#""2024-05""#, r#"{"y":"2024","m":"05","z":null}"#),
        (
            r#"[scan("\\w")], [scan("(a)(b)?")], [scan("A"; "i")]"#,
            r#""ab a""#,
            r#"["a","b","a"] [["a","b"],["a",null]] ["a","a"]"#,
        ),
        (
            r#"sub("b"; "x"), gsub("[bc]"; "<\(.)>"), gsub("(?<l>[bc])"; "\(.l)\(.l)"), gsub("";"-")"#,
            r#""abc""#,
            r#""axc" "a<{}><{}>" "abbcc" "-a-b-c-""#,
        ),
        (
            r#"[sub("(?<x>b)"; "1", "2")], gsub("B"; "x"; "i"), sub("^"; ">")"#,
            r#""abc""#,
            r#"["a1c","a2c"] "axc" ">abc""#,
        ),
        (
            r#"test("(?<=a)b"), test("(.)\\1"), test("^b"), test("a$"), test("a.b"), test("a.b"; "p")"#,
            r#""ab\nba\nbb""#,
            "true true false false false true",
        ),
        (
            r#"test("a$"), test("^a$"), test("a\\z"), test("\\$"), [match("$"; "g").offset], sub("$"; "X")"#,
            r#""a\n""#,
            r#"true true false false [1,2] "aX\n""#,
        ),
        (
            r#"test("a$"), gsub("$"; "X"), gsub("\\s*$"; ""), sub("(?<x>.)$"; "<\(.x)>"), [splits("$")]"#,
            r#""a\nb\n""#,
            r#"false "a\nbX\nX" "a\nb" "a\n<b>\n" ["a\nb","\n",""]"#,
        ),
        (
            r#"test("(")"#,
            r#""a""#,
            r#"! Regex failure: Parsing error at position 1: Opening parenthesis without closing parenthesis"#,
        ),
        (r#"test("a"; "q")"#, r#""a""#, r#"! q is not a valid modifier string"#),
        (r#"test("a")"#, "1", "! number (1) cannot be matched, as it is not a string"),
        ("ascii_downcase | gsub(\"\\\\s+\"; \" \") | ltrimstr(\" \")", r#""  A   B""#, r#""a b""#),
    ]);
}

#[test]
fn formats() {
    check(&[
        (
            "@csv, @tsv",
            r#"["a\"b",1,1.50,null,true,"c\td\\"]"#,
            r#""\"a\"\"b\",1,1.50,,true,\"c\td\\\"" "a\"b\t1\t1.50\t\ttrue\tc\\td\\\\""#,
        ),
        ("@csv", "[[1]]", "! array ([1]) is not valid in a csv row"),
        ("@tsv", "1", "! number (1) cannot be tsv-formatted, only array"),
        (
            "@html, @uri, @sh",
            r#""<a href='x y'>&é""#,
            r#""&lt;a href=&apos;x y&apos;&gt;&amp;é" "%3Ca%20href%3D%27x%20y%27%3E%26%C3%A9" "'<a href='\\''x y'\\''>&é'""#,
        ),
        (
            "@uri | @urid, try (\"%4\" | @urid) catch .",
            r#""é %""#,
            r#""é %" "string (\"%4\") is not a valid uri encoding""#,
        ),
        (
            "@base64, (@base64 | @base64d), @base32, (@base32 | @base32d)",
            r#""é<>""#,
            r#""w6k8Pg==" "é<>" "YOUTYPQ=" "é<>""#,
        ),
        (
            r#""YQ" | @base64d, try ("!" | @base64d) catch ., ("/w==" | @base64d)"#,
            "null",
            "\"a\" \"string (\\\"!\\\") is not valid base64 data\" \"\u{fffd}\"",
        ),
        ("@sh", r#"["a b",1,null,true]"#, r#""'a b' 1 null true""#),
        (
            "@json, @text, format(\"csv\"), (try format(\"x\") catch .)",
            "[1.0]",
            r#""[1.0]" "[1.0]" "1.0" "x is not a valid format""#,
        ),
    ]);
}

#[test]
fn dates() {
    check(&[
        (
            "gmtime, todate, (todate | fromdate), strftime(\"%A %j %e %Z %s %u\")",
            "1425599621",
            r#"[2015,2,5,23,53,41,4,63] "2015-03-05T23:53:41Z" 1425599621 "Thursday 064  5 UTC 1425599621 4""#,
        ),
        ("gmtime, todate", "-0.5", r#"[1969,11,31,23,59,59.5,3,364] "1969-12-31T23:59:59Z""#),
        (
            r#"strptime("%Y-%m-%dT%H:%M:%SZ"), (strptime("%Y-%m-%dT%H:%M:%SZ") | mktime)"#,
            r#""2015-03-05T23:51:47Z""#,
            "[2015,2,5,23,51,47,4,63] 1425599507",
        ),
        (
            r#"strptime("%d/%b/%Y") | mktime, strftime("%F")"#,
            r#""29/Feb/2024""#,
            r#"1709164800 "2024-02-29""#,
        ),
        (r#"fromdate"#, r#""2015""#, r#"! date "2015" does not match format "%Y-%m-%dT%H:%M:%SZ""#),
        ("mktime, strftime(\"%Y\")", "[2024,13,0,24,0,-1,0,0]", r#"1738367999 "2025""#),
        ("mktime", "[2024]", "1703980800"),
        ("mktime", "[\"a\"]", "! mktime requires parsed datetime inputs"),
        ("todate", "1e20", "! error converting number of seconds since epoch to datetime"),
        ("strftime(\"%c %E %\")", "0", r#""Thu Jan  1 00:00:00 1970 %E %""#),
        ("[localtime, gmtime] | unique | length, (.[0] | strflocaltime(\"%H %Z\"))", "3600", "1 \"01 UTC\""),
        ("dateadd(\"seconds\"; 5), datesub(\"seconds\"; 5), date", "10", r#"15 5 "1970-01-01T00:00:10Z""#),
    ]);
}

/// Every definition of the prelude calls only what stands before it.
#[test]
fn the_prelude_is_complete() {
    for (name, arity) in crate::jq::builtins::signatures() {
        // There is no clock here: `tests/test_jq_given.py` has one.
        if name.starts_with('!') || name == "now" {
            continue;
        }
        let args = vec!["."; arity].join("; ");
        let program = if arity == 0 { name.to_owned() } else { format!("{name}({args})") };
        if let Err(failure) = crate::jq::Program::compile(&program) {
            panic!("{program}: {}", failure.message);
        }
    }
}
