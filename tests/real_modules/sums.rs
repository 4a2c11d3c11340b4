// A library: numbers of all four kinds, and a table of functions.
const STEPS: [fn(f64) -> f64; 3] = [f64::sqrt, f64::exp, f64::sin];

#[no_mangle]
pub extern "C" fn step(which: u32, value: f64) -> f64 {
    STEPS[which as usize % STEPS.len()](value)
}

#[no_mangle]
pub extern "C" fn mixed(a: i32, b: i64, c: f32, d: f64) -> f64 {
    f64::from(a) + b as f64 + f64::from(c) + d
}
