//! From the text of a pattern to its machine.

use super::Pattern;
use super::class::Class;

/// Groups within groups.
const DEEPEST: usize = 32;

/// Characters that stand for themselves behind a backslash, in every kind of regular expression.
const ESCAPED: &str = r"\.+*?()|[]{}^$-/";

/// A part of the pattern.
#[derive(Clone, Copy, Default)]
struct Piece {
    /// The empty text matches.
    empty: bool,
    /// The places it may begin at, and end at.
    first: u64,
    last: u64,
}

struct Parser<'p> {
    pattern: &'p str,
    at: usize,
    depth: usize,
    machine: Pattern,
}

/// None if something in it is beyond a machine, or has not the same meaning everywhere.
pub(super) fn parse(pattern: &str) -> Option<Pattern> {
    let machine = Pattern {
        ascii: Box::new([0; 128]),
        others: 0,
        wide: Vec::new(),
        follow: Vec::new(),
        start: 0,
        anywhere: 0,
        end: 0,
        open: 0,
        empty: false,
        all: false,
    };
    let mut parser = Parser { pattern, at: 0, depth: 0, machine };
    loop {
        let (anchored, piece, closed) = (parser.eat('^'), parser.sequence()?, parser.eat('$'));
        let machine = &mut parser.machine;
        *(if anchored { &mut machine.start } else { &mut machine.anywhere }) |= piece.first;
        *(if closed { &mut machine.end } else { &mut machine.open }) |= piece.last;
        match anchored && closed {
            true => machine.empty |= piece.empty,
            false => machine.all |= piece.empty,
        }
        match parser.next() {
            None => return Some(parser.machine),
            Some('|') => {}
            Some(_) => return None,
        }
    }
}

/// What stands between the braces of a count: the least, and the most if there is one.
pub(super) fn bounds(count: &str) -> Option<(usize, Option<usize>)> {
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
    let (least, most) = match count.split_once(',') {
        None => (number(count)?, Some(number(count)?)),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    most.is_none_or(|most| least <= most).then_some((least, most))
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.pattern[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += if found { wanted.len_utf8() } else { 0 };
        found
    }

    fn sequence(&mut self) -> Option<Piece> {
        let mut whole = Piece { empty: true, ..Piece::default() };
        while !matches!(self.peek(), None | Some('|' | ')' | '$')) {
            let piece = self.repeated()?;
            whole = self.joined(whole, piece);
        }
        Some(whole)
    }

    /// One thing and how often it stands there.
    fn repeated(&mut self) -> Option<Piece> {
        let start = self.at;
        let one = self.one()?;
        let (least, most) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => self.count()?,
            _ => return Some(one),
        };
        self.at += 1;
        // Lazy or possessive.
        if matches!(self.peek(), Some('*' | '+' | '?' | '{')) || most == Some(0) {
            return None;
        }
        let end = self.at;
        let copies = most.unwrap_or(least).max(1);
        let (mut whole, mut copy) = (Piece { empty: true, ..Piece::default() }, one);
        for number in 1..=copies {
            if number > 1 {
                self.at = start;
                copy = self.one()?;
            }
            if number == copies && most.is_none() {
                self.follows(copy.last, copy.first);
            }
            copy.empty |= number > least;
            whole = self.joined(whole, copy);
        }
        self.at = end;
        Some(whole)
    }

    /// `{2}`, `{2,}` or `{2,3}`, up to its last brace.
    fn count(&mut self) -> Option<(usize, Option<usize>)> {
        let rest = &self.pattern[self.at + 1..];
        let inner = &rest[..rest.find('}')?];
        self.at += 1 + inner.len();
        bounds(inner)
    }

    fn one(&mut self) -> Option<Piece> {
        let class = match self.next()? {
            '(' => return self.group(),
            '[' => self.class()?,
            '.' => Class::dot(),
            '\\' => self.escape()?,
            '^' | '*' | '+' | '?' | '{' | '}' | ']' => return None,
            plain => Class::one(plain),
        };
        let machine = &mut self.machine;
        // The first that does not fit is beyond the word.
        let place = 1_u64.checked_shl(machine.follow.len() as u32)?;
        machine.follow.push(0);
        for (byte, takes) in machine.ascii.iter_mut().enumerate() {
            *takes |= if class.ascii >> byte & 1 == 1 { place } else { 0 };
        }
        machine.others |= if class.others { place } else { 0 };
        machine.wide.extend(class.wide.map(|wide| (wide, place)));
        Some(Piece { empty: false, first: place, last: place })
    }

    fn group(&mut self) -> Option<Piece> {
        if self.eat('?') && !self.eat(':') {
            return None;
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut whole = Piece::default();
        loop {
            let piece = self.sequence()?;
            whole.empty |= piece.empty;
            whole.first |= piece.first;
            whole.last |= piece.last;
            match self.next()? {
                '|' => {}
                ')' => break,
                _ => return None,
            }
        }
        self.depth -= 1;
        // One without a place could be copied without end.
        (whole.first != 0).then_some(whole)
    }

    fn escape(&mut self) -> Option<Class> {
        match self.next()? {
            'n' => Some(Class::one('\n')),
            'r' => Some(Class::one('\r')),
            't' => Some(Class::one('\t')),
            plain if ESCAPED.contains(plain) => Some(Class::one(plain)),
            letter => Class::named(letter),
        }
    }

    /// Behind an opening bracket.
    fn class(&mut self) -> Option<Class> {
        let negated = self.eat('^');
        let mut whole = None;
        while !self.eat(']') {
            let first = self.next()?;
            let class = match first {
                // Within other brackets, or two of a kind, some of these are operators.
                '[' | '&' | '~' => return None,
                '-' if whole.is_some() && self.peek() != Some(']') => return None,
                '\\' => self.escape()?,
                plain => Class::one(plain),
            };
            let behind = self.pattern[self.at..].strip_prefix('-').and_then(|rest| rest.chars().next());
            let class = match behind {
                None | Some(']') => class,
                // Only characters as they stand make a range.
                Some(last) if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() => {
                    self.at += 2;
                    Class::range(first as u8, last as u8)
                }
                Some(_) => return None,
            };
            if class.wide.is_some() {
                return None;
            }
            whole = Some(whole.map_or(class, |whole: Class| whole.and(class)));
        }
        whole.map(|whole| if negated { whole.all_else() } else { whole })
    }

    fn joined(&mut self, left: Piece, right: Piece) -> Piece {
        self.follows(left.last, right.first);
        Piece {
            empty: left.empty && right.empty,
            first: left.first | if left.empty { right.first } else { 0 },
            last: right.last | if right.empty { left.last } else { 0 },
        }
    }

    /// Any of `after` may come behind any of `places`.
    fn follows(&mut self, mut places: u64, after: u64) {
        while places != 0 {
            self.machine.follow[places.trailing_zeros() as usize] |= after;
            places &= places - 1;
        }
    }
}
