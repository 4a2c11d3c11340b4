//! All that crosses the border: the exports that [`export!`](crate::export) makes, and what they call.

use crate::Failure;
use crate::reply::{Field, REPLY};
use crate::session::{Session, Transform, refuse};
use crate::system;
use std::io::Write;
use std::mem::ManuallyDrop;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use wasmrecords_engine::PAD;
use wasmrecords_json::joined;

/// The last piece of a source: what is left is a record, ended or not.
pub(crate) const LAST: u32 = 1;
/// What there is so far is to be given out: the piece has no records.
const FLUSH: u32 = 2;
/// Where the state of a JSON stream stands in the flags of a batch.
pub(crate) const STATE_SHIFT: u32 = 8;
/// Bytes of a panic's text that the host may see.
const PANIC: usize = 4096;

/// One live module.
struct Module<T: 'static> {
    arena: Vec<u8>,
    /// Opened once, and never closed: a module has no code for that.
    session: Option<&'static mut Session<T>>,
}

impl<T: Transform> Module<T> {
    const NEW: Self = Module { arena: Vec::new(), session: None };

    /// `wr_arena`: the address of an input buffer of at least `min` bytes, 0 if there is no memory.
    pub fn arena(&mut self, min: u32) -> u32 {
        set_up();
        let wanted = (min as usize).saturating_add(PAD);
        if self.arena.len() < wanted {
            // The old one holds nothing that is still needed: let it go first, so that both need not fit.
            self.arena = Vec::new();
            if self.arena.try_reserve_exact(wanted).is_err() {
                return 0;
            }
            self.arena.resize(wanted, 0);
        }
        self.arena.as_ptr() as usize as u32
    }

    /// `wr_open`: the opening text lies in the arena; the address of the reply block.
    pub fn open(&mut self, length: u32) -> u32 {
        set_up();
        REPLY.begin(1);
        match Session::open(self.input(length)) {
            Ok(session) => self.session = Some(Box::leak(Box::new(session))),
            Err(failure) => refuse(failure),
        }
        REPLY.address() as u32
    }

    /// `wr_batch`: 0, or 1 when there is nothing open.
    pub fn batch(&mut self, length: u32, flags: u32) -> u32 {
        let Module { arena, session } = self;
        let Some(session) = session else { return 1 };
        let state = (flags >> STATE_SHIFT) & 0xff;
        if flags & FLUSH != 0 {
            return answer(session.flush(state));
        }
        session.batch(arena, length as usize, flags & LAST != 0, state);
        0
    }

    /// `wr_close`: 0, or 1 when there is nothing open or the transform refused.
    pub fn close(&mut self) -> u32 {
        self.session.as_mut().map_or(1, |session| answer(session.finish()))
    }

    fn input(&self, length: u32) -> &[u8] {
        self.arena.get(..length as usize).unwrap_or_default()
    }
}

/// 0, or 1 with the reason in the reply.
fn answer(done: Result<(), Failure>) -> u32 {
    match done {
        Ok(()) => 0,
        Err(failure) => {
            refuse(failure);
            1
        }
    }
}

/// Once, before anything else runs: C constructors, and a hook that shows the host a panic's text.
fn set_up() {
    static DONE: AtomicBool = AtomicBool::new(false);
    if !DONE.swap(true, Ordering::Relaxed) {
        system::constructors();
        say_panics(false);
    }
}

/// What to do where the standard library wants what was not granted, by the file of its that panics.
fn advice(file: &str) -> &'static str {
    if file.ends_with("sys/random/wasip1.rs") {
        " (a HashMap wants random keys: take a BTreeMap, or the capability `random`)"
    } else if file.ends_with("unix/time.rs") {
        " (take `ctx.clock`, and the capability `clock`)"
    } else {
        ""
    }
}

/// Says what a panic says: to the host, or on standard error if the module is a command, which ends.
pub(crate) fn say_panics(command: bool) {
    std::panic::set_hook(Box::new(move |panic| said(command, panic)));
}

#[cold]
fn said(command: bool, panic: &PanicHookInfo<'_>) {
    let line =
        joined(&[&panic.to_string(), panic.location().map_or("", |at| advice(at.file())), "\n"]).leak();
    let text = line.strip_suffix('\n').unwrap_or_default();
    if command {
        crate::command::panicked(text);
    }
    // Until `wr_open` has answered, the host does not know where the block is. If it cannot be said, the module
    // traps all the same.
    let _ = ManuallyDrop::new(system::standard().2.write_all(line.as_bytes()));
    REPLY.set(Field::Panic, crate::reply::address(text));
    REPLY.set(Field::PanicLength, text.len().min(PANIC));
}

/// What a host calls: [`Module`] does it. It is here, and not where a transform is written, so that a module may have
/// several.
#[doc(hidden)]
pub mod exports {
    use super::Module;
    use crate::entries::Chosen;
    use std::cell::RefCell;
    use std::mem::ManuallyDrop;

