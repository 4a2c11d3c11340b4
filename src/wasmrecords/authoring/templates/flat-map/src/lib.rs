//! Turns each order into its lines: one record in, any number of records out.

use wasmrecords::prelude::*;

/// What comes in. Properties that are not named here are passed over.
#[derive(Record)]
pub struct Order<'a> {
    pub order: u64,
    pub items: Vec<Item<'a>>,
}

/// One of the items of an order.
#[derive(Record)]
pub struct Item<'a> {
    pub article: &'a str,
    pub count: u32,
    pub cents: u64,
}

/// What goes out.
#[derive(Record, Debug, PartialEq)]
pub struct Line<'a> {
    pub order: u64,
    pub article: &'a str,
    pub total: u64,
}

/// One record for each item of an order. An order without any is dropped.
#[transform]
pub fn lines(order: Order<'_>) -> Vec<Line<'_>> {
    let Order { order, items } = order;
    items
        .into_iter()
        .map(|item| Line { order, article: item.article, total: u64::from(item.count) * item.cents })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_has_its_line() {
        let items = vec![
            Item { article: "pen", count: 3, cents: 120 },
            Item { article: "ink", count: 1, cents: 999 },
        ];
        let found = lines(Order { order: 7, items });
        assert_eq!(found[0], Line { order: 7, article: "pen", total: 360 });
        assert_eq!(found.len(), 2);
    }
}
