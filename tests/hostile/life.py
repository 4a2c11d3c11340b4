"""Threads, forks, signals, the end of the interpreter: while guests work, in this very process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import wasmrecords as wr
from hostile.case import LEVELS, SHORT, Case, Stage
from hostile.modules import guests

LONG = wr.Limits(time=60)
SOON = 10.0
"""Seconds: far less than the guest's time, and enough for a busy machine."""
RECORDS, DATA = [b"a1", b"t2", b"a3"], b"a1\nt2\na3\n"


def all_of(targets: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=target) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def sixteen_threads(stage: Stage) -> str:
    seen: list[str] = []
    with stage.load(guests()()) as transform:

        def work() -> None:
            seen.extend(stage.fates(RECORDS, transform.run(DATA)) for _ in range(10))

        all_of([work] * 16)
    assert len(seen) == 160
    return " / ".join(sorted(set(seen)))


def closed_while_it_works(stage: Stage) -> str:
    transform = stage.load(guests()())
    ends: list[str] = []

    def work() -> None:
        try:
            while True:
                stage.fates(RECORDS, transform.run(DATA))
        except ValueError as error:
            ends.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    transform.close()
    for thread in threads:
        thread.join()
    assert ends == ["the transform is closed"] * 4, ends
    return "ValueError"


def forked(child: Callable[[], bool]) -> str:
    """How a forked child ends: well, if what it does is true."""
    number = os.fork()
    if number == 0:
        status = 9
        try:
            status = 0 if child() else 1
        finally:
            os._exit(status)
    end = time.monotonic() + SOON
    while time.monotonic() < end:
        done, status = os.waitpid(number, os.WNOHANG)
        if done:
            return f"exit {os.waitstatus_to_exitcode(status)}"
        time.sleep(0.01)
    os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)
    return "hangs"


def forked_after_load(stage: Stage) -> str:
    with stage.load(guests()()) as transform, stage.jq(".n") as recipe:
        transform.run(DATA)

        def child() -> bool:
            with wr.load(guests(exit_status=5)(), limits=SHORT) as another:  # type: ignore[arg-type]
                good = another.run(b"a1\nl2\n").output == b"a1\n"
            return (
                good and transform.run(DATA).output == b"a1\na3\n" and recipe.run(b'{"n":1}').output == b"1\n"
            )

        ended = forked(child)
        return ended if transform.run(DATA).output == b"a1\na3\n" else "the parent is ill"


def forked_during_a_call(stage: Stage) -> str:
    with stage.load(guests()(), wr.Limits(time=1.0)) as transform:
        thread = threading.Thread(target=transform.run, args=(b"l1\n",))
        thread.start()
        time.sleep(0.3)
        ended = forked(lambda: transform.run(DATA).output == b"a1\na3\n")
        thread.join()
    return ended


def cancelled(stage: Stage) -> str:
    async def main() -> str:
        with stage.load(guests(record="(loop $l (br $l))")(), LONG) as transform:

            async def loop() -> None:
                async for _ in transform.amap([1, 2, 3]):
                    pass

            task = asyncio.create_task(loop())
            await asyncio.sleep(0.3)
            task.cancel()
            started = time.monotonic()
            try:
                await task
            except asyncio.CancelledError:
                return "cancelled" if time.monotonic() - started < SOON else "late"
        return "not cancelled"

    return asyncio.run(main())


def interrupted(stage: Stage) -> str:
    """Ctrl-C while a guest loops in the main thread."""
    with stage.load(guests()(), LONG) as transform:
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        started = time.monotonic()
        try:
            transform.run(b"l1\n")
        except KeyboardInterrupt:
            late = time.monotonic() - started > SOON
        else:
            return "not interrupted"
        finally:
            timer.join()
        assert transform.run(b"a1\n").output == b"a1\n"
    return "late" if late else "KeyboardInterrupt"


def signals(stage: Stage) -> str:
    """A signal each millisecond, whose handler allocates."""
    before = signal.signal(signal.SIGALRM, lambda number, frame: bytearray(1000))
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        with stage.load(guests()()) as transform:
            seen = {stage.fates(RECORDS, transform.run(DATA)) for _ in range(50)}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return " / ".join(seen)


def leaving(daemon: bool) -> Callable[[Stage], str]:
    """The interpreter ends while threads are in guests that loop."""

    def act(stage: Stage) -> str:
        program = f"""
import threading, time
import wasmrecords as wr
from guests import guest
transform = wr.load(guest(), limits=wr.Limits(time=1.0), isolation={stage.isolation!r})
def work():
    try:
        transform.run(b"l1\\nl2\\n")
    except wr.WasmRecordsError:
        pass
for _ in range(3):
    threading.Thread(target=work, daemon={daemon}).start()
time.sleep(0.3)
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30)
        return stage.exit(done.returncode, done.stderr)

    return act


def many_transforms(stage: Stage) -> str:
    for _ in range(20 if stage.isolation == "process" else 500):  # each is a process then
        stage.load(guests()())
    return "nothing left"


def many_batches(stage: Stage) -> str:
    with stage.load(guests()()) as transform:
        for n in range(600):
            batch = transform.run(b"t1\n" if n % 3 == 0 else b"a1\n")
            assert batch.counts == wr.Counts(1, n % 3 > 0, 0, n % 3 == 0, n % 3 > 0)
    return "nothing left"


CASES = [
    Case(
        "sixteen threads",
        "Sixteen threads on one transform, a record of each batch traps",
        "kept, trap, kept",
        sixteen_threads,
        LEVELS,
        within=20,
    ),
    Case(
        "closed while it works",
        "A transform is closed while four threads are in it",
        "ValueError",
        closed_while_it_works,
        LEVELS,
        within=20,
    ),
    Case(
        "forked after load",
        "A process forks, and its child runs old transforms and new ones",
        "exit 0",
        forked_after_load,
        LEVELS,
        within=20,
    ),
    Case(
        "forked during a call",
        "It forks while another thread is in a guest that loops",
        "exit 0",
        forked_during_a_call,
        LEVELS,
        within=20,
    ),
    Case(
        "cancelled",
        "A task of asyncio is cancelled in the middle of a loop of a minute",
        "cancelled",
        cancelled,
        LEVELS,
        within=20,
    ),
    Case(
        "Ctrl-C",
        "SIGINT comes in the middle of a loop of a minute",
        "KeyboardInterrupt",
        interrupted,
        LEVELS,
        within=20,
    ),
    Case(
        "signals",
        "A signal each millisecond, while records trap",
        "kept, trap, kept",
        signals,
        LEVELS,
        within=20,
    ),
    Case(
        "end with daemons",
        "The interpreter ends while daemon threads are in guests that loop",
        "exit 0",
        leaving(True),
        LEVELS,
        within=30,
    ),
    Case(
        "end with threads",
        "The interpreter ends while it has to wait for such threads",
        "exit 0",
        leaving(False),
        LEVELS,
        within=30,
    ),
    Case(
        "500 transforms",
        "500 transforms are made and dropped",
        "nothing left",
        many_transforms,
        LEVELS,
        within=30,
    ),
    Case(
        "600 batches",
        "600 batches, of which each third traps",
        "nothing left",
        many_batches,
        LEVELS,
        within=30,
    ),
]
