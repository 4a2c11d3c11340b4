//! The module, and a command: all of it is in the library.

use @crate@ as _;

fn main() {
    wasmrecords::main();
}
