//! Why a record failed, or why a module refused to open.

use std::borrow::Cow;
use std::error::Error;

/// The reason of one failed record, or of a refusal in [`crate::Transform::open`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// A stable code in `snake_case` or a JSON Schema keyword: what programs branch on.
    pub code: Cow<'static, str>,
    /// Byte offset of what is at fault, from the start of the record (of the program, in a refusal).
    pub offset: usize,
    /// JSON path of what is at fault, `$` for the whole record.
    pub path: String,
    /// One sentence in plain words: what was expected, what was found.
    pub message: String,
    /// Where in a schema the rule stands that the record breaks, as a JSON Pointer behind `#`; empty if there is
    /// none. In a refusal the URI of the document that is at fault, empty for the schema itself.
    pub rule: Box<str>,
    /// What else is wrong with the record.
    pub further: Vec<Failure>,
}

impl Failure {
    /// A failure of the record as a whole.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Failure {
            code: code.into(),
            offset: 0,
            path: "$".into(),
            message: message.into(),
            rule: Box::default(),
            further: Vec::new(),
        }
    }
}

/// Any error of Rust may fail a record: with its text, and the texts of what caused it.
///
/// (So a [`Failure`] is none itself: an error could not become one in two ways.)
impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::new("error", told(&error))
    }
}

/// The text of an error, and those of what caused it.
pub(crate) fn told<E: Error + ?Sized>(error: &E) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        message = [message, error.to_string()].join(": ");
        cause = error.source();
    }
    message
}
