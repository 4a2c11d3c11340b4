"""Small modules by hand, in WebAssembly text: guests that behave, and guests that do not."""

from __future__ import annotations

import functools

# Addresses in the guest: the reply block, its tables, texts, the arena and the output.
BLOCK, OUTPUTS, ROWS, TEXTS, ARENA, OUTPUT = 1024, 1104, 2048, 1200, 65536, 2 * 1024 * 1024

_MODULE = """
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  {imports}
  (memory (export "memory") 64)
  (data (i32.const {block}) "WRB1\\48\\00\\00\\00")
  (data (i32.const {texts}) "odd$.xit is odd")
  (func (export "wr_abi_v1"))
  (func (export "wr_arena") (param i32) (result i32) {arena})
  (func (export "wr_open") (param i32) (result i32) {open})
  (func $deep (param i32) (result i32) (i32.add (i32.const 1) (call $deep (local.get 0))))
  (func $set (param $field i32) (param $value i32)
    (i32.store (i32.add (i32.const {block}) (local.get $field)) (local.get $value)))
  (func $get (param $field i32) (result i32) (i32.load (i32.add (i32.const {block}) (local.get $field))))
  (func $add (param $field i32) (param $value i32)
    (call $set (local.get $field) (i32.add (call $get (local.get $field)) (local.get $value))))
  (func (export "wr_batch") (param $len i32) (param $flags i32) (result i32)
    (local $at i32) (local $end i32) (local $behind i32) (local $byte i32) (local $row i32) (local $out i32)
    (memory.fill (i32.const {block8}) (i32.const 0) (i32.const 64))
    (call $set (i32.const 32) (i32.const {outputs}))
    (call $set (i32.const 36) (i32.const {count}))
    (memory.fill (i32.const {further}) (i32.const 0) (i32.const 36))
    (call $set (i32.const 40) (i32.const {rows}))
    (i32.store (i32.const {outputs}) (i32.const {output}))
    (i32.store offset=4 (i32.const {outputs}) (i32.const 0))
    (i32.store offset=8 (i32.const {outputs}) (i32.const 0))
    (block $done (loop $next
      (br_if $done (i32.ge_u (local.get $at) (local.get $len)))
      (local.set $end (local.get $at))
      (block $found (loop $seek
        (br_if $found (i32.ge_u (local.get $end) (local.get $len)))
        (br_if $found (i32.eq (i32.load8_u offset={arena_at} (local.get $end)) (i32.const 10)))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $seek)))
      ;; a line without its newline is a record only in the last piece
      (br_if $done (i32.and (i32.eq (local.get $end) (local.get $len))
                            (i32.eqz (i32.and (local.get $flags) (i32.const 1)))))
      (local.set $behind (i32.add (local.get $end) (i32.const 1)))
      ;; a line of white space is no record, a carriage return at its end is not part of it
      (local.set $row (local.get $at))
      (block $blank
        (block $text (loop $seek
          (br_if $blank (i32.ge_u (local.get $row) (local.get $end)))
          (br_if $text (i32.gt_u (i32.load8_u offset={arena_at} (local.get $row)) (i32.const 32)))
          (local.set $row (i32.add (local.get $row) (i32.const 1)))
          (br $seek)))
      (if (i32.eq (i32.load8_u offset={before} (local.get $end)) (i32.const 13))
        (then (local.set $end (i32.sub (local.get $end) (i32.const 1)))))
      (local.set $byte (i32.load8_u offset={arena_at} (local.get $at)))
      {record}
      {misdeeds}
      (if (i32.eq (local.get $byte) (i32.const 100)) ;; d: dropped
        (then (call $add (i32.const 16) (i32.const 1)))
        (else (if (i32.eq (local.get $byte) (i32.const 102)) ;; f: failed
          (then
            (local.set $row (i32.add (i32.const {rows}) (i32.mul (i32.const 40) (call $get (i32.const 20)))))
            (i32.store (local.get $row) (call $get (i32.const 8)))
            (i32.store offset=4 (local.get $row) (local.get $at))
            (i32.store offset=8 (local.get $row) (i32.sub (local.get $end) (local.get $at)))
            (i32.store offset=12 (local.get $row) (local.get $at))
            (i32.store offset=16 (local.get $row) (i32.const {texts}))
            (i32.store offset=20 (local.get $row) (i32.const 3))
            (i32.store offset=24 (local.get $row) (i32.add (i32.const {texts}) (i32.const 3)))
            (i32.store offset=28 (local.get $row) (i32.const 3))
            (i32.store offset=32 (local.get $row) (i32.add (i32.const {texts}) (i32.const 6)))
            (i32.store offset=36 (local.get $row) (i32.const 9))
            (call $add (i32.const 20) (i32.const 1))
            (call $add (i32.const 44) (i32.const 1)))
          (else ;; anything else is kept as it is
            (memory.copy (i32.add (i32.const {output}) (local.get $out))
                         (i32.add (i32.const {arena_at}) (local.get $at))
                         (i32.sub (local.get $end) (local.get $at)))
            (local.set $out (i32.add (local.get $out) (i32.sub (local.get $end) (local.get $at))))
            (i32.store8 (i32.add (i32.const {output}) (local.get $out)) (i32.const 10))
            (local.set $out (i32.add (local.get $out) (i32.const 1)))
            (i32.store offset=4 (i32.const {outputs}) (local.get $out))
            (i32.store offset=8 (i32.const {outputs})
              (i32.add (i32.const 1) (i32.load offset=8 (i32.const {outputs}))))
            (call $add (i32.const 12) (i32.const 1))))))
      {done}
      (call $add (i32.const 8) (i32.const 1)))
      (local.set $at (local.get $behind))
      (if (i32.gt_u (local.get $at) (local.get $len)) (then (local.set $at (local.get $len))))
      (call $set (i32.const 24) (local.get $at))
      (br $next)))
    {after}
    (i32.const {answer}))
  {extra})
"""

