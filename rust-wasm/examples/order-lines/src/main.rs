//! Makes a module of the library. There is nothing to be changed here.

use order_lines as _;

fn main() {
    wasmrecords::main();
}
