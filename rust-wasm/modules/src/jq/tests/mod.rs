//! Programs on records, and programs that are refused.

mod as_jq;
mod builtins;
mod given;
mod hostile;
mod language;
mod refusals;

use super::{Program, Sink};
use wasmrecords::Failure;
use wasmrecords_json::parse;

/// All that came out of one run.
#[derive(Default)]
pub(super) struct Recorder {
    pub(super) outputs: Vec<String>,
    log: String,
    /// Outputs that it takes before it refuses.
    room: Option<usize>,
}

impl Sink for Recorder {
    fn emit(&mut self, value: &[u8]) -> Result<(), Failure> {
        if self.room == Some(self.outputs.len()) {
            return Err(Failure::new("output", "full"));
        }
        let text = std::str::from_utf8(value).expect("UTF-8");
        parse(value, 10_000).unwrap_or_else(|e| panic!("no JSON: {text}: {e:?}"));
        self.outputs.push(text.into());
        Ok(())
    }

    fn log(&mut self, text: &[u8]) {
        self.log.push_str(std::str::from_utf8(text).expect("UTF-8"));
    }
}

/// The outputs of a program, and its failure if it has one.
fn run(program: &str, input: &str) -> (Recorder, Result<(), Failure>) {
    let compiled =
        Program::compile(program).unwrap_or_else(|e| panic!("{program}: {} at {}", e.message, e.offset));
    run_compiled(&compiled, input)
}

fn run_compiled(compiled: &Program, input: &str) -> (Recorder, Result<(), Failure>) {
    let input = parse(input.as_bytes(), 1000).unwrap_or_else(|e| panic!("{input}: {e:?}"));
    let mut recorder = Recorder::default();
    let result = compiled.run(input, &mut recorder);
    (recorder, result)
}

/// Each case is a program, its input, and its outputs on one line; an error stands behind them as
/// `! message`.
fn check(cases: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    for (program, input, expected) in cases {
        let (recorder, result) = run(program, input);
        let error = result.err().map(|failure| {
            assert_eq!(
                (failure.code.as_ref(), failure.offset, failure.path.as_str()),
                ("jq", 0, "$"),
                "{program}"
            );
            format!("! {}", failure.message)
        });
        let found: Vec<_> = recorder.outputs.into_iter().chain(error).collect();
        println!("CASE {:?}", serde_json::json!([program, input, found]).to_string());
        if found.join(" ") != *expected {
            wrong.push(format!(
                "{program}   on {input}\n  expected {expected}\n  found    {}",
                found.join(" ")
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_sink_that_is_full_ends_the_program() {
    let program = Program::compile("repeat(1)").unwrap();
    let mut recorder = Recorder { room: Some(3), ..Recorder::default() };
    let failure = program.run(parse(b"null", 1).unwrap(), &mut recorder).unwrap_err();
    assert_eq!((failure.code.as_ref(), recorder.outputs.len()), ("output", 3));
}

#[test]
fn messages_go_to_the_log() {
    for (program, outputs, log) in [
        ("debug", "7", "[\"DEBUG:\",7]\n"),
        ("debug(\"at\", . + 1)", "7", "[\"DEBUG:\",\"at\"]\n[\"DEBUG:\",8]\n"),
        ("stderr", "7", "7"),
        ("{(\"a\"): .} | stderr | .a", "7", "{\"a\":7}"),
        ("{(\"b\"): 2} | debug | .b", "2", "[\"DEBUG:\",{\"b\":2}]\n"),
    ] {
        let (recorder, _) = run(program, "7");
        assert_eq!((recorder.outputs.join(" ").as_str(), recorder.log.as_str()), (outputs, log), "{program}");
    }
}

#[test]
fn a_program_runs_on_many_records() {
    let program = Program::compile("select(.a | test(\"^x\")) | .a").unwrap();
    let mut recorder = Recorder::default();
    for record in [r#"{"a":"xy"}"#, r#"{"a":"y"}"#, r#"{"a":"x"}"#] {
        program.run(parse(record.as_bytes(), 9).unwrap(), &mut recorder).unwrap();
    }
    assert_eq!(recorder.outputs, [r#""xy""#, r#""x""#]);
}
