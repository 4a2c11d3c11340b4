"""What the guest alone makes of records of many shapes, in batches of 256 KiB that lie in memory.

    python benchmarks/engine.py --size 8
    python benchmarks/engine.py --study study.wasm --native speed --only reference --only wide

The shipped module runs through the package's own instances; the clock runs around the engine's own function,
so that nothing of the host is in it. All cases run in turn, again and again, and their output is compared.

--study FILE   a module with kernels written by hand for these records: they run in the same rounds
--native FILE  the same engine as a program of this machine, in the same rounds:
               RUSTFLAGS=-Ctarget-feature=+sse4.2 cargo build --release -p wasmrecords-modules --example speed

--real FOLDER  records of well-known files as well, if they are there: see cases.py

Prints one JSON object, with an object for each case: ``speed`` in MB of input per second of processor time;
``kernel``, ``guarded`` and ``native``, our speed as a multiple of that of the kernel, of the kernel compiled
as ours is, of the native program; ``against`` names the case that ours is compared with, ``ratio`` is the
multiple of its speed, ``bar`` what that is to be at least. Ratios are medians over the rounds.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any

import cases
import wasmtime
from cases import KERNEL, Case
from in_process import Inside
from measure import BATCH, MB, Command, batches
from wasmtime import _ffi

import wasmrecords as wr
from wasmrecords import _engine


class Kernel:
    """The study's module, which takes whole lines, compiled without deadlines or as ours is."""

    def __init__(self, module: Path, room: int, guarded: bool) -> None:
        engine = _engine.compiling_engine(False) if guarded else wasmtime.Engine()
        self._store, linker = wasmtime.Store(engine), wasmtime.Linker(engine)
        self._store.set_epoch_deadline(1 << 40)
        self._store.set_wasi(wasmtime.WasiConfig())
        linker.define_wasi()
        instance = linker.instantiate(self._store, wasmtime.Module.from_file(engine, str(module)))
        self._exports: dict[str, Any] = dict(instance.exports(self._store))
        self._arguments = (_ffi.wasmtime_val_raw_t * 3)()
        self._call("_initialize")
        self._call("h_init", room)
        self._input, self._output = self._call("h_in"), self._call("h_out")
        recipe = b"{a:s}||a"  # the kernels do not look at it, but there must be one
        self._memory = self._exports["memory"]
        self._memory.write(self._store, recipe, self._input)
        self._call("h_plan", len(recipe))

    def _call(self, name: str, *arguments: int) -> int:
        return int(self._exports[name](self._store, *arguments) or 0)

    def _run(self, mode: int, lines: bytes) -> int:
        """Nanoseconds. The documented way to call would add 30,000 of them."""
        self._memory.write(self._store, lines, self._input)
        for at, value in enumerate((mode, len(lines), len(lines))):
            self._arguments[at].i64 = value
        trap = ctypes.POINTER(_ffi.wasm_trap_t)()
        places = ctypes.byref(self._exports["h_run"]._func), self._arguments, 3, ctypes.byref(trap)
        context, call = self._store._context(), _ffi.dll.wasmtime_func_call_unchecked
        start = time.thread_time_ns()
        error = call(context, *places)
        spent = time.thread_time_ns() - start
        if error or trap:
            raise SystemExit("the study's kernel failed")
        return spent

    def seconds(self, mode: int, given: list[bytes]) -> float:
        """What all batches take."""
        return sum(self._run(mode, batch) for batch in given) / 1e9

    def output(self, mode: int, given: list[bytes]) -> bytes:
        """What all batches give."""
        found = b""
        for batch in given:
            self._run(mode, batch)
            start, length = self._output, self._arguments[0].i32
            found += self._memory.read(self._store, start, start + length)
        return found


