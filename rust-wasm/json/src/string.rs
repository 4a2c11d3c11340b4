//! Strings: shared as they stand, or decoded if they hold an escape.

use std::rc::Rc;

use crate::Text;
use crate::fault::{Fault, What};
use crate::scan::{backslash, string_stop};

/// The string whose opening quote stands at `at`, and its end.
#[inline(always)]
pub(crate) fn string(text: &Rc<String>, at: usize) -> Result<(Text, usize), Fault> {
    let start = at + 1;
    let stop = string_stop(text.as_bytes(), start);
    if text.as_bytes().get(stop) == Some(&b'"') {
        return Ok((Text::part(text, start, stop), stop + 1));
    }
    let (decoded, end) = decode(text, start, stop)?;
    Ok((decoded.into(), end))
}

/// The end of a string, read from this place on, which is within it.
#[inline(never)]
pub(crate) fn right_end(text: &[u8], mut at: usize) -> Result<usize, Fault> {
    loop {
        let stop = string_stop(text, at);
        match text.get(stop) {
            Some(b'"') => return Ok(stop + 1),
            Some(b'\\') => at = escape(text, stop)?.1,
            Some(_) => return Err(Fault::new(stop, What::Control)),
            None => return Err(Fault::new(stop, What::Unclosed)),
        }
    }
}

/// What the characters between the quotes of a right string stand for.
pub(crate) fn decoded(raw: &str) -> String {
    let bytes = raw.as_bytes();
    // With room for the last step as well.
    let mut decoded = Vec::with_capacity(bytes.len() + 8);
    let mut at = 0;
    while at < bytes.len() {
        // Runs between escapes are short: eight bytes at once, of which those before an escape count.
        let chunk = match bytes[at..].first_chunk::<8>() {
            Some(chunk) => *chunk,
            None => {
                let mut last = [0; 8];
                last.iter_mut().zip(&bytes[at..]).for_each(|(place, byte)| *place = *byte);
                last
            }
        };
        let run = backslash(chunk).min(bytes.len() - at);
        decoded.extend_from_slice(&chunk);
        decoded.truncate(decoded.len() - 8 + run);
        at += run;
        if run < 8 && at < bytes.len() {
            at = push_escape(bytes, at, &mut decoded);
        }
    }
    String::from_utf8(decoded).unwrap_or_default()
}

/// The character that the escape at the beginning of a text stands for, and where it ends; none if it is wrong.
pub fn read_escape(text: &[u8]) -> Option<(char, usize)> {
    escape(text, 0).ok()
}

/// What stands for one character behind a backslash; 0 for all else.
static SHORT: [u8; 256] = {
    let mut table = [0; 256];
    let (letters, characters) = (b"\"\\/bfnrt", b"\"\\/\x08\x0c\n\r\t");
    let mut at = 0;
    while at < letters.len() {
        table[letters[at] as usize] = characters[at];
        at += 1;
    }
    table
};

/// Appends what the escape at `at` stands for; where it ends.
#[inline(always)]
fn push_escape(bytes: &[u8], at: usize, decoded: &mut Vec<u8>) -> usize {
    let short = SHORT[usize::from(bytes.get(at + 1).copied().unwrap_or_default())];
    if short != 0 {
        decoded.push(short);
        return at + 2;
    }
    let Ok((character, end)) = escape(bytes, at) else { return bytes.len() };
    decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    end
}

/// True if the string whose opening quote stands at `at` is `name`.
pub(crate) fn is(text: &str, at: usize, name: &str) -> bool {
    let start = at + 1;
    let stop = string_stop(text.as_bytes(), start);
    match text.as_bytes().get(stop) {
        Some(b'"') => text.get(start..stop) == Some(name),
        _ => decode(text, start, stop).is_ok_and(|(decoded, _)| decoded == name),
    }
}

