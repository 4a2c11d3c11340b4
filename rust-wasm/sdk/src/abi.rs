//! All that crosses the border: the exports that [`export!`](crate::export) makes, and what they call.

use crate::Failure;
use crate::reply::{Field, REPLY};
use crate::session::{Session, Transform, refuse};
#[cfg(target_family = "wasm")]
use std::mem::ManuallyDrop;
use std::sync::Once;
use wasmrecords_engine::PAD;

/// The last piece of a source: what is left is a record, ended or not.
pub(crate) const LAST: u32 = 1;
/// What there is so far is to be given out: the piece has no records.
const FLUSH: u32 = 2;
/// Where the state of a JSON stream stands in the flags of a batch.
pub(crate) const STATE_SHIFT: u32 = 8;
/// Bytes of a panic's text that the host may see.
const PANIC: usize = 4096;

/// One live module.
struct Module<T> {
    arena: Vec<u8>,
    session: Option<Session<T>>,
}

impl<T> Default for Module<T> {
    fn default() -> Self {
        Module { arena: Vec::new(), session: None }
    }
}

impl<T: Transform> Module<T> {
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
            Ok(session) => self.session = Some(session),
            Err(failure) => refuse(failure),
        }
        REPLY.address()
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
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        constructors();
        std::panic::set_hook(Box::new(|panic| {
            let text: &'static str = panic.to_string().leak();
            // Until `wr_open` has answered, the host does not know where the block is.
            eprintln!("{text}");
            REPLY.set(Field::Panic, crate::reply::address(text));
            REPLY.set(Field::PanicLength, text.len().min(PANIC) as u32);
        }));
    });
}

/// A `bin` exports plugin functions too, and lld wraps each export of a command so that the C
/// constructors run again at every call. To name `__wasm_call_ctors` turns that off; then somebody has
/// to call it, once.
#[cfg(target_family = "wasm")]
fn constructors() {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    // SAFETY: made by the linker for exactly this purpose; `Once` keeps it to one call, and `_start`,
    // the other caller, never runs in an instance that is used as a plugin.
    unsafe { __wasm_call_ctors() }
}

#[cfg(not(target_family = "wasm"))]
fn constructors() {}

/// Standard input, output and errors as files, which are never closed: around the standard library's own there are
/// locks and lines.
#[cfg(target_family = "wasm")]
pub(crate) fn standard() -> [ManuallyDrop<std::fs::File>; 3] {
    use std::fs::File;
    use std::os::fd::FromRawFd;
    // SAFETY: whoever runs a command opens these, and nobody here closes them.
    [0, 1, 2].map(|number| ManuallyDrop::new(unsafe { File::from_raw_fd(number) }))
}

/// Random bytes, as far as the host grants them.
#[cfg(target_family = "wasm")]
pub(crate) fn random(bytes: &mut [u8]) -> Option<()> {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        fn random_get(bytes: *mut u8, length: usize) -> u16;
    }
    // SAFETY: the host writes so many bytes there, which are borrowed.
    (unsafe { random_get(bytes.as_mut_ptr(), bytes.len()) } == 0).then_some(())
}

/// Random bytes of the standard library's hash tables: good enough for tests.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn random(bytes: &mut [u8]) -> Option<()> {
    use std::hash::{BuildHasher, Hasher, RandomState};
    for chunk in bytes.chunks_mut(8) {
        chunk.copy_from_slice(&RandomState::new().build_hasher().finish().to_le_bytes()[..chunk.len()]);
    }
    Some(())
}

/// Nanoseconds since the beginning of 1970, as far as the host grants a clock.
#[cfg(target_family = "wasm")]
pub(crate) fn clock() -> Option<u64> {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        fn clock_time_get(clock: u32, precision: u64, time: *mut u64) -> u16;
    }
    let mut time = 0;
    // SAFETY: the host writes one number there, which is borrowed.
    (unsafe { clock_time_get(0, 1, &mut time) } == 0).then_some(time)
}

/// The machine's clock.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn clock() -> Option<u64> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    now.as_nanos().try_into().ok()
}

/// What a host calls: [`Module`] does it. It is here, and not where a transform is written, so that a module may have
/// several.
#[doc(hidden)]
pub mod exports {
    use super::Module;
    use crate::entries::Chosen;
    use std::cell::RefCell;

    thread_local!(static MODULE: RefCell<Module<Chosen>> = RefCell::default());

    /// Says by its presence which ABI this is.
    #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
    pub extern "C" fn wr_abi_v1() {}

    /// See [`Module::arena`].
    #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
    pub extern "C" fn wr_arena(min: u32) -> u32 {
        MODULE.with_borrow_mut(|m| m.arena(min))
    }

    /// See [`Module::open`].
    #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
    pub extern "C" fn wr_open(length: u32) -> u32 {
        MODULE.with_borrow_mut(|m| m.open(length))
    }

    /// See [`Module::batch`].
    #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
    pub extern "C" fn wr_batch(length: u32, flags: u32) -> u32 {
        MODULE.with_borrow_mut(|m| m.batch(length, flags))
    }

    /// See [`Module::close`].
    #[cfg_attr(target_family = "wasm", unsafe(no_mangle))]
    pub extern "C" fn wr_close() -> u32 {
        MODULE.with_borrow_mut(|m| m.close())
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
    pub use crate::config::{NoConfig, config};
    pub use crate::entries::{Entry, open};
    pub use crate::manifest::{Kind, Manifest, Package};
    pub use crate::outputs::{Many, Outputs, Returned};
    pub use crate::record::shape::{Member, Object, Part};
    pub use crate::record::{
        Members, NoArguments, PlainMembers, PlainValue, Reader, Record, Shape, Slots, Taken, Writer,
        read_object, write_object,
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
