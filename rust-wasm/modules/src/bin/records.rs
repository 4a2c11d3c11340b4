//! `records.wasm`: the module that runs recipes.

use wasmrecords_modules::recipe::Recipe;

#[cfg(target_family = "wasm")]
#[global_allocator]
static BLOCKS: wasmrecords_modules::allocator::Blocks = wasmrecords_modules::allocator::Blocks::new();

/// Two functions of the C library that need no host to answer: there is no environment, and no other thread.
/// The standard library calls them for the text of a panic, and locks do; the C library's own would bring
/// along three imports.
#[cfg(target_family = "wasm")]
mod libc {
    use std::ffi::{c_char, c_int};

    #[unsafe(no_mangle)]
    extern "C" fn getenv(_name: *const c_char) -> *mut c_char {
        std::ptr::null_mut()
    }

    #[unsafe(no_mangle)]
    extern "C" fn sched_yield() -> c_int {
        0
    }
}

wasmrecords::export!(Recipe, manifest: include_str!("manifest.json"));

fn main() {
    eprintln!("records.wasm is run by wasmrecords: try `wasmrecords run --help`");
    std::process::exit(2);
}
