//! Answers programs natively: for `tests/conformance/jq_suite.py`, and to try things by hand.
//!
//! Each line of the input is `["program", "input"]`, each line of the output
//! `[["output", ...], "error", "refusal"]`, the last two empty if there is none.

use serde_json::json;
use std::io::{self, BufRead, Write};
use wasmrecords::Failure;
use wasmrecords_json::parse;
use wasmrecords_modules::jq::{Program, Sink};

#[derive(Default)]
struct Outputs(Vec<String>);

impl Sink for Outputs {
    fn emit(&mut self, value: &[u8]) -> Result<(), Failure> {
        self.0.push(String::from_utf8_lossy(value).into_owned());
        Ok(())
    }

    fn log(&mut self, text: &[u8]) {
        eprint!("{}", String::from_utf8_lossy(text));
    }
}

fn answer(program: &str, input: &str) -> serde_json::Value {
    let program = match Program::compile(program) {
        Ok(program) => program,
        Err(refusal) => return json!([[], "", format!("program: {}", refusal.message)]),
    };
    let record = match parse(input.as_bytes(), 1000) {
        Ok(record) => record,
        Err(error) => return json!([[], error.message, ""]),
    };
    let mut outputs = Outputs::default();
    let error = program.run(record, &mut outputs).err();
    json!([outputs.0, error.map_or(String::new(), |failure| failure.message), ""])
}

fn main() {
    // Room for values of ten thousand levels. In the sandbox these end with the code `stack`.
    let answers = std::thread::Builder::new().stack_size(256 << 20).spawn(|| {
        let mut out = io::stdout().lock();
        for line in io::stdin().lock().lines() {
            let (program, input): (String, String) = serde_json::from_str(&line?)?;
            writeln!(out, "{}", answer(&program, &input))?;
        }
        Ok::<(), io::Error>(())
    });
    answers.and_then(|thread| thread.join().expect("no panic")).expect("pairs of a program and an input");
}
