"""The conformance kit: what it finds in modules by hand, each with one more fault than :func:`plain`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import RunCli
from guests import OUTPUTS, guest, store
from test_abi import GOLDEN

import wasmrecords as wr
from wasmrecords.authoring import golden
from wasmrecords.authoring.kit import Check, Kit
from wasmrecords.authoring.probe import Probe

ROOM = (
    "(if (result i32) (i32.gt_u (local.get 0) (i32.const 1900000)) "
    "(then (i32.const 0)) (else (i32.const 65536)))"
)
FORGETFUL = "(if (i32.load (i32.const 900)) (then (local.set $byte (i32.const 100))))"
LONG = "(if (i32.gt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 100000)) (then unreachable))"
PATH_OPEN = (
    '(import "wasi_snapshot_preview1" "path_open" '
    "(func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))"
)
ANEW = (
    "(memory.fill (i32.const 1032) (i32.const 0) (i32.const 24)) (call $set (i32.const 44) (i32.const 0)) "
    "(i32.store offset=4 (i32.const 1104) (i32.const 0)) (i32.store offset=8 (i32.const 1104) (i32.const 0))"
)
CLOSE = '(func (export "wr_close") (result i32) {} (i32.const {}))'
STATEFUL = '{"abi": 1, "name": "by-hand", "stateful": true}'
WITH_STATE = {"manifest": STATEFUL, "extra": CLOSE.format(ANEW, 0)}
ASKED = "(if (i32.and (local.get 1) (i32.const 2)) (then {}))"


OF_PLAIN = {"bytes", "block"}


def plain(**settings: Any) -> bytes:
    """A guest that runs well, and yet has two faults, besides these settings: a line of NUL bytes is blank to
    it, and its reply block is false for a moment when a batch begins."""
    return guest(**{"arena": ROOM, "letters": "", "manifest": '{"abi": 1, "name": "by-hand"}'} | settings)


def checks(module: bytes, **settings: Any) -> dict[str, Check]:
    limits = wr.Limits(time=2.0)
    return {check.name: check for check in Kit(Probe(module, limits, **settings)).run()}


def failed(found: dict[str, Check]) -> set[str]:
    return {check.name for check in found.values() if check.status == "failed"}


def test_faults_that_nobody_had_seen(records_wasm: Path) -> None:
    found = checks(plain())
    assert failed(found) == OF_PLAIN
    assert "the reply is wrong: 2 records, there are 3" in found["bytes"].message
    assert "the reply block is false: 0 outputs, not 1" in found["block"].message
    skipped = {check.name for check in found.values() if check.status == "not applicable"}
    assert skipped == {"outputs", "golden", "split-json", "flush", "close"}
    assert "does not fit its memory" in found["huge"].message


@pytest.mark.slow
def test_the_module_that_ships_keeps_to_all(records_wasm: Path) -> None:
    """Slow: it is compiled once more, to count fuel."""
    found = checks(records_wasm.read_bytes(), allow=("log", "random", "clock"))
    wrong = [check for check in found.values() if check.status in ("failed", "warning")]
    assert not wrong
    assert found["golden"].message == "4 of docs/abi.md are answered as they are there"
    assert found["split-json"].status == "ok"


def test_the_golden_vectors_are_those_of_the_page() -> None:
    for vector, page in zip(golden.VECTORS, GOLDEN, strict=True):
        words = [int.from_bytes(page.block[at : at + 4], "little") for at in range(0, 32, 4)]
        row = [int.from_bytes(page.row[at : at + 4], "little") for at in range(0, len(page.row), 4)]
        flags = vector.last | vector.state << 8
        assert (vector.encoding, vector.data, flags) == (page.encoding, page.data, page.flags)
        expected = vector.expected
        assert [expected.finished, expected.dropped, expected.failed] == [words[2], words[4], words[5]]
        assert [expected.consumed, expected.state, expected.output] == [*words[6:8], page.output]
        assert expected.failure == ((*row[1:], *page.failure) if page.failure else None)


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("opens", {"open": "(unreachable)"}, "trapped"),
    ("opens", {"open": "(i32.const -8)"}, "the reply block lies outside the memory"),
    (
        "config",
        {"open": "(if (i32.gt_u (local.get 0) (i32.const 240)) (then unreachable)) (i32.const 1024)"},
        "",
    ),
    ("empty", {"after": "(if (i32.eqz (local.get $len)) (then unreachable))"}, "a batch of 0 bytes"),
    ("lines", {"letters": "t"}, "trapped"),
    ("lines", {"after": store(24, 0)}, "13 records in 0 of 177 bytes"),
    ("lines", {"answer": 7}, "wr_batch answered 7"),
    ("repeat", {"record": FORGETFUL, "after": "(i32.store (i32.const 900) (i32.const 1))"}, "keep nothing"),
    ("huge", {"record": LONG}, "trapped"),
    ("arena", {"arena": "(i32.const 65536)"}, "wr_arena of 2 GiB answers 0x10000: expected 0"),
    ("arena", {"arena": ROOM.replace("(then (i32.const 0))", "(then unreachable)")}, "not to trap"),
    ("bytes", {"record": "(if (i32.eq (local.get $byte) (i32.const 127)) (then unreachable))"}, "trapped"),
    ("flush", WITH_STATE | {"after": ASKED.format("unreachable")}, "behind record 0, with the flag flush: "),
    (
        "flush",
        WITH_STATE | {"after": ASKED.format(store(8, 1))},
        "1 records are finished, and none was given",
    ),
    (
        "flush",
        WITH_STATE
        | {
            "after": ASKED.format("(i32.store (i32.const 900) (i32.const 1))"),
            "record": FORGETFUL.replace("100", "102"),
        },
        "expected what becomes of records without that",
    ),
    ("close", {"manifest": STATEFUL, "extra": CLOSE.format("", 1)}, "wr_close"),
]


@pytest.mark.parametrize(("name", "settings", "words"), BAD, ids=[f"{i}-{b[0]}" for i, b in enumerate(BAD)])
def test_each_check_finds_its_fault(name: str, settings: dict[str, Any], words: str) -> None:
    if name in ("huge",):
        settings = settings | {"arena": "(drop (memory.grow (i32.const 100))) (i32.const 65536)"}
    found = checks(plain(**settings))
    assert name in failed(found)
    assert words in found[name].message


def test_what_goes_by_the_number_of_a_record_goes_by_it_in_pieces_too(records_wasm: Path) -> None:
    clock = '(import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))'
    drops_each_second = """
      (drop (call $time (i32.const 0) (i64.const 1) (i32.const 904)))
      (if (i64.eqz (i64.rem_u (i64.div_u (i64.load (i32.const 904)) (i64.const 1000000)) (i64.const 2)))
        (then (local.set $byte (i32.const 100))))"""
    manifest = '{"abi": 1, "name": "by-hand", "capabilities": ["clock"]}'
    module = plain(imports=clock, record=drops_each_second, manifest=manifest)
    found = checks(module, allow=("clock",))
    assert failed(found) == OF_PLAIN
    assert "6 dropped" in found["lines"].message


def test_warnings(records_wasm: Path) -> None:
    assert checks(plain(manifest=""))["manifest"].status == "warning"
    found = checks(plain(imports=PATH_OPEN))["imports"]
    assert (found.status, found.message.startswith("path_open: imported, and answered with errno 52")) == (
        "warning",
        True,
    )


def test_what_no_host_would_load() -> None:
    found = checks(b"\0asm\1\0\0\0")
    assert [(check.name, check.status) for check in found.values()] == [("accepted", "failed")]


def test_a_stateful_module_begins_anew() -> None:
    found = checks(plain(**WITH_STATE))
    assert (found["close"].status, found["block"].status) == ("ok", "not applicable")
    assert found["flush"].message.startswith("asked 14 times for what it has so far")
    assert failed(found) == {"bytes"}


LINEAGE = (
    "(i32.store (i32.add (i32.const 3145728) (i32.mul (i32.const 8) {count})) (call $get (i32.const 8))) "
    "(i32.store offset=4 (i32.add (i32.const 3145728) (i32.mul (i32.const 8) {count})) (i32.const {output})) "
    "(call $set (i32.const 48) (i32.const 3145728)) (call $add (i32.const 52) (i32.const 1)) "
)
"""The record in hand has one more output record in that output."""


def noting(letter: str, record: str = "") -> dict[str, Check]:
    """Checks of a guest whose second output has the first record that begins with this letter, whatever
    becomes of it."""
    count, row = "(call $get (i32.const 52))", OUTPUTS + 12
    main, note = (LINEAGE.format(count=count, output=output) for output in (0, 1))
    first = (
        f"(i32.and (i32.eq (i32.load8_u offset=65536 (local.get $at)) (i32.const {ord(letter)})) "
        f"(i32.eqz (i32.load offset=8 (i32.const {row}))))"
    )
    noted = (
        f"(i32.store (i32.const {row}) (i32.const 900)) (i32.store8 (i32.const 900) (i32.const 10)) "
        f"(i32.store offset=4 (i32.const {row}) (i32.const 1)) "
        f"(i32.store offset=8 (i32.const {row}) (i32.const 1)) (call $add (i32.const 12) (i32.const 1))"
    )
    done = f"(if (i32.ne (local.get $byte) (i32.const 102)) (then {main})) (if {first} (then {noted} {note}))"
    manifest = '{"abi": 1, "name": "by-hand", "outputs": ["main", "note"]}'
    return checks(plain(outputs=2, record=record, done=done, manifest=manifest))


def test_outputs_with_names() -> None:
    found = noting("{")["outputs"]
    assert found.message == "of 13 records 13 in main, 1 in note, and nothing of those that failed"
    # What begins with x fails, and is in the second one all the same.
    fails = "(if (i32.eq (local.get $byte) (i32.const 120)) (then (local.set $byte (i32.const 102))))"
    found = noting("x", fails)["outputs"]
    assert "record 7 failed, and the lineage has it: its outputs have to be taken back" in found.message
    assert found.status == "failed"


def test_the_command(run_cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "plain.wasm").write_bytes(plain())
    ended = run_cli("check", "plain.wasm")
    assert (ended.code, ended.err) == (1, "")
    lines = ended.out.decode().splitlines()
    assert lines[0] == "ok              accepted    it speaks ABI 1, with 2 imports"
    assert lines[-1] == "12 ok, 2 failed, 5 not applicable"

    (tmp_path / "bad.wasm").write_bytes(plain(letters="t"))
    (tmp_path / "more.ndjson").write_text('{"more": 1}')
    ended = run_cli("check", "-m", "bad.wasm", "--json", "--records", "more.ndjson")
    assert (ended.code, ended.err) == (1, "")
    said = json.loads(ended.out)
    assert said["module"] == "bad.wasm"
    assert said["counts"]["failed"] >= 1
    assert {"name": "accepted", "status": "ok", "message": "it speaks ABI 1, with 2 imports"} in said[
        "checks"
    ]

    for arguments, words in (
        (["gone.wasm"], "gone.wasm does not exist"),
        (["plain.wasm", "--config", "{"], "config: not JSON"),
        (["plain.wasm", "--transform", "a", "--function", "b"], "cannot go together"),
        (["plain.wasm", "--limit", "x"], "limit 'x'"),
        (["plain.wasm", "-m", "bad.wasm"], "one MODULE at a time"),
        ([], "no Cargo.toml"),
    ):
        ended = run_cli("check", *arguments)
        assert (ended.code, words in ended.err) == (2, True), ended


def test_without_a_choice_nothing_is_tried(run_cli: RunCli, tmp_path: Path) -> None:
    several = [{"name": "one"}, {"name": "two"}]
    (tmp_path / "m.wasm").write_bytes(plain(manifest=json.dumps({"abi": 1, "transforms": several})))
    for arguments, words in (
        ([], "choose one of one, two"),
        (["--transform", "tow"], "no transform 'tow'; did you mean 'two'?"),
    ):
        ended = run_cli("check", "m.wasm", *arguments)
        assert (ended.code, ended.out, words in ended.err) == (2, b"", True), ended


def test_compile_warms_the_cache(run_cli: RunCli, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    env = {"WASMRECORDS_CACHE": str(cache)}
    (tmp_path / "m.wasm").write_bytes(plain(manifest='{"abi": 1, "name": "warm", "capabilities": ["clock"]}'))
    ended = run_cli("compile", "m.wasm", env=env)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(b"m.wasm: compiled in ")
    assert len(list(cache.glob("*.code"))) == 1
    assert run_cli("compile", "m.wasm", env=env).out == b"m.wasm: was in the cache\n"
    (tmp_path / "n.wasm").write_bytes(b"text")
    ended = run_cli("compile", "gone.wasm", "n.wasm", "m.wasm", env=env)
    assert (ended.code, ended.out) == (2, b"m.wasm: was in the cache\n")
    assert "the file gone.wasm does not exist" in ended.err
    assert "n.wasm: " in ended.err
    ended = run_cli("compile", "m.wasm", env={"WASMRECORDS_CACHE": ""})
    assert (ended.code, b"not kept: there is no cache" in ended.out) == (2, True)
    assert "MODULE is missing" in run_cli("compile").err
