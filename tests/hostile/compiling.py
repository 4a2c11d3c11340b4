"""Modules that keep a compiler busy: small, valid, and within the guard's caps, or just over them.

The compiler has a second and 512 MiB here, in a process that is thrown away. If it copes, the record is kept.
"""

from __future__ import annotations

from guests import guest
from sections import (
    CODE,
    ELEMENT,
    FUNCTION,
    GLOBAL,
    I32,
    TABLE,
    TYPE,
    body,
    function,
    items,
    leb,
    module,
    signature,
)

import wasmrecords as wr
from hostile.case import ANY, Case, Module, loading
from hostile.modules import guests

LIMITS = wr.Limits(compile=1.0, compile_memory=512 * wr.MiB, time=5)
COPES = "kept | CompileLimit"
NOTHING = signature()
END = b"\x0b"


def compiling(
    name: str, tried: str, content: Module, ends: str = COPES, because: str = "", limits: wr.Limits = LIMITS
) -> Case:
    return Case(name, tried, ends, loading(content, limits), ANY, within=20, because=because)


def looping(loops: int, count: int = 4_900) -> Module:
    """Loops within each other around sums of many locals: the register allocator has to remember them all."""
    pairs = [(2 + i % count, 2 + (7 * i + 1) % count) for i in range(5_000)]
    sums = "".join(f"(local.set {a} (i64.add (local.get {a}) (local.get {b})))" for a, b in pairs)
    nest = "(loop (br_if 0 (local.get 0)) " * loops + sums + ")" * loops
    return guests(extra=f"(func (param i32 i32) (local {'i64 ' * count}) {nest})")


def inside(code: str, more: str = "") -> Module:
    """A guest with one more function, which is never called."""
    return guests(extra=f"(func $more (param $p i32) (result i32) (local $l i32) {code}) {more}")


def functions(count: int, code: bytes = END) -> bytes:
    return module(
        items(TYPE, NOTHING), items(FUNCTION, *[b"\0"] * count), items(CODE, *[body(code=code)] * count)
    )


def many(count: int, text: str) -> Module:
    return lambda: guest(extra=text * count)


CASES = [
    compiling(
        "loops and locals",
        "800 loops around 5,000 sums of 4,900 locals, in 100 KB",
        looping(800),
        "CompileLimit",
        "limit compile;",
    ),
    compiling(
        "loops and memory",
        "5,000 such loops, which make the compiler ask for a GiB",
        looping(5_000),
        "CompileLimit",
        "limit compile",
    ),
    compiling(
        "deep blocks",
        "20,000 blocks within each other",
        inside("(block " * 20_000 + "nop" + ")" * 20_000 + "(i32.const 0)"),
    ),
    compiling(
        "deep conditions",
        "5,000 conditions within each other",
        inside(
            "(if (result i32) (local.get $p) (then " * 5_000
            + "(i32.const 1)"
            + ") (else (i32.const 2)))" * 5_000
        ),
    ),
    compiling(
        "huge straight line",
        "A body of 500 KB with no branch in it",
        inside("(local.set $l (i32.mul (local.get $l) (local.get $p)))" * 70_000 + "(local.get $l)"),
    ),
    compiling(
        "wide jump table",
        "A jump with 50,000 targets",
        inside("(block (br_table " + "0 " * 50_000 + "(local.get $p))) (i32.const 0)"),
    ),
    compiling(
        "jumps in loops",
        "A hundred jump tables of a thousand targets each, to a thousand blocks",
        inside(
            "(block " * 1_000
            + ("(br_table " + " ".join(map(str, range(1_000))) + " (local.get $p))") * 100
            + ")" * 1_000
            + "(i32.const 0)"
        ),
    ),
    compiling(
        "many calls",
        "60,000 calls in one body",
        inside("(drop (call $more (local.get $p)))" * 60_000 + "(i32.const 0)"),
    ),
    compiling(
        "many loads",
        "40,000 loads, each with a check of its own",
        inside("(local.set $l (i32.load offset=70000 (local.get $l)))" * 40_000 + "(local.get $l)"),
    ),
    compiling("many functions", "20,000 functions", many(20_000, "(func)")),
    compiling(
        "many types",
        "A call through a table for each of 2,000 types",
        lambda: guest(
            extra="(table 1 funcref)"
            + "".join(
                f"(type $t{n} (func {'(param i32)' * (n % 60)} {'(param i64)' * (n // 60)}))"
                f"(func (unreachable) (call_indirect (type $t{n}) (i32.const 0)))"
                for n in range(2_000)
            )
        ),
    ),
    compiling(
        "over the cap: body",
        "A body of over 512 KiB",
        function(NOTHING, code=body(code=b"\1" * (8 << 20) + END)),
        "ModuleError",
        "bytes of one function's body",
    ),
    compiling(
        "over the cap: locals",
        "4 billion locals in five bytes",
        function(NOTHING, code=body(leb(0xFFFFFFFF) + I32)),
        "ModuleError",
        "locals",
    ),
    compiling(
        "over the cap: parameters",
        "10,000 parameters",
        module(items(TYPE, signature(I32 * 10_000))),
        "ModuleError",
        "parameters",
    ),
    compiling(
        "over the cap: results",
        "1,000 results",
        module(items(TYPE, signature(b"", I32 * 1_000))),
        "ModuleError",
        "results",
    ),
    compiling("over the cap: functions", "200,000 functions", functions(200_000), "ModuleError", "functions"),
    compiling(
        "over the cap: globals",
        "A million globals",
        module(items(GLOBAL, *[I32 + b"\0\x41\0\x0b"] * 1_000_000)),
        "ModuleError",
        "globals",
    ),
    compiling(
        "over the cap: elements",
        "2 million elements of a table",
        module(
            items(TYPE, NOTHING),
            items(FUNCTION, b"\0"),
            items(TABLE, b"\x70\0\1"),
            items(ELEMENT, b"\1\0" + leb(2_000_000) + bytes(2_000_000)),
            items(CODE, body()),
        ),
        "ModuleError",
        "elements",
    ),
]
