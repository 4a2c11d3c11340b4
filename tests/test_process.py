"""Guests in jailed processes: the same results as here, whatever happens to the process, and nothing left."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from guests import guest
from test_compiler import children, wait_for

import wasmrecords as wr
from wasmrecords import _jail, _module, _process_link
from wasmrecords._jail import LOCKS

pytestmark = pytest.mark.skipif(
    _jail.available() != frozenset(LOCKS), reason="this system does not have all of the locks"
)

SOURCE, TESTS = str(Path(wr.__file__).parent.parent), str(Path(__file__).parent)
LIMITS = wr.Limits(time=0.3)
COUNT = "(local.tee $row (i32.sub (local.get $row) (i32.const 1)))"
SLOW = f"(local.set $row (i32.const 300000000)) (loop $l (br_if $l {COUNT}))"
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

    before = descriptors()
    yield
    assert not children()
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
    close = f'(func (export "wr_close") (result i32) {_last()} (i32.const 0))'
    module = guest(extra=close, manifest=STATEFUL)
    with load(module) as transform:
        assert transform.run(b"a\n").output.endswith(b"end\n")


def _last() -> str:
    from guests import BLOCK, OUTPUT, OUTPUTS

    return (
        f"(memory.fill (i32.const {BLOCK + 8}) (i32.const 0) (i32.const 24))"
        f"(call $set (i32.const 32) (i32.const {OUTPUTS})) (call $set (i32.const 36) (i32.const 1))"
        "(call $set (i32.const 44) (i32.const 0)) (call $set (i32.const 12) (i32.const 1))"
        f"(i32.store (i32.const {OUTPUTS}) (i32.const {OUTPUT}))"
        f"(i32.store offset=4 (i32.const {OUTPUTS}) (i32.const 4))"
        f"(i32.store offset=8 (i32.const {OUTPUTS}) (i32.const 1))"
        f"(i32.store (i32.const {OUTPUT}) (i32.const 0x0a646e65))"
    )


# --- what happens to a process --------------------------------------------------------------------


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


def killer(number: signal.Signals, after: float) -> threading.Thread:
    """Sends every worker a signal, after some time."""

    def work() -> None:
        time.sleep(after)
        for child in children():
            os.kill(child, number)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_an_innocent_batch_outlives_its_worker(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_process_link, "_GRACE", 0.5)
    with load(guest(after=SLOW), limits=wr.Limits(time=1.5)) as transform:
        before = children()
        thread = killer(number, 0.1)
        batch = transform.run(b"a1\nt2\na3\n")
        thread.join()
        assert before != children()
    assert batch.output == b"a1\na3\n"
    assert [failure.code for failure in batch.failures] == ["trap"]


def test_an_idle_worker_that_was_killed_is_replaced() -> None:
    with load(guest()) as transform:
        for _ in range(3):
            for child in children():
                os.kill(child, signal.SIGKILL)
            assert transform.run(b"a\n").output == b"a\n"


def test_who_kills_each_worker_costs_records_and_not_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a system without memory does: the record at which it happens again and again is to blame."""
    real = _process_link.WorkerProcess.ask

    def ask(process: Any, kind: bytes, data: bytes = b"", *rest: Any) -> Any:
        if kind == b"B" and b"x" in data:
            os.kill(process.process.pid, signal.SIGKILL)
        return real(process, kind, data, *rest)

    monkeypatch.setattr(_process_link.WorkerProcess, "ask", ask)
    with load(guest()) as transform:
        batch = transform.run(b"a1\na2\nx3\na4\n")
    assert batch.output == b"a1\na2\na4\n"
    (failure,) = batch.failures
    assert (failure.record, failure.code) == (3, "killed")
    assert failure.message == "the worker process was killed by SIGKILL"


def test_a_stateful_module_cannot_be_tried_again() -> None:
    close = f'(func (export "wr_close") (result i32) {_last()} (i32.const 0))'
    with load(guest(extra=close, manifest=STATEFUL, after=SLOW), limits=wr.Limits(time=5)) as transform:
        thread = killer(signal.SIGKILL, 0.1)
        batch = transform.run(b"a1\n")
        thread.join()
    assert [failure.code for failure in batch.failures] == ["killed"]


def test_an_interrupt_ends_the_worker() -> None:
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with load(guest(), limits=wr.Limits(time=30)) as transform:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            started = time.monotonic()
            with pytest.raises(KeyboardInterrupt):
                transform.run(b"l\n")
            assert time.monotonic() - started < 10
            assert not children()
            assert transform.run(b"a\n").output == b"a\n"
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_cancelled_task_ends_its_worker() -> None:
    async def run(transform: wr.Transform) -> None:
        async def endless() -> None:
            async for _ in transform.amap([1]):
                pass

        task = asyncio.create_task(endless())
        while len(children()) < 2:  # that of the first instance, and its own
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with wr.jq("def f: f; f", isolation="process", limits=wr.Limits(time=60)) as transform:
        started = time.monotonic()
        asyncio.run(run(transform))
        assert time.monotonic() - started < 20


def test_threads_share_it_and_close_it() -> None:
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for _ in range(20):
                assert transform.run(b"a%d\nt\n" % number).output == b"a%d\n" % number
        except ValueError as error:
            errors.append(error)

    with load(guest(), limits=wr.Limits(time=5)) as transform:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        wait_for(lambda: len(children()) > 1)
    for thread in threads:
        thread.join()
    assert all("the transform is closed" in str(error) for error in errors)


def test_a_transform_that_is_dropped_takes_its_workers_along() -> None:
    transform = load(guest())
    assert children()
    del transform
    gc.collect()
    assert not children()


def test_a_forked_child_has_workers_of_its_own() -> None:
    with load(guest()) as transform:
        before = children()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # fork with threads, from Python 3.12 on
            child = os.fork()
        if not child:
            status = 1
            try:
                status = 0 if transform.run(b"a\nt\n").output == b"a\n" else 2
                transform.close()
            finally:
                os._exit(status)
        assert os.waitpid(child, 0) == (child, 0)
        assert children() == before
        assert transform.run(b"b2\n").counts.failed == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_parent_that_is_killed_takes_its_workers_along(number: signal.Signals) -> None:
    program = (
        f"import sys; sys.path[:0] = [{SOURCE!r}, {TESTS!r}]\n"
        "from test_process import guest, load, wr\n"
        "transform = load(guest(), limits=wr.Limits(time=600))\n"
        "print('ready', flush=True)\n"
        "transform.run(b'l\\n')\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        (child,) = children(process.pid)
        process.send_signal(number)
        process.wait(20)
    wait_for(lambda: not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text())


# --- what a system lacks --------------------------------------------------------------------------


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


def test_no_descriptor_is_left_for_a_worker() -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with wr.jq(
        ".", isolation="process"
    ) as transform:  # its worker has an instance for bytes, not for objects
        resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 3, limits[1]))
        try:
            with pytest.raises(wr.WasmRecordsError, match="none can be started here"):
                list(transform.map([1]))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert list(transform.map(["a"])) == ["a"]


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
