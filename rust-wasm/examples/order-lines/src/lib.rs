//! One record for each line of an order: a transform that gives back many.

use wasmrecords::prelude::*;

#[derive(Record)]
struct Order<'a> {
    id: u64,
    customer: &'a str,
    #[record(default)]
    lines: Vec<Line<'a>>,
}

#[derive(Record)]
struct Line<'a> {
    sku: &'a str,
    #[record(default = 1)]
    count: u32,
    /// In cents.
    price: u64,
}

#[derive(Record)]
struct Sold<'a> {
    order: u64,
    customer: &'a str,
    sku: &'a str,
    count: u32,
    /// In cents.
    total: u64,
}

/// An order without lines is dropped; one whose total is beyond all bounds fails as a whole.
#[transform]
fn order_lines(order: Order<'_>) -> Result<Vec<Sold<'_>>, Failure> {
    let Order { id, customer, lines } = order;
    let sold = lines.into_iter().map(|Line { sku, count, price }| {
        let total = price.checked_mul(count.into()).ok_or_else(|| Failure {
            path: "$.lines".into(),
            ..Failure::new("total", format!("{count} of {sku} cost too much"))
        })?;
        Ok(Sold { order: id, customer, sku, count, total })
    });
    sold.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_a_record() {
        let lines =
            vec![Line { sku: "a", count: 3, price: 250 }, Line { sku: "b", count: 1, price: u64::MAX }];
        let sold = order_lines(Order { id: 7, customer: "Ann", lines }).unwrap();
        assert_eq!(sold.iter().map(|sold| sold.total).collect::<Vec<_>>(), [750, u64::MAX]);
        let lines = vec![Line { sku: "b", count: 2, price: u64::MAX }];
        assert_eq!(order_lines(Order { id: 7, customer: "Ann", lines }).err().unwrap().code, "total");
    }
}
