"""A guest that works can be stopped from outside: by Ctrl-C, by asyncio, by the end of the interpreter."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from guests import guest

import wasmrecords as wr
from wasmrecords import _jail
from wasmrecords._instance import Instance, OpenOptions
from wasmrecords._module import load_module

SOURCE = os.pathsep.join((str(Path(wr.__file__).parent.parent), str(Path(__file__).parent)))
LONG = wr.Limits(time=60)
processes = pytest.mark.skipif(
    set(_jail.available()) != set(_jail.LOCKS), reason="this system has not all of the locks"
)
SOON = 5.0
"""Seconds: what a very busy machine may make of a tenth."""


def ended(program: str, *, signal_at: int | None = None) -> tuple[int, str, float]:
    """Exit status of a program, all that it said, and its seconds after it said that it is ready, when
    the signal is sent."""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": SOURCE},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        time.sleep(0.3)
        started = time.monotonic()
        if signal_at is not None:
            process.send_signal(signal_at)
        said += process.stdout.read()
        process.wait(60)
        return process.returncode, said, time.monotonic() - started


@pytest.mark.parametrize("isolation", ["shared", "fresh", pytest.param("process", marks=processes)])
@pytest.mark.parametrize("made", ['wr.jq("def f: f; f", %s)', "wr.load(guest(), %s)"], ids=["jq", "module"])
def test_ctrl_c_ends_a_loop_at_once(made: str, isolation: str) -> None:
    made %= f"limits=wr.Limits(time=60), isolation={isolation!r}"
    program = f"""
import wasmrecords as wr
from guests import guest
with {made} as transform:
    print("ready", flush=True)
    try:
        transform.run(b"l1\\n" if "guest" in {made!r} else b"1\\n")
    except KeyboardInterrupt:
        print("interrupted")
    transform = wr.load(guest())
    print(transform.run(b"a1\\n").output)
"""
    status, said, seconds = ended(program, signal_at=signal.SIGINT)
    assert (status, said) == (0, "ready\ninterrupted\nb'a1\\n'\n")
    assert seconds < SOON


def test_a_handler_that_does_not_raise_lets_the_guest_go_on() -> None:
    program = """
import signal, threading, os
import wasmrecords as wr
from guests import guest
seen = []
signal.signal(signal.SIGUSR1, lambda *_: seen.append(threading.current_thread() is threading.main_thread()))
with wr.load(guest(), limits=wr.Limits(time=1.0)) as transform:
    print("ready", flush=True)
    batch = transform.run(b"l1\\na2\\n")
    print(batch.counts, seen)
"""
    status, said, _ = ended(program, signal_at=signal.SIGUSR1)
    assert status == 0
    assert said == "ready\nCounts(read=2, kept=1, dropped=0, failed=1, written=1) [True]\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_command_is_interrupted_in_a_loop(
    number: int, status: int, command: list[str], cli_environment: dict[str, str], tmp_path: Path
) -> None:
    line = [*command, "run", "--jq", "def f: f; if . == 3 then f else . end", "--limit", "time=60"]
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=cli_environment, cwd=tmp_path
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b"1\n2\n3\n")
        process.stdin.close()
        time.sleep(2.0)  # it has started
        started = time.monotonic()
        process.send_signal(number)
        text = process.stderr.read().decode()
        process.wait(60)
        assert time.monotonic() - started < SOON
    assert process.returncode == status, text
    assert "Traceback" not in text
    assert "terminated" in text if number == signal.SIGTERM else "interrupted" in text


# --- asyncio --------------------------------------------------------------------------------------


def test_a_cancelled_task_stops_its_guest(records_wasm: Path) -> None:
    with wr.jq("def f: f; if . == 2 then f else . end", limits=LONG) as transform:
        kept: list[Any] = []

        async def work() -> None:
            async for item in transform.amap([1, 2, 3]):
                kept.append(item)

        async def main() -> None:
            task = asyncio.create_task(work())
            await asyncio.sleep(0.5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        started = time.monotonic()
        asyncio.run(main())  # waits for its threads, and so for the guest
        assert time.monotonic() - started < SOON
        assert transform.run(b"1\n").output == b"1\n"


# --- one instance, one thread ---------------------------------------------------------------------


def instance() -> Instance:
    return Instance(load_module(guest(), LONG), b"null", OpenOptions(), LONG)


def test_an_instance_is_for_one_thread_at_a_time() -> None:
    one = instance()
    ends: list[str] = []

    def work() -> None:
        try:
            one.batch(b"l1\n", True, 0)
        except Exception as error:  # noqa: BLE001  which one it is, is what is tried
            ends.append(type(error).__name__)

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.3)
    with pytest.raises(RuntimeError, match="two threads use one instance at once"):
        one.batch(b"a1\n", True, 0)
    assert thread.is_alive(), "the other thread's call is not touched"
    one.cancel()
    thread.join(SOON)
    assert ends == ["Fault"]


def test_a_cancelled_instance_says_so() -> None:
    one = instance()
    one.cancel()
    with pytest.raises(Exception, match="the call was cancelled") as caught:
        one.batch(b"l1\n", True, 0)
    assert type(caught.value).__name__ == "Fault"


# --- the end of the interpreter -------------------------------------------------------------------


@pytest.mark.parametrize("daemon", [True, False])
@pytest.mark.parametrize("calls", [False, True], ids=["loops", "calls the host"])
def test_the_interpreter_ends_while_guests_work(daemon: bool, calls: bool) -> None:
    program = f"""
import threading, time
import wasmrecords as wr
from guests import guest
busy = guest(
    imports='(import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))',
    after='(loop $x (drop (call $yield)) (br $x))',
) if {calls} else guest()
transform = wr.load(busy, limits=wr.Limits(time={60 if daemon else 0.5}))
def work():
    try:
        transform.run(b"l1\\n")
    except wr.GuestError as error:
        assert error.code == "cancelled", error
for _ in range(4):
    threading.Thread(target=work, daemon={daemon}).start()
time.sleep(0.3)
print("ready", flush=True)
"""
    status, said, seconds = ended(program)
    assert (status, said) == (0, "ready\n")
    assert seconds < 2 * SOON


@processes
@pytest.mark.parametrize("pause", [0.05, 1.2], ids=["while they start", "while they work"])
def test_the_interpreter_ends_while_workers_work(pause: float) -> None:
    program = f"""
import threading, time
import wasmrecords as wr
from guests import guest
transform = wr.load(guest(), limits=wr.Limits(time=60), isolation="process")
def work():
    try:
        transform.run(b"l1\\n")
    except wr.GuestError as error:
        assert error.code == "cancelled", error
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
time.sleep({pause})
print("ready", flush=True)
"""
    status, said, seconds = ended(program)
    assert (status, said) == (0, "ready\n")
    assert seconds < 2 * SOON


def test_no_guest_begins_once_the_interpreter_ends() -> None:
    program = """
import atexit
import wasmrecords as wr
from guests import guest
print("ready", flush=True)
def late():
    for work in (lambda: transform.run(b"a1\\n"), lambda: wr.load(guest(answer=1)).run(b"a1\\n")):
        try:
            print(work())
        except wr.GuestError as error:
            print(error)
atexit.register(late)  # before it is imported whole, so called after its own
transform = wr.load(guest())
"""
    status, said, _ = ended(program)
    words = "the interpreter ends: no guest may begin\n"
    assert (status, said) == (0, f"ready\n{words}{words}")
