//! Outputs beyond the main one, which have names.

use crate::reply::{MOST_OUTPUTS, OTHER, OUTPUT, OutputTable, address};
use crate::table::Table;

/// Outputs beyond the main one, for [`crate::Transform::outputs`].
pub struct NamedOutputs(pub(crate) Box<dyn Further>);

impl NamedOutputs {
    /// Those with these names: at most 15.
    ///
    /// # Panics
    /// If there are more; no host would accept the manifest.
    pub fn new(names: &'static [&'static str]) -> Self {
        assert!(names.len() < MOST_OUTPUTS, "expected at most {} further outputs", MOST_OUTPUTS - 1);
        let each = names.iter().enumerate().map(|(place, name)| {
            let text = Table::new(move |a| {
                OUTPUT.set_address(place + 1, a);
                OTHER.set_address(place + 1, a);
            });
            Named { name, text, records: 0, mark: (0, 0) }
        });
        NamedOutputs(Box::new(Every { each: each.collect(), other: false }))
    }
}

/// What is done with them. Modules with one output have no code for it.
pub(crate) trait Further {
    /// The name of each, the first of which is number 1: 0 is the main output's.
    fn names(&self) -> Vec<&'static str>;
    /// What is in one.
    fn text(&self, number: usize) -> &[u8];
    /// Adds a record to one: its parts one behind the other. False without memory.
    fn put(&mut self, number: usize, parts: &[&[u8]]) -> bool;
    /// A record begins.
    fn begin(&mut self);
    /// Takes back what the record gave.
    fn go_back(&mut self);
    /// Nothing is in any of them.
    fn clear(&mut self);
    /// Bytes and records in all of them.
    fn size(&self) -> (usize, u32);
    /// The address of a table that says how long each is and how many records it has, behind the main output.
    fn table(&mut self, main: (u32, u32)) -> usize;
    /// The same, of outputs that have nothing in them.
    fn empty_table(&mut self) -> usize;
}

/// What goes to one of them in a batch.
struct Named {
    name: &'static str,
    text: Table<u8>,
    records: u32,
    /// Bytes and records before the record in hand.
    mark: (usize, u32),
}

/// All of them. The host reads of each how long it is and how many records it has, at any instant: so the rows of a
/// table that it does not look at are made, and then it is shown that table together with the counts.
struct Every {
    each: Vec<Named>,
    /// The host looks at [`OTHER`].
    other: bool,
}

impl Further for Every {
    fn names(&self) -> Vec<&'static str> {
        self.each.iter().map(|each| each.name).collect()
    }

    fn text(&self, number: usize) -> &[u8] {
        self.each[number - 1].text.as_slice()
    }

    fn put(&mut self, number: usize, parts: &[&[u8]]) -> bool {
        let named = &mut self.each[number - 1];
        if !named.text.reserve(parts.iter().map(|part| part.len()).sum()) {
            return false;
        }
        parts.iter().for_each(|part| named.text.extend(part));
        named.records += 1;
        true
    }

    fn begin(&mut self) {
        self.each.iter_mut().for_each(|each| each.mark = (each.text.len(), each.records));
    }

    fn go_back(&mut self) {
        for each in &mut self.each {
            each.text.truncate(each.mark.0);
            each.records = each.mark.1;
        }
    }

    fn clear(&mut self) {
        for each in &mut self.each {
            each.text.truncate(0);
            (each.records, each.mark) = (0, (0, 0));
        }
    }

    fn size(&self) -> (usize, u32) {
        self.each
            .iter()
            .fold((0, 0), |(bytes, records), each| (bytes + each.text.len(), records + each.records))
    }

    fn table(&mut self, main: (u32, u32)) -> usize {
        let table = self.next();
        table.set_length(0, main.0, main.1);
        for (place, each) in self.each.iter().enumerate() {
            table.set_length(place + 1, each.text.len() as u32, each.records);
        }
        address(table)
    }

    fn empty_table(&mut self) -> usize {
        let table = self.next();
        (0..=self.each.len()).for_each(|number| table.set_length(number, 0, 0));
        address(table)
    }
}

impl Every {
    /// The table that the host does not look at.
    fn next(&mut self) -> &'static OutputTable {
        self.other = !self.other;
        if self.other { &OTHER } else { &OUTPUT }
    }
}
