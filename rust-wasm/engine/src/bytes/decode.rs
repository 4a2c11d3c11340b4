//! What strings with escapes mean.

use crate::vector::V;
use wasmrecords_json::read_escape;

/// Bytes in a step.
const STEP: usize = 16;

/// What the characters of a string mean, of which so many bytes stand between its quotes; none if no escape is among
/// them.
///
/// # Safety
/// `place` is in a text as described in [`super`], and so are so many bytes from there on: those of a right string.
#[inline(never)]
pub(crate) unsafe fn decoded(place: *const u8, length: usize) -> Option<Vec<u8>> {
    // SAFETY: as the caller says; sixteen bytes behind the text can be read.
    let load = |at: usize| unsafe { V::load(place.add(at)) };
    let run = |bytes: V| (bytes.equal(V::held::<b'\\'>()).bits() | 1 << STEP).trailing_zeros() as usize;
    let mut first = 0;
    loop {
        let length_of_run = run(load(first));
        first += length_of_run;
        if first >= length {
            return None;
        }
        if length_of_run < STEP {
            break;
        }
    }
    // An escape is never shorter than what it means; and room for the last step.
    let mut decoded = Vec::<u8>::with_capacity(length + STEP);
    let out = decoded.as_mut_ptr();
    let (mut at, mut to) = (0, 0);
    while at < length {
        let bytes = load(at);
        // SAFETY: no more was written than was read, and there is room for a step behind as much as can be read.
        unsafe { bytes.store(out.add(to)) };
        let plain = run(bytes).min(length - at);
        (at, to) = (at + plain, to + plain);
        if plain == STEP || at >= length {
            continue;
        }
        // SAFETY: a backslash is not the last byte of a right string, and what is left of it is in the text.
        let (letter, rest) =
            unsafe { (*place.add(at + 1), std::slice::from_raw_parts(place.add(at), length - at)) };
        let short = match letter {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'f' => 12,
            b'u' => {
                let Some((character, read)) = read_escape(rest) else { break };
                let mut utf8 = [0; 4];
                let written = character.encode_utf8(&mut utf8).len();
                // SAFETY: as above; four bytes are less than a step.
                unsafe { out.add(to).cast::<[u8; 4]>().write_unaligned(utf8) };
                (at, to) = (at + read, to + written);
                continue;
            }
            other => other,
        };
        // SAFETY: as above.
        unsafe { *out.add(to) = short };
        (at, to) = (at + 2, to + 1);
    }
    // SAFETY: so many bytes were written, one behind the other.
    unsafe { decoded.set_len(to) };
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::decoded;
    use crate::bytes::PAD;

    #[test]
    fn strings_of_all_lengths_are_what_they_mean() {
        let plain = "an ä, an é and a 日本, all of it plain and a bit long";
        let escapes = [
            (r"\n", "\n"),
            (r"\t\r\b\f\/", "\t\r\u{8}\u{c}/"),
            (r#"\"\\"#, "\"\\"),
            (r"\\u0041", "\\u0041"),
            (r"\u00e9", "é"),
            (r"\u20aC", "€"),
            (r"\ud83D\ude00", "😀"),
            (r"\u0000", "\0"),
        ];
        let means = |text: &str| {
            let padded = [text.as_bytes(), b"\"", &[b'\n'; PAD]].concat();
            // SAFETY: a right string and as many bytes behind it.
            unsafe { decoded(padded.as_ptr(), text.len()) }.map(|text| String::from_utf8(text).unwrap())
        };
        // Miri takes seconds for each.
        let step = if cfg!(miri) { 13 } else { 1 };
        for length in (0..=plain.len()).step_by(step).filter(|at| plain.is_char_boundary(*at)) {
            let (before, behind) = plain.split_at(length);
            assert_eq!(means(before), None);
            for (first, one) in escapes {
                assert_eq!(means(&[before, first].concat()), Some([before, one].concat()));
                for (second, two) in escapes {
                    let text = [first, before, second, behind].concat();
                    assert_eq!(means(&text), Some([one, before, two, behind].concat()), "{text}");
                }
            }
        }
        // One that is closed just there.
        assert_eq!(means(r"a"), None);
    }
}
