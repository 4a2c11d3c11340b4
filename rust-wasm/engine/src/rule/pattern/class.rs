//! What one place of a pattern takes.

/// A set of characters. What it holds beyond ASCII, it may hold less than the pattern says.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Class {
    /// A bit for each character.
    pub ascii: u128,
    /// All characters beyond ASCII but white space.
    pub others: bool,
    /// One character beyond ASCII.
    pub wide: Option<char>,
}

/// Of ASCII, the white space of ECMAScript.
const SPACES: [u8; 6] = *b"\t\n\x0b\x0c\r ";

impl Class {
    pub fn one(character: char) -> Class {
        match character.is_ascii() {
            true => Class { ascii: 1 << u32::from(character), others: false, wide: None },
            false => Class { ascii: 0, others: false, wide: Some(character) },
        }
    }

    pub fn range(first: u8, last: u8) -> Class {
        Class::of(|byte| (first..=last).contains(&byte))
    }

    /// The class that a letter stands for behind a backslash.
    pub fn named(letter: char) -> Option<Class> {
        Some(match letter {
            'd' => Class::of(|byte| byte.is_ascii_digit()),
            'w' => Class::of(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
            's' => Class::of(|byte| SPACES.contains(&byte)),
            'D' | 'W' | 'S' => Class::named(letter.to_ascii_lowercase())?.all_else(),
            _ => return None,
        })
    }

    /// Any character but the ends of lines.
    pub fn dot() -> Class {
        Class::of(|byte| matches!(byte, b'\n' | b'\r')).all_else()
    }

    /// All that a class does not hold, which has no character beyond ASCII of its own.
    pub fn all_else(self) -> Class {
        Class { ascii: !self.ascii, others: !self.others, wide: None }
    }

    pub fn and(self, other: Class) -> Class {
        Class { ascii: self.ascii | other.ascii, others: self.others || other.others, wide: None }
    }

    fn of(holds: impl Fn(u8) -> bool) -> Class {
        let ascii = (0..128).filter(|&byte| holds(byte)).fold(0, |set, byte| set | 1 << byte);
        Class { ascii, others: false, wide: None }
    }
}
