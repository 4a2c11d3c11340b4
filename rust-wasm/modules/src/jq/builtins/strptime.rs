//! Times from text, by a format of C.

use super::Answer;
use crate::jq::value::whole;
use jaq_core::Error;
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::Offset;
use wasmrecords_json::Value;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// Days of a year before each month, in common years.
const BEFORE: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// What a text has said so far. Nothing said is what C's library leaves there, and jq passes on.
#[derive(Default)]
struct Said {
    year: Option<i64>,
    century: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    hour: i64,
    hour_of_half: bool,
    afternoon: bool,
    minute: i64,
    second: i64,
    weekday: Option<i64>,
    day_of_year: Option<i64>,
}

/// The array of jq's `strptime`: year, month from 0, day, hours, minutes, seconds, weekday, day of the year;
/// behind them the rest of the text, if there is one, which must begin with white space.
pub(super) fn strptime(text: &str, format: &str) -> Answer {
    let mut said = Said::default();
    let mut rest = text;
    match said.read(&mut rest, format) {
        Some(()) if rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_whitespace()) => {
            let mut parts = said.parts();
            if !rest.is_empty() {
                parts.push(Value::from(rest));
            }
            Ok(parts.into())
        }
        _ => Err(Error::str(format_args!("date \"{text}\" does not match format \"{format}\""))),
    }
}

impl Said {
    fn read(&mut self, rest: &mut &str, format: &str) -> Option<()> {
        let mut signs = format.chars();
        while let Some(sign) = signs.next() {
            if sign.is_ascii_whitespace() {
                *rest = rest.trim_ascii_start();
                continue;
            }
            if sign != '%' {
                *rest = rest.strip_prefix(sign)?;
                continue;
            }
            let mut kind = signs.next()?;
            // How numbers are padded is for those who write.
            while matches!(kind, '-' | '_' | '0' | '^' | '#' | 'E' | 'O') {
                kind = signs.next()?;
            }
            self.part(rest, kind)?;
        }
        Some(())
    }

    fn part(&mut self, rest: &mut &str, kind: char) -> Option<()> {
        match kind {
            'Y' => self.year = Some(signed(rest, 4)?),
            'C' => self.century = Some(number(rest, 2, 0, 99)?),
            'y' => {
                let year = number(rest, 2, 0, 99)?;
                self.year = Some(if year < 69 { year + 2000 } else { year + 1900 });
            }
            'm' => self.month = Some(number(rest, 2, 1, 12)? - 1),
            'b' | 'B' | 'h' => self.month = Some(name(rest, &MONTHS)?),
            'd' | 'e' => self.day = Some(number(rest, 2, 1, 31)?),
            'j' => self.day_of_year = Some(number(rest, 3, 1, 366)? - 1),
            'a' | 'A' => self.weekday = Some(name(rest, &DAYS)?),
            'u' => self.weekday = Some(number(rest, 1, 1, 7)? % 7),
            'w' => self.weekday = Some(number(rest, 1, 0, 6)?),
            'H' | 'k' => {
                self.hour = number(rest, 2, 0, 23)?;
                self.hour_of_half = false;
            }
            'I' | 'l' => {
                self.hour = number(rest, 2, 1, 12)? % 12;
                self.hour_of_half = true;
            }
            'p' | 'P' => self.afternoon = name(rest, &["am", "pm"])? == 1,
            'M' => self.minute = number(rest, 2, 0, 59)?,
            'S' => self.second = number(rest, 2, 0, 61)?,
            's' => self.seconds(signed(rest, 19)?)?,
            // Weeks, names of zones and their like are read, and mean nothing for the rest.
            'U' | 'W' => _ = number(rest, 2, 0, 53)?,
            'V' => _ = number(rest, 2, 1, 53)?,
            'G' => _ = signed(rest, 4)?,
            'g' => _ = number(rest, 2, 0, 99)?,
            'Z' => *rest = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
            'z' => offset(rest)?,
            'n' | 't' => *rest = rest.trim_ascii_start(),
            '%' => *rest = rest.strip_prefix('%')?,
            'D' | 'x' => self.read(rest, "%m/%d/%y")?,
            'F' => self.read(rest, "%Y-%m-%d")?,
            'T' | 'X' => self.read(rest, "%H:%M:%S")?,
            'R' => self.read(rest, "%H:%M")?,
            'r' => self.read(rest, "%I:%M:%S %p")?,
            'c' => self.read(rest, "%a %b %e %H:%M:%S %Y")?,
            _ => return None,
        }
        Some(())
    }