class Native:
    """The same engine as a process of its own, whose clock is read from here."""

    def __init__(self, program: Path, case: Case, text: Path, output: Path) -> None:
        command: Command = [program, json.dumps(case.config()), text, output, str(BATCH)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._clock = ~self._process.pid << 3 | 2  # Linux: the number of another process's clock
        self._hear("ready")

    def _hear(self, word: str) -> None:
        out: IO[bytes] | None = self._process.stdout
        if not out or out.readline() != f"{word}\n".encode():
            raise SystemExit(f"{self._process.args!r} failed")

    def run(self) -> float:
        """Seconds of its processor time, without those for copying batches, which the clock around ours does
        not see either."""
        return self._pass(b"all") - self._pass(b"copy")

    def _pass(self, what: bytes) -> float:
        start = time.clock_gettime(self._clock)
        if self._process.stdin:
            self._process.stdin.write(what + b"\n")
            self._process.stdin.flush()
        self._hear("done")
        return time.clock_gettime(self._clock) - start

    def close(self) -> None:
        """Ends it."""
        self._process.communicate()


def compare(ours: bytes, theirs: bytes, who: str) -> None:
    """Holds two outputs against each other, value by value, if their bytes are not the same."""
    if ours != theirs:
        mine, other = ([json.loads(line) for line in text.splitlines()] for text in (ours, theirs))
        if mine != other:
            raise SystemExit(f"{who}: the outputs differ")


class Bench:
    """Cases with all that runs them."""

    def __init__(self, options: argparse.Namespace, folder: Path, chosen: list[Case]) -> None:
        self._inside = Inside(time.thread_time_ns)
        self._texts: dict[str, list[bytes]] = {}
        self._sides: dict[tuple[str, str], Callable[[], float]] = {}
        self._natives: list[Native] = []
        for case in chosen:
            if case.shape not in self._texts:
                text = cases.text(case.shape, int(options.size * MB), options.real, options.reference)
                folder.joinpath(case.shape).write_bytes(text)
                self._texts[case.shape] = batches(text)
        kernels = {"kernel": False, "guarded": True} if options.study else {}
        studies = {side: Kernel(options.study, 2 * BATCH, guarded) for side, guarded in kernels.items()}
        for case in chosen:
            given, transform = self._texts[case.shape], case.transform()
            output = b"".join(transform.run(batch).output for batch in given)
            self._sides[case.name, "ours"] = partial(self._seconds, transform, given)
            for side, kernel in studies.items() if case.mode else ():
                compare(output, kernel.output(case.mode or 0, given), f"{case.name}, {side}")
                self._sides[case.name, side] = partial(kernel.seconds, case.mode or 0, given)
            if options.native:
                written = folder / "native.out"
                native = Native(options.native, case, folder / case.shape, written)
                compare(output, written.read_bytes(), f"{case.name}, native")
                self._natives.append(native)
                self._sides[case.name, "native"] = native.run

    def _seconds(self, transform: wr.Transform, given: list[bytes]) -> float:
        """What all batches take within the guest."""
        self._inside.spent = 0
        for batch in given:
            transform.run(batch)
        return self._inside.spent / 1e9

    def size(self, case: Case) -> int:
        """Bytes of its input."""
        return sum(map(len, self._texts[case.shape]))

    def measure(self, rounds: int) -> dict[tuple[str, str], list[float]]:
        """Seconds of each side of each case, in each round; the first round is left off."""
        times: dict[tuple[str, str], list[float]] = {side: [] for side in self._sides}
        for number in range(rounds + 1):
            for side in sorted(self._sides, reverse=bool(number % 2)):
                seconds = self._sides[side]()
                if number:
                    times[side].append(seconds)
        for native in self._natives:
            native.close()
        return times


def report(bench: Bench, chosen: list[Case], rounds: int) -> dict[str, Any]:
    """See above."""
    times = bench.measure(rounds)
    size = {case.name: bench.size(case) for case in chosen}

    def ratio(case: str, side: str, other: str = "") -> float | None:
        other = other or case
        if (other, side) not in times:
            return None
        pairs = zip(times[other, side], times[case, "ours"], strict=True)
        return statistics.median(theirs / ours for theirs, ours in pairs) * size[case] / size[other]

    found = {}
    for case in chosen:
        own, kernel = case.name, ratio(case.name, "kernel")
        found[own] = {
            "speed": size[own] / MB / statistics.median(times[own, "ours"]),
            "kernel": kernel,
            "guarded": ratio(own, "guarded"),
            "native": ratio(own, "native"),
            "against": case.against,
            "ratio": kernel if case.against == KERNEL else ratio(own, "ours", case.against or "-"),
            "bar": case.bar,
        }
    return found


def main() -> None:
    """The command line in the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=float, default=8, metavar="MB", help="of each shape (%(default)s)")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", action="append", metavar="CASE", help="may come again")
    parser.add_argument("--study", type=Path, metavar="FILE")
    parser.add_argument("--native", type=Path, metavar="FILE")
    parser.add_argument("--real", type=Path, metavar="FOLDER")
    parser.add_argument("--reference", type=Path, metavar="FILE", help="records in place of the made ones")
    options = parser.parse_args()
    chosen = [*cases.MADE, *cases.real(options.real)] if options.real else cases.MADE
    chosen = [case for case in chosen if not options.only or case.name in options.only]
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(report(Bench(options, Path(folder), chosen), chosen, options.rounds)))


if __name__ == "__main__":
    main()