# What a record's first letter makes the guest do instead of its work.
MISDEEDS = {
    "t": "unreachable",
    "l": "(loop $for_ever (br $for_ever))",
    "s": "(drop (call $deep (i32.const 0)))",
    "o": "(drop (i32.load (i32.const -4)))",
    "z": "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
    "e": "(call $exit (i32.const {exit_status}))",
    "n": "(drop (call $write (i32.const 2) (i32.const -1) (i32.const -1) (i32.const -1)))",
    "c": "(call $set (i32.const 8) (i32.const 1000000))",  # claims a million records
    "p": "(call $set (i32.const 36) (i32.const -1))",  # and four billion outputs
    "r": "(return (i32.const 7))",
    "b": "(call $set (i32.const 0) (i32.const 0))",  # breaks the block
}


@functools.cache
def guest(
    *,
    arena: str = f"(i32.const {ARENA})",
    open: str = f"(i32.const {BLOCK})",
    record: str = "",
    done: str = "",
    after: str = "",
    outputs: int = 1,
    answer: int = 0,
    exit_status: int = 3,
    imports: str = "",
    extra: str = "",
    manifest: str = "",
    letters: str = "".join(MISDEEDS),
) -> bytes:
    """A guest that keeps each line but those that begin with a letter of :data:`MISDEEDS` (or those
    ``letters``
    of them), ``d`` (dropped) or ``f`` (failed). ``record`` is run for each record, whose text begins at
    ``$at`` in the arena, ``after``
    at the end of each batch, where most lies are told; ``done`` when the fate of a record is known, just
    before it counts as finished. It has so many ``outputs``, with nothing in those beyond the first.
    ``imports`` and ``extra`` are more functions, ``manifest`` is the text of a manifest."""
    import wasmtime

    misdeeds = "\n".join(
        f"(if (i32.eq (local.get $byte) (i32.const {ord(letter)})) (then {code}))".replace(
            "{exit_status}", str(exit_status)
        )
        for letter, code in MISDEEDS.items()
        if letter in letters
    )
    text = _MODULE.format(
        block=BLOCK,
        block8=BLOCK + 8,
        outputs=OUTPUTS,
        rows=ROWS,
        texts=TEXTS,
        output=OUTPUT,
        arena_at=ARENA,
        before=ARENA - 1,
        arena=arena,
        open=open,
        misdeeds=misdeeds,
        record=record,
        done=done,
        after=after,
        count=outputs,
        further=OUTPUTS + 12,
        answer=answer,
        imports=imports,
        extra=extra,
    )
    return bytes(wasmtime.wat2wasm(text)) + (
        section("wasmrecords.manifest", manifest.encode()) if manifest else b""
    )


def section(name: str, content: bytes) -> bytes:
    """A custom section."""
    body = _leb(len(name)) + name.encode() + content
    return b"\0" + _leb(len(body)) + body


def _leb(number: int) -> bytes:
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80]) + _leb(number >> 7)


def store(field: int, value: int) -> str:
    """WebAssembly text that puts a word into the reply block."""
    return f"(call $set (i32.const {field}) (i32.const {value if value < 1 << 31 else value - (1 << 32)}))"
