//! Makes a module of the library. There is nothing to be changed here.

use events as _;

fn main() {
    wasmrecords::main();
}
