"""Time outside of the guest, measured within one process: what the host costs.

    python benchmarks/in_process.py jq events.ndjson        # a file to a file, through a program
    python benchmarks/in_process.py schema events.ndjson    # the same with a schema alone
    python benchmarks/in_process.py both events.ndjson      # the same with a schema and a program
    python benchmarks/in_process.py one events.ndjson       # one record in one call
    python benchmarks/in_process.py threads events.ndjson   # batches in two threads, and in one
    python benchmarks/in_process.py apart events.ndjson     # a batch in a worker process, and in this one

The clock runs around the engine's own function, so that all of our Python counts as the host's, the last
line before the call included; what the measuring costs is measured, and taken off. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import MB
from measure import batches as split

import wasmrecords as wr
from wasmrecords import _native
from wasmrecords.pipeline import _source

PROGRAM = "select(.score >= 50) | {id, name, score}"
SCHEMA = Path(__file__).with_name("typed.schema.json")


class Spent:
    """Adds up what is spent within calls of some functions, by a clock that counts nanoseconds."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.spent = self.calls = 0
        self._clock = clock

    def timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, whose calls are counted."""
        clock = self._clock

        def timed(*arguments: Any) -> Any:
            start = clock()
            result = call(*arguments)
            self.spent += clock() - start
            self.calls += 1
            return result

        return timed

    def own(self, rounds: int = 10_000) -> float:
        """Nanoseconds that the measuring of one call adds to what is outside of it, in the median."""
        timed, clock = self.timed(lambda *_: 0), self._clock
        costs = []
        for _ in range(rounds):
            self.spent = 0
            start = clock()
            timed(0, 1, 2, 3, 4)
            costs.append(clock() - start - self.spent)
        bare = [-(clock() - clock()) for _ in range(rounds)]
        return statistics.median(costs) - statistics.median(bare)


class Inside(Spent):
    """What is spent within calls of guests."""

    def __init__(self, clock: Callable[[], int]) -> None:
        super().__init__(clock)
        self.guests: list[Any] = []
        begin = _native.NativeGuest.__init__

        def timed_init(guest: Any, *arguments: Any) -> None:
            begin(guest, *arguments)
            guest._raw_call = self.timed(guest._raw_call)
            self.guests.append(guest)

        _native.NativeGuest.__init__ = timed_init  # type: ignore[method-assign, assignment]


class Moving(Spent):
    """What the system takes to read and to write."""

    def __init__(self, clock: Callable[[], int]) -> None:
        super().__init__(clock)
        os.write = self.timed(os.write)
        begin = _source.CountedSource.__init__

        def timed_init(source: Any, *arguments: Any, **named: Any) -> None:
            begin(source, *arguments, **named)
            source._read = self.timed(source._read)

        _source.CountedSource.__init__ = timed_init  # type: ignore[method-assign, assignment]


def jq(path: Path, rounds: int) -> dict[str, float]:
    """See :func:`batches`: through a program."""
    inside = Inside(time.thread_time_ns)
    return batches(path, wr.jq(PROGRAM), inside, rounds)


def schema(path: Path, rounds: int) -> dict[str, float]:
    """See :func:`batches`: through a schema that all records agree with, so that all are written."""
    inside = Inside(time.thread_time_ns)
    return batches(path, wr.validate(SCHEMA), inside, rounds)


def both(path: Path, rounds: int) -> dict[str, float]:
    """See :func:`batches`: through the schema and the program."""
    inside = Inside(time.thread_time_ns)
    return batches(path, wr.jq(PROGRAM, schema=SCHEMA), inside, rounds)


def batches(path: Path, transform: wr.Transform, inside: Inside, rounds: int) -> dict[str, float]:
    """The share of a run from file to file that is spent outside of the guest, in per cent: the best round.

    ``host`` is of the thread that runs; ``own`` the same without what the system takes to read and write, and
    without what measuring does; ``clock`` is what the thread that keeps deadlines adds; ``batch`` and
    ``own_batch`` are what one batch costs outside, in microseconds; ``memory`` is the guest's, in MB.
    """
    moving = Moving(time.thread_time_ns)
    measuring = inside.own()
    host, others, each, own, own_each, memory = [], [], [], [], [], 0
    with transform, tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            inside.spent = inside.calls = moving.spent = moving.calls = 0
            process, thread = time.process_time_ns(), time.thread_time_ns()
            wr.run(path, transform, Path(folder, f"{number}.ndjson"))
            thread = time.thread_time_ns() - thread
            process = time.process_time_ns() - process
            outside = thread - inside.spent
            ours = outside - moving.spent - measuring * (inside.calls + moving.calls)
            host.append(100 * outside / process)
            others.append(100 * (process - thread) / process)
            each.append(outside / inside.calls / 1000)
            own.append(100 * ours / process)
            own_each.append(ours / inside.calls / 1000)
            Path(folder, f"{number}.ndjson").unlink()  # to replace it would cost the next round
            memory = max(memory, *(len(guest.memory) for guest in inside.guests))
    best = {"host": min(host[1:]), "clock": min(others[1:]), "batch": min(each[1:])}
    return best | {"own": min(own[1:]), "own_batch": min(own_each[1:]), "memory": memory / MB}


def one(path: Path, rounds: int) -> dict[str, float]:
    """Microseconds of one record in one call of ``Transform.run``, in the median: outside and inside."""
    inside = Inside(time.perf_counter_ns)
    outside, within = [], []
    with path.open("rb") as lines:
        record = lines.readline()
    with wr.jq(PROGRAM) as transform:
        run, clock = transform.run, time.perf_counter_ns
        for _ in range(rounds):
            inside.spent = 0
            start = clock()
            run(record)
            whole = clock() - start
            outside.append(whole - inside.spent)
            within.append(inside.spent)
    tail = len(outside) // 10
    return {
        "outside": (statistics.median(outside[tail:]) - inside.own()) / 1000,
        "inside": statistics.median(within[tail:]) / 1000,
    }


def apart(path: Path, rounds: int) -> dict[str, float]:
    """Milliseconds of a batch of 256 KiB through a program, with each isolation in turn, in the median;
    ``ratio`` is what ``process`` takes in place of ``shared``."""
    with path.open("rb") as file:
        batch = file.read(256 * 1024)
    batch = batch[: batch.rfind(b"\n") + 1]
    times: dict[str, list[float]] = {"shared": [], "process": []}
    with wr.jq(PROGRAM) as here, wr.jq(PROGRAM, isolation="process") as there:
        for number in range(10 * rounds + 5):
            for name, transform in (("shared", here), ("process", there)):
                start = time.perf_counter()
                transform.run(batch)
                if number >= 5:
                    times[name].append(1000 * (time.perf_counter() - start))
    shared, process = (statistics.median(times[name]) for name in ("shared", "process"))
    return {"shared": shared, "process": process, "ratio": process / shared}


def threads(path: Path, rounds: int) -> dict[str, float]:
    """How much faster two threads are than one, by the clock on the wall: the best round, since whoever else
    works on the machine takes from the two first."""
    given = split(path.read_bytes())
    with wr.jq(PROGRAM, schema=SCHEMA) as transform:

        def work(half: int) -> None:
            for batch in given[half::2]:
                transform.run(batch)

        ratios = []
        for _ in range(rounds + 1):
            start = time.perf_counter()
            work(0)
            work(1)
            alone = time.perf_counter()
            pair = [threading.Thread(target=work, args=(half,)) for half in (0, 1)]
            for thread in pair:
                thread.start()
            for thread in pair:
                thread.join()
            ratios.append((alone - start) / (time.perf_counter() - alone))
    return {"ratio": max(ratios[1:]), "typical": statistics.median(ratios[1:])}


JOBS = {job.__name__: job for job in (jq, schema, both, one, apart, threads)}


def main() -> None:
    """The command line in the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=JOBS)
    parser.add_argument("input", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(json.dumps(JOBS[options.what](options.input, options.rounds)))


if __name__ == "__main__":
    main()
