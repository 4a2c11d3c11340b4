//! From the bare fact that the parser stopped somewhere to an error that a person can act on.

use crate::path::{joined, push, push_character, push_hex, push_natural};
use crate::{ErrorKind, SyntaxError};

/// Why the parser stopped. Small, so that results stay cheap; the words are found afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) offset: usize,
    pub(crate) what: What,
    /// True if it lies with the innermost open container, not with the value that was to come next.
    pub(crate) of_container: bool,
}

impl Fault {
    #[cold]
    pub(crate) fn new(offset: usize, what: What) -> Fault {
        use What::*;
        let of_container = matches!(what, FirstItem | FirstName | Name | AfterItem | AfterMember);
        Fault { offset, what, of_container }
    }

    /// The same fault of a string that is a name: the value it would name is not in hand yet.
    pub(crate) fn in_name(self) -> Fault {
        Fault { of_container: true, ..self }
    }
}

/// What was read of a text whose valid part ends with `utf8`; or the fault to be told, and the one that says where that
/// is. A syntax error that is due to the end of the valid part is none: there the bad byte stands.
pub(crate) fn first<T>(read: Result<T, Fault>, utf8: Option<Fault>) -> Result<T, (Fault, Fault)> {
    match (read, utf8) {
        (Ok(read), None) => Ok(read),
        (Err(fault), Some(utf8)) if utf8.offset <= fault.offset => Err((utf8, fault)),
        (Err(fault), _) | (Ok(_), Some(fault)) => Err((fault, fault)),
    }
}

/// What did not stand where it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Value,
    FirstItem,
    FirstName,
    Name,
    Colon,
    AfterItem,
    AfterMember,
    AfterRecord,
    Literal(&'static str),
    Digit,
    LeadingZero,
    Unclosed,
    Control,
    Escape,
    Hex,
    LoneSurrogate,
    /// The limit that was passed.
    Nesting(u32),
    /// The first byte that is not UTF-8.
    Utf8 {
        cut_off: bool,
    },
}

impl Fault {
    /// The error in words. `text` is the whole text, `path` leads to the value in hand.
    #[cold]
    pub(crate) fn explain(self, text: &[u8], path: String) -> SyntaxError {
        let kind = match self.what {
            What::Nesting(_) => ErrorKind::Nesting,
            What::Utf8 { .. } => ErrorKind::Utf8,
            _ => ErrorKind::Json,
        };
        SyntaxError { kind, offset: self.offset, path, message: self.message(text) }
    }

    fn message(self, text: &[u8]) -> String {
        if self.offset == 0
            && let Some(mark) = byte_order_mark(text)
        {
            return mark.to_owned();
        }
        let rest = text.get(self.offset..).unwrap_or_default();
        let expected = match self.what {
            What::Value => "a value",
            What::FirstItem => "a value or `]`",
            What::FirstName => "a name in double quotes or `}`",
            What::Name => "a name in double quotes",
            What::Colon => "`:` after a name",
            What::AfterItem => "`,` or `]` after an item",
            What::AfterMember => "`,` or `}` after a member",
            What::AfterRecord => "the end of the record after its value",
            What::Literal(literal) => return literal_message(text, self.offset, literal),
            What::Digit => "a digit",
            What::LeadingZero => {
                return told("a number must not have a leading zero, found ", rest, " after `0`", None);
            }
            What::Unclosed => {
                return "the string is not closed: expected `\"`, found end of record".to_owned();
            }
            What::Control => {
                return told("a control character in a string must be escaped, found ", rest, "", None);
            }
            What::Escape => "one of `\"\\/bfnrtu` after `\\` in a string",
            What::Hex => "four hexadecimal digits after `\\u` in a string",
            What::LoneSurrogate => {
                // Six ASCII bytes: the parser has read them as `\uXXXX`.
                let escape = std::str::from_utf8(rest.get(..6).unwrap_or(rest)).unwrap_or_default();
                return joined(&["lone surrogate ", escape, " in a string"]);
            }
            What::Nesting(limit) => {
                let mut message = "arrays and objects are nested deeper than ".to_owned();
                push_natural(limit.into(), &mut message);
                push(" levels", &mut message);
                return message;
            }
            What::Utf8 { cut_off: true } => {
                let what = "a UTF-8 character is cut off at the end of the record, found ";
                return told(what, rest, "", None);
            }
            What::Utf8 { cut_off: false } => return told("expected UTF-8, found ", rest, "", None),
        };
        let mut message = String::with_capacity(ROOM);
        for part in ["expected ", expected, ", found "] {
            push(part, &mut message);
        }
        write_found(rest, &mut message);
        hinted(message, hint(text, self.offset, self.what))
    }
}

/// Bytes that most messages have at most.
const ROOM: usize = 96;

/// A message that says what was found, between two parts of it.
fn told(what: &str, rest: &[u8], behind: &str, note: Option<&str>) -> String {
    let mut message = String::with_capacity(ROOM);
    push(what, &mut message);
    write_found(rest, &mut message);
    push(behind, &mut message);
    hinted(message, note)
}

