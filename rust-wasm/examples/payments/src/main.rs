//! Makes a module of the library. There is nothing to be changed here.

use payments as _;

fn main() {
    wasmrecords::main();
}
