//! Replaces the values of chosen members by `null`: `{"fields": ["email"]}`.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use std::hash::{BuildHasherDefault, DefaultHasher};
use wasmrecords::{Failure, Opening, Output, Transform};
use wasmrecords_json::compact;

/// In the order of the record. The standard hasher would ask for randomness, which no module gets.
type Members = IndexMap<String, Box<RawValue>, BuildHasherDefault<DefaultHasher>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redact {
    fields: Vec<String>,
}

impl Transform for Redact {
    fn open(opening: &Opening) -> Result<Self, Failure> {
        serde_json::from_str(&opening.config).map_err(|e| Failure::new("config", e.to_string()))
    }

    fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure> {
        // Raw values keep every digit and every escape of what is not redacted.
        let mut members: Members =
            serde_json::from_slice(record).map_err(|e| Failure::new("json", e.to_string()))?;
        for field in &self.fields {
            if let Some(value) = members.get_mut(field) {
                *value = to_raw_value(&()).map_err(|e| Failure::new("json", e.to_string()))?;
            }
        }
        let text = serde_json::to_vec(&members).map_err(|e| Failure::new("json", e.to_string()))?;
        let mut line = Vec::with_capacity(text.len());
        compact(&text, &mut line);
        out.emit(&line)
    }
}

wasmrecords::export!(Redact, manifest: include_str!("manifest.json"));

fn main() {
    eprintln!(
        "this is a module for wasmrecords: try `wasmrecords run -m redact.wasm --config '{{\"fields\": []}}'`"
    );
    std::process::exit(2);
}
