//! What whoever runs a module sets.

use crate::Failure;
use crate::record::{Reader, Record, Shape, Writer, read};

/// A config that a transform takes, as `&Options`. `#[derive(Config)]` makes it of a struct with named fields whose
/// types are [`Record`]s that borrow nothing; fields have the attributes of records, `default = 18` among them.
///
/// A name that is not known is refused. Hosts refuse a config before the module runs, by the manifest that the macros
/// make of this type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no config",
    label = "expected a type with `#[derive(Config)]`",
    note = "`#[derive(Config)]` stands on the struct in the place of `#[derive(Record)]`: a config's names are all known, \
            so that what is misspelt is refused"
)]
pub trait Config: for<'text> Record<'text> {
    /// What it looks like.
    #[doc(hidden)]
    const CONFIG: Shape = <Self as Record<'static>>::SHAPE;

    /// Reads one.
    #[doc(hidden)]
    fn opened(text: &str) -> Result<Self, Failure> {
        config(text)
    }
}

/// Levels of arrays and objects in a config.
const LEVELS: u32 = 128;

/// Reads a config. None at all is as one without members.
///
/// # Errors
/// `config`, with the place in it that is wrong.
pub fn config<C: Config>(text: &str) -> Result<C, Failure> {
    let text = if text.trim_ascii() == "null" { "{}" } else { text };
    read(text.as_bytes(), LEVELS).map_err(|failure| Failure { code: "config".into(), ..failure })
}

/// The config of a transform that takes none.
pub struct NoConfig;

impl Config for NoConfig {}

impl<'a> Record<'a> for NoConfig {
    const SHAPE: Shape = Shape::Object(&crate::record::shape::Object { parts: &[], open: false });

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.object(&mut |_, _| None)?;
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
