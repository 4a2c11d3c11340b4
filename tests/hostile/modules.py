"""Modules for the cases, beyond those of ``guests.py``: the smallest one, and parts for it."""

from __future__ import annotations

import functools
from collections.abc import Callable

from guests import ARENA, guest

PARTS = {
    "memory": '(memory (export "memory") 64)',
    "abi": '(func (export "wr_abi_v1"))',
    "arena": '(func (export "wr_arena") (param i32) (result i32) (i32.const 65536))',
    "open": '(func (export "wr_open") (param i32) (result i32) (i32.const 1024))',
    "batch": '(func (export "wr_batch") (param i32 i32) (result i32) (i32.const 0))',
}


@functools.cache
def minimal(*, imports: str = "", extra: str = "", **parts: str) -> bytes:
    """A module that has what the ABI asks for and does nothing, with some parts exchanged."""
    import wasmtime

    text = "\n".join((PARTS | parts).values())
    return bytes(wasmtime.wat2wasm(f"(module {imports} {text} {extra})"))


def changed(*, imports: str = "", extra: str = "", **parts: str) -> Callable[[], bytes]:
    """The same, made when it is needed: not in the process that only lists the cases."""
    return lambda: minimal(imports=imports, extra=extra, **parts)


def guests(**changes: str) -> Callable[[], bytes]:
    """A guest of ``guests.py``, made when it is needed."""
    return lambda: guest(**changes)


def wasi(name: str, kinds: str, result: str = "(result i32)") -> str:
    """The import of a function of WASI, as ``$name``; ``i`` is an i32, ``I`` an i64."""
    params = " ".join({"i": "i32", "I": "i64"}[kind] for kind in kinds)
    return f'(import "wasi_snapshot_preview1" "{name}" (func ${name} (param {params}) {result}))'


FIND_X = f"""
  (func $has_x (param $len i32) (result i32) (local $at i32)
    (block $no (loop $next
      (br_if $no (i32.ge_u (local.get $at) (local.get $len)))
      (if (i32.eq (i32.load8_u offset={ARENA} (local.get $at)) (i32.const 120)) (then (return (i32.const 1))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
    (i32.const 0))
"""


def lying(lie: str, extra: str = "", imports: str = "") -> Callable[[str], bytes]:
    """A guest that does its work, and says something else at the end of a batch with a record of ``x``."""
    after = f"(if (call $has_x (local.get $len)) (then {lie}))"
    return lambda manifest: guest(after=after, extra=FIND_X + extra, imports=imports, manifest=manifest)


def at_x(misdeed: str, extra: str = "", imports: str = "") -> Callable[[str], bytes]:
    """A guest that does this in the place of its work, at each record that begins with ``x``."""
    first = f"(i32.load8_u offset={ARENA} (local.get $at))"
    record = f"(if (i32.eq {first} (i32.const 120)) (then {misdeed}))"
    return lambda manifest: guest(record=record, extra=extra, imports=imports, manifest=manifest)
