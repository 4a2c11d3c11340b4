"""What a module does before its first record: start function, ``_initialize``, ``wr_arena``, ``wr_open``."""

from __future__ import annotations

from hostile.case import LEVELS, LIMITS, SHORT, Case, Module, loading
from hostile.modules import changed, guests

LOOP = "(loop $l (br $l))"
DEEP = "(drop (call $deep (i32.const 0)))"


def opening(
    name: str,
    tried: str,
    ends: str,
    module: Module,
    because: str = "",
) -> Case:
    # Who says exit and loops on is found out at its deadline.
    limits = SHORT if ends == "TimeLimit" or "exit" in ends else LIMITS
    return Case(name, tried, ends, loading(module, limits), LEVELS, because=because)


def start(code: str, more: str = "", **changes: str) -> Module:
    """A guest with a start function."""
    return guests(extra=f"(func $begin {code}) (start $begin) {more}", **changes)


def initialize(code: str) -> Module:
    return guests(extra=f'(func (export "_initialize") {code})')


def refusing(rows: int, address: int) -> str:
    """``wr_open`` that refuses with so many rows, at an address."""
    return f"(i64.store (i32.const 1064) (i64.const {rows << 32 | address & 0xFFFFFFFF})) (i32.const 1024)"


def segment(text: str, **parts: str) -> Module:
    return changed(extra=text, **parts)


CASES = [
    opening("loop", "The start function never ends", "TimeLimit", start(LOOP), "no end within 0.1 s"),
    opening("trap", "The start function traps", "GuestError (trap)", start("unreachable"), "unreachable"),
    opening("recursion", "The start function calls itself for ever", "StackLimit", start(DEEP)),
    opening(
        "exit",
        "The start function ends the process",
        "GuestError (exit)",
        start("(call $exit (i32.const 134))"),
        "status 134",
    ),
    opening(
        "exit and go on",
        "It ends the process and loops on",
        "GuestError (exit)",
        start(f"(call $exit (i32.const 0)) {LOOP}"),
        "status 0",
    ),
    opening(
        "grow to the cap",
        "It grows its memory until it gets no more, and works on",
        "kept",
        start("(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))"),
    ),
    opening(
        "grow by 4 GiB",
        "It asks for 4 GiB at once, again and again",
        "TimeLimit",
        start("(loop $l (drop (memory.grow (i32.const 65535))) (br $l))"),
    ),
    opening(
        "words that steer",
        "It writes escape sequences to standard error and traps",
        "GuestError (trap)",
        start(
            "(drop (call $write (i32.const 2) (i32.const 512) (i32.const 1) (i32.const 508))) unreachable",
            r'(data (i32.const 512) "\80\02\00\00\10\00\00\00") '
            r'(data (i32.const 640) "\1b[2J\1b]0;pwned\07\0d\0a")',
        ),
        "\\x1b[2J",
    ),
    opening(
        "4 GiB at once",
        "A memory that begins with 4 GiB",
        "MemoryLimit",
        changed(memory='(memory (export "memory") 65536)'),
        "limit memory",
    ),
    opening(
        "just too much",
        "A memory that begins with one page over the limit",
        "MemoryLimit",
        changed(memory='(memory (export "memory") 1025)'),
    ),
    opening(
        "huge table",
        "A table of a million elements",
        "TableLimit",
        changed(extra="(table 1000000 funcref)"),
        "more than 100,000",
    ),
    opening(
        "data outside",
        "A data segment that reaches over the end of the memory",
        "GuestError (trap)",
        segment('(data (i32.const 4194300) "too long")'),
    ),
    opening(
        "data before",
        "A data segment at address -1",
        "GuestError (trap)",
        segment('(data (i32.const -1) "xx")'),
    ),
    opening(
        "elements outside",
        "Elements behind the end of the table",
        "GuestError (trap)",
        segment("(table 1 funcref) (func $f) (elem (i32.const 5) $f)"),
    ),
    opening("initialize loops", "`_initialize` never ends", "TimeLimit", initialize(LOOP)),
    opening("initialize traps", "`_initialize` traps", "GuestError (trap)", initialize("unreachable")),
    opening(
        "initialize exits",
        "`_initialize` ends the process",
        "GuestError (exit)",
        initialize("(call $exit (i32.const -1))"),
        "status 4294967295",
    ),
    opening("open loops", "`wr_open` never ends", "TimeLimit", guests(open=f"{LOOP} unreachable")),
    opening("open traps", "`wr_open` traps", "GuestError (trap)", guests(open="unreachable")),
    opening(
        "open recurses",
        "`wr_open` calls itself for ever",
        "StackLimit",
        guests(open=f"{DEEP} (i32.const 1024)"),
    ),
    opening(
        "open exits",
        "`wr_open` ends the process",
        "GuestError (exit)",
        guests(open="(call $exit (i32.const 126)) (i32.const 1024)"),
    ),
    opening(
        "arena loops",
        "`wr_arena` never ends, for the opening text",
        "TimeLimit",
        guests(arena=f"{LOOP} unreachable"),
    ),
    opening(
        "arena traps",
        "`wr_arena` traps, for the opening text",
        "GuestError (trap)",
        guests(arena="unreachable"),
    ),
    opening(
        "no arena",
        "`wr_arena` has no room for the opening text",
        "RecordLimit",
        guests(arena="(i32.const 0)"),
    ),
    opening(
        "arena outside",
        "`wr_arena` answers the last byte of 4 GiB",
        "GuestError (reply)",
        guests(arena="(i32.const -1)"),
    ),
    opening(
        "arena at the end",
        "`wr_arena` answers the last bytes of the memory",
        "GuestError (reply)",
        guests(arena=f"(i32.const {64 * 65536 - 8})"),
    ),
    opening(
        "block outside",
        "`wr_open` answers an address behind the memory",
        "GuestError (reply)",
        guests(open=f"(i32.const {64 * 65536})"),
    ),
    opening(
        "block at the end",
        "The reply block reaches over the end of the memory",
        "GuestError (reply)",
        guests(open=f"(i32.const {64 * 65536 - 64})"),
    ),
    opening(
        "block at -1",
        "`wr_open` answers the last byte of 4 GiB",
        "GuestError (reply)",
        guests(open="(i32.const -1)"),
    ),
    opening(
        "block unaligned",
        "A reply block at an odd address",
        "GuestError (reply)",
        guests(open="(i32.const 1025)"),
    ),
    opening("block is zeros", "A reply block of zeros", "GuestError (reply)", guests(open="(i32.const 16)")),
    opening(
        "block in the arena",
        "A reply block within the opening text",
        "GuestError (reply)",
        guests(open="(i32.const 65536)"),
    ),
    opening(
        "refusal outside",
        "A refusal whose row is behind the memory",
        "GuestError (reply)",
        guests(open=refusing(1, -1)),
    ),
    opening(
        "four billion refusals",
        "A refusal with 4 billion rows, the first of them zeros",
        "GuestError (reply)",
        guests(open=refusing(-1, 8)),
    ),
]
