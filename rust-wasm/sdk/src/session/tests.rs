use super::*;
use crate::failures::MOST;
use std::sync::Mutex;

/// The reply block is one per process, as in a module: tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// Echoes a record, `n` times if it begins with the digit `n`; `f...` fails, `d...` drops.
struct Echo;

impl Transform for Echo {
    fn open(opening: &Opening) -> Result<Self, Failure> {
        if opening.config == "\"no\"" { Err(Failure::new("config", "as you wish")) } else { Ok(Echo) }
    }

    fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure> {
        match record[0] {
            b'f' => {
                out.emit(b"taken back")?;
                Err(Failure { offset: 1, path: "$.x".into(), ..Failure::new("odd", "it failed") })
            }
            b'd' => Ok(()),
            b'l' => {
                out.log(record);
                out.emit(b"1")
            }
            n @ b'0'..=b'9' => (b'0'..n).try_for_each(|_| out.emit(record)),
            _ => out.emit(record),
        }
    }

    fn flush(&mut self, out: &mut Output) -> Result<(), Failure> {
        out.emit(b"so far")
    }

    fn finish(&mut self, out: &mut Output) -> Result<(), Failure> {
        out.emit(b"the end")
    }
}

fn open(more: &str) -> Session<Echo> {
    let text = format!(r#"{{"abi": 1, "input": "ndjson", "output": "ndjson"{more}}}"#);
    Session::open(text.as_bytes()).unwrap()
}

fn batch(session: &mut Session<Echo>, piece: &[u8], last: bool, state: u32) {
    session.batch(piece, piece.len(), last, state);
}

#[test]
fn each_record_has_one_fate() {
    let _turn = TURN.lock();
    let mut session = open("");
    batch(&mut session, b"a\n\nd\nfail\r\n3\nrest", false, 0);
    assert_eq!(session.out.text(b""), b"a\n3\n3\n3\n");
    let expected = Progress {
        finished: 4,
        emitted: 4,
        dropped: 1,
        failed: 1,
        reasons: 1,
        consumed: 13,
        blank: 1,
        output_length: 8,
        outputs: session.done.outputs,
        ..Progress::default()
    };
    assert_eq!(session.done, expected);
    assert_eq!(session.failures.rows()[0][..4], [2, 5, 4, 6]);
    batch(&mut session, b"rest", true, 0);
    assert_eq!((session.out.text(b""), session.done.consumed), (&b"rest\n"[..], 4));
}

#[test]
fn a_stream_of_json_keeps_its_state() {
    let _turn = TURN.lock();
    let mut session = open("");
    session.input = Encoding::Json;
    batch(&mut session, b"[1, 22, 3", false, 0);
    assert_eq!((session.done.finished, session.done.state), (2, State::AfterComma as u32));
    assert_eq!(session.done.consumed, 8);
    batch(&mut session, b"3] x ]", true, State::AfterComma as u32);
    assert_eq!((session.done.finished, session.done.failed, session.done.state), (3, 1, 0));
}

#[test]
fn a_full_batch_ends_early_and_loses_nothing() {
    let _turn = TURN.lock();
    let mut session = open(r#", "limits": {"output": 10}"#);
    batch(&mut session, b"aaaaaa\nbb\ncc\n", true, 0);
    assert_eq!((session.out.text(b""), session.done.consumed), (&b"aaaaaa\n"[..], 7));
    batch(&mut session, b"bb\ncc\n", true, 0);
    assert_eq!(session.done.consumed, 6);
    batch(&mut session, b"eleven bytes\n", true, 0);
    assert_eq!((session.done.failed, session.out.text(b"").len()), (1, 0));
    assert_eq!(session.failures.iter().next().unwrap().2.code, "output");
}

#[test]
fn failures_end_a_batch_at_some_number() {
    let _turn = TURN.lock();
    let mut session = open("");
    batch(&mut session, &b"f\n".repeat(MOST + 5), true, 0);
    assert_eq!((session.done.failed as usize, session.done.consumed as usize), (MOST, 2 * MOST));
}

#[test]
fn too_long_a_record_is_not_even_looked_at() {
    let _turn = TURN.lock();
    let mut session = open(r#", "limits": {"record": 3}"#);
    batch(&mut session, b"abc\nabcd\n", true, 0);
    assert_eq!((session.done.finished, session.done.failed), (2, 1));
    assert_eq!(session.failures.iter().next().unwrap().2.code, "record_too_large");
}

#[test]
fn lineage_log_and_the_end() {
    let _turn = TURN.lock();
    let mut session = open(r#", "lineage": true, "limits": {"log": 5}"#);
    batch(&mut session, b"d\n2\nlog me\n", true, 0);
    assert_eq!(session.out.lineage(), [[1, 0], [1, 0], [2, 0]]);
    assert_eq!(session.out.log_text(), b"log m");
    session.flush(2).unwrap();
    assert_eq!(session.out.text(b""), b"so far\n");
    assert_eq!((session.done.finished, session.done.emitted, session.done.state), (0, 1, 2));
    session.finish().unwrap();
    assert_eq!(session.out.text(b""), b"the end\n");
}

#[test]
fn a_refusal_says_why() {
    let text = br#"{"abi": 1, "input": "ndjson", "output": "ndjson", "config": "no"}"#;
    assert_eq!(Session::<Echo>::open(text).err().map(|f| f.message), Some("as you wish".to_owned()));
}

/// Puts each record into `long` or `short`, and all but the first of a batch into the main output.
struct Sorted;

impl Transform for Sorted {
    fn open(_: &Opening) -> Result<Self, Failure> {
        Ok(Sorted)
    }

    fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure> {
        out.emit_to(if record.len() > 2 { "long" } else { "short" }, record)?;
        if record == b"x" { Err(Failure::new("x", "an x")) } else { out.emit(b"1") }
    }

    fn outputs(&self) -> Option<NamedOutputs> {
        Some(NamedOutputs::new(&["long", "short"]))
    }
}

#[test]
fn all_outputs_count_against_one_limit() {
    let _turn = TURN.lock();
    let text = br#"{"abi": 1, "input": "ndjson", "output": "ndjson", "limits": {"output": 16}}"#;
    let mut session = Session::<Sorted>::open(text).unwrap();
    let mut batch = |piece: &[u8]| {
        session.batch(piece, piece.len(), true, 0);
        let named: Vec<_> =
            session.named().map(|(_, text)| String::from_utf8_lossy(text).into_owned()).collect();
        let Progress { finished, emitted, named: others, failed, consumed, .. } = session.done;
        (named, [finished, emitted, others, failed, consumed])
    };
    // Half of the limit ends a batch; a record that does not fit behind others is left for the next one.
    assert_eq!(batch(b"abc\nx\nd\ne\n"), (vec!["abc\n".into(), "d\n".into()], [3, 2, 2, 1, 8]));
    assert_eq!(batch(b"d\nten bytes!\n"), (vec!["".into(), "d\n".into()], [1, 1, 1, 0, 2]));
    // What its outputs need together is too much.
    assert_eq!(batch(b"13 bytes and \n"), (vec!["13 bytes and \n".into(), "".into()], [1, 1, 1, 0, 14]));
    assert_eq!(batch(b"14 bytes here.\n"), (vec!["".into(), "".into()], [1, 0, 0, 1, 15]));
    assert_eq!(session.failures.iter().next().unwrap().2.code, "output");
}
