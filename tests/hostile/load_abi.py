"""Modules that are valid, and not what the ABI asks for: exports, imports, extensions of WebAssembly."""

from __future__ import annotations

from sections import (
    EXPORT,
    EXTERNREF,
    HEADER,
    I32,
    MEMORY,
    V128,
    export,
    function,
    items,
    module,
    signature,
)

from hostile.load import refused
from hostile.modules import changed, wasi


def exporting(kind: bytes, results: bytes = b"") -> bytes:
    """A module with one exported function of one type."""
    return function(signature(kind, results), items(EXPORT, export("f")))


EXPORTS = [
    refused("no exports", "A module that exports nothing", "does not speak", HEADER),
    refused(
        "another ABI",
        "A module of version 9 of the ABI",
        "version 9",
        changed(abi='(func (export "wr_abi_v9"))'),
    ),
    refused("no memory", "No memory is exported", "'memory' is nothing", changed(memory="(memory 1)")),
    refused(
        "memory is a function",
        "The export `memory` is a function",
        "'memory' is a function",
        changed(memory='(func (export "memory")) (memory 1)'),
    ),
    refused(
        "batch is a global",
        "The export `wr_batch` is a global",
        "'wr_batch' is a global",
        changed(batch='(global (export "wr_batch") i32 (i32.const 0))'),
    ),
    refused(
        "wrong parameters",
        "`wr_batch` takes 64 bits",
        "(i64, i32) -> (i32)",
        changed(batch='(func (export "wr_batch") (param i64 i32) (result i32) (i32.const 0))'),
    ),
    refused(
        "too many parameters",
        "`wr_arena` takes two numbers",
        "(i32, i32) -> (i32)",
        changed(arena='(func (export "wr_arena") (param i32 i32) (result i32) (i32.const 0))'),
    ),
    refused(
        "no result",
        "`wr_open` answers nothing",
        "(i32) -> ()",
        changed(open='(func (export "wr_open") (param i32))'),
    ),
    refused(
        "sixteen results",
        "`wr_batch` answers sixteen numbers",
        "'wr_batch' is a function",
        changed(batch=f'(func (export "wr_batch") (param i32 i32) (result {"i32 " * 16}) unreachable)'),
    ),
    refused(
        "vector in a signature",
        "An export with a v128, which aborts the Python binding of the engine",
        "has the type v128",
        exporting(V128 + I32),
    ),
    refused("vector as a result", "An export that answers a v128", "has the type v128", exporting(b"", V128)),
    refused(
        "anyref in a signature",
        "An export with an anyref, which aborts the binding as well",
        "0x6e",
        exporting(b"\x6e"),
    ),
    refused("i31 in a signature", "An export with an i31", "0x6c", exporting(b"\x6c")),
    refused("exception in a signature", "An export with an exnref", "0x69", exporting(b"\x69")),
    refused(
        "host reference in a signature",
        "An export with an externref",
        "has the type externref",
        exporting(EXTERNREF),
    ),
    refused(
        "ten thousand exports",
        "10,000 exports, quadratic in the binding",
        "10,000 exports",
        module(items(MEMORY, b"\0\1"), items(EXPORT, *[export(f"e{n}", 2) for n in range(10_000)])),
    ),
    refused(
        "same name twice",
        "Two exports of one name",
        "a second export 'a'",
        module(items(MEMORY, b"\0\1"), items(EXPORT, export("a", 2), export("a", 2))),
    ),
    refused(
        "name of 200 KB",
        "An export with a name of 200 KB",
        "200,000 bytes long",
        module(items(MEMORY, b"\0\1"), items(EXPORT, export("n" * 200_000, 2))),
    ),
    refused(
        "name that steers",
        "A wrong export whose name has escape sequences",
        "'\\x1b' has the type v128",
        exporting(V128).replace(b"\1f\0", b"\1\x1b\0"),
    ),
]

