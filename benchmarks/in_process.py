"""Time outside of the guest, measured within one process: what the host costs.

    python benchmarks/in_process.py jq events.ndjson        # a file to a file, through a program
    python benchmarks/in_process.py schema events.ndjson    # the same with a schema alone
    python benchmarks/in_process.py one events.ndjson       # one record in one call
    python benchmarks/in_process.py apart events.ndjson     # a batch in a worker process, and in this one

The clock runs around the engine's own function, so that all of our Python counts as the host's, the last
line before the call included; what the measuring costs is measured, and taken off. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import wasmrecords as wr
from wasmrecords import _native

PROGRAM = "select(.score >= 50) | {id, name, score}"
SCHEMA = Path(__file__).with_name("typed.schema.json")


class Inside:
    """Adds up what is spent within calls of guests, by a clock that counts nanoseconds."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.spent = self.calls = 0
        self._clock = clock
        begin = _native.NativeGuest.__init__

        def timed_init(guest: Any, *arguments: Any) -> None:
            begin(guest, *arguments)
            guest._raw_call = self._timed(guest._raw_call)

        _native.NativeGuest.__init__ = timed_init  # type: ignore[method-assign, assignment]

    def _timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
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
        timed, clock = self._timed(lambda *_: 0), self._clock
        costs = []
        for _ in range(rounds):
            self.spent = 0
            start = clock()
            timed(0, 1, 2, 3, 4)
            costs.append(clock() - start - self.spent)
        bare = [-(clock() - clock()) for _ in range(rounds)]
        return statistics.median(costs) - statistics.median(bare)


def jq(path: Path, rounds: int) -> dict[str, float]:
    """See :func:`batches`: through a program."""
    inside = Inside(time.thread_time_ns)
    return batches(path, wr.jq(PROGRAM), inside, rounds)


def schema(path: Path, rounds: int) -> dict[str, float]:
    """See :func:`batches`: through a schema that all records agree with, so that all are written."""
    inside = Inside(time.thread_time_ns)
    return batches(path, wr.validate(SCHEMA), inside, rounds)


def batches(path: Path, transform: wr.Transform, inside: Inside, rounds: int) -> dict[str, float]:
    """The share of a run from file to file that is spent outside of the guest, in per cent: the best round.

    ``host`` is of the thread that runs; ``clock`` is what the thread that keeps deadlines adds;
    ``batch`` is what one batch costs outside, in microseconds.
    """
    host, others, each = [], [], []
    with transform, tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            inside.spent = inside.calls = 0
            process, thread = time.process_time_ns(), time.thread_time_ns()
            wr.run(path, transform, Path(folder, f"{number}.ndjson"))
            thread = time.thread_time_ns() - thread
            process = time.process_time_ns() - process
            host.append(100 * (thread - inside.spent) / process)
            others.append(100 * (process - thread) / process)
            each.append((thread - inside.spent) / inside.calls / 1000)
            Path(folder, f"{number}.ndjson").unlink()  # to replace it would cost the next round
    return {"host": min(host[1:]), "clock": min(others[1:]), "batch": min(each[1:])}


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


def main() -> None:
    """The command line in the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("jq", "schema", "one", "apart"))
    parser.add_argument("input", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    job = {"jq": jq, "schema": schema, "one": one, "apart": apart}[options.what]
    print(json.dumps(job(options.input, options.rounds)))


if __name__ == "__main__":
    main()
