//! What builtins ask of values most.

use wasmrecords_json::{Number, Value};

/// A text as a value.
pub(super) fn string(text: &str) -> Value {
    Value::from(text)
}

/// A text that was put together as bytes.
pub(super) fn of_bytes(text: Vec<u8>) -> Value {
    let text = String::from_utf8(text);
    Value::from(text.unwrap_or_else(|wrong| String::from_utf8_lossy(wrong.as_bytes()).into_owned()))
}

/// A number as a float, where the value is one.
pub(super) fn float(value: &Value) -> Option<f64> {
    value.as_number().map(Number::as_f64)
}

/// A float as an integer where it is one, so that it can index and count.
pub(super) fn whole(value: f64) -> Value {
    Number::whole(value).into()
}
