//! Answers of recipes to records, without the sandbox: each line of standard input is an array of a config and an
//! NDJSON text, each line of the output what failed. For `tests/conformance/schema_suite.py --native`.

use std::io::{BufRead, stdin};
use wasmrecords::testing::run;
use wasmrecords_modules::recipe::Recipe;

fn main() {
    for line in stdin().lock().lines() {
        let (config, input): (String, String) = serde_json::from_str(&line.unwrap()).unwrap();
        let opening = format!(r#"{{"abi": 1, "input": "ndjson", "output": "ndjson", "config": {config}}}"#);
        let answer = match run::<Recipe>(&opening, input.as_bytes()) {
            Ok(outcome) => {
                let failures = outcome.failures.into_iter();
                let failures = failures.map(|(at, failure)| {
                    serde_json::json!([at, failure.code, failure.path, failure.message, failure.rule])
                });
                serde_json::Value::Array(failures.collect())
            }
            Err(refusal) => serde_json::json!({"path": refusal.path, "message": refusal.message}),
        };
        println!("{answer}");
    }
}
