//! Schemas, records, and what is said about them.

use super::Schema;
use wasmrecords_json::parse;

#[test]
fn first_error() {
    let text = br#"{"type":"object","properties":{"age":{"type":"integer"}}}"#;
    let schema = Schema::compile(text).unwrap_or_else(|failure| panic!("{failure:?}"));
    let record = br#"{"age": "x"}"#;
    let failure = schema.check(&parse(record, 128).unwrap(), record).unwrap_err();
    assert_eq!((failure.code.as_ref(), failure.path.as_str(), failure.offset), ("type", "$.age", 8));
    assert_eq!(failure.message, "expected integer, found string");
}
