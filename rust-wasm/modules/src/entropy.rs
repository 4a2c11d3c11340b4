//! What a library gets when it asks for random bytes: always the same ones.
//!
//! The sandbox has no randomness (a run repeats byte for byte), and the libraries beneath JSON Schema ask for
//! some to seed their hash tables. Tables whose seeds are known can be made slow by whoever chooses the keys;
//! here these are the names in a schema, and the limit on time is the bound.

use std::mem::MaybeUninit;

/// The hook of the crate `getrandom` under `--cfg getrandom_backend="custom"`, which
/// `build_backend/toolchain.py` sets: without it the crate calls WASI, and the host refuses.
///
/// # Safety
/// `dest` is valid for writes of `length` bytes: what the crate documents.
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(dest: *mut u8, length: usize) -> Result<(), getrandom::Error> {
    // SAFETY: the caller's promise, see above.
    let bytes = unsafe { std::slice::from_raw_parts_mut(dest.cast::<MaybeUninit<u8>>(), length) };
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    for byte in bytes {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        byte.write((state >> 56) as u8);
    }
    Ok(())
}
