//! The corpus in `tests/cases`, natively. `tests/test_cases.py` runs the same files in the sandbox.

use serde::Deserialize;
use serde_json::{Value, json};
use std::{fs, path::Path};
use wasmrecords::testing::run;
use wasmrecords_modules::recipe::Recipe;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    jq: Value,
    #[serde(default)]
    schema: Value,
    #[serde(default = "ndjson")]
    encoding: String,
    input: String,
    #[serde(default)]
    output: String,
    #[serde(default)]
    dropped: usize,
    #[serde(default)]
    failures: Vec<Expected>,
}

/// A failed record: its number from 1, and where and why.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    record: usize,
    offset: usize,
    code: String,
    #[serde(default = "root")]
    path: String,
    message: String,
}

fn ndjson() -> String {
    "ndjson".into()
}

fn root() -> String {
    "$".into()
}

#[test]
fn corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let mut cases = 0;
    let files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("no corpus in {}: {e}", folder.display()));
    for file in files {
        let path = file.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a readable file");
        for case in
            serde_json::from_str::<Vec<Case>>(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        {
            check(&format!("{}: {}", path.display(), case.name), &case);
            cases += 1;
        }
    }
    assert!(cases > 50, "expected more than 50 cases in {}, found {cases}", folder.display());
}

fn check(name: &str, case: &Case) {
    let opening = json!({
        "abi": 1, "input": case.encoding, "output": "ndjson",
        "config": {"jq": case.jq, "schema": case.schema},
    });
    let outcome = run::<Recipe>(&opening.to_string(), case.input.as_bytes())
        .unwrap_or_else(|e| panic!("{name}: {e:?}"));
    assert_eq!(String::from_utf8_lossy(&outcome.output), case.output, "{name}: output");
    assert_eq!(outcome.dropped, case.dropped, "{name}: dropped");
    let found: Vec<_> = outcome
        .failures
        .iter()
        .map(|(record, f)| (record + 1, f.offset, f.code.as_ref(), f.path.as_str(), f.message.as_str()))
        .collect();
    let expected: Vec<_> = case
        .failures
        .iter()
        .map(|f| (f.record, f.offset, f.code.as_str(), f.path.as_str(), f.message.as_str()))
        .collect();
    assert_eq!(found, expected, "{name}: failures");
}
