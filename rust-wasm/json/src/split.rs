//! Splitting pieces of input into records, without copying and without reading them.
//!
//! An input arrives in pieces that may end anywhere. A splitter yields the records that end within
//! its piece and says how many bytes it `consumed`; the rest is to be given again, in front of what
//! comes next. The records are the same wherever the pieces end.

mod lines;
mod stream;
mod values;

pub use lines::Lines;
pub use stream::{Item, State, Stream};
pub use values::Values;
