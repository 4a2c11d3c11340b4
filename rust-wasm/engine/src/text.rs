//! What typed records read and write for each value, compiled as the engine is: modules are made small, and this is
//! called for each byte.

use wasmrecords_json::ROOM;

/// See [`wasmrecords_json::put_natural`].
pub fn put_natural(value: u64, room: &mut [u8; ROOM]) -> usize {
    wasmrecords_json::put_natural(value, room)
}

/// See [`wasmrecords_json::put_float`].
pub fn put_float(float: f64, room: &mut [u8; ROOM]) -> Option<usize> {
    wasmrecords_json::put_float(float, room)
}

/// See [`wasmrecords_json::put_string`].
pub fn put_string(text: &str, room: &mut [u8]) -> bool {
    wasmrecords_json::put_string(text, room)
}
