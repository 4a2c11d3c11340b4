//! What tests of several kinds do with a transform of their own.

use wasmrecords::testing::{Chosen, Outcome, run};

/// What becomes of these lines.
pub fn opened(transform: &str, config: &str, input: impl AsRef<[u8]>) -> Outcome {
    let opening = format!(
        r#"{{"abi": 1, "input": "ndjson", "output": "ndjson", "transform": "{transform}", "config": {config}}}"#
    );
    run::<Chosen>(&opening, input.as_ref()).unwrap()
}

/// The output, and code, path, offset and message of each failure.
#[track_caller]
pub fn shows(outcome: &Outcome, output: &str, failures: &[(&str, &str, usize, &str)]) {
    assert_eq!(String::from_utf8_lossy(&outcome.output), output);
    let found: Vec<_> = outcome
        .failures
        .iter()
        .map(|(_, failure)| (&*failure.code, &*failure.path, failure.offset, &*failure.message))
        .collect();
    assert_eq!(found, failures);
}
