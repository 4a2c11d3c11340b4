//! A broken keyword in plain words: what was expected, what was found.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use wasmrecords_json::{Segment, Value};

use super::place::follow;
use super::words::{counted, either, expected, listed, quoted, shown, type_name};

/// What is told about one error.
pub(super) struct Told {
    pub code: String,
    pub path: Vec<Segment>,
    pub message: String,
}

/// Puts an error about `root` into words.
pub(super) fn explain(error: &ValidationError<'_>, root: &Value<'_>, _schema: &serde_json::Value) -> Told {
    let (path, value) = follow(error.instance_path().as_str(), root);
    Told { code: error.kind().keyword().to_owned(), path, message: message(error, value) }
}

fn message(error: &ValidationError<'_>, value: &Value<'_>) -> String {
    match error.kind() {
        Kind::Type { kind } => {
            let names: Vec<&str> = match kind {
                TypeKind::Single(name) => vec![name.as_str()],
                TypeKind::Multiple(names) => names.iter().map(|name| name.as_str()).collect(),
            };
            format!("expected {}, found {}", either(&names), type_name(value))
        }
        Kind::Required { property } => format!("missing the required property {}", expected(property)),
        Kind::Minimum { limit } => format!("expected at least {limit}, found {}", shown(value)),
        Kind::Maximum { limit } => format!("expected at most {limit}, found {}", shown(value)),
        Kind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            format!("expected one of {}, found {}", listed(options.iter().map(expected)), shown(value))
        }
        Kind::MaxItems { limit } => format!("expected at most {}", counted(*limit, "item")),
        Kind::AdditionalProperties { unexpected } => {
            format!("unexpected property {}", listed(unexpected.iter().map(|name| quoted(name))))
        }
        other => format!("breaks `{}`: found {}", other.keyword(), shown(value)),
    }
}
