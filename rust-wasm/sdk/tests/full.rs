//! Outputs that do not fit: where they are told, and how often the function is called for that.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use wasmrecords::prelude::*;
use wasmrecords::testing::run;

static CALLS: AtomicUsize = AtomicUsize::new(0);

#[derive(Record)]
struct Wanted {
    id: u32,
    size: usize,
}

#[transform]
fn text(wanted: Wanted) -> String {
    CALLS.fetch_add(1, Relaxed);
    if wanted.id == u32::MAX { String::new() } else { "x".repeat(wanted.size) }
}

#[test]
fn a_record_whose_output_does_not_fit_is_tried_once_in_each_batch() {
    const LIMIT: usize = 1000;
    let opening = format!(
        r#"{{"abi": 1, "input": "ndjson", "output": "ndjson", "config": null, "limits": {{"output": {LIMIT}}}}}"#
    );
    // Behind the output of others it is tried with them, and again at the head of the next batch.
    let known = "{\"id\":1,\"size\":1}\n".repeat(9);
    let line = |size: usize| format!("{{\"id\":2,\"size\":{size}}}\n");
    let other = |size: usize| format!("{{\"size\":{size},\"id\":2}}\n");
    let cases = [
        (line(997), 0, 1, 0),
        (line(998), 0, 1, 1),
        (known.clone() + &line(961), 9, 1, 0),
        (known.clone() + &line(962), 9, 2, 0),
        (known.clone() + &line(998), 9, 2, 1),
        (known.clone() + &other(998), 9, 2, 1),
        (known.clone() + &line(998) + &line(998) + &known, 18, 3, 2),
        (line(400) + &line(998) + &line(400), 2, 2, 1),
    ];
    for (input, others, calls, failed) in cases {
        CALLS.store(0, Relaxed);
        let outcome = run::<wasmrecords::testing::Chosen>(&opening, input.as_bytes()).unwrap();
        let codes: Vec<_> = outcome.failures.iter().map(|(_, failure)| &*failure.code).collect();
        assert_eq!(codes, vec!["output"; failed], "{input}");
        assert_eq!(CALLS.load(Relaxed), others + calls, "{input}");
        let lines = input.lines().count();
        assert_eq!(outcome.finished, lines);
        assert_eq!(outcome.output.split(|byte| *byte == b'\n').count() - 1, lines - failed);
    }
}
