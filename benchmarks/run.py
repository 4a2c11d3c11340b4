"""Measures what docs/performance.md says, each comparison within one run, its parts in turn.

    python benchmarks/run.py                    # all of it, some minutes
    python benchmarks/run.py engine --size 8    # the guest alone, on records of many shapes
    python benchmarks/run.py peers --size 512   # whole processes against DuckDB, polars, msgspec and others
    python benchmarks/run.py speed --size 64    # the same, programs against jq, a schema against msgspec
    python benchmarks/run.py host --size 64     # time outside of the guest: batches, one record in one call
    python benchmarks/run.py threads --size 64  # two threads in place of one
    python benchmarks/run.py typed              # the job in Rust, as functions of typed records
    python benchmarks/run.py functions          # one call of a function, and a million at once
    python benchmarks/run.py armour --size 8    # what deadlines, checks and limits add to batches of 256 KiB
    python benchmarks/run.py start              # one record, whole process; the import
    python benchmarks/run.py memory --size 500  # the peak of a run, and of one a quarter as long

Times are seconds of processor time. The numbers of two runs are not comparable, the ratios are. What follows
``--engine`` is for engine.py: kernels of others, the same engine natively, real files. tables.py and
plot.py show what ``--json`` has written.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import generate
import whole
import within
from bench import DEMO, PROGRAM, Bench
from measure import MB, Cost, Processes, Row, machine, typical

START_MS, IMPORT_MS = 150, 30
PEAK_MB = 50


def start(bench: Bench) -> list[Row]:
    """What it takes until the first record is done."""
    record = bench.folder / "one.ndjson"
    record.write_bytes(next(generate.records(0.0, 1)))
    python = [sys.executable, "-c"]
    commands: dict[str, Callable[[], Cost]] = {
        "python": lambda: bench.processes.cost([*python, "pass"]),
        "import": lambda: bench.processes.cost([*python, "import wasmrecords"]),
        "run": bench.command("--jq", PROGRAM, source=record),
    }
    for command in commands.values():
        command()  # compiles, keeps
    costs = bench.processes.interleaved(commands, 5 * bench.rounds)
    bare = typical(costs["python"]) * 1000
    return [
        Row("python -c pass, whole process", bare, "ms"),
        Row.at_most("import wasmrecords", typical(costs["import"]) * 1000 - bare, "ms", IMPORT_MS),
        Row.at_most("one record, whole process", typical(costs["run"]) * 1000, "ms", START_MS),
    ]


def memory(bench: Bench) -> list[Row]:
    """The largest that a process becomes; a longer input must not make it larger."""
    peaks = []
    for size in (bench.size // 4, bench.size):
        source = bench.repeated(size)
        peaks.append(bench.command("--schema", DEMO, "--jq", PROGRAM, source=source)().memory / MB)
        source.unlink()
    megabytes = bench.size / MB
    return [
        Row(f"peak memory, {megabytes / 4:g} MB", peaks[0], "MB"),
        Row.at_most(f"peak memory, {megabytes:g} MB", peaks[1], "MB", PEAK_MB),
    ]


JOBS: dict[str, tuple[Callable[[Bench], list[Row]], float]] = {
    "engine": (within.engine, 8),
    "peers": (whole.peers, 512),
    "speed": (whole.speed, 64),
    "host": (within.host, 64),
    "threads": (within.threads, 64),
    "typed": (within.typed, 4),
    "functions": (within.functions, 1),
    "armour": (within.armour, 8),
    "start": (start, 1),
    "memory": (memory, 500),
}
"""Each measurement and the megabytes that it takes when none are given."""


def show(rows: list[Row]) -> None:
    """A table for people."""
    print(f"{'':40} {'':>10} {'':10} {'target':10}")
    for row in rows:
        value = "-" if row.value is None else f"{row.value:,.2f}"
        verdict = {True: "met", False: "MISSED", None: ""}[row.met]
        line = f"{row.name:40} {value:>10} {row.unit:10} {row.target:10} {verdict:7} {row.note}"
        print(line.rstrip())


def main() -> None:
    """The command line in the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=(*JOBS, "all"), default="all")
    parser.add_argument("--size", type=float, metavar="MB", help="of the input; each has a default")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="repeats (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes machine and rows there as well")
    parser.add_argument("--engine", nargs=argparse.REMAINDER, default=[], help="the rest goes to engine.py")
    options = parser.parse_args()

    facts = machine()
    print(", ".join(f"{name} {value}" for name, value in facts.items()), end="\n\n")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="wasmrecords-bench-") as folder:
        processes = Processes(Path(folder))
        for name, (job, size) in JOBS.items():
            if options.what in (name, "all"):
                bytes_ = int((size if options.size is None else options.size) * MB)
                rows += job(Bench(Path(folder), bytes_, options.rounds, processes, tuple(options.engine)))
    show(rows)
    if options.json:
        text = json.dumps({"machine": facts, "rows": [dataclasses.asdict(row) for row in rows]}, indent=2)
        options.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
