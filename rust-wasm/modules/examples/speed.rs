//! A recipe natively, batch after batch: what `benchmarks/engine.py --native` compares the sandbox with.
//!
//! Arguments: the config as JSON, an NDJSON file, where to write the output, bytes of a batch. It goes through
//! the file once, writes the output and answers `ready`. For each line of standard input that follows it goes
//! through the file again, if the line is `copy` without the transform, and answers `done`. Who asks looks at the
//! clock of this process.

use std::io::{self, BufRead, Write};
use wasmrecords::testing::Guest;
use wasmrecords_modules::recipe::Recipe;

/// Whole lines of at most `size` bytes; a longer line is a batch of its own.
fn batches(text: &[u8], size: usize) -> Vec<&[u8]> {
    let (mut found, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let head = &rest[..size.min(rest.len())];
        let end = head.iter().rposition(|&b| b == b'\n').or_else(|| rest.iter().position(|&b| b == b'\n'));
        let (batch, after) = rest.split_at(end.map_or(rest.len(), |at| at + 1));
        found.push(batch);
        rest = after;
    }
    found
}

fn pass(guest: &mut Guest<Recipe>, batches: &[&[u8]], mut see: impl FnMut(&[u8])) {
    for batch in batches {
        let mut at = 0;
        while at < batch.len() {
            guest.bring(&batch[at..]);
            let (consumed, output) = guest.batch();
            assert!(consumed > 0, "no progress");
            see(output);
            at += consumed;
        }
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [config, input, output, size] = arguments.as_slice() else {
        return Err(io::Error::other("expected CONFIG INPUT OUTPUT BATCH"));
    };
    let opening = format!(r#"{{"abi": 1, "input": "ndjson", "output": "ndjson", "config": {config}}}"#);
    let mut guest = Guest::open(&opening).map_err(|refusal| io::Error::other(refusal.message))?;
    let text = std::fs::read(input)?;
    let batches = batches(&text, size.parse().map_err(io::Error::other)?);

    let mut written = Vec::new();
    pass(&mut guest, &batches, |output| written.extend_from_slice(output));
    std::fs::write(output, &written)?;
    drop(written);
    println!("ready");
    for line in io::stdin().lock().lines() {
        if line? == "copy" {
            batches.iter().for_each(|batch| guest.bring(batch));
        } else {
            pass(&mut guest, &batches, |output| {
                std::hint::black_box(output);
            });
        }
        println!("done");
    }
    io::stdout().flush()
}
