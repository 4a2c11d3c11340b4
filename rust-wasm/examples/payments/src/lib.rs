//! Payments without the numbers of cards, and a second output that says whose were masked.

use wasmrecords::prelude::*;

#[derive(Record)]
struct Payment<'a> {
    id: u32,
    card: &'a str,
    cents: i64,
}

#[derive(Record)]
struct Masked<'a> {
    id: u32,
    /// The last four digits.
    card: &'a str,
    cents: i64,
}

#[derive(Record)]
struct Note<'a> {
    payment: u32,
    note: &'a str,
}

/// Masks cards. Payments of nothing are dropped and noted; those that are odd fail, and are not noted either.
#[transform(outputs = ["audit"])]
fn payments<'a>(payment: Payment<'a>, ctx: &mut Ctx) -> Result<Option<Masked<'a>>, Failure> {
    let Payment { id, card, cents } = payment;
    let note = if cents == 0 { "dropped" } else { "masked" };
    ctx.emit("audit", &Note { payment: id, note })?;
    if cents < 0 {
        return Err(Failure {
            path: "$.cents".into(),
            ..Failure::new("cents", "expected a payment, found a debt")
        });
    }
    let last = card.len().checked_sub(4).and_then(|at| card.get(at..));
    let card = last.ok_or_else(|| Failure {
        path: "$.card".into(),
        ..Failure::new("card", "expected a number with four digits at its end")
    })?;
    Ok((cents > 0).then_some(Masked { id, card, cents }))
}

#[cfg(test)]
mod tests {
    use wasmrecords::testing::{Chosen, run};

    #[test]
    fn what_is_masked_is_noted() {
        let input = br#"{"id": 1, "card": "4000 1234", "cents": 250}
{"id": 2, "card": "4000 1234", "cents": 0}
{"id": 3, "card": "123", "cents": 1}
{"id": 4, "card": "4000 1234", "cents": -1}
"#;
        let outcome = run::<Chosen>(r#"{"abi": 1, "input": "ndjson", "output": "ndjson"}"#, input).unwrap();
        assert_eq!(outcome.output, b"{\"id\":1,\"card\":\"1234\",\"cents\":250}\n");
        let notes = "{\"payment\":1,\"note\":\"masked\"}\n{\"payment\":2,\"note\":\"dropped\"}\n";
        assert_eq!(outcome.outputs["audit"], notes.as_bytes());
        let failed: Vec<_> =
            outcome.failures.iter().map(|(record, failure)| (*record, &*failure.path)).collect();
        assert_eq!((failed, outcome.dropped), (vec![(2, "$.card"), (3, "$.cents")], 1));
    }
}
