//! Buffers that are used again.

/// Bytes that one keeps between two records.
const KEPT: usize = 4 << 20;

/// Empties a buffer. What a large record needed is given back: the next one may need it elsewhere.
#[inline]
pub fn reset(buffer: &mut Vec<u8>) {
    buffer.clear();
    if buffer.capacity() > KEPT {
        *buffer = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_is_given_back() {
        let mut buffer = Vec::with_capacity(KEPT);
        buffer.push(1);
        reset(&mut buffer);
        assert!(buffer.is_empty());
        assert!(buffer.capacity() >= KEPT);
        buffer.reserve(buffer.capacity() + 1);
        reset(&mut buffer);
        assert_eq!(buffer.capacity(), 0);
    }
}
