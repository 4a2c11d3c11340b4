//! Sums over windows of time: what comes in order of time is summed up by key, and each window's sums go out when the
//! next one begins, the last one's at the end.

use std::collections::BTreeMap;
use wasmrecords::prelude::*;

#[derive(Config)]
struct Options {
    /// Length of a window, in seconds.
    #[config(default = 60)]
    seconds: u32,
}

#[derive(Record)]
struct Event<'a> {
    /// Seconds since the beginning of 1970.
    at: u64,
    key: &'a str,
    #[record(default = 1.0)]
    value: f64,
}

#[derive(Record)]
struct Sum<'a> {
    /// The first second of the window.
    from: u64,
    key: &'a str,
    events: u64,
    sum: f64,
}

struct Windows {
    seconds: u64,
    from: u64,
    sums: BTreeMap<String, (u64, f64)>,
}

/// Sums by key and window. An event from a window that is over is late, and fails.
#[aggregate]
impl Aggregate for Windows {
    type Input<'text> = Event<'text>;
    type Output = Sum<'static>;
    type Options = Options;

    fn open(options: Options) -> Self {
        Windows { seconds: u64::from(options.seconds.max(1)), from: 0, sums: BTreeMap::new() }
    }

    fn add(&mut self, event: Event<'_>, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        let from = event.at - event.at % self.seconds;
        if from < self.from {
            let message = format!("the window that began at {from} is over: {} has begun", self.from);
            return Err(Failure { path: "$.at".into(), ..Failure::new("late", message) });
        }
        if from > self.from {
            self.flush(ctx)?;
            self.from = from;
        }
        let (events, sum) = self.sums.entry(event.key.to_owned()).or_default();
        *events += 1;
        *sum += event.value;
        Ok(())
    }

    fn flush(&mut self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        for (key, (events, sum)) in &self.sums {
            ctx.keep(&Sum { from: self.from, key, events: *events, sum: *sum })?;
        }
        self.sums.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasmrecords::testing::{Chosen, run};

    #[test]
    fn a_window_goes_out_when_the_next_begins() {
        let opening = r#"{"abi": 1, "input": "ndjson", "output": "ndjson", "config": {"seconds": 10}}"#;
        let input = br#"{"at": 11, "key": "b", "value": 2}
{"at": 12, "key": "a"}
{"at": 19, "key": "b", "value": 0.5}
{"at": 20, "key": "b"}
{"at": 19, "key": "b"}
{"at": 35, "key": "c"}
"#;
        let outcome = run::<Chosen>(opening, input).unwrap();
        let expected = r#"{"from":10,"key":"a","events":1,"sum":1}
{"from":10,"key":"b","events":2,"sum":2.5}
{"from":20,"key":"b","events":1,"sum":1}
{"from":30,"key":"c","events":1,"sum":1}
"#;
        assert_eq!(String::from_utf8(outcome.output).unwrap(), expected);
        assert_eq!((outcome.finished, outcome.dropped, outcome.failures.len()), (6, 0, 1));
        assert_eq!(outcome.failures[0].1.message, "the window that began at 10 is over: 20 has begun");
    }
}
