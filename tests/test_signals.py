"""Signals while a guest works: handled when it is back, by whoever handled them before."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from guests import guest

import wasmrecords as wr
from wasmrecords._signals import Held

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="signals of POSIX")

# A guest that does nothing but call the host, until its time is over.
BUSY = guest(
    imports='(import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))',
    after="(if (i32.eq (i32.load8_u (i32.const 65536)) (i32.const 113)) "
    "(then (loop $x (drop (call $yield)) (br $x))))",
)


@pytest.fixture
def handled() -> Iterator[list[int]]:
    """Signals that Python's handlers saw; SIGINT raises ``KeyboardInterrupt`` as ever."""
    seen: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        seen.append(number)

    before = {n: signal.getsignal(n) for n in (signal.SIGALRM, signal.SIGINT, signal.SIGUSR1)}
    signal.signal(signal.SIGALRM, note)
    signal.signal(signal.SIGUSR1, note)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield seen
    for number, handler in before.items():
        signal.signal(number, handler)


def test_they_wait_for_the_end(handled: list[int]) -> None:
    with Held():
        signal.raise_signal(signal.SIGALRM)
        signal.raise_signal(signal.SIGUSR1)
        signal.raise_signal(signal.SIGALRM)
        assert handled == []
    assert sorted(handled) == sorted([signal.SIGALRM, signal.SIGUSR1])
    signal.raise_signal(signal.SIGALRM)
    assert len(handled) == 3


def test_an_interrupt_is_raised_at_the_end_and_all_handlers_are_back(handled: list[int]) -> None:
    before = {n: signal.getsignal(n) for n in (signal.SIGALRM, signal.SIGINT, signal.SIGUSR1, signal.SIGTERM)}
    with pytest.raises(KeyboardInterrupt), Held():  # noqa: PT012  what is tried is the rest of the block
        signal.raise_signal(signal.SIGINT)
        reached = True
    assert reached
    assert {number: signal.getsignal(number) for number in before} == before


def test_an_interrupt_keeps_no_other_handler_from_its_signal(handled: list[int]) -> None:
    for numbers in ([signal.SIGINT, signal.SIGALRM], [signal.SIGALRM, signal.SIGINT]):
        handled.clear()
        with pytest.raises(KeyboardInterrupt), Held():  # noqa: PT012  both arrive in one block
            for number in numbers:
                signal.raise_signal(number)
        assert handled == [signal.SIGALRM]


def test_who_listens_by_a_descriptor_hears_it_once(handled: list[int]) -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setblocking(False)
    before = signal.set_wakeup_fd(theirs.fileno())
    try:
        with Held():
            signal.raise_signal(signal.SIGALRM)
    finally:
        signal.set_wakeup_fd(before)
    assert ours.recv(16) == bytes([signal.SIGALRM])
    assert handled == [signal.SIGALRM]
    ours.close()
    theirs.close()


def test_an_error_of_the_block_goes_on(handled: list[int]) -> None:
    with pytest.raises(ValueError, match="mine"), Held():
        raise ValueError("mine")
    signal.raise_signal(signal.SIGALRM)
    assert handled == [signal.SIGALRM]


def test_other_threads_change_nothing(handled: list[int]) -> None:
    before = signal.getsignal(signal.SIGALRM)
    inside = threading.Event()
    leave = threading.Event()

    def work() -> None:
        with Held():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    assert inside.wait(10)
    assert signal.getsignal(signal.SIGALRM) is before
    leave.set()
    thread.join()


def test_a_flood_of_signals_leaves_every_handler_in_place(handled: list[int]) -> None:
    before = signal.getsignal(signal.SIGALRM)
    signal.setitimer(signal.ITIMER_REAL, 0.0002, 0.0002)
    try:
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            with Held():
                pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    assert signal.getsignal(signal.SIGALRM) is before
    assert handled


@pytest.mark.parametrize(("name", "timer"), [("SIGALRM", 0), ("SIGVTALRM", 1), ("SIGPROF", 2)])
def test_an_interrupt_while_a_guest_calls_the_host(name: str, timer: int) -> None:
    number = getattr(signal, name)
    with wr.load(BUSY, limits=wr.Limits(time=2)) as transform:
        before = signal.signal(number, signal.default_int_handler)
        try:
            signal.setitimer(timer, 0.1)  # of the clock, or of the processor
            with pytest.raises(KeyboardInterrupt):
                transform.run(b"q1\n")
        finally:
            signal.setitimer(timer, 0)
            signal.signal(number, before)
        assert transform.run(b"a1\n").output == b"a1\n"


@pytest.mark.parametrize(("number", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_the_command_is_interrupted_while_a_guest_calls_the_host(
    number: str,
    status: int,
    command: list[str],
    cli_environment: dict[str, str],
    tmp_path: Path,
    run_cli: Any,
) -> None:
    (tmp_path / "m.wasm").write_bytes(BUSY)
    (tmp_path / "in").write_bytes(b"a1\n")
    run_cli("run", "-m", "m.wasm", "in")  # compiled now
    line = [*command, "run", "-m", "m.wasm", "--limit", "time=1.5", "-o", "out"]
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=cli_environment, cwd=tmp_path
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"q1\n" * 5)
        process.stdin.close()
        time.sleep(1.2)
        process.send_signal(getattr(signal, number))
        assert process.stderr is not None
        text = process.stderr.read().decode()
    assert process.returncode == status, text
    assert "Traceback" not in text
    assert "ignored" not in text


# --- threads and memory ---------------------------------------------------------------------------


def ended(program: str) -> tuple[int, str]:
    environment = os.environ | {"PYTHONPATH": str(Path(wr.__file__).parent.parent)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only there a thread's stack is known")
@pytest.mark.parametrize("kibibytes", [64, 256, 512, 768, 1024, 8192])
def test_a_thread_with_a_small_stack(kibibytes: int, records_wasm: Path) -> None:
    program = f"""
import threading
import wasmrecords as wr
transform = wr.jq("def f: 1 + f; f")
def work():
    try:
        print([f.code for f in transform.run(b"1\\n").failures])
    except wr.StackLimit as error:
        print(error)
threading.stack_size({kibibytes} * 1024)
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""
    code, text = ended(program)
    assert code == 0, text
    if kibibytes < 768:
        assert f"this thread's stack has {kibibytes} KiB, a guest needs 768 KiB" in text
    else:
        assert text == "['stack']\n"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read as Linux tells it")
def test_transforms_that_are_dropped_leave_nothing_behind(records_wasm: Path) -> None:
    def mappings() -> int:
        gc.collect()
        return Path("/proc/self/maps").read_bytes().count(b"\n")

    for _ in range(20):
        wr.jq(".a")
    before = mappings()
    for _ in range(200):
        wr.jq(".a")
    assert mappings() <= before + 50
