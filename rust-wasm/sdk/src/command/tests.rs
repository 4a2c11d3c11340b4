use super::*;
use crate::{Failure, Opening, Output, Transform};
use std::io::Cursor;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

/// The reply block is one per process, as in a module: tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// Keeps a record as it is; `f...` fails with two reasons, `d...` drops, `l...` is dropped and logged, `p...` panics,
/// and the third `q...`. With the config 1 it panics at once, with 2 it gives out a record at the end and fails.
struct Echo {
    fails: bool,
}

/// How many records `q...` there may be.
static QUIET: AtomicI32 = AtomicI32::new(2);

impl Transform for Echo {
    fn open(opening: &Opening) -> Result<Self, Failure> {
        match opening.config.as_str() {
            "null" => Ok(Echo { fails: false }),
            "1" => panic!("no luck"),
            "2" => Ok(Echo { fails: true }),
            _ => Err(Failure { path: "$.a".into(), ..Failure::new("config", "no such thing") }),
        }
    }

    fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure> {
        match record[0] {
            b'f' => Err(Failure {
                offset: 1,
                path: "$.\u{202e}".into(),
                rule: "#/a".into(),
                further: vec![Failure::new("more", "and more")],
                ..Failure::new("odd", "it \"failed\"")
            }),
            b'd' => Ok(()),
            b'l' => {
                out.log(record);
                out.log(b"\n");
                Ok(())
            }
            // And whatever came again would, too: the static is used up.
            b'q' if QUIET.fetch_sub(1, Relaxed) <= 0 => panic!("no luck"),
            b'p' => panic!("no luck"),
            _ => out.emit(record),
        }
    }

    fn finish(&mut self, out: &mut Output) -> Result<(), Failure> {
        out.emit(b"0")?;
        if self.fails { Err(Failure::new("late", "no end")) } else { Ok(()) }
    }
}

