//! The module: all of it is in the library.

use seed as _;

fn main() {
    wasmrecords::main()
}