IMPORTS = [
    refused(
        "env.abort",
        "An import from somewhere",
        "'abort' () -> () from 'env'",
        changed(imports='(import "env" "abort" (func))'),
    ),
    refused(
        "newer WASI",
        "An import of WASI 0.2",
        "WASI 0.2",
        changed(imports='(import "wasi:io/poll" "poll" (func))'),
    ),
    refused(
        "unknown function",
        "A function that WASI has not",
        "the nearest one is 'fd_write'",
        changed(imports=wasi("fd_wrote", "iiii")),
    ),
    refused(
        "wrong signature",
        "A function of WASI with another signature",
        "build it with another compiler",
        changed(imports=wasi("fd_write", "i")),
    ),
    refused(
        "imported memory",
        "A memory from the host",
        "imports the memory 'memory'",
        changed(memory='(memory (export "memory") (import "env" "memory") 1)'),
    ),
    refused(
        "imported table",
        "A table from the host",
        "imports the table 'table'",
        changed(imports='(import "env" "table" (table 1 funcref))'),
    ),
    refused(
        "imported global",
        "A global from the host",
        "imports the global 'g'",
        changed(imports='(import "env" "g" (global i32))'),
    ),
    refused(
        "import that steers",
        "An import whose name has ESC and newline",
        "from '\\x1b[2J\\n'",
        changed(imports='(import "\\1b[2J\\0a" "\\1b]0;x\\07\\0d" (func))'),
    ),
    refused(
        "import in another script",
        "Names that turn the direction of text",
        "from '\\u202eenv'",
        changed(imports='(import "\\u{202e}env" "\\u{2066}x" (func))'),
    ),
    refused(
        "too many imports",
        "2,000 imports",
        "2,000 imports",
        changed(imports=wasi("sched_yield", "").replace("$sched_yield", "") * 2_000),
    ),
]

FEATURES = [
    refused(
        "memory64",
        "A memory of 64 bits",
        "64-bit addresses",
        changed(memory='(memory (export "memory") i64 1)'),
    ),
    refused(
        "shared memory",
        "A shared memory, which no limit holds",
        "that threads share",
        changed(memory='(memory (export "memory") 1 2 shared)'),
    ),
    refused(
        "two memories", "Two memories, each with the whole limit", "2 memories", changed(extra="(memory 1)")
    ),
    refused("two tables", "Two tables", "2 tables", changed(extra="(table 1 funcref) (table 1 funcref)")),
    refused(
        "structs",
        "A type of the garbage collector",
        "is a struct",
        changed(extra="(type (struct (field i32)))"),
    ),
    refused(
        "recursive types",
        "A group of recursive types",
        "a group of recursive types",
        changed(extra="(rec (type (func)) (type (func)))"),
    ),
    refused("tags", "A tag of exceptions", "13 section", changed(extra="(tag (param i32))")),
    refused(
        "throw",
        "An exception that is thrown and caught",
        "exceptions",
        changed(extra="(tag $t) (func (block $h (try_table (catch_all $h) (throw $t))))"),
    ),
    refused(
        "typed references",
        "A reference to a function type",
        "function references",
        changed(extra="(type $f (func)) (func (param (ref $f)))"),
    ),
    refused(
        "relaxed SIMD",
        "An instruction whose result depends on the machine",
        "relaxed SIMD support is not enabled",
        changed(
            extra="(func (param v128) (drop (f32x4.relaxed_madd (local.get 0) (local.get 0) (local.get 0))))"
        ),
    ),
    refused(
        "atomics",
        "A wait for another thread",
        "threads support is not enabled",
        changed(extra="(func (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))"),
    ),
    refused(
        "wide arithmetic",
        "An instruction of 128 bits",
        "wide arithmetic support is not enabled",
        changed(
            extra="(func (param i64) (result i64 i64) "
            "(i64.add128 (local.get 0) (local.get 0) (local.get 0) (local.get 0)))"
        ),
    ),
]

CASES = [*EXPORTS, *IMPORTS, *FEATURES]