crate::export!(Echo, manifest: r#"{"abi": 1}"#);

fn given(words: &[&str]) -> Option<Vec<String>> {
    Some(words.iter().map(|word| (*word).to_owned()).collect())
}

/// What a run wrote, its dead letters, and how many records failed.
fn ran(words: &[&str], input: &[u8]) -> (String, String, usize) {
    let _turn = TURN.lock();
    let Ok(Asked::Run(arguments)) = Arguments::read(given(words)) else { panic!("{words:?}") };
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let failed = Run::new(Cursor::new(input), &mut output, &mut errors).all(&arguments).unwrap();
    (String::from_utf8(output).unwrap(), String::from_utf8(errors).unwrap(), failed)
}

#[test]
fn records_outputs_and_dead_letters() {
    let (output, errors, failed) = ran(&[], b"\xef\xbb\xbf1\n\nd\nf\xff\n{\"a\": 2}");
    assert_eq!((output.as_str(), failed), ("1\n{\"a\": 2}\n0\n", 1));
    let reasons = r##""code": "odd", "path": "$.\\u202e", "schema_path": "#/a", "message": "it \"failed\""##
        .to_owned()
        + "\"";
    let letter = format!(
        r#"{{"source": "-", "record": 3, "line": 4, "offset": 9, {reasons}, "errors": [{{"offset": 9, {reasons}}}, {{"offset": 8, "code": "more", "path": "$", "message": "and more"}}], "input_base64": "Zv8="}}"#
    );
    assert_eq!(errors, letter + "\n");
}

#[test]
fn what_a_module_says_is_shown_as_hosts_do() {
    let long = "é\n".repeat(600);
    for (text, expected) in [
        ("two\nlines\r\twith \\n", "two\\nlines\\r\\twith \\n"),
        ("\x1b[2J\x7f\u{9b}", "\\x1b[2J\\x7f\\x9b"),
        ("\u{a0}\u{3000}\u{200b}\u{2028}\u{feff}", "\\xa0\\u3000\\u200b\\u2028\\ufeff"),
        ("é 日本語 😀", "é 日本語 😀"),
        ("\u{e0041}\u{10ffff}", "\\U000e0041\\U0010ffff"),
        (&"x".repeat(1024), &"x".repeat(1024)),
        (&"é".repeat(1025), &format!("{}…", "é".repeat(1023))),
        (&("\u{a0}".repeat(300) + &"x".repeat(4096)), &format!("{}\\xa…", "\\xa0".repeat(255))),
        (&long, &format!("{}…", "é\\n".repeat(341))),
    ] {
        let mut shown = Vec::new();
        dead_letters::show(text, 1024, &mut shown);
        assert_eq!(String::from_utf8(shown).unwrap(), expected);
    }
}

#[test]
fn the_log_stands_before_dead_letters() {
    let (output, errors, failed) = ran(&[], b"1\nf\nlog: \x1b[m\n2\n");
    let (log, letter) = errors.split_once('\n').unwrap();
    assert_eq!((output.as_str(), log, failed), ("1\n2\n0\n", "log: \\x1b[m", 1));
    assert!(letter.starts_with(r#"{"source": "-", "record": 2, "line": 2"#), "{letter}");
}

#[test]
fn forms_of_input_and_output() {
    assert_eq!(ran(&["--output", "json"], b"[1, 2,\n3]").0, "[\n1,\n2,\n3,\n0\n]\n");
    assert_eq!(ran(&["--output=json", "--input=json"], b"").0, "[\n0\n]\n");
    assert_eq!(ran(&["--output=pretty"], b"[[1], 2]").0, "[\n  [\n    1\n  ],\n  2,\n  0\n]\n");
    assert_eq!(ran(&["--input", "ndjson"], b"[1, 2]").0, "[1, 2]\n0\n");
}

#[test]
fn long_records_and_many() {
    let long = format!("[{}1]\n", "1,".repeat(PIECE));
    let input = format!("{long}d\n{long}f\n{}", "2\n".repeat(PIECE));
    let (output, errors, failed) = ran(&[], input.as_bytes());
    assert_eq!(output, format!("{long}{long}{}0\n", "2\n".repeat(PIECE)));
    assert!(errors.contains(r#""record": 4, "line": 4, "#) && failed == 1);
}

#[test]
fn what_cannot_be_meant() {
    for (words, message) in [
        (&["x"][..], "unknown argument x"),
        (&["--config"], "--config: expected a value behind it"),
        (
            &["--config", "{"],
            "--config: not JSON: expected a name in double quotes or `}`, found end of record (at byte 1)",
        ),
        (&["--input=xml"], "--input: expected auto, ndjson or json, found xml"),
        (&["--transform=a", "--function=b"], "--transform and --function: expected one of them"),
    ] {
        assert_eq!(Arguments::read(given(words)).unwrap_err(), message);
    }
    let _turn = TURN.lock();
    let Ok(Asked::Run(arguments)) = Arguments::read(given(&["--config={}"])) else { panic!() };
    let ended = Run::new(&b""[..], Vec::new(), Vec::new()).all(&arguments).unwrap_err();
    assert!(matches!(ended, Ended::Refused(message) if message == "config at $.a: no such thing"));
}

/// Gives so many bytes at a time.
struct Few<'i>(&'i [u8], usize);

impl Read for Few<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.1.min(self.0.len()).min(buffer.len());
        buffer[..length].copy_from_slice(&self.0[..length]);
        self.0 = &self.0[length..];
        Ok(length)
    }
}

#[test]
fn a_byte_order_mark_in_pieces_or_alone() {
    let _turn = TURN.lock();
    for (input, expected) in [(&b"\xef\xbb\xbf1\n"[..], "1\n0\n"), (b"\xef\xbb\xbf", "0\n"), (b"", "0\n")] {
        for size in [1, 2, 3, 9] {
            let Ok(Asked::Run(arguments)) = Arguments::read(given(&["--input=ndjson"])) else { panic!() };
            let mut output = Vec::new();
            Run::new(Few(input, size), &mut output, Vec::new()).all(&arguments).unwrap();
            assert_eq!(String::from_utf8_lossy(&output), expected);
        }
    }
}

#[test]
fn of_an_end_that_fails_nothing_is_written() {
    let _turn = TURN.lock();
    let Ok(Asked::Run(arguments)) = Arguments::read(given(&["--config=2"])) else { panic!() };
    let mut output = Vec::new();
    let ended = Run::new(&b"1\n"[..], &mut output, Vec::new()).all(&arguments).unwrap_err();
    let said = "at the end of the input: late: no end";
    assert!(matches!(ended, Ended::Unfinished(message) if message == said));
    assert_eq!(String::from_utf8_lossy(&output), "1\n");
}

/// A process of its own: a panic ends it.
#[test]
fn a_panic_ends_a_run_behind_what_is_finished() {
    const NAME: &str = "RUNS_AS_A_COMMAND";
    if let Ok(words) = std::env::var(NAME) {
        let Ok(Asked::Run(arguments)) =
            Arguments::read(Some(words.split_whitespace().map(Into::into).collect()))
        else {
            panic!("{words}")
        };
        crate::abi::say_panics(true);
        let (input, output, errors) = system::standard();
        Run::new(input, output, errors).all(&arguments).unwrap();
        unreachable!("a record panics");
    }
    let test = "command::tests::a_panic_ends_a_run_behind_what_is_finished";
    for (words, input, output, record, place) in [
        ("--input=ndjson", "1\nd\n\nf\n2\np \n3\n", "1\n2\n", 5, "\"line\": 6, \"offset\": 9"),
        ("--input=json --output=json", "[1, 2,\n  pq, 3]", "[\n1,\n2", 3, "\"line\": 2, \"offset\": 9"),
        ("--input=ndjson", "q\nf\nq\nq \n", "q\nq\n", 4, "\"line\": 4, \"offset\": 6"),
        ("--input=ndjson", "p", "", 1, "\"line\": 1, \"offset\": 0"),
        ("--input=ndjson", "l\nf\np", "", 3, "\"line\": 3, \"offset\": 4"),
        ("--config=1", "1\n", "", 0, ""),
    ] {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture", "--test-threads=1", "--quiet"])
            .env(NAME, words)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // Who does not open reads nothing.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let ended = child.wait_with_output().unwrap();
        let (found, errors) =
            (String::from_utf8(ended.stdout).unwrap(), String::from_utf8(ended.stderr).unwrap());
        let status = if record == 0 { 2 } else { 3 };
        assert_eq!(
            (ended.status.code(), found.as_str()),
            (Some(status), &*format!("\nrunning 1 test\n{output}"))
        );
        if record == 0 {
            assert!(
                errors.starts_with("error: the module panicked at ") && errors.contains("no luck"),
                "{errors}"
            );
            continue;
        }
        let lines: Vec<_> = errors.lines().collect();
        let [.., letter, last] = lines.as_slice() else { panic!("{errors}") };
        assert_eq!(lines.len(), 2 + input.matches(['f', 'l']).count());
        let start = format!(
            r#"{{"source": "-", "record": {record}, {place}, "code": "trap", "path": "$", "message": "the module trapped: panicked at "#
        );
        assert!(letter.starts_with(&start) && letter.contains("no luck"), "{letter}");
        assert_eq!(*last, "error: the module panicked: records behind this one were not read");
    }
}
