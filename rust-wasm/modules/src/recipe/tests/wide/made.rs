//! Members of records, with schemas and programs that name them.

use crate::chance::Chance;

/// A member of the records of one round.
pub struct Member {
    /// As it stands in JSON, without quotes.
    name: String,
    kind: usize,
    /// Of ten records, how many lack it.
    lacks: usize,
    within: Vec<Member>,
}

const PARTS: [&str; 18] = [
    "a",
    "b",
    "name",
    "id",
    " ",
    "é",
    "山",
    "😀",
    "\\\"",
    "\\\\",
    "\u{7f}",
    "/",
    "\\n",
    "x:y",
    ", ",
    "0123456789abcdef",
    "\\u0001",
    "'",
];

fn name(chance: &mut Chance) -> String {
    if chance.below(3) > 0 {
        return chance
            .pick(&["a", "b", "c", "id", "name", "level", "status_code", "a longer name of it"])
            .to_string();
    }
    (0..=chance.below(7)).map(|_| *chance.pick(&PARTS)).collect()
}

pub fn members(chance: &mut Chance, most: usize, depth: usize) -> Vec<Member> {
    let mut all: Vec<Member> = Vec::new();
    for number in 0..1 + chance.below(most) {
        let mut name = name(chance);
        if all.iter().any(|member| member.name == name) {
            name = format!("{name}{number}");
        }
        let kind = chance.below(if depth == 0 { 9 } else { 11 });
        let within = if kind > 8 { members(chance, 4, depth - 1) } else { Vec::new() };
        let lacks = *chance.pick(&[0, 0, 0, 1, 5]);
        all.push(Member { name, kind, lacks, within });
    }
    all
}

fn number(chance: &mut Chance) -> String {
    let digits = |chance: &mut Chance, count: usize| -> String {
        let first = char::from(b'1' + chance.below(9) as u8);
        std::iter::once(first).chain((1..count).map(|_| char::from(b'0' + chance.below(10) as u8))).collect()
    };
    let sign = *chance.pick(&["", "", "", "-"]);
    match chance.below(12) {
        0 => chance
            .pick(&["0", "-0", "0.0", "-0.0", "1e2", "1E+2", "1.0", "-1.0", "1e400", "0.10", "100", "2"])
            .to_string(),
        1..=4 => format!("{sign}{}", chance.below(200)),
        5 => format!("{sign}0.{}", chance.below(1000)),
        6 => format!("{sign}{}.{}", chance.below(100), chance.below(1000)),
        7 => {
            let count = 12 + chance.below(8);
            format!("{sign}{}", digits(chance, count))
        }
        8 => {
            let (whole, count) = (1 + chance.below(16), 1 + chance.below(16));
            format!("{sign}{}.{}", digits(chance, whole), digits(chance, count))
        }
        9 => format!("{sign}{}e{}", chance.below(100), chance.below(20)),
        _ => chance.pick(&["50", "7", "400", "-3", "12.5"]).to_string(),
    }
}

fn string(chance: &mut Chance) -> String {
    match chance.below(8) {
        0..=3 => chance.pick(&["x", "y", "Ada", "", "error", "é", "2025-11-26T00:00:00Z"]).to_string(),
        4 => "abcdefghij".chars().cycle().take(chance.below(70)).collect(),
        _ => {
            let length =
                *chance.pick(&[1, 2, 14, 15, 16, 17, 30, 31, 32, 33, 46, 47, 48, 49, 62, 63, 64, 65]);
            let special = [
                "\\\"",
                "\\\\",
                "\u{7f}",
                "é",
                "山",
                "😀",
                "\\n",
                "\\u00e9",
                "\\u001f",
                "\\/",
                "\\ud83d\\ude00",
                "\\ud800",
                "\u{1}",
            ];
            let at = chance.below(length);
            let most = if chance.below(6) == 0 { 13 } else { 10 };
            let special = special[chance.below(most)];
            let mut text: String = "k".repeat(at);
            text.push_str(special);
            text.push_str(&"z".repeat(length - at));
            text
        }
    }
}

fn value(chance: &mut Chance, member: &Member, stray: bool) -> String {
    let kind = if stray { chance.below(9) } else { member.kind };
    match kind {
        0 => chance.below(1000).to_string(),
        1 => number(chance),
        2 | 3 => format!("\"{}\"", string(chance)),
        4 => {
            if chance.below(2) == 0 {
                "null".into()
            } else {
                format!("\"{}\"", string(chance))
            }
        }
        5 => chance.pick(&["true", "false"]).to_string(),
        6 => {
            let items: Vec<_> = (0..chance.below(4)).map(|_| format!("\"{}\"", string(chance))).collect();
            format!("[{}]", items.join(","))
        }
        7 => {
            let items = [
                "1",
                "null",
                "\"x\"",
                "{}",
                "[[1]]",
                "{\"a\":1,\"a\":2}",
                "{\"n\": 1}",
                "-0",
                "true",
                "[]",
                "{\"a\":{\"b\":{\"c\":[1]}}}",
            ];
            let items: Vec<_> = (0..chance.below(4)).map(|_| *chance.pick(&items)).collect();
            format!("[{}]", items.join(","))
        }
        8 => chance.pick(&["null", "1", "{}", "[]", "\"\"", "{\"a\":1}", "[{\"b\":[]}]"]).to_string(),
        _ if member.within.is_empty() => "{}".into(),
        _ => object(chance, &member.within, 0),
    }
}

