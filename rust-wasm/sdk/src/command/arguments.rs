//! The words of the command line.

use super::dead_letters::write_safe;
use super::format::Input;
use wasmrecords_json::{check, joined};

pub(super) const HELP: &str = "\
A module for wasmrecords, run as a command: records come from standard input and go to standard output.

usage: MODULE [--config JSON] [--transform NAME | --function NAME]
              [--input auto|ndjson|json] [--output ndjson|json|pretty] [--only NAME]

Of a transform with several outputs the main one is written, or with --only NAME that one; the others are left out.
Failed records become dead letters on standard error, one JSON object a line, beside what the module logs.
Exit status: 0 no record failed, 1 some did, 2 it does not open, 3 it did not come to its end.
";

const OPTIONS: [&str; 6] = ["--config", "--transform", "--function", "--input", "--output", "--only"];

/// How outputs stand in the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    #[default]
    Ndjson,
    Json,
    Pretty,
}

#[derive(Debug, Default)]
pub(super) struct Arguments {
    config: Option<String>,
    transform: Option<String>,
    function: Option<String>,
    /// None: by the first value.
    pub input: Option<Input>,
    pub output: Format,
    /// The output to write; none: the main one.
    pub only: Option<String>,
}

/// What a command line asks for.
#[derive(Debug)]
pub(super) enum Asked {
    Run(Arguments),
    Help,
}

impl Arguments {
    #[cold]
    pub fn read(words: Option<Vec<String>>) -> Result<Asked, String> {
        let mut arguments = Arguments::default();
        let mut words = words.ok_or("expected words in UTF-8")?.into_iter();
        while let Some(word) = words.next() {
            if matches!(word.as_str(), "-h" | "--help") {
                return Ok(Asked::Help);
            }
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (word, None),
            };
            if !OPTIONS.contains(&name.as_str()) {
                return Err(joined(&["unknown argument ", &name]));
            }
            let value = match value {
                Some(value) => value,
                None => words.next().ok_or_else(|| joined(&[&name, ": expected a value behind it"]))?,
            };
            let wrong = |expected: &str| Err(joined(&[&name, ": expected ", expected, ", found ", &value]));
            match (name.as_str(), value.as_str()) {
                ("--config", _) => {
                    check(value.as_bytes(), 128).map_err(|error| {
                        format!("--config: not JSON: {} (at byte {})", error.message, error.offset)
                    })?;
                    arguments.config = Some(value);
                }
                ("--transform", _) => arguments.transform = Some(value),
                ("--function", _) => arguments.function = Some(value),
                ("--only", "main") => arguments.only = None,
                ("--only", _) => arguments.only = Some(value),
                ("--input", "auto") => arguments.input = None,
                ("--input", "ndjson") => arguments.input = Some(Input::Ndjson),
                ("--input", "json") => arguments.input = Some(Input::Json),
                ("--input", _) => return wrong("auto, ndjson or json"),
                ("--output", "ndjson") => arguments.output = Format::Ndjson,
                ("--output", "json") => arguments.output = Format::Json,
                ("--output", "pretty") => arguments.output = Format::Pretty,
                _ => return wrong("ndjson, json or pretty"),
            }
        }
        if arguments.transform.is_some() && arguments.function.is_some() {
            return Err("--transform and --function: expected one of them".into());
        }
        Ok(Asked::Run(arguments))
    }

    /// The opening text for a module.
    #[cold]
    pub fn opening(&self, input: Input) -> Vec<u8> {
        let input = if input == Input::Ndjson { "ndjson" } else { "json" };
        let output = if self.output == Format::Pretty { "pretty" } else { "ndjson" };
        let mut text =
            joined(&[r#"{"abi": 1, "input": ""#, input, r#"", "output": ""#, output, "\""]).into_bytes();
        for (name, value) in [(r#", "transform": "#, &self.transform), (r#", "function": "#, &self.function)]
        {
            if let Some(value) = value {
                text.extend_from_slice(name.as_bytes());
                write_safe(value, &mut text);
            }
        }
        if let Some(config) = &self.config {
            text.extend_from_slice(br#", "config": "#);
            text.extend_from_slice(config.as_bytes());
        }
        text.push(b'}');
        text
    }
}
