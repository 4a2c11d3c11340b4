//! Finding the next byte that matters, eight bytes at a step.
//!
//! Each search loads eight bytes into one word and asks all of them at once by the well-known
//! arithmetic: a byte `b` of `x ^ pattern` is zero where `x` holds the wanted byte, and
//! `(x - 0x01..) & !x & 0x80..` sets the high bit of zero bytes. Borrows can set a wrong bit only
//! above a right one, so the lowest bit (the first byte of a little-endian load) is always exact.

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

#[inline(always)]
fn equal(word: u64, byte: u8) -> u64 {
    let differ = word ^ (LOW * byte as u64);
    differ.wrapping_sub(LOW) & !differ & HIGH
}

/// Bytes below `limit`, which is at most 0x80.
#[inline(always)]
fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(LOW * limit as u64) & !word & HIGH
}

/// The first place from `at` on where `word` marks a byte; the length of the text if there is none.
#[inline(always)]
fn find(text: &[u8], mut at: usize, word: impl Fn(u64) -> u64) -> usize {
    while let Some(chunk) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let found = word(u64::from_le_bytes(*chunk));
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    // The last bytes go through the same question, one to a word: the seven others are all ones,
    // which no search looks for.
    while let Some(&byte) = text.get(at) {
        if word(u64::MAX << 8 | byte as u64) & 0xff != 0 {
            return at;
        }
        at += 1;
    }
    at
}

/// The first byte that ends a plain run in a string: `"`, `\` or a control character.
#[inline(always)]
pub fn string_stop(text: &[u8], at: usize) -> usize {
    find(text, at, |word| equal(word, b'"') | equal(word, b'\\') | below(word, 0x20))
}

/// The first backslash of eight bytes; 8 if there is none.
#[inline(always)]
pub(crate) fn backslash(bytes: [u8; 8]) -> usize {
    equal(u64::from_le_bytes(bytes), b'\\').trailing_zeros() as usize / 8
}

/// The first byte that a string is not written with as it is: `"`, `\`, a control character or DEL.
#[inline(always)]
pub fn must_escape(text: &[u8], at: usize) -> usize {
    find(text, at, |word| equal(word, b'"') | equal(word, b'\\') | below(word, 0x20) | equal(word, 0x7f))
}

/// True if one of eight bytes is one that a string is not written with as it is.
#[inline(always)]
pub(crate) fn has_escape(bytes: &[u8; 8]) -> bool {
    let word = u64::from_le_bytes(*bytes);
    equal(word, b'"') | equal(word, b'\\') | below(word, 0x20) | equal(word, 0x7f) != 0
}

/// The first `"` or `\`.
#[inline(always)]
fn quote_or_escape(text: &[u8], at: usize) -> usize {
    find(text, at, |word| equal(word, b'"') | equal(word, b'\\'))
}

/// The first `"`, or byte that may be white space (any up to 0x20).
#[inline(always)]
pub(crate) fn quote_or_gap(text: &[u8], at: usize) -> usize {
    find(text, at, |word| equal(word, b'"') | below(word, 0x21))
}

/// The first `"` or bracket of either kind.
#[inline(always)]
fn quote_or_bracket(text: &[u8], at: usize) -> usize {
    // `[` and `]` differ from `{` and `}` in one bit. Setting it makes no other byte a bracket.
    find(text, at, |word| {
        let folded = word | (LOW * 0x20);
        equal(word, b'"') | equal(folded, b'{') | equal(folded, b'}')
    })
}

/// The first line feed at or behind a place; the length of the text if there is none.
#[inline(always)]
pub fn newline(text: &[u8], at: usize) -> usize {
    find(text, at, |word| equal(word, b'\n'))
}

/// The first byte at or behind `at` that is no white space of JSON.
#[inline(always)]
pub(crate) fn skip_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}

