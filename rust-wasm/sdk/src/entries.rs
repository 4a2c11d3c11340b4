//! What a module has in it: transforms and functions, each of which its host may ask for.

use crate::lines::Lines;
use crate::session::Transform;
use crate::{Failure, NamedOutputs, Opening, Output};
use std::mem::ManuallyDrop;

/// A transform or a function that a macro found.
pub struct Entry {
    /// Its name; none of the one that [`export!`](crate::export) makes.
    pub name: &'static str,
    /// Whether it is called by its name.
    pub function: bool,
    /// Opens it.
    pub open: fn(&Opening) -> Result<Box<dyn Running>, Failure>,
}

inventory::collect!(Entry);

/// An open transform, of a type that is not known.
pub trait Running {
    /// See [`Transform::record`].
    ///
    /// # Errors
    /// As there.
    fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure>;
    /// See [`Transform::lines`].
    fn lines(&mut self, lines: &mut Lines<'_>);
    /// See [`Transform::outputs`].
    fn outputs(&self) -> Option<NamedOutputs>;
    /// See [`Transform::takes_in`].
    fn takes_in(&self) -> bool;
    /// See [`Transform::flush`].
    ///
    /// # Errors
    /// As there.
    fn flush(&mut self, out: &mut Output) -> Result<(), Failure>;
    /// See [`Transform::finish`].
    ///
    /// # Errors
    /// As there.
    fn finish(&mut self, out: &mut Output) -> Result<(), Failure>;
}

/// What is open stays so, as a module has one: there is no code to let it go.
impl<T: Transform> Running for ManuallyDrop<T> {
    fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure> {
        Transform::record(&mut **self, record, out)
    }

    fn lines(&mut self, lines: &mut Lines<'_>) {
        Transform::lines(&mut **self, lines);
    }

    fn outputs(&self) -> Option<NamedOutputs> {
        Transform::outputs(&**self)
    }

    fn takes_in(&self) -> bool {
        Transform::takes_in(&**self)
    }

    fn flush(&mut self, out: &mut Output) -> Result<(), Failure> {
        Transform::flush(&mut **self, out)
    }

    fn finish(&mut self, out: &mut Output) -> Result<(), Failure> {
        Transform::finish(&mut **self, out)
    }
}

/// Opens a transform and forgets its type.
///
/// # Errors
/// Its refusal.
pub fn open<T: Transform + 'static>(opening: &Opening) -> Result<Box<dyn Running>, Failure> {
    Ok(Box::new(ManuallyDrop::new(T::open(opening)?)))
}

/// The transform or function that the host asks for.
pub struct Chosen(Box<dyn Running>);

impl Transform for Chosen {
    fn open(opening: &Opening) -> Result<Self, Failure> {
        (choose(opening)?.open)(opening).map(Chosen)
    }

    fn record(&mut self, record: &[u8], out: &mut Output) -> Result<(), Failure> {
        self.0.record(record, out)
    }

    fn lines(&mut self, lines: &mut Lines<'_>) {
        self.0.lines(lines);
    }

    fn outputs(&self) -> Option<NamedOutputs> {
        self.0.outputs()
    }

    fn takes_in(&self) -> bool {
        self.0.takes_in()
    }

    fn flush(&mut self, out: &mut Output) -> Result<(), Failure> {
        self.0.flush(out)
    }

    fn finish(&mut self, out: &mut Output) -> Result<(), Failure> {
        self.0.finish(out)
    }
}

fn choose(opening: &Opening) -> Result<&'static Entry, Failure> {
    let is_function = opening.function.is_some();
    let mut entries: Vec<&Entry> = Vec::new();
    for entry in inventory::iter::<Entry>.into_iter().filter(|entry| entry.function == is_function) {
        let place = entries.iter().position(|other| other.name > entry.name).unwrap_or(entries.len());
        entries.insert(place, entry);
    }
    let kind = if is_function { "function" } else { "transform" };
    let listed = || wasmrecords_json::listed(entries.iter().map(|entry| entry.name));
    match (opening.function.as_ref().or(opening.transform.as_ref()), entries.as_slice()) {
        (_, []) => Err(Failure::new("opening", format!("this module has no {kind}"))),
        (Some(name), _) => entries.iter().copied().find(|entry| entry.name == name).ok_or_else(|| {
            Failure::new("opening", format!("no {kind} is called {name}: there are {}", listed()))
        }),
        (None, [only]) => Ok(only),
        (None, _) => Err(Failure::new(
            "opening",
            format!("this module has several transforms, choose one: {}", listed()),
        )),
    }
}
