//! `records.wasm`: the module that runs recipes.

use wasmrecords_modules::recipe::Recipe;

wasmrecords::export!(Recipe, manifest: include_str!("manifest.json"));

fn main() {
    eprintln!("records.wasm is run by wasmrecords: try `wasmrecords run --help`");
    std::process::exit(2);
}
