//! Sums up sales by article: records go in, results come out at the end.

use std::collections::BTreeMap;
use wasmrecords::prelude::*;

/// What comes in. Properties that are not named here are passed over.
#[derive(Record)]
pub struct Sale<'a> {
    pub article: &'a str,
    pub cents: u64,
}

/// What goes out.
#[derive(Record)]
pub struct Total<'a> {
    pub article: &'a str,
    pub sales: u64,
    pub cents: u64,
}

/// Sales and cents of each article.
#[derive(Default)]
pub struct Totals(BTreeMap<String, (u64, u64)>);

/// The totals of all articles, at the end of the input.
#[aggregate]
impl Aggregate for Totals {
    type Input<'text> = Sale<'text>;
    type Output = Total<'static>;
    type Options = NoConfig;

    fn open(_: NoConfig) -> Self {
        Totals::default()
    }

    fn add(&mut self, sale: Sale<'_>, _: &mut Ctx<'_>) -> Result<(), Failure> {
        let (sales, cents) = self.0.entry(sale.article.to_owned()).or_default();
        *sales += 1;
        *cents += sale.cents;
        Ok(())
    }

    fn flush(&mut self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        for (article, (sales, cents)) in &self.0 {
            ctx.keep(&Total { article, sales: *sales, cents: *cents })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use wasmrecords::testing::{Chosen, run};

    #[test]
    fn the_totals_come_at_the_end() {
        let opening = r#"{"abi": 1, "input": "ndjson", "output": "ndjson", "transform": "totals"}"#;
        let input = b"{\"article\": \"pen\", \"cents\": 120}\n{\"article\": \"pen\", \"cents\": 100}\n";
        let outcome = run::<Chosen>(opening, input).unwrap();
        assert_eq!(outcome.output, b"{\"article\":\"pen\",\"sales\":2,\"cents\":220}\n");
    }
}
