//! placeholder
/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// The member of an object.
    Name(String),
    /// The item of an array.
    Index(usize),
}

/// `$.a[0]["odd key"]`
pub fn write_path(_path: &[Segment]) -> String {
    todo!()
}

/// Byte offset of the value at `path` in a valid text (of the deepest one that is there).
pub fn locate(_text: &[u8], _path: &[Segment]) -> usize {
    todo!()
}