    /// All of a time from its seconds since 1970.
    fn seconds(&mut self, seconds: i64) -> Option<()> {
        let time = Offset::UTC.to_datetime(Timestamp::from_second(seconds).ok()?);
        self.year = Some(time.year().into());
        self.month = Some(i64::from(time.month()) - 1);
        self.day = Some(time.day().into());
        (self.hour, self.hour_of_half) = (time.hour().into(), false);
        (self.minute, self.second) = (time.minute().into(), time.second().into());
        Some(())
    }

    fn parts(mut self) -> Vec<Value> {
        if let Some(century) = self.century {
            self.year = Some(century * 100 + self.year.map_or(0, |year| year % 100));
        }
        let year = self.year.unwrap_or(1900);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let before = |month: usize| BEFORE[month] + i64::from(leap && month > 1);
        let has_date = self.year.is_some() || self.month.is_some() || self.day.is_some();
        if let (Some(day), true) = (self.day_of_year, has_date)
            && (self.month.is_none() || self.day.is_none())
        {
            let month = (0..12).rev().find(|&month| before(month) <= day).unwrap_or(0);
            self.month.get_or_insert(month as i64);
            self.day.get_or_insert(day - before(month) + 1);
        }
        let (month, day) = (self.month.unwrap_or(0), self.day.unwrap_or(0));
        if has_date {
            self.day_of_year.get_or_insert(before(month as usize) + day - 1);
            if self.weekday.is_none() && (-9999..=9999).contains(&year) {
                let first = date(year as i16, month as i8 + 1, 1).weekday().to_sunday_zero_offset();
                self.weekday = Some((i64::from(first) + day - 1).rem_euclid(7));
            }
        }
        let hour = self.hour + if self.hour_of_half && self.afternoon { 12 } else { 0 };
        // The last two are what jq has there when nothing was said of a date.
        let (weekday, day_of_year) = (self.weekday.unwrap_or(8), self.day_of_year.unwrap_or(367));
        let parts = [year, month, day, hour, self.minute, self.second, weekday, day_of_year];
        parts.map(|part| whole(part as f64)).into()
    }
}

/// A number of at most so many digits, with blanks in front.
fn number(rest: &mut &str, digits: usize, least: i64, most: i64) -> Option<i64> {
    let text = rest.trim_start_matches(' ');
    let length = text.bytes().take(digits).take_while(u8::is_ascii_digit).count();
    let value = text[..length].parse().ok()?;
    *rest = &text[length..];
    (least..=most).contains(&value).then_some(value)
}

fn signed(rest: &mut &str, digits: usize) -> Option<i64> {
    let text = rest.trim_start_matches(' ');
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    *rest = text;
    Some(sign * number(rest, digits, 0, i64::MAX)?)
}

/// One of some names, in full or by its first three letters, in either case.
fn name(rest: &mut &str, names: &[&str]) -> Option<i64> {
    let starts = |text: &str| rest.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text));
    let short = |name: &&str| name.len().min(3);
    let found = names.iter().position(|name| starts(&name[..short(name)]))?;
    let length = if starts(names[found]) { names[found].len() } else { short(&names[found]) };
    *rest = &rest[length..];
    Some(found as i64)
}

/// `Z`, or hours and perhaps minutes with a sign. jq leaves it out of account.
fn offset(rest: &mut &str) -> Option<()> {
    let text = rest.trim_start_matches(' ');
    if let Some(behind) = text.strip_prefix('Z') {
        *rest = behind;
        return Some(());
    }
    let text = text.strip_prefix(['+', '-'])?;
    let digits = |text: &str| text.bytes().take(2).take_while(u8::is_ascii_digit).count() == 2;
    if !digits(text) {
        return None;
    }
    let text = &text[2..];
    let minutes = text.strip_prefix(':').unwrap_or(text);
    *rest = if digits(minutes) { &minutes[2..] } else { text };
    Some(())
}