/// A message with a hint behind it, if there is one.
fn hinted(mut message: String, hint: Option<&str>) -> String {
    if let Some(hint) = hint {
        for part in [" (", hint, ")"] {
            push(part, &mut message);
        }
    }
    message
}

/// Shows the whole word, not only its rest from the first wrong letter on.
fn literal_message(text: &[u8], offset: usize, literal: &str) -> String {
    let before = &text[..offset];
    let letters = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let start = offset - letters;
    let what = joined(&["expected `", literal, "`, found "]);
    told(&what, &text[start..], "", hint(text, start, What::Value))
}

fn byte_order_mark(text: &[u8]) -> Option<&'static str> {
    match text {
        [0xef, 0xbb, 0xbf, ..] => {
            Some("a UTF-8 byte order mark stands in front; a record begins with its value")
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            Some("a UTF-16 byte order mark stands in front; records must be UTF-8")
        }
        _ => None,
    }
}

/// The thing at the start of `rest`: see [`write_found`].
pub(crate) fn found(rest: &[u8]) -> String {
    let mut out = String::new();
    write_found(rest, &mut out);
    out
}

/// Adds the thing at the start of `rest`, always printable: a character, a word, a byte by its number.
fn write_found(rest: &[u8], out: &mut String) {
    let Some(&byte) = rest.first() else { return push("end of record", out) };
    if byte.is_ascii_alphabetic() {
        let word = word(rest);
        let (word, end) = match word.get(..20) {
            Some(start) if word.len() > 20 => (start, "...`"),
            _ => (word, "`"),
        };
        push("`", out);
        push(word, out);
        return push(end, out);
    }
    // Another character could be anything on a terminal.
    let character = match byte {
        0..0x80 => Some(byte as char).filter(|_| byte >= b' ' && byte != 0x7f),
        _ => valid(rest.get(..4).unwrap_or(rest)).chars().next(),
    };
    match character {
        Some(' ') => push("a space", out),
        Some(character) if character.is_ascii() || is_letter(character) => {
            push("`", out);
            push_character(character, out);
            push("`", out);
        }
        Some(character) => {
            let mut code = String::new();
            push_hex(character as u32, 4, &mut code);
            code.make_ascii_uppercase();
            push("U+", out);
            push(&code, out);
        }
        None => {
            push("byte 0x", out);
            push_hex(byte.into(), 2, out);
        }
    }
}

/// A letter that stands for itself on any terminal: Latin, Greek and Cyrillic, Chinese, Japanese and Korean. What the
/// standard library knows of all others would be 3 KB of each module.
#[rustfmt::skip]
fn is_letter(character: char) -> bool {
    matches!(
        character,
        'À'..='Ö' | 'Ø'..='ö' | 'ø'..='ʯ' | 'Ḁ'..='ỿ' | 'Α'..='Ρ' | 'Σ'..='ϵ' | 'Ϸ'..='ҁ' | 'Ҋ'..='ԯ'
            | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | '㐀'..='䶿' | '一'..='鿿' | '가'..='힣'
    )
}

/// As much of a text as is UTF-8.
fn valid(text: &[u8]) -> &str {
    match std::str::from_utf8(text) {
        Ok(valid) => valid,
        Err(error) => std::str::from_utf8(&text[..error.valid_up_to()]).unwrap_or_default(),
    }
}

/// The letters and digits at the start of `rest`.
fn word(rest: &[u8]) -> &str {
    let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
    std::str::from_utf8(&rest[..end]).unwrap_or_default()
}

/// What the writer of the text may have had in mind.
fn hint(text: &[u8], offset: usize, what: What) -> Option<&'static str> {
    let byte = *text.get(offset)?;
    let last_token = text[..offset].iter().rfind(|byte| !byte.is_ascii_whitespace());
    if byte == 0 && offset <= 3 {
        return Some("the text looks like UTF-16 or UTF-32; records must be UTF-8");
    }
    if matches!(byte, b'/' | b'#') {
        return Some("JSON has no comments");
    }
    match what {
        What::Value | What::FirstItem | What::Digit => match (byte, word(&text[offset..])) {
            (_, "NaN" | "nan" | "Infinity" | "infinity" | "Inf" | "inf") => {
                Some("JSON has no NaN or Infinity")
            }
            (_, "True" | "TRUE") => Some("JSON writes `true`"),
            (_, "False" | "FALSE") => Some("JSON writes `false`"),
            (_, "None" | "NULL" | "Null" | "nil" | "undefined") => Some("JSON writes `null`"),
            (b'\'', _) => Some("strings stand in double quotes"),
            (b'+', _) if what != What::Digit => Some("a number must not begin with `+`"),
            (b'.', _) => Some("a number needs a digit before `.`"),
            (b']', _) if last_token == Some(&b',') => Some("a comma must not stand before `]`"),
            _ => None,
        },
        What::Name if byte == b'}' => Some("a comma must not stand before `}`"),
        What::Name | What::FirstName if byte == b'\'' => Some("strings stand in double quotes"),
        _ => None,
    }
}
