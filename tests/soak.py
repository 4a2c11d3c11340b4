"""A soak: a million batches of which every third traps, and 20,000 transforms made and dropped.

Memory must be flat within 2 MB after the warm-up, and no thread, file descriptor or mapping may be left.
Linux only, as it reads /proc. test_soak.py runs it shortly.

    python tests/soak.py --batches 1000000 --transforms 20000
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from guests import guest

import wasmrecords as wr

Isolation = Literal["shared", "fresh", "process"]
MB = 1_000_000
ALLOWED = 2 * MB
"""Bytes that the memory may grow by after the warm-up."""
ALLOWED_MAPPINGS = 16  # the allocator and the engine's pool come and go by a few; a leak has thousands
SAMPLES = 20
WARM_UP = 4  # samples


class State(NamedTuple):
    """What this process holds: bytes in memory, and numbers of things."""

    memory: int
    threads: int
    files: int
    mappings: int

    def __str__(self) -> str:
        counted = f"{self.threads} threads  {self.files} files  {self.mappings} mappings"
        return f"{self.memory / MB:7.2f} MB  {counted}"


def state() -> State:
    gc.collect()
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    with open("/proc/self/maps", "rb") as maps:
        mappings = sum(1 for _ in maps)
    return State(resident, len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd")), mappings)


def threads_at_rest(before: int) -> int:
    """The fewest of three seconds without work, or until there are no more than before. The clock's thread
    ends by itself, and the system's timer has threads of its own for an instant at each tick, some of which
    wait on a busy machine."""
    fewest = len(os.listdir("/proc/self/task"))
    for _ in range(60):
        if fewest <= before:
            break
        time.sleep(0.05)
        fewest = min(fewest, len(os.listdir("/proc/self/task")))
    return fewest


def batches(count: int, isolation: Isolation) -> Iterator[None]:
    """One transform; the batches are good, good, and one with a record that traps between two others."""
    good, bad = b"a1\nd2\nf3\n", b"a1\nt2\na3\n"
    with wr.load(guest(), isolation=isolation) as transform:
        for number in range(count):
            batch = transform.run(bad if number % 3 == 2 else good)
            if number % 3 == 2:
                assert batch.output == b"a1\na3\n"
                assert [failure.code for failure in batch.failures] == ["trap"]
            else:
                assert batch.counts == wr.Counts(read=3, kept=1, dropped=1, failed=1, written=1)
            yield


def transforms(count: int, isolation: Isolation) -> Iterator[None]:
    """Each is new and runs a batch, which traps in every third. Half are closed, half just dropped."""
    module = guest()
    for number in range(count):
        limits = wr.Limits(time=0.5 + number % 5)
        transform = wr.load(module, config=number, limits=limits, isolation=isolation)
        batch = transform.run(b"a\nt\n" if number % 3 == 2 else b"a\n")
        assert batch.output == b"a\n"
        if number % 2:
            transform.close()
        del transform
        yield


def soak(
    work: Callable[[int, Isolation], Iterator[None]],
    count: int,
    isolation: Isolation,
    say: Callable[[str], object],
) -> list[str]:
    """Does the work; what is wrong afterwards, in words."""
    every = max(1, count // SAMPLES)
    samples: list[State] = []
    started = time.monotonic()
    for done, _ in enumerate(work(count, isolation), 1):
        if done % every == 0:
            samples.append(state())
            say(f"{work.__name__} {done:>9,}  {time.monotonic() - started:6.0f} s  {samples[-1]}")
    del _
    warm = samples[WARM_UP - 1]
    last = samples[-1]._replace(threads=threads_at_rest(warm.threads))
    highest = max(sample.memory for sample in samples[WARM_UP - 1 :])
    wrong = []
    if highest - warm.memory > ALLOWED:
        wrong.append(f"{(highest - warm.memory) / MB:.2f} MB more than after the warm-up")
    for name, allowed in (("threads", 0), ("files", 0), ("mappings", ALLOWED_MAPPINGS)):
        before, now = getattr(warm, name), getattr(last, name)
        if now > before + allowed:
            wrong.append(f"{now - before} more {name} than after the warm-up")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--batches", type=int, default=1_000_000)
    parser.add_argument("--transforms", type=int, default=20_000)
    parser.add_argument("--isolation", default="shared")
    arguments = parser.parse_args()
    wrong: list[str] = []
    for work, count in ((batches, arguments.batches), (transforms, arguments.transforms)):
        if count:
            wrong += soak(work, count, arguments.isolation, lambda line: print(line, flush=True))
    print("\n".join(wrong) or "flat")
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
