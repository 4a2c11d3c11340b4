"""The life of worker processes: killed, stopped, interrupted, cancelled, forked, dropped."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from forks import in_child
from guests import guest
from test_compiler import children, wait_for
from test_process import STATEFUL, finishing, load, nothing_left, pytestmark

import wasmrecords as wr
from wasmrecords import _process_link

__all__ = ["nothing_left", "pytestmark"]

SOURCE, TESTS = str(Path(wr.__file__).parent.parent), str(Path(__file__).parent)
COUNT = "(local.tee $row (i32.sub (local.get $row) (i32.const 1)))"
SLOW = f"(local.set $row (i32.const 300000000)) (loop $l (br_if $l {COUNT}))"


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


@pytest.mark.parametrize("killed", [1, 2])
def test_a_worker_that_is_killed_while_it_comes_up_is_replaced_once(
    killed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, count = tmp_path / "python", tmp_path / "count"
    program.write_text(
        f"#!/bin/sh\necho >>{count}\n[ $(wc -l <{count}) -gt {killed} ] || kill -9 $$\n"
        f'exec {sys.executable} "$@"\n'
    )
    program.chmod(0o755)
    data = guest()
    load(data).close()  # it is compiled, so that no other process is started
    monkeypatch.setattr(sys, "executable", str(program))
    if killed == 1:
        with load(data) as transform:
            assert transform.run(b"a\n").output == b"a\n"
        return
    with pytest.raises(wr.WasmRecordsError) as caught:
        load(data)
    assert str(caught.value) == (
        "isolation='process' runs the module in a process of its own, and none can be started here: "
        "it was killed by SIGKILL"
    )


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
    close = finishing()
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

        def works() -> bool:
            right = transform.run(b"a\nt\n").output == b"a\n"
            transform.close()
            return right

        assert in_child(works) == 0
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


@pytest.mark.parametrize("isolation", ["shared", "process"])
def test_a_forked_child_goes_on_with_its_parents_stream(isolation: Any) -> None:
    with wr.load(guest(), limits=wr.Limits(time=1), isolation=isolation) as transform:
        stream = transform.stream([b"a1\n", b"a2\n" * 100_000, b"l3\na4\n"], input="ndjson")
        next(stream)

        def goes_on() -> bool:
            counts = [batch.counts for batch in stream]
            # And what the stream had in hand was not kept for the next one.
            after = transform.run(b"l\na\n").counts
            read, failed = sum(c.read for c in counts), sum(c.failed for c in counts)
            return (read, failed, after.failed) == (100_002, 1, 1)

        assert in_child(goes_on) == 0
        assert goes_on()


def test_a_forked_child_does_not_know_what_a_stateful_module_has_seen() -> None:
    with load(guest(extra=finishing(), manifest=STATEFUL)) as transform:
        stream = transform.stream([b"a1\n", b"a2\n" * 100_000], input="ndjson")
        next(stream)

        def refuses() -> bool:
            try:
                next(stream)
            except wr.GuestError as error:
                return error.code == "cancelled" and "the process was forked" in str(error)
            return False

        assert in_child(refuses) == 0
        assert sum(batch.counts.read for batch in stream) == 100_000


def test_a_forked_child_leaves_the_descriptors_of_an_ended_worker_alone() -> None:
    with load(guest()) as transform:
        for child in children():
            os.kill(child, signal.SIGKILL)
        process = transform._opener._workers()[1].take()
        process.end()
        with contextlib.ExitStack() as files:
            others = [files.enter_context(open(os.devnull, "rb")) for _ in range(20)]

            def all_open() -> bool:
                return all(os.fstat(file.fileno()) for file in others)

            assert in_child(all_open) == 0
        del process