    // Never let go: so there is no code for one that is gone.
    thread_local!(static MODULE: ManuallyDrop<RefCell<Module<Chosen>>> =
        const { ManuallyDrop::new(RefCell::new(Module::NEW)) });

    /// Says by its presence which ABI this is.
    #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
    pub extern "C" fn wr_abi_v1() {}

    /// See [`Module::arena`].
    #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
    pub extern "C" fn wr_arena(min: u32) -> u32 {
        MODULE.with(|m| m.borrow_mut().arena(min))
    }

    /// See [`Module::open`].
    #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
    pub extern "C" fn wr_open(length: u32) -> u32 {
        MODULE.with(|m| m.borrow_mut().open(length))
    }

    /// See [`Module::batch`].
    #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
    pub extern "C" fn wr_batch(length: u32, flags: u32) -> u32 {
        MODULE.with(|m| m.borrow_mut().batch(length, flags))
    }

    /// See [`Module::close`].
    #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
    pub extern "C" fn wr_close() -> u32 {
        MODULE.with(|m| m.borrow_mut().close())
    }
}

/// Makes a type the transform of this module: `export!(Type, manifest: TEXT)`.
///
/// `TEXT` is the manifest, JSON, in a constant string: `include_str!("manifest.json")`.
#[macro_export]
macro_rules! export {
    ($transform:ty, manifest: $manifest:expr) => {
        const _: () = {
            const TEXT: &str = $manifest;
            $crate::__private::section!(TEXT.len(), $crate::__private::bytes(TEXT));
            $crate::__private::submit! {
                $crate::__private::Entry {
                    name: "",
                    function: false,
                    open: $crate::__private::open::<$transform>,
                }
            }
        };
    };
}

#[doc(hidden)]
pub mod __private {
    pub use super::exports;
    pub use crate::aggregate::{Aggregate, Collector, Declared};
    pub use crate::config::{Config, NoConfig, config};
    pub use crate::entries::{Entry, open};
    pub use crate::manifest::{Kind, Manifest, Package};
    pub use crate::outputs::{Outputs, Returned};
    pub use crate::reason::{Holds, Is, IsNone, Says, Why};
    pub use crate::record::shape::{Member, Object, Part};
    pub use crate::record::{
        Members, NoArguments, PlainMembers, PlainValue, Reader, Record, Room, Shape, Slots, Taken, Writer,
        closed, flattened, read_object, write_object, write_once,
    };
    pub use crate::typed::{Ctx, Given, Runner, Stop, Typed, read_record};
    pub use crate::{Failure, NamedOutputs, Opening};
    pub use inventory::submit;

    /// A constant string as an array, for a custom section.
    pub const fn bytes<const N: usize>(text: &str) -> [u8; N] {
        let mut bytes = [0; N];
        let mut at = 0;
        while at < N {
            bytes[at] = text.as_bytes()[at];
            at += 1;
        }
        bytes
    }

    /// Bytes of the manifest. There is a section for it in modules only; elsewhere they are computed all the same.
    #[doc(hidden)]
    #[macro_export]
    macro_rules! __section {
        ($length:expr, $bytes:expr) => {
            #[cfg_attr(target_family = "wasm", unsafe(link_section = "wasmrecords.manifest"))]
            #[allow(dead_code, reason = "it is there for the host")]
            static MANIFEST: [u8; $length] = $bytes;
        };
    }

    /// What Cargo says of the package that is compiled.
    #[doc(hidden)]
    #[macro_export]
    macro_rules! __package {
        () => {
            $crate::__private::Package {
                name: ::core::env!("CARGO_PKG_NAME"),
                version: ::core::env!("CARGO_PKG_VERSION"),
                description: ::core::env!("CARGO_PKG_DESCRIPTION"),
                module: ::core::module_path!(),
            }
        };
    }

    /// Makes what a macro made of a function known to the module, and its manifest known to hosts.
    #[doc(hidden)]
    #[macro_export]
    macro_rules! __entry {
        ($transform:ty, $manifest:expr $(,)?) => {
            const SAID: $crate::__private::Manifest = $manifest;
            const LENGTH: usize = SAID.text::<0>().length();
            $crate::__private::section!(LENGTH, SAID.text::<LENGTH>().bytes());
            $crate::__private::submit! {
                $crate::__private::Entry {
                    name: SAID.name(),
                    function: SAID.is_function(),
                    open: $crate::__private::open::<$transform>,
                }
            }
        };
    }

    pub use crate::{__entry as entry, __package as package, __section as section};
}

#[cfg(test)]
mod tests {
    use super::advice;

    #[test]
    fn panics_of_the_standard_library_have_advice() {
        let library = "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/sys/";
        for (file, word) in [("random/wasip1.rs", "BTreeMap"), ("pal/wasi/../unix/time.rs", "ctx.clock")] {
            assert!(advice(&[library, file].concat()).contains(word), "{file}");
        }
        assert_eq!(advice("src/lib.rs"), "");
    }
}
