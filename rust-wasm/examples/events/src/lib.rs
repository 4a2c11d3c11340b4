//! The job that benchmarks measure, in three ways: all that is known of an event, what the job needs of it, and all of
//! it by serde. Kept are events with a score of 50 and more, and of them three members.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use wasmrecords::prelude::*;

/// All that is known of an event.
#[derive(Record)]
struct Event<'a> {
    id: u32,
    name: &'a str,
    email: &'a str,
    age: u8,
    active: bool,
    score: f64,
    ts: &'a str,
    tags: Vec<&'a str>,
    address: Address<'a>,
    note: Option<&'a str>,
}

#[derive(Record)]
struct Address<'a> {
    street: &'a str,
    city: &'a str,
    zip: &'a str,
    geo: Geo,
}

#[derive(Record)]
struct Geo {
    lat: f64,
    lon: f64,
}

/// What the job needs.
#[derive(Record)]
struct Scored<'a> {
    id: u32,
    name: &'a str,
    score: f64,
}

/// Of events as they are declared.
#[transform]
fn typed(event: Event<'_>) -> Option<Scored<'_>> {
    let Event { id, name, email, age, active, score, ts, tags, address, note } = event;
    let Address { street, city, zip, geo: Geo { lat, lon } } = address;
    // Nobody looks at these, and all of them are read.
    let _ = (email, age, active, ts, tags, street, city, zip, lat, lon, note);
    (score >= 50.0).then_some(Scored { id, name, score })
}

/// Of the members that it needs.
#[transform]
fn few(event: Scored<'_>) -> Option<Scored<'_>> {
    (event.score >= 50.0).then_some(event)
}

/// The same event for serde.
#[derive(Serialize, Deserialize)]
struct Told<'a> {
    id: u32,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    email: Cow<'a, str>,
    age: u8,
    active: bool,
    score: f64,
    #[serde(borrow)]
    ts: Cow<'a, str>,
    #[serde(borrow)]
    tags: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    address: Place<'a>,
    #[serde(borrow)]
    note: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
struct Place<'a> {
    #[serde(borrow)]
    street: Cow<'a, str>,
    #[serde(borrow)]
    city: Cow<'a, str>,
    #[serde(borrow)]
    zip: Cow<'a, str>,
    geo: Point,
}

#[derive(Serialize, Deserialize)]
struct Point {
    lat: f64,
    lon: f64,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    id: u32,
    name: String,
    score: f64,
}

/// By serde.
#[transform]
fn serde(event: Json<Told<'_>>) -> Option<Json<Kept>> {
    let Told { id, name, score, .. } = event.0;
    (score >= 50.0).then(|| Json(Kept { id, name: name.into_owned(), score }))
}

#[cfg(test)]
mod tests {
    use wasmrecords::testing::{Chosen, run};

    #[test]
    fn all_three_do_the_same() {
        let event = |id: u32, score: &str| {
            format!(
                r#"{{"id":{id},"name":"A\u00e9","email":"e","age":1,"active":true,"score":{score},"ts":"t","tags":["x"],"address":{{"street":"s","city":"c","zip":"z","geo":{{"lat":1.5,"lon":-2}}}},"note":null}}"#
            )
        };
        let input = [event(1, "49.9"), event(2, "50"), event(3, "72.25")].join("\n");
        for transform in ["typed", "few", "serde"] {
            let opening =
                format!(r#"{{"abi": 1, "input": "ndjson", "output": "ndjson", "transform": "{transform}"}}"#);
            let output = run::<Chosen>(&opening, input.as_bytes()).unwrap().output;
            let output = String::from_utf8(output).unwrap().replace("50.0", "50");
            assert_eq!(
                output,
                "{\"id\":2,\"name\":\"Aé\",\"score\":50}\n{\"id\":3,\"name\":\"Aé\",\"score\":72.25}\n"
            );
        }
    }
}
