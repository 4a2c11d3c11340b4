//! `records.wasm`: the module that runs recipes.

use wasmrecords_modules::recipe::Recipe;

#[cfg(target_family = "wasm")]
#[global_allocator]
static BLOCKS: wasmrecords_modules::allocator::Blocks = wasmrecords_modules::allocator::Blocks::new();

wasmrecords::export!(Recipe, manifest: include_str!("manifest.json"));

fn main() {
    eprintln!("records.wasm is run by wasmrecords: try `wasmrecords run --help`");
    std::process::exit(2);
}
