//! Each way in which a text is no JSON: kind, offset, path and words.

use wasmrecords_json::{SyntaxError, parse};

fn error(text: &[u8]) -> SyntaxError {
    parse(text, 4).expect_err(&format!("{} is refused", text.escape_ascii()))
}

#[track_caller]
fn check(text: &[u8], kind: &str, offset: usize, path: &str, message: &str) {
    let error = error(text);
    let shown = text.escape_ascii();
    assert_eq!(
        (error.kind.code(), error.offset, error.path.as_str(), error.message.as_str()),
        (kind, offset, path, message),
        "{shown}"
    );
}

#[test]
fn structure() {
    for (text, offset, path, message) in [
        ("", 0, "$", "expected a value, found end of record"),
        (" \n", 2, "$", "expected a value, found end of record"),
        ("1 x", 2, "$", "expected the end of the record after its value, found `x`"),
        ("{} []", 3, "$", "expected the end of the record after its value, found `[`"),
        ("[", 1, "$", "expected a value or `]`, found end of record"),
        ("[1 2]", 3, "$", "expected `,` or `]` after an item, found `2`"),
        ("[1}", 2, "$", "expected `,` or `]` after an item, found `}`"),
        ("[1,]", 3, "$[1]", "expected a value, found `]` (a comma must not stand before `]`)"),
        ("[,1]", 1, "$", "expected a value or `]`, found `,`"),
        ("[[0, [1, 2:3]]]", 10, "$[0][1]", "expected `,` or `]` after an item, found `:`"),
        ("{", 1, "$", "expected a name in double quotes or `}`, found end of record"),
        ("{a: 1}", 1, "$", "expected a name in double quotes or `}`, found `a`"),
        (
            "{'a': 1}",
            1,
            "$",
            "expected a name in double quotes or `}`, found `'` (strings stand in double quotes)",
        ),
        (r#"{"a" 1}"#, 5, "$.a", "expected `:` after a name, found `1`"),
        (r#"{"a": }"#, 6, "$.a", "expected a value, found `}`"),
        (r#"{"a": 1 x"#, 8, "$", "expected `,` or `}` after a member, found `x`"),
        (r#"{"a": 1"#, 7, "$", "expected `,` or `}` after a member, found end of record"),
        (
            r#"{"a": 1,}"#,
            8,
            "$",
            "expected a name in double quotes, found `}` (a comma must not stand before `}`)",
        ),
        (r#"{"a": 1, 2}"#, 9, "$", "expected a name in double quotes, found `2`"),
        (r#"{"a": 1, "b": [{}, {"odd key": ?}]}"#, 31, r#"$.b[1]["odd key"]"#, "expected a value, found `?`"),
        (r#"{"a": [[1], {}], "b": {"c": [], "d": -}}"#, 38, "$.b.d", "expected a digit, found `}`"),
        ("[1, // one\n2]", 4, "$[1]", "expected a value, found `/` (JSON has no comments)"),
        (
            "{} # end",
            3,
            "$",
            "expected the end of the record after its value, found `#` (JSON has no comments)",
        ),
    ] {
        check(text.as_bytes(), "json", offset, path, message);
    }
}

#[test]
fn numbers_and_words() {
    for (text, offset, message) in [
        ("01", 1, "a number must not have a leading zero, found `1` after `0`"),
        ("-00", 2, "a number must not have a leading zero, found `0` after `0`"),
        ("-", 1, "expected a digit, found end of record"),
        ("1.", 2, "expected a digit, found end of record"),
        ("1.e1", 2, "expected a digit, found `e1`"),
        ("1e+", 3, "expected a digit, found end of record"),
        ("0x10", 1, "expected the end of the record after its value, found `x10`"),
        ("+1", 0, "expected a value, found `+` (a number must not begin with `+`)"),
        (".5", 0, "expected a value, found `.` (a number needs a digit before `.`)"),
        ("NaN", 0, "expected a value, found `NaN` (JSON has no NaN or Infinity)"),
        ("-Infinity", 1, "expected a digit, found `Infinity` (JSON has no NaN or Infinity)"),
        ("nan", 1, "expected `null`, found `nan` (JSON has no NaN or Infinity)"),
        ("True", 0, "expected a value, found `True` (JSON writes `true`)"),
        ("None", 0, "expected a value, found `None` (JSON writes `null`)"),
        ("undefined", 0, "expected a value, found `undefined` (JSON writes `null`)"),
        ("tru", 3, "expected `true`, found `tru`"),
        ("fals ", 4, "expected `false`, found `fals`"),
        ("truely", 4, "expected the end of the record after its value, found `ly`"),
        ("abcdefghijklmnopqrstuvwxyz", 0, "expected a value, found `abcdefghijklmnopqrst...`"),
        ("'a'", 0, "expected a value, found `'` (strings stand in double quotes)"),
    ] {
        check(text.as_bytes(), "json", offset, "$", message);
    }
}

#[test]
fn strings() {
    for (text, offset, message) in [
        (r#""abc"#, 4, "the string is not closed: expected `\"`, found end of record"),
        (r#""a\"#, 3, "the string is not closed: expected `\"`, found end of record"),
        (r#""\u12"#, 5, "the string is not closed: expected `\"`, found end of record"),
        ("\"a\u{1}\"", 2, "a control character in a string must be escaped, found byte 0x01"),
        ("\"a\nb\"", 2, "a control character in a string must be escaped, found byte 0x0a"),
        (r#""\x41""#, 2, "expected one of `\"\\/bfnrtu` after `\\` in a string, found `x41`"),
        (r#""\u12G4""#, 5, "expected four hexadecimal digits after `\\u` in a string, found `G4`"),
        (r#""ab\ud800 ""#, 3, "lone surrogate \\ud800 in a string"),
        (r#""\ud800\n""#, 1, "lone surrogate \\ud800 in a string"),
        (r#""\ud800\ud800""#, 1, "lone surrogate \\ud800 in a string"),
        (r#""\uDC00""#, 1, "lone surrogate \\uDC00 in a string"),
        (r#""\ud83d\ude00\ude00""#, 13, "lone surrogate \\ude00 in a string"),
    ] {
        check(text.as_bytes(), "json", offset, "$", message);
    }
    // In a name nothing of the member is in hand yet, the object is.
    let message = "a control character in a string must be escaped, found byte 0x09";
    check(b"[{\"a\":1,\"\t\":2}]", "json", 9, "$[0]", message);
}

#[test]
fn what_was_found_is_printable() {
    for (text, found) in [
        ("\u{0}", "byte 0x00 (the text looks like UTF-16 or UTF-32; records must be UTF-8)"),
        ("\u{b}", "byte 0x0b"),
        ("\u{7f}", "byte 0x7f"),
        ("é", "`é`"),
        ("\u{a0}", "U+00A0"),
        ("×", "U+00D7"),
        ("ж", "`ж`"),
        ("漢字", "`漢`"),
        ("\u{5d0}", "U+05D0"),
        ("\u{202e}", "U+202E"),
        ("😀", "U+1F600"),
        ("`", "```"),
    ] {
        check(text.as_bytes(), "json", 0, "$", &format!("expected a value, found {found}"));
    }
}

#[test]
fn encodings() {
    let utf8 = |text: &[u8], offset, path: &str, message: &str| check(text, "utf8", offset, path, message);
    utf8(b"\"a\xff\"", 2, "$", "expected UTF-8, found byte 0xff");
    utf8(b"{\"a\": [1, \"\xc0\x80\"]}", 11, "$.a[1]", "expected UTF-8, found byte 0xc0");
    utf8(b"\"\xed\xa0\x80\"", 1, "$", "expected UTF-8, found byte 0xed");
    utf8(b"[1]\xff", 3, "$", "expected UTF-8, found byte 0xff");
    utf8(b"[1,\xff]", 3, "$[1]", "expected UTF-8, found byte 0xff");
    utf8(b"tr\xff", 2, "$", "expected UTF-8, found byte 0xff");
    utf8(b"\"a\xe2\x82", 2, "$", "a UTF-8 character is cut off at the end of the record, found byte 0xe2");
    utf8(b"\xff\xfe[\0", 0, "$", "a UTF-16 byte order mark stands in front; records must be UTF-8");
    utf8(b"\xfe\xff\0[", 0, "$", "a UTF-16 byte order mark stands in front; records must be UTF-8");
    // What is wrong first is told first.
    check(b"[01, \"\xff\"]", "json", 2, "$[0]", "a number must not have a leading zero, found `1` after `0`");
    check(
        b"\xef\xbb\xbf{}",
        "json",
        0,
        "$",
        "a UTF-8 byte order mark stands in front; a record begins with its value",
    );
    check(
        b"[\0]\0",
        "json",
        1,
        "$",
        "expected a value or `]`, found byte 0x00 (the text looks like UTF-16 or UTF-32; records must be UTF-8)",
    );
}

#[test]
fn nesting() {
    assert!(parse(br#"[[{"a":[1]}]]"#, 4).is_ok());
    let message = "arrays and objects are nested deeper than 4 levels";
    check(br#"[0,[{"a":[1,{}]}]]"#, "nesting", 12, "$[1][0].a[1]", message);
    assert!(parse(b"1", 0).is_ok());
    assert_eq!(parse(b"[]", 0).unwrap_err().kind.code(), "nesting");
    // The limit alone decides, not the size of the stack.
    let deep = vec![b'['; 1_000_000];
    let error = parse(&deep, 128).unwrap_err();
    assert_eq!((error.kind.code(), error.offset), ("nesting", 128));
    assert_eq!(parse(&deep, u32::MAX).unwrap_err().offset, 1_000_000);
}

/// The text in front of the fault can still become JSON: cut there, it is fine or lacks its end.
#[test]
fn the_offset_is_that_of_the_first_wrong_byte() {
    for text in [
        "[1,2}",
        r#"{"a":tru}"#,
        r#"{"a":"\q"}"#,
        "[01]",
        "[1.x]",
        r#"["\ud800x"]"#,
        r#"{"a" "b"}"#,
        "[1]]",
        "[[[[[",
    ] {
        let offset = error(text.as_bytes()).offset;
        let front = &text.as_bytes()[..offset];
        assert!(parse(front, 4).is_ok() || error(front).offset == offset, "{text}");
    }
}
