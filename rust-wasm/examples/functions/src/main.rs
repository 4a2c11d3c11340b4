//! The module: all of it is in the library.

use functions as _;

fn main() {
    wasmrecords::main()
}
