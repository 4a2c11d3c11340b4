//! Dates, in UTC: there is no clock and no time zone here.

use super::convert::{named, number};
use super::strptime::strptime;
use super::{Answer, Builtin};
use crate::jq::value::{string, whole};
use jaq_core::Error;
use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::fmt::strtime::{self, BrokenDownTime, PosixCustom};
use jiff::tz::{Offset, TimeZone};
use wasmrecords_json::Value;

pub(super) fn all() -> Vec<Builtin> {
    vec![
        one!("gmtime", |v| gmtime(&v)),
        one!("mktime", |v| match &v {
            Value::Array(parts) => {
                let (time, _) = broken_down(parts, "mktime")?;
                Ok(whole(time.as_second() as f64))
            }
            _ => Err(Error::str("mktime requires array inputs")),
        }),
        two!("strftime", |v, format| strftime(&v, &format, "strftime/1")),
        two!("strflocaltime", |v, format| strftime(&v, &format, "strflocaltime/1")),
        two!("strptime", |v, format| match (&v, &format) {
            (Value::String(text), Value::String(format)) => strptime(text, format),
            _ => Err(Error::str("strptime/1 requires string inputs and arguments")),
        }),
    ]
}

/// The time of a number of seconds, and its fraction of a second.
fn timestamp(value: &Value) -> Result<(Timestamp, f64), Error<Value>> {
    let seconds = number(value)?;
    let wrong = |_| Error::str("error converting number of seconds since epoch to datetime");
    // The cast saturates, and both ends are out of range.
    let time = Timestamp::from_second(seconds.floor() as i64).map_err(wrong)?;
    Ok((time, seconds - seconds.floor()))
}

/// The array of jq's `gmtime`: year, month from 0, day, hours, minutes, seconds, weekday, day of the year.
fn array(time: DateTime, fraction: f64) -> Value {
    let numbers = [
        f64::from(time.year()),
        f64::from(time.month()) - 1.0,
        time.day().into(),
        time.hour().into(),
        time.minute().into(),
        f64::from(time.second()) + fraction,
        time.weekday().to_sunday_zero_offset().into(),
        f64::from(time.day_of_year()) - 1.0,
    ];
    numbers.into_iter().map(whole).collect()
}

fn gmtime(value: &Value) -> Answer {
    let Value::Number(_) = value else { return Err(Error::str("gmtime() requires numeric inputs")) };
    let (time, fraction) = timestamp(value)?;
    Ok(array(Offset::UTC.to_datetime(time), fraction))
}

/// The time of such an array; what is missing at its end is 0. Days and hours out of range count on, as in C.
fn broken_down(parts: &[Value], name: &str) -> Result<(Timestamp, f64), Error<Value>> {
    let wrong = || Error::str(format_args!("{name} requires parsed datetime inputs"));
    let out_of_range = || Error::str("invalid gmtime representation");
    // C counts years from 1900.
    let mut numbers = [1900.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    for (place, part) in numbers.iter_mut().zip(parts) {
        *place = number(part).ok().filter(|part| !part.is_nan()).ok_or_else(wrong)?.trunc();
    }
    let [year, month, day, hour, minute, second] = numbers;
    let months = year * 12.0 + month;
    let year = (months / 12.0).floor();
    if !(-9999.0..=9999.0).contains(&year) {
        return Err(out_of_range());
    }
    let first = jiff::civil::date(year as i16, (months - year * 12.0) as i8 + 1, 1);
    let start = Offset::UTC
        .to_timestamp(DateTime::from_parts(first, Time::midnight()))
        .map_err(|_| out_of_range())?;
    let seconds = (day - 1.0) * 86400.0 + hour * 3600.0 + minute * 60.0 + second;
    timestamp(&Value::from(start.as_second() as f64 + seconds)).map_err(|_| out_of_range())
}

fn strftime(value: &Value, format: &Value, name: &str) -> Answer {
    let (time, _) = match (value, format) {
        (Value::Array(_) | Value::Number(_), format) if format.as_str().is_none() => {
            return Err(Error::str(format_args!("{name} requires a string format")));
        }
        (Value::Array(parts), _) => broken_down(parts, name)?,
        (Value::Number(_), _) => timestamp(value)?,
        _ => return Err(Error::str(format_args!("{name} requires parsed datetime inputs"))),
    };
    let format = format.as_str().unwrap_or_default();
    // As C does it: `%c` is `Thu Jan  1 00:00:00 1970`, an unknown `%` stays.
    let config = strtime::Config::new().custom(PosixCustom::new()).lenient(true);
    let time = time.to_zoned(TimeZone::UTC);
    let text = BrokenDownTime::from(&time).to_string_with_config(&config, format);
    let text = text.map_err(|why| {
        Error::str(format_args!("{} is no format of a time: {why}", named(&string(format))))
    })?;
    Ok(string(&text))
}
