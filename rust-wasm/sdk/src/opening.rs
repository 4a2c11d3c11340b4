//! The opening text: what the host says once, before the first record.

use crate::Failure;
use crate::record::{Raw, read};
use wasmrecords_macros::Record;

/// How records are laid out in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Record)]
#[record(rename_all = "lowercase")]
pub enum Encoding {
    /// One JSON value a line.
    Ndjson,
    /// Input: a stream of JSON values; the items of a top-level array are the records.
    Json,
    /// Output: indented by two spaces as the items of an array, with `,` and a newline between them.
    Pretty,
}

/// The limits that the module itself watches, so that one record fails and not the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Record)]
pub struct Limits {
    /// Levels of arrays and objects in one record.
    #[record(default = Limits::default().nesting)]
    pub nesting: u32,
    /// Bytes of one record's text.
    #[record(default = Limits::default().record)]
    pub record: u32,
    /// Bytes of output in one batch.
    #[record(default = Limits::default().output)]
    pub output: u32,
    /// Bytes of log text in one batch.
    #[record(default = Limits::default().log)]
    pub log: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { nesting: 128, record: 8 << 20, output: 16 << 20, log: 64 << 10 }
    }
}

#[derive(Record)]
struct Text {
    abi: u32,
    #[record(default = Raw("null".to_owned()))]
    config: Raw,
    input: Encoding,
    output: Encoding,
    #[record(default)]
    lineage: bool,
    source: Option<String>,
    transform: Option<String>,
    function: Option<String>,
    #[record(default)]
    limits: Limits,
}

/// What the host said at the opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The config as JSON text, `null` where there is none.
    pub config: String,
    /// How the input is laid out.
    pub input: Encoding,
    /// How the output is laid out.
    pub output: Encoding,
    /// Whether the host wants to know which record each output record came from.
    pub lineage: bool,
    /// The name of the source that the records come from, where the host says it.
    pub source: Option<String>,
    /// The transform that is asked for, of a module that has several.
    pub transform: Option<String>,
    /// The function that is to be called, whose arguments the records are.
    pub function: Option<String>,
    /// What the module watches itself.
    pub limits: Limits,
}

/// Levels of arrays and objects in an opening text: a schema in a config may have 128, and what is around it.
const LEVELS: u32 = 1000;

impl Opening {
    /// Reads the opening text.
    ///
    /// # Errors
    /// `opening` if it is not what ABI version 1 says.
    pub fn parse(text: &[u8]) -> Result<Self, Failure> {
        let refused = |failure| Failure { code: "opening".into(), ..failure };
        let text: Text = read(text, LEVELS).map_err(refused)?;
        if text.abi != 1 {
            return Err(Failure::new("opening", format!("expected ABI version 1, found {}", text.abi)));
        }
        if text.input == Encoding::Pretty || text.output == Encoding::Json {
            return Err(Failure::new(
                "opening",
                "expected input ndjson or json, and output ndjson or pretty",
            ));
        }
        Ok(Opening {
            config: text.config.0,
            input: text.input,
            output: text.output,
            lineage: text.lineage,
            source: text.source,
            transform: text.transform,
            function: text.function,
            limits: text.limits,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_host_says() {
        let text = br#"{"abi": 1, "config": {"a": 1.0}, "input": "json", "output": "pretty", "lineage": true,
            "source": "a.ndjson", "limits": {"nesting": 3}, "later": 1}"#;
        let opening = Opening::parse(text).unwrap();
        assert_eq!(opening.config, r#"{"a": 1.0}"#);
        assert_eq!((opening.input, opening.output), (Encoding::Json, Encoding::Pretty));
        assert!(opening.lineage);
        assert_eq!(opening.source.as_deref(), Some("a.ndjson"));
        assert_eq!(opening.limits, Limits { nesting: 3, ..Limits::default() });
    }

    #[test]
    fn refuses_what_is_not_version_1() {
        for text in
            ["", "{}", r#"{"abi": 2, "input": "ndjson", "output": "ndjson"}"#, r#"{"abi": 1, "input": "x"}"#]
        {
            assert_eq!(Opening::parse(text.as_bytes()).unwrap_err().code, "opening", "{text}");
        }
    }
}
