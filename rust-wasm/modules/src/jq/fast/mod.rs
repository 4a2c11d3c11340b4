//! Programs of the fast subset: from the parsed tree to what the fast engine runs.

mod compile;
mod leaves;
#[cfg(test)]
mod tests;

pub(super) use compile::compile;
pub use leaves::Leaves;
