//! Values of no known type.

use super::{Reader, Record, Shape, Writer};
use crate::{Ctx, Failure, Outputs};
use wasmrecords_json::{Value, parse, write};

impl<'a> Record<'a> for Value {
    const SHAPE: Shape = Shape::Any;

    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let levels = reader.levels();
        parse(reader.raw()?.as_bytes(), levels).ok()
    }

    fn write(&self, out: &mut Writer) {
        let mut text = Vec::new();
        match write(self, &mut text) {
            Ok(()) => out.raw(std::str::from_utf8(&text).unwrap_or_default()),
            Err(error) => out.refuse(Failure::new("nesting", error.to_string())),
        }
    }
}

impl Outputs<'_> for Value {
    const SHAPE: Shape = Shape::Any;

    fn emit(self, ctx: &mut Ctx<'_>) -> Result<(), Failure> {
        ctx.keep(&self)
    }
}
