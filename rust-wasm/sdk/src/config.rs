//! What whoever runs a module sets.

use crate::Failure;
use crate::record::{Arena, Reader, Record, Shape, Writer, explain};

/// A config that a transform takes, as `&Options`. `#[derive(Config)]` makes it of a struct with named fields whose
/// types are [`Record`]s that borrow nothing; fields have the attributes of records, `default = 18` among them.
///
/// A name that is not known is refused. Hosts refuse a config before the module runs, by the manifest that the macros
/// make of this type.
pub trait Config: for<'text> Record<'text> {}

/// Levels of arrays and objects in a config.
const LEVELS: u32 = 128;

/// Reads a config. None at all is as one without members.
///
/// # Errors
/// `config`, with the place in it that is wrong.
pub fn config<C: for<'text> Record<'text>>(text: &str) -> Result<C, Failure> {
    let arena = Arena::default();
    let text = if text.trim() == "null" { "{}" } else { text };
    let mut reader = Reader::new(text, &arena, LEVELS);
    if let Some(config) = C::read(&mut reader).filter(|_| reader.at_end()) {
        return Ok(config);
    }
    let failure = explain(&<C as Record<'static>>::SHAPE, text.as_bytes(), LEVELS);
    let failure = failure.or_else(|| reader.refusal());
    let failure = failure.unwrap_or_else(|| Failure::new("config", "the config cannot be read"));
    Err(Failure { code: "config".into(), ..failure })
}

/// The config of a transform that takes none.
pub struct NoConfig;

impl<'a> Record<'a> for NoConfig {
    const SHAPE: Shape = Shape::Object(&crate::record::shape::Object { parts: &[], open: false });

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.object(|_, _| None)?;
        Some(NoConfig)
    }

    fn write(&self, out: &mut Writer) {
        out.raw("{}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_config_is_none_or_an_empty_one() {
        assert!(config::<NoConfig>("null").is_ok());
        assert!(config::<NoConfig>(" {} ").is_ok());
        let failure = config::<NoConfig>(r#"{"a": 1}"#).err().unwrap();
        assert_eq!((&*failure.code, &*failure.path), ("config", "$.a"));
        assert_eq!(failure.message, "unexpected property \"a\"");
    }
}
