"""The capability ``log``: what a module says is heard if it was granted, and only then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from guests import ARENA, guest, store

import wasmrecords as wr

LOG = wr.KiB  # the limit in these tests
LIMITS = wr.Limits(time=0.3, log=LOG)
TEXT = 3 * wr.MiB


def module(
    written: bytes = b"",
    region: bytes = b"",
    length: int | None = None,
    wants: bool = True,
    panic: int = 0,
    **changes: Any,
) -> bytes:
    """A guest that writes to standard error for each record, and leaves a text in the log of its reply.
    ``panic`` bytes at the end of what it writes are its last word as well."""
    data = "".join(f"\\{byte:02x}" for byte in written + region)
    write = f"""
        (i32.store (i32.const 512) (i32.const {TEXT})) (i32.store (i32.const 516) (i32.const {len(written)}))
        (drop (call $write (i32.const 2) (i32.const 512) (i32.const 1) (i32.const 508)))"""
    if panic:
        write += store(64, TEXT + len(written) - panic) + store(68, panic)
    tell = store(56, TEXT + len(written)) + store(60, len(region) if length is None else length)
    manifest = {"abi": 1, "name": "chatty", "capabilities": ["log"] if wants else []}
    return guest(
        record=write if written else "",
        after=changes.pop("after", tell),
        extra=f'(data (i32.const {TEXT}) "{data}")',
        manifest=json.dumps(manifest),
        **changes,
    )


def run(data: bytes, module: bytes, **settings: Any) -> wr.Batch:
    with wr.load(module, limits=LIMITS, **settings) as transform:
        return transform.run(data)


@pytest.mark.parametrize("isolation", ["shared", "fresh"])
def test_both_ways_to_say_something_are_heard(isolation: str) -> None:
    chatty = module(b"hm\n", b"done\n")
    batch = run(b"a1\nd2\n", chatty, allow="log", isolation=isolation)
    assert (batch.output, batch.log) == (b"a1\n", b"done\nhm\nhm\n")


def test_each_batch_has_its_own_log() -> None:
    with wr.load(module(b"hm\n", b"done\n"), allow="log", limits=LIMITS) as transform:
        logs = [batch.log for batch in transform.stream([b"a1\n", b"a2\na3\n"], input="ndjson")]
        again = transform.run(b"a1\n").log
    assert logs == [b"done\nhm\n", b"done\nhm\nhm\n"]
    assert again == b"done\nhm\n"


@pytest.mark.parametrize("region", [0, 1, LOG - 1, LOG])
def test_both_together_stay_within_the_limit(region: int) -> None:
    log = run(b"a1\na2\n", module(b"w" * 700, b"r" * region), allow="log").log
    assert log == b"r" * region + b"w" * min(1400, LOG - region)


def test_a_log_over_the_limit_is_a_lie() -> None:
    for length in (LOG + 1, 0xFFFFFFFF):
        batch = run(b"a1\n", module(b"", b"x", length=length), allow="log")
        assert [f.code for f in batch.failures] == ["reply"]
        assert batch.log == b""


def test_a_log_outside_the_memory_is_a_lie() -> None:
    outside = store(56, 0xFFFFFFFF) + store(60, 2)
    for allow in ([], ["log"]):
        batch = run(b"a1\n", module(after=outside, wants=bool(allow)), allow=allow)
        assert [f.code for f in batch.failures] == ["reply"] * len(allow)


@pytest.mark.parametrize(("letter", "heard"), [("l", 1), ("s", 1), ("t", 0), ("o", 0)])
def test_last_words_are_a_reason_or_heard(letter: str, heard: int) -> None:
    """The end of a record that traps is explained by them, any other end by itself."""
    batch = run(f"{letter}1\n".encode(), module(b"hm\n"), allow="log")
    assert batch.failures[0].message.endswith("trapped: hm") == (not heard)
    assert batch.log == b"hm\n" * heard


def test_a_panic_that_is_written_as_well_is_not_heard() -> None:
    """The SDK does both: until the module is open, no host knows where the word is."""
    chatty = module(b"at 1\nno\nluck", panic=7)
    batch = run(b"a1\nt2\n", chatty, allow="log")
    assert batch.failures[0].message == "the module trapped: no\\nluck"
    assert batch.log == b"at 1\nno\nluckat 1\n"


def test_what_was_said_before_a_trap_is_heard() -> None:
    batch = run(b"a1\nt2\na3\n", module(b"hm\n"), allow="log")
    # Over the record that trapped it said why; over the others it just said something.
    assert [(f.record, f.message) for f in batch.failures] == [(2, "the module trapped: hm")]
    assert batch.log == b"hm\n" * 2


@pytest.mark.parametrize("region", [b"", b"done\n"])
def test_without_a_grant_nothing_is_heard(region: bytes) -> None:
    """Neither honest words nor a region that lies outside: what nobody reads cannot be a lie."""
    for length in (len(region), LOG + 1, 0xFFFFFFFF):
        for allow in ("", "log"):
            batch = run(b"a1\n", module(b"hm\n", region, length, wants=False), allow=allow.split())
            assert (batch.output, batch.failures, batch.log) == (b"a1\n", (), b"")


def test_without_a_grant_last_words_are_a_reason_all_the_same() -> None:
    batch = run(b"a1\nt2\n", module(b"no luck\n", wants=False))
    assert batch.failures[0].message == "the module trapped: no luck"
    assert batch.log == b""


@pytest.mark.parametrize(("allow", "expected"), [((), b"0"), ("log", b"1024")])
def test_the_opening_text_says_how_much_may_be_logged(allow: Any, expected: bytes) -> None:
    """The guest puts the opening text into its first record."""
    keep = f"(memory.copy (i32.const {TEXT}) (i32.const {ARENA}) (i32.const 240)) (i32.const 1024)"
    show = f"(memory.copy (i32.add (i32.const {ARENA}) (local.get $at)) (i32.const {TEXT}) (i32.const 240))"
    data = guest(
        open=keep,
        record=show,
        manifest=json.dumps({"abi": 1, "capabilities": ["log"] if allow else []}),
    )
    assert b'"log": ' + expected + b"}" in run(b"-" * 240 + b"\n", data, allow=allow).output


@pytest.mark.parametrize("allow", [(), "log"])
def test_a_flood_ends_at_the_limit_or_the_deadline(allow: Any) -> None:
    flood = f"""(if (i32.eq (i32.load8_u offset={ARENA} (local.get $at)) (i32.const 113)) (then
        (i32.store (i32.const 512) (i32.const 0)) (i32.store (i32.const 516) (i32.const 4194304))
        (loop $again
          (drop (call $write (i32.const 1) (i32.const 512) (i32.const 1) (i32.const 508))) (br $again))))"""
    manifest = json.dumps({"abi": 1, "capabilities": ["log"] if allow else []})
    batch = run(b"a1\nq2\na3\n", guest(record=flood, manifest=manifest), allow=allow)
    assert ([f.code for f in batch.failures], batch.output) == (["time"], b"a1\na3\n")
    assert len(batch.log) == (LOG if allow else 0)


# --- jq and the command line ----------------------------------------------------------------------


def test_jq_says_what_it_is_told_to() -> None:
    with wr.jq("debug | stderr | .") as transform:
        assert transform.capabilities == ("log", "random")
        assert transform.run(b"1\n").log == b'["DEBUG:",1]\n1'


def test_the_command_grants_and_reports(run_cli: Any, tmp_path: Path) -> None:
    (tmp_path / "m.wasm").write_bytes(module(b"\x1b[2J hm\n"))
    command = ("run", "-m", "m.wasm", "--report", "r.json", "-")
    ended = run_cli(*command, stdin=b"a1\n")
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err.startswith("wasmrecords: error: the module wants log (capabilities in its manifest)")
    assert "--allow log would" in ended.err
    for allow in (["--allow", "log"], ["--allow", "random,clock=real", "--allow", "log"]):
        ended = run_cli(*command, *allow, stdin=b"a1\n")
        assert (ended.code, ended.out) == (0, b"a1\n")
        assert ended.err.startswith("\\x1b[2J hm\n")
        assert json.loads((tmp_path / "r.json").read_bytes())["capabilities"] == ["log"]


def test_the_command_shows_what_a_module_gets(run_cli: Any, tmp_path: Path) -> None:
    (tmp_path / "m.wasm").write_bytes(module(b"hm"))
    refused = run_cli("inspect", "m.wasm")
    assert refused.code == 2
    assert b"  wants       log\n  gets        nothing but records\n" in refused.out
    shown = run_cli("inspect", "m.wasm", "--allow", "log,clock")
    assert (shown.code, shown.err) == (0, "")
    assert b"  wants       log\n  gets        log\n" in shown.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("run", "-m", "m.wasm", "--allow", "clok"),
            "--allow: unknown capability 'clok'; did you mean clock",
        ),
        (("inspect", "m.wasm", "--allow", "x"), "--allow: unknown capability 'x'; known are log, clock"),
        (("run", "-m", "m.wasm", "--allow", "clock,clock=real"), "--allow: clock and clock=real cannot go"),
        (("run", "--jq", ".", "--allow", "clok"), "--allow: unknown capability 'clok'; did you mean clock"),
        (("run", "-m", "m.wasm", "--allow"), "option --allow needs a value"),
    ],
)
def test_the_command_and_grants_that_are_none(
    run_cli: Any, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "m.wasm").write_bytes(module())
    ended = run_cli(*arguments)
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err.startswith(f"wasmrecords: error: {message}")
