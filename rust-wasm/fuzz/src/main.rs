//! Any lines through the fast engine: the learned tier answers as the exact one, or this aborts.
//!
//! The first two bytes choose schema and program, how many lines are run at once, and whether output may stay where it
//! is. What is behind them are the lines, which come three times over, so that their shapes come back.

#![no_main]

#[expect(dead_code, reason = "the tests of the engine use more of it")]
#[path = "../../engine/tests/roads/kit.rs"]
mod kit;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&[recipe, piece], lines)) = data.split_first_chunk::<2>() else { return };
    let recipe = usize::from(recipe);
    let schema = kit::SCHEMAS[recipe % kit::SCHEMAS.len()];
    let mut programs = kit::programs();
    let program = programs.swap_remove(recipe / kit::SCHEMAS.len() % programs.len());
    let once: Vec<Vec<u8>> = lines.split(|byte| *byte == b'\n').map(|line| [line, b"\n"].concat()).collect();
    let lines = [once.clone(), once.clone(), once].concat();
    let [mut exact, mut learned] = [false, true].map(|on| kit::engine(schema, program.clone(), on));
    let expected = kit::run(&mut exact, &lines, usize::MAX, 1 << 14, false);
    let found = kit::run(&mut learned, &lines, 1 + usize::from(piece / 2), 1 << 14, piece % 2 > 0);
    let difference = kit::difference(&expected, &found);
    assert!(difference.is_none(), "{difference:?}");
});
