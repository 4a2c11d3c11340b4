"""Guests in jailed processes: the same results as here, whatever happens to the process, and nothing left."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from guests import BLOCK, OUTPUT, OUTPUTS, guest
from test_compiler import children

import wasmrecords as wr
from wasmrecords import _jail, _module
from wasmrecords._jail import LOCKS

pytestmark = pytest.mark.skipif(
    _jail.available() != frozenset(LOCKS), reason="this system does not have all of the locks"
)

LIMITS = wr.Limits(time=0.3)
STATEFUL = '{"abi": 1, "stateful": true}'


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    def descriptors() -> set[str]:
        _module._compiled.clear()
        gc.collect()
        found = set()
        for name in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                found.add(f"{name} {os.readlink(f'/proc/self/fd/{name}')}")
        return found

    others, before = set(children()), descriptors()
    yield
    assert set(children()) <= others
    assert descriptors() <= before
    assert "wasmrecords" not in Path("/proc/self/maps").read_text()


def load(module: bytes, limits: wr.Limits = LIMITS, **settings: Any) -> wr.Transform:
    return wr.load(module, limits=limits, isolation="process", **settings)


def outcome(batch: wr.Batch) -> Any:
    return batch.output, batch.counts, batch.failures, batch.log


# --- the same as elsewhere ------------------------------------------------------------------------

EVERYTHING = b"a1\nt2\na3\nd4\nf5\nl6\ns7\no8\nz9\ne10\nn11\n\nc12\np13\nr14\nb15\na16"


@pytest.mark.parametrize("data", [b"", b"a\n", EVERYTHING, b"t\n" * 5, b"a\nb\n" * 20, b"c\n" * 3 + b"a\r\n"])
def test_the_same_as_shared(data: bytes) -> None:
    with wr.load(guest(), limits=LIMITS) as here, load(guest()) as there:
        assert outcome(there.run(data)) == outcome(here.run(data))
        assert list(map(outcome, there.stream([data[:7], data[7:]]))) == list(
            map(outcome, here.stream([data[:7], data[7:]]))
        )


RECORDS = b'{"id": 1, "score": 70, "name": "\\u00e9"}\n{"score": "x"}\n{"id": 2, "score": 3}\n[1,\n7\n'


@pytest.mark.parametrize(
    "program", ["select(.score >= 50) | {id, name}", ".. , .", "error(.)", '"x" * 4000, debug']
)
def test_programs_do_the_same(program: str) -> None:
    with wr.jq(program, isolation="process") as there, wr.jq(program) as here:
        for form in ("ndjson", "json"):
            assert outcome(there.run(RECORDS, input=form)) == outcome(here.run(RECORDS, input=form))
        failures: list[list[wr.Failure]] = [[], []]
        objects = [{"id": n, "score": n * 9, "name": "x" * n} for n in range(1500)] + [None]
        assert list(there.map(objects, failures=failures[0].append)) == list(
            here.map(objects, failures=failures[1].append)
        )
        assert failures[0] == failures[1]


def test_many_failures_with_long_texts() -> None:
    data = b"".join(b'"%d' % n + b"\xc3\xa9\\u0001" * 700 + b'"\n' for n in range(200))
    with wr.jq("error(. + .)", isolation="process") as there, wr.jq("error(. + .)") as here:
        assert outcome(there.run(data)) == outcome(here.run(data))


def test_refusals_do_the_same() -> None:
    for settings_ in ({"program": "slect(.)"}, {"program": ".", "schema": {"type": "strnig"}}):
        found = []
        for isolation in ("shared", "process"):
            with pytest.raises(wr.RecipeError) as caught:
                wr.jq(**settings_, isolation=isolation)  # type: ignore[arg-type]
            found.append(str(caught.value))
        assert found[0] == found[1]


def test_what_cannot_be_opened() -> None:
    for work, kind in (("unreachable", wr.GuestError), ("(loop $l (br $l)) (i32.const 0)", wr.TimeLimit)):
        with pytest.raises(kind):
            load(guest(open=work))
    with pytest.raises(wr.MemoryLimit):
        load(guest(), limits=wr.Limits(memory=wr.MiB))
    with pytest.raises(wr.ModuleError):
        load(b"\0asm")


def test_a_module_starts_in_the_jail_and_not_before() -> None:
    """Its start function loops: if it ran while the worker warms up, that would never come up."""
    endless = guest(extra="(func $for_ever (loop $l (br $l))) (start $for_ever)")
    started = time.monotonic()
    with pytest.raises(wr.TimeLimit):
        load(endless)
    assert time.monotonic() - started < 30


def test_state_is_kept_and_finished() -> None:
    close = finishing()
    module = guest(extra=close, manifest=STATEFUL)
    with load(module) as transform:
        assert transform.run(b"a\n").output.endswith(b"end\n")


def finishing() -> str:
    """A ``wr_close`` that writes one more record."""
    return (
        '(func (export "wr_close") (result i32) '
        f"(memory.fill (i32.const {BLOCK + 8}) (i32.const 0) (i32.const 24))"
        f"(call $set (i32.const 32) (i32.const {OUTPUTS})) (call $set (i32.const 36) (i32.const 1))"
        "(call $set (i32.const 44) (i32.const 0)) (call $set (i32.const 12) (i32.const 1))"
        f"(i32.store (i32.const {OUTPUTS}) (i32.const {OUTPUT}))"
        f"(i32.store offset=4 (i32.const {OUTPUTS}) (i32.const 4))"
        f"(i32.store offset=8 (i32.const {OUTPUTS}) (i32.const 1))"
        f"(i32.store (i32.const {OUTPUT}) (i32.const 0x0a646e65)) (i32.const 0))"
    )


# --- the jail, and what a system lacks -------------------------------------------------------------


def test_the_worker_is_jailed() -> None:
    with load(guest()) as transform:
        assert transform.locks == LOCKS
        assert repr(transform).endswith("isolation='process' locks=rlimits+no_new_privs+landlock+seccomp>")
        (child,) = children()
        status = Path(f"/proc/{child}/status").read_text()
        assert "NoNewPrivs:\t1" in status
        assert "Seccomp:\t2" in status
        assert not Path(f"/proc/{child}/environ").read_bytes()
        limits = Path(f"/proc/{child}/limits").read_text()
        assert all(f"Max {what:<22}0 " in limits for what in ("open files", "file size", "processes"))
        # What libffi has for ctypes' callbacks, made before; nothing else becomes code.
        both = [line for line in Path(f"/proc/{child}/maps").read_text().splitlines() if " rwx" in line]
        assert len(both) <= 1


def test_a_lock_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_jail, "available", lambda: frozenset({"rlimits", "seccomp", "no_new_privs"}))
    with pytest.raises(wr.WasmRecordsError) as caught:
        load(guest())
    assert str(caught.value) == (
        "isolation='process' has no landlock on this system: to do without, require "
        "'rlimits,no_new_privs,seccomp' (require='rlimits,no_new_privs,seccomp', "
        "--require rlimits,no_new_privs,seccomp)"
    )
    for require in ((), "none", "seccomp", ["rlimits", "seccomp"], "rlimits, no_new_privs"):
        with load(guest(), require=require) as transform:
            assert transform.locks == ("rlimits", "no_new_privs", "seccomp")


def test_where_no_worker_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    for executable, words in (("", "sys.executable is nothing"), ("/bin/false", "ended with status 1")):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", executable)
            with pytest.raises(
                wr.WasmRecordsError, match="runs the module in a process of its own"
            ) as caught:
                wr.jq(".", isolation="process")
            assert words in str(caught.value)
            assert str(caught.value).endswith(
                "; set sys.executable to a Python that has wasmrecords and wasmtime"
            )


def test_no_descriptor_is_left_for_a_worker() -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with wr.jq(
        ".", isolation="process"
    ) as transform:  # its worker has an instance for bytes, not for objects
        resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 3, limits[1]))
        try:
            with pytest.raises(
                wr.WasmRecordsError, match=r"none can be started here: .*Too many open files$"
            ):
                list(transform.map([1]))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert list(transform.map(["a"])) == ["a"]


def test_a_process_without_standard_descriptors_has_workers() -> None:
    folders = [str(Path(wr.__file__).parent.parent), str(Path(__file__).parent)]
    program = (
        f"import os, sys; sys.path[:0] = {folders}\n"
        "from test_process import guest, load\n"
        "for number in range(3): os.close(number)\n"
        "with load(guest()) as transform: os._exit(40 + transform.run(b'a\\nt\\n').counts.failed)\n"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 41


def test_a_lock_that_is_none() -> None:
    with pytest.raises(ValueError, match="require: 'landlok' is no lock; did you mean 'landlock'"):
        load(guest(), require=["landlok"])
    with pytest.raises(ValueError, match="locks are for isolation='process'"):
        wr.load(guest(), require=["landlock"])


def test_the_command(run_cli: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    ended = run_cli("run", "--jq", ".a", "--isolation", "process", "--report", report, stdin=b'{"a": 1}\n')
    assert (ended.code, ended.out) == (0, b"1\n")
    assert json.loads(report.read_text())["locks"] == list(LOCKS)
