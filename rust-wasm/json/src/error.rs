//! What is wrong with a text that is no JSON, and where.

/// The kinds of syntax error; each is a stable code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Not JSON by RFC 8259.
    Json,
    /// Not UTF-8.
    Utf8,
    /// Deeper than the limit.
    Nesting,
}

impl ErrorKind {
    /// The stable code: `json`, `utf8` or `nesting`.
    pub fn code(self) -> &'static str {
        match self {
            ErrorKind::Json => "json",
            ErrorKind::Utf8 => "utf8",
            ErrorKind::Nesting => "nesting",
        }
    }
}

/// The first thing that keeps a text from being JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What kind of error.
    pub kind: ErrorKind,
    /// Byte offset in the text of the first byte that is wrong.
    pub offset: usize,
    /// JSON path of the value in hand there, `$` at the top.
    pub path: String,
    /// What was expected and what was found, in plain words.
    pub message: String,
}