pub fn object(chance: &mut Chance, members: &[Member], style: usize) -> String {
    let mut parts = Vec::new();
    for member in members {
        if chance.below(10) < member.lacks {
            continue;
        }
        let stray = chance.below(60) == 0;
        let colon = if style == 1 { ": " } else { ":" };
        parts.push(format!("\"{}\"{colon}{}", member.name, value(chance, member, stray)));
    }
    if chance.below(40) == 0 && parts.len() > 1 {
        let at = chance.below(parts.len());
        parts.swap(0, at);
    }
    if chance.below(80) == 0 && !parts.is_empty() {
        parts.push(parts[0].clone());
    }
    match style {
        1 => format!("{{{}}}", parts.join(", ")),
        2 => format!(" {{ {} }}", parts.join(" ,")),
        _ => format!("{{{}}}", parts.join(",")),
    }
}

pub fn schema(chance: &mut Chance, members: &[Member]) -> String {
    let (mut properties, mut required) = (Vec::new(), Vec::new());
    for member in members {
        if chance.below(4) == 0 {
            continue;
        }
        let rule = match member.kind {
            0 => *chance.pick(&[
                r#"{"type":"integer"}"#,
                r#"{"type":"integer","minimum":0,"maximum":990}"#,
                "{}",
            ]),
            1 => *chance.pick(&[
                r#"{"type":"number"}"#,
                r#"{"type":"number","minimum":-5}"#,
                r#"{"type":"integer"}"#,
                "{}",
            ]),
            2 => *chance.pick(&[
                r#"{"type":"string"}"#,
                r#"{"type":"string","maxLength":47}"#,
                r#"{"type":"string","minLength":1}"#,
            ]),
            3 | 4 => *chance.pick(&[
                r#"{"type":["string","null"]}"#,
                "{}",
                r#"{"type":["null","string","integer"]}"#,
            ]),
            5 => *chance.pick(&[r#"{"type":"boolean"}"#, "{}", r#"{"enum":[true,null]}"#]),
            6 => *chance.pick(&[
                r#"{"type":"array","items":{"type":"string"}}"#,
                r#"{"type":"array"}"#,
                r#"{"items":{"maxLength":40}}"#,
            ]),
            7 => *chance.pick(&[r#"{"type":"array"}"#, r#"{"maxItems":3}"#, "{}"]),
            8 => "{}",
            _ => {
                properties.push(format!("\"{}\":{}", member.name, schema(chance, &member.within)));
                continue;
            }
        };
        properties.push(format!("\"{}\":{rule}", member.name));
        if member.lacks == 0 && chance.below(2) == 0 {
            required.push(format!("\"{}\"", member.name));
        }
    }
    let others = if chance.below(6) == 0 { ",\"additionalProperties\":false" } else { "" };
    format!(
        "{{\"type\":\"object\",\"required\":[{}],\"properties\":{{{}}}{others}}}",
        required.join(","),
        properties.join(",")
    )
}

/// A program with the names of members in it.
pub fn program(chance: &mut Chance, members: &[Member]) -> String {
    let paths: Vec<String> = members
        .iter()
        .flat_map(|member| {
            let own = format!(".[\"{}\"]", member.name);
            let within =
                member.within.iter().map(|inner| format!(".[\"{}\"][\"{}\"]", member.name, inner.name));
            std::iter::once(own.clone()).chain(within.collect::<Vec<_>>())
        })
        .collect();
    let path = |chance: &mut Chance| chance.pick(&paths).clone();
    let constant = chance
        .pick(&[
            "50",
            "-1.5",
            "0",
            "\"x\"",
            "\"Ada\"",
            "\"é\"",
            "null",
            "true",
            "7.0",
            "400",
            "[]",
            "{}",
            "123456789012345",
        ])
        .to_string();
    let compare = *chance.pick(&["==", "!=", "<", "<=", ">", ">="]);
    let (a, b, c) = (path(chance), path(chance), path(chance));
    let body = match chance.below(13) {
        0 => ".".into(),
        1 | 2 => format!("{{x: {b}, \"y z\": {c}}}"),
        3 => format!("del({b})"),
        4 => format!("del({b}, {c})"),
        5 => format!(". + {{\"new\": {b}, k: 1}}"),
        6 => format!("{b} = {c}"),
        7 => format!("[{b}, {c}, {{n: {a}}}]"),
        8 => format!("{b}, {c}"),
        9 => format!("{b} // {c}"),
        10 => format!("\"\\({b})-\\({c} | tostring)\""),
        11 => format!("{{all: ., v: {b}}}"),
        _ => b.clone(),
    };
    match chance.below(8) {
        0 => body,
        1..=3 => format!("select({a} {compare} {constant}) | {body}"),
        4 => format!("select({a}) | {body}"),
        5 => format!("select({a} {compare} {constant} and ({b} != null)) | {body}"),
        6 => format!("select({a} {compare} {constant} or ({c} | not)) | {body}"),
        _ => format!("select({a} {compare} {b}) | {body}"),
    }
}
