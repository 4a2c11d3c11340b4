//! Dates, in UTC: there is no clock and no time zone here.

use super::convert::{items, named, number, utf8};
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
        one!("mktime", |v| broken_down(&v).map(|(time, _)| whole(time.as_second() as f64))),
        two!("strftime", |v, format| strftime(&v, utf8(&format)?)),
        two!("strptime", |v, format| strptime(&v, utf8(&format)?)),
    ]
}

/// The time of a number of seconds, and its fraction of a second.
fn timestamp(value: &Value) -> Result<(Timestamp, f64), Error<Value>> {
    let seconds = number(value)?;
    let wrong = |_| {
        Error::str(format_args!("expected a time between the years -9999 and 9999, found {}", named(value)))
    };
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
    let (time, fraction) = timestamp(value)?;
    Ok(array(Offset::UTC.to_datetime(time), fraction))
}

/// The time of such an array; what is missing at its end is 0. Days and hours out of range count on, as in C.
fn broken_down(value: &Value) -> Result<(Timestamp, f64), Error<Value>> {
    let wrong = || Error::str(format_args!("expected an array of numbers as a time, found {}", named(value)));
    // C counts years from 1900.
    let mut numbers = [1900.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    for (place, part) in numbers.iter_mut().zip(items(value).map_err(|_| wrong())?) {
        *place = number(part).map_err(|_| wrong())?.floor();
    }
    let [year, month, day, hour, minute, second] = numbers;
    let months = year * 12.0 + month;
    let year = (months / 12.0).floor();
    if !(-9999.0..=9999.0).contains(&year) {
        return Err(wrong());
    }
    let first = jiff::civil::date(year as i16, (months - year * 12.0) as i8 + 1, 1);
    let start =
        Offset::UTC.to_timestamp(DateTime::from_parts(first, Time::midnight())).map_err(|_| wrong())?;
    let seconds = (day - 1.0) * 86400.0 + hour * 3600.0 + minute * 60.0 + second;
    timestamp(&Value::from(start.as_second() as f64 + seconds)).map_err(|_| wrong())
}

fn strftime(value: &Value, format: &str) -> Answer {
    let (time, _) = if let Value::Array(_) = value { broken_down(value)? } else { timestamp(value)? };
    // As C does it: `%c` is `Thu Jan  1 00:00:00 1970`, an unknown `%` stays.
    let config = strtime::Config::new().custom(PosixCustom::new()).lenient(true);
    let time = time.to_zoned(TimeZone::UTC);
    let text = BrokenDownTime::from(&time).to_string_with_config(&config, format);
    let text = text.map_err(|why| {
        Error::str(format_args!("{} is no format of a time: {why}", named(&string(format))))
    })?;
    Ok(string(&text))
}

fn strptime(value: &Value, format: &str) -> Answer {
    let text = utf8(value)?.as_str();
    let wrong = |_| Error::str(format_args!("date {text:?} does not match format {format:?}"));
    let time = BrokenDownTime::parse(format, text).map_err(wrong)?;
    let date = time.to_date().map_err(wrong)?;
    // A format without hours means midnight.
    let time = time.to_time().unwrap_or(Time::midnight());
    Ok(array(DateTime::from_parts(date, time), f64::from(time.subsec_nanosecond()) / 1e9))
}