/// The end of the string whose opening quote stands at `at`; `None` if it is not closed.
#[inline]
pub fn string_end(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at = quote_or_escape(text, at);
        match text.get(at) {
            Some(b'"') => return Some(at + 1),
            // The byte behind the backslash is skipped unseen: it may be a quote.
            Some(_) => at += 2,
            None => return None,
        }
    }
}

/// The end of the value that begins at `at`, found by structure only: brackets are counted
/// whatever their kind, strings are skipped, anything else ends where a token must end. `None` if
/// a string or a bracket is not closed. At least one byte long, whatever stands there.
pub fn value_end(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at) {
        Some(b'"') => string_end(text, at),
        Some(b'[' | b'{') => container_end(text, at),
        _ => {
            let rest = text.get(at + 1..).unwrap_or_default();
            Some(at + 1 + rest.iter().position(|byte| ENDS_SCALAR[*byte as usize]).unwrap_or(rest.len()))
        }
    }
}

fn container_end(text: &[u8], at: usize) -> Option<usize> {
    let mut open = 1usize;
    let mut at = at + 1;
    loop {
        at = quote_or_bracket(text, at);
        match text.get(at)? {
            b'"' => at = string_end(text, at)?,
            b'[' | b'{' => {
                open += 1;
                at += 1;
            }
            _ => {
                open -= 1;
                at += 1;
                if open == 0 {
                    return Some(at);
                }
            }
        }
    }
}

/// White space and the bytes that are tokens themselves or begin one.
const ENDS_SCALAR: [bool; 256] = {
    let mut table = [false; 256];
    let ends = b" \t\r\n,:[]{}\"";
    let mut i = 0;
    while i < ends.len() {
        table[ends[i] as usize] = true;
        i += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Every search against the obvious loop, at every place of texts that hold every byte.
    #[test]
    fn finds_what_a_loop_finds() {
        type Search = fn(&[u8], usize) -> usize;
        type Wanted = fn(u8) -> bool;
        let searches: [(Search, Wanted); 6] = [
            (must_escape, |b| b == b'"' || b == b'\\' || b < 0x20 || b == 0x7f),
            (string_stop, |b| b == b'"' || b == b'\\' || b < 0x20),
            (quote_or_escape, |b| b == b'"' || b == b'\\'),
            (quote_or_gap, |b| b == b'"' || b <= 0x20),
            (quote_or_bracket, |b| b"\"[]{}".contains(&b)),
            (newline, |b| b == b'\n'),
        ];
        let mut text = vec![b'x'; 19];
        for (search, wanted) in searches {
            for byte in 0..=255u8 {
                for place in 0..text.len() {
                    text[place] = byte;
                    for from in 0..=text.len() {
                        let expected = (from..text.len()).find(|&i| wanted(text[i])).unwrap_or(text.len());
                        assert_eq!(search(&text, from), expected, "byte {byte:#04x} at {place} from {from}");
                    }
                    text[place] = b'x';
                }
            }
            // Neighbours, where a borrow could reach over.
            for pair in 0..=u16::MAX {
                let [a, b] = pair.to_le_bytes();
                let text = [b'x', a, b, b'x', b'x', b'x', b'x', b'x', b'x'];
                let expected = text.iter().position(|&b| wanted(b)).unwrap_or(text.len());
                assert_eq!(search(&text, 0), expected, "bytes {a:#04x} {b:#04x}");
            }
        }
    }

    #[test]
    fn ends_values_by_structure() {
        for (text, end) in [
            ("12,", Some(2)),
            ("true", Some(4)),
            ("nul\"", Some(3)),
            (r#""a\"b" "#, Some(6)),
            (r#""a\\"b"#, Some(5)),
            (r#""a\"#, None),
            (r#""a"#, None),
            ("{]}", Some(2)),
            (r#"[{"]":"}"}]x"#, Some(11)),
            ("[[]", None),
            (":", Some(1)),
        ] {
            assert_eq!(value_end(text.as_bytes(), 0), end, "{text}");
        }
    }
}
