//! placeholder
/// Appends a valid text without the white space between its tokens; nothing else changes.
pub fn compact(_text: &[u8], _out: &mut Vec<u8>) {
    todo!()
}
