//! Transforms that know what came before: records go in, results come out.

use crate::config::config;
use crate::record::{Arena, Reader, Record, Writer, read_all, unread};
use crate::typed::Ctx;
use crate::{Config, Failure, NamedOutputs, Opening, Output, Outputs, Transform};
use std::marker::PhantomData;

/// What keeps something from record to record, and gives back results: at the end, and whenever it wants to.
///
/// `#[aggregate]` on the `impl` makes it a transform of the module:
///
/// ```
/// use wasmrecords::prelude::*;
///
/// #[derive(Record)]
/// struct Sale { amount: f64 }
///
/// #[derive(Record)]
/// struct Total { sales: u64, amount: f64 }
///
/// struct Sum(Total);
///
/// #[aggregate]
/// impl Aggregate for Sum {
///     type Input<'text> = Sale;
///     type Output = Total;
///     type Options = NoConfig;
///
///     fn open(_: NoConfig) -> Self {
///         Sum(Total { sales: 0, amount: 0.0 })
///     }
///
///     fn add(&mut self, sale: Sale, _: &mut Ctx) -> Result<(), Failure> {
///         self.0.sales += 1;
///         self.0.amount += sale.amount;
///         Ok(())
///     }
///
///     fn flush(&mut self, ctx: &mut Ctx) -> Result<(), Failure> {
///         ctx.keep(&self.0)
///     }
/// }
/// # fn main() {}
/// ```
///
/// Every record that is taken in counts as kept, whether or not it has an output of its own; one for which
/// [`Aggregate::add`] gives back an error fails, as ever.
pub trait Aggregate: Sized + 'static {
    /// What goes in.
    type Input<'text>: Record<'text>;
    /// What comes out.
    type Output: Outputs<'static>;
    /// The config; [`NoConfig`](crate::NoConfig) where there is none.
    type Options: Config;

    /// Nothing has come yet.
    fn open(options: Self::Options) -> Self;

    /// Takes a record in. Results that are complete may go out by [`Ctx::keep`], as those of a window that ends, and
    /// to further outputs by [`Ctx::emit`].
    ///
    /// # Errors
    /// Fails the record: what it gave out is taken back. What it changed in `self` is not.
    fn add(&mut self, record: Self::Input<'_>, ctx: &mut Ctx<'_>) -> Result<(), Failure>;

    /// The end of the input: gives out what is left. Another input begins with a new aggregate. Whoever runs the module
    /// may ask for this in the middle of an input as well, with `--flush-every`: then it goes on with this one, and
    /// what is to be given out once only has to be taken out of it.
    ///
    /// # Errors
    /// Ends the run with this reason.
    fn flush(&mut self, ctx: &mut Ctx<'_>) -> Result<(), Failure>;
}

/// What `#[aggregate]` knows of an aggregate.
pub trait Declared: 'static {
    /// Its outputs beyond the main one.
    fn outputs() -> Option<NamedOutputs> {
        None
    }
}

/// Runs an aggregate.
pub struct Collector<A, D> {
    aggregate: A,
    declared: PhantomData<D>,
    /// For the next input, which begins with nothing.
    config: String,
    writer: Writer,
    levels: u32,
}

impl<A: Aggregate, D: Declared> Transform for Collector<A, D> {
    fn open(opening: &Opening) -> Result<Self, Failure> {
        Ok(Collector {
            aggregate: A::open(config(&opening.config)?),
            declared: PhantomData,
            config: opening.config.clone(),
            writer: Writer::default(),
            levels: opening.limits.nesting,
        })
    }

    fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure> {
        let arena = Arena::default();
        let mut reader = Reader::new(std::str::from_utf8(record).unwrap_or_default(), &arena, self.levels);
        match read_all::<A::Input<'_>>(&mut reader) {
            Some(input) => self.aggregate.add(input, &mut Ctx::new(out, &mut self.writer)),
            None => Err(unread(&<A::Input<'static>>::SHAPE, record, self.levels, reader)),
        }
    }

    fn outputs(&self) -> Option<NamedOutputs> {
        D::outputs()
    }

    fn takes_in(&self) -> bool {
        true
    }

    fn flush(&mut self, out: &mut Output) -> Result<(), Failure> {
        self.aggregate.flush(&mut Ctx::new(out, &mut self.writer))
    }

    fn finish(&mut self, out: &mut Output) -> Result<(), Failure> {
        Transform::flush(self, out)?;
        self.aggregate = A::open(config(&self.config)?);
        Ok(())
    }
}
