//! The first bytes of values, and white space.

/// What a byte is, but for those of numbers, arrays and objects, which lie together; 0 for all that begins no value.
pub(super) static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let kinds = [
        (b'"', STRING),
        (b't', BOOLEAN),
        (b'f', BOOLEAN),
        (b'n', NULL),
        (b' ', SPACE),
        (b'\t', SPACE),
        (b'\r', SPACE),
    ];
    let mut at = 0;
    while at < kinds.len() {
        classes[kinds[at].0 as usize] = kinds[at].1;
        at += 1;
    }
    classes
};
pub(super) const STRING: u8 = 1;
pub(super) const BOOLEAN: u8 = 2;
pub(super) const NULL: u8 = 3;
pub(super) const SPACE: u8 = 4;
