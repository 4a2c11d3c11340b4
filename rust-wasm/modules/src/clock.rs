//! The clock, where the run grants one.

/// Seconds since 1970 as the host tells them, `None` if it does not.
///
/// By the bare import: the standard library takes it for granted that there is a clock, and panics.
#[cfg(target_family = "wasm")]
pub fn now() -> Option<f64> {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        fn clock_time_get(clock: u32, precision: u64, time: *mut u64) -> u32;
    }
    const REALTIME: u32 = 0;
    let mut nanoseconds = 0;
    // SAFETY: the host writes eight bytes to where the last argument points, or none.
    let refused = unsafe { clock_time_get(REALTIME, 1, &mut nanoseconds) };
    // In microseconds, as jq: a float has no more digits for today.
    (refused == 0).then(|| (nanoseconds / 1000) as f64 / 1e6)
}

/// None: natively there is nobody to grant it.
#[cfg(not(target_family = "wasm"))]
pub fn now() -> Option<f64> {
    None
}