/// The rest of a string, from the first byte (at `stop`) that is no plain character.
#[inline(never)]
pub(crate) fn decode(text: &str, mut start: usize, mut stop: usize) -> Result<(String, usize), Fault> {
    let bytes = text.as_bytes();
    let mut decoded = String::with_capacity(stop - start + 16);
    loop {
        decoded.push_str(text.get(start..stop).unwrap_or_default());
        match bytes.get(stop) {
            Some(b'"') => return Ok((decoded, stop + 1)),
            Some(b'\\') => {
                let (character, end) = escape(bytes, stop)?;
                decoded.push(character);
                start = end;
            }
            Some(_) => return Err(Fault::new(stop, What::Control)),
            None => return Err(Fault::new(stop, What::Unclosed)),
        }
        stop = string_stop(bytes, start);
    }
}

/// The character that the escape at `at` stands for, and the escape's end.
fn escape(text: &[u8], at: usize) -> Result<(char, usize), Fault> {
    let character = match text.get(at + 1) {
        Some(&plain @ (b'"' | b'\\' | b'/')) => plain as char,
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode_escape(text, at),
        Some(_) => return Err(Fault::new(at + 1, What::Escape)),
        None => return Err(Fault::new(at + 1, What::Unclosed)),
    };
    Ok((character, at + 2))
}

fn unicode_escape(text: &[u8], at: usize) -> Result<(char, usize), Fault> {
    let first = hex(text, at + 2)?;
    if let Some(character) = char::from_u32(first) {
        return Ok((character, at + 6));
    }
    let lone = Err(Fault::new(at, What::LoneSurrogate));
    if first >= 0xdc00 {
        return lone;
    }
    for (place, wanted) in [(at + 6, b'\\'), (at + 7, b'u')] {
        match text.get(place) {
            Some(byte) if *byte == wanted => {}
            Some(_) => return lone,
            // The second half may have been cut off with the rest of the text.
            None => return Err(Fault::new(place, What::Unclosed)),
        }
    }
    let second = hex(text, at + 8)?;
    if !(0xdc00..0xe000).contains(&second) {
        return lone;
    }
    let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    // Two halves in their ranges always make a character; the error is there to avoid a panic path.
    char::from_u32(code).map_or(lone, |character| Ok((character, at + 12)))
}

/// The value of the four hexadecimal digits at `at`.
fn hex(text: &[u8], at: usize) -> Result<u32, Fault> {
    let mut value = 0;
    for place in at..at + 4 {
        let Some(&byte) = text.get(place) else { return Err(Fault::new(place, What::Unclosed)) };
        let Some(digit) = (byte as char).to_digit(16) else {
            return Err(Fault::new(place, What::Hex));
        };
        value = value << 4 | digit;
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::string;
    use std::rc::Rc;

    fn decoded(escapes: &str) -> Option<String> {
        let text = Rc::new(format!("\"{escapes}\""));
        string(&text, 0).ok().map(|(decoded, _)| decoded.to_string())
    }

    #[test]
    fn every_escape_of_four_digits_is_a_character_or_refused() {
        for code in 0..=0xffff {
            let expected = char::from_u32(code).map(String::from);
            assert_eq!(decoded(&format!("\\u{code:04x}")), expected, "{code:04x}");
        }
    }

    #[test]
    fn pairs_need_a_high_and_a_low_half() {
        let edges = [0xd7ff, 0xd800, 0xd83d, 0xdbff, 0xdc00, 0xde00, 0xdfff, 0xe000];
        for (first, second) in edges.into_iter().flat_map(|first| edges.map(|second| (first, second))) {
            let expected = String::from_utf16(&[first, second]).ok();
            assert_eq!(decoded(&format!("\\u{first:04X}\\u{second:04x}")), expected, "{first:x} {second:x}");
        }
    }

    #[test]
    fn other_escapes_are_refused() {
        for byte in 0..=0x7fu8 {
            let known = b"\"\\/bfnrt".contains(&byte);
            assert_eq!(decoded(&format!("\\{}", byte as char)).is_some(), known, "{byte:#04x}");
        }
    }
}
