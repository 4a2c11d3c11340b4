// A command: collections, text and formatting of the standard library.
use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let mut counts = BTreeMap::new();
    for line in io::stdin().lock().lines() {
        for word in line?.split_whitespace() {
            *counts.entry(word.to_lowercase()).or_insert(0u32) += 1;
        }
    }
    for (word, count) in counts {
        writeln!(io::stdout(), "{word} {count}")?;
    }
    Ok(())
}
