"""Measures what docs/performance.md says, each comparison within one run, its parts in turn.

    python benchmarks/run.py                    # all of it, some minutes
    python benchmarks/run.py speed --size 64    # whole processes against native jq and msgspec, on 64 MB
    python benchmarks/run.py host --size 64     # time outside of the guest: batches, one record in one call
    python benchmarks/run.py armour --size 8    # what deadlines, checks and limits add to batches of 256 KiB
    python benchmarks/run.py start              # one record, whole process; the import
    python benchmarks/run.py memory --size 500  # the peak of a run, and of one a quarter as long

Times are seconds of processor time. The numbers of two runs are not comparable, the ratios are.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from itertools import zip_longest
from pathlib import Path

import generate
from measure import MB, Command, Cost, Processes, Row, machine, ratio, typical, wasmrecords

HERE = Path(__file__).parent
PROGRAM = "select(.score >= 50) | {id, name, score}"
PROGRAMS = {
    "jq": PROGRAM,
    "identity": ".",
    "project": "{id, name, email, age, score, ts}",
    "choose": "select(.score >= 50 and .active == true and .age < 60)",
}
JQ_RATIO, SCHEMA_RATIO = 1.2, 0.8
HOST_PERCENT, ONE_MICROSECONDS = 4, 10
START_MS, IMPORT_MS = 150, 30
PEAK_MB = 120
ARMOUR_PERCENT, APART_RATIO = 3, 1.3


@dataclasses.dataclass(frozen=True)
class Bench:
    """What all measurements share. ``size`` is of the input, in bytes."""

    folder: Path
    size: int
    rounds: int
    processes: Processes

    def data(self) -> Path:
        """Made records, or the user's own, as many as asked for."""
        path = self.folder / f"{self.size}.ndjson"
        if not path.exists():
            with path.open("wb") as output:
                written = 0
                for line in generate.records(0.0, 1):
                    if written >= self.size:
                        break
                    output.write(line)
                    written += len(line)
        return path

    def command(self, *recipe: str | Path, source: Path, output: str = "out.ndjson") -> Callable[[], Cost]:
        """A run of ours from a file to a file."""
        line: Command = [*wasmrecords(), "run", *recipe, source, "-o", self.folder / output]
        return lambda: self.processes.cost(line)


def speed(bench: Bench) -> list[Row]:
    """Whole processes, from file to file, against native programs for the same job."""
    source, out = bench.data(), bench.folder
    schema = HERE / "typed.schema.json"
    ours: dict[str, Callable[[], Cost]] = {
        **{
            name: bench.command("--jq", program, source=source, output=f"{name}.ndjson")
            for name, program in PROGRAMS.items()
        },
        "schema": bench.command("--schema", schema, source=source),
        "both": bench.command(
            "--schema", HERE / "demo.schema.json", "--jq", PROGRAM, source=source, output="both.ndjson"
        ),
    }
    peers: dict[str, Callable[[], Cost]] = {}
    if jq := shutil.which("jq"):
        for name, program in PROGRAMS.items():
            peers[f"native {name}"] = _native(
                bench, [jq, "-c", program, source], out / f"native {name}.ndjson"
            )
    if find_spec("msgspec"):
        peer: Command = [sys.executable, HERE / "peer_msgspec.py", source]
        peers["msgspec"] = lambda: bench.processes.cost(peer)
    ours["jq"]()  # the first run of all compiles
    costs = bench.processes.interleaved(peers | ours, bench.rounds)

    rows = [Row(f"{name}: speed", _rate(bench, costs[name]), "MB/CPU-s") for name in (*peers, *ours)]
    for job, program in PROGRAMS.items():
        name = f"--jq '{program}' against native jq -c"
        if jq:
            value = ratio(costs[f"native {job}"], costs[job])
            agreement = _agreement(out / f"{job}.ndjson", out / f"native {job}.ndjson")
            rows.append(Row.at_least(name, value, "x", JQ_RATIO, agreement))
        else:
            rows.append(Row.missing(name, "there is no jq command on this machine"))
    name = "--schema against msgspec"
    if "msgspec" in peers:
        value = ratio(costs["msgspec"], costs["schema"])
        rows.append(Row.at_least(name, value, "x", SCHEMA_RATIO))
    else:
        rows.append(Row.missing(name, "msgspec is not installed (pip install msgspec)"))
    return rows


def _native(bench: Bench, line: Command, output: Path) -> Callable[[], Cost]:
    return lambda: bench.processes.cost(line, output)


def _rate(bench: Bench, costs: list[Cost]) -> float:
    return bench.size / MB / typical(costs)


def _agreement(one: Path, other: Path) -> str:
    """Whether both wrote the same values, record by record."""
    with one.open("rb") as ours, other.open("rb") as native:
        for number, (mine, theirs) in enumerate(zip_longest(ours, native), 1):
            if mine is None or theirs is None or json.loads(mine) != json.loads(theirs):
                return f"THE OUTPUTS DIFFER, first in line {number}"
    return "same output"


def host(bench: Bench) -> list[Row]:
    """What is spent outside of the guest. A program hides it better than a schema that is quickly checked."""
    source = bench.data()

    def ask(what: str, rounds: int) -> dict[str, float]:
        return _answer(bench, "in_process.py", what, source, "--rounds", str(rounds))

    def note(share: dict[str, float]) -> str:
        return f"{share['batch']:.0f} us a batch; the thread for deadlines takes {share['clock']:.1f} % more"

    program, schema = ask("jq", bench.rounds), ask("schema", bench.rounds)
    one = min((ask("one", 2000) for _ in range(bench.rounds)), key=lambda one: one["outside"])
    call = f"within the guest: {one['inside']:.1f} us"
    return [
        Row.at_most("host share, --jq", program["host"], "%", HOST_PERCENT, note(program)),
        Row("host share, --schema", schema["host"], "%", note=note(schema)),
        Row.at_most("one record, host, p50", one["outside"], "us", ONE_MICROSECONDS, call),
    ]


def _answer(bench: Bench, script: str, *arguments: str | Path) -> dict[str, float]:
    """The JSON object that one of the scripts beside this one prints."""
    answer = bench.folder / "answer.json"
    bench.processes.cost([sys.executable, HERE / script, *arguments], answer)
    found: dict[str, float] = json.loads(answer.read_bytes())
    return found


def armour(bench: Bench) -> list[Row]:
    """What the sandbox adds to the same module, called bare, and what a worker process adds to that."""
    source, rounds = bench.data(), ("--rounds", str(bench.rounds))
    cost = _answer(bench, "armour.py", source, *rounds)
    apart = _answer(bench, "in_process.py", "apart", source, *rounds)
    return [
        Row.at_most("armour, the host's part", cost["host"], "%", ARMOUR_PERCENT, "checks, copies, looks"),
        Row.at_most("armour, in the guest's code", cost["code"], "%", ARMOUR_PERCENT, "deadlines, NaN"),
        Row("armour, all", cost["all"], "%"),
        Row.at_most("a batch in a worker process", apart["ratio"], "x", APART_RATIO, "over shared"),
    ]


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
    part = dataclasses.replace(bench, size=max(1, min(bench.size, 16 * MB))).data()
    peaks = []
    for size in (bench.size // 4, bench.size):
        source = bench.folder / "large.ndjson"
        with source.open("wb") as output:
            while output.tell() < size:
                output.write(part.read_bytes() if size - output.tell() > 2 * MB else _head(part))
        run = bench.command("--schema", HERE / "demo.schema.json", "--jq", PROGRAM, source=source)
        peaks.append(run().memory / MB)
        source.unlink()
    megabytes = bench.size / MB
    return [
        Row(f"peak memory, {megabytes / 4:g} MB", peaks[0], "MB"),
        Row.at_most(f"peak memory, {megabytes:g} MB", peaks[1], "MB", PEAK_MB),
    ]


def _head(path: Path) -> bytes:
    with path.open("rb") as lines:
        return b"".join(lines.readlines(MB // 4))


JOBS: dict[str, tuple[Callable[[Bench], list[Row]], float]] = {
    "speed": (speed, 64),
    "host": (host, 64),
    "armour": (armour, 8),
    "start": (start, 1),
    "memory": (memory, 500),
}
"""Each measurement and the megabytes that it takes when none are given."""


def show(rows: list[Row]) -> None:
    """A table for people."""
    print(f"{'':32} {'':>10} {'':10} {'target':10}")
    for row in rows:
        value = "-" if row.value is None else f"{row.value:,.2f}"
        verdict = {True: "met", False: "MISSED", None: ""}[row.met]
        line = f"{row.name:32} {value:>10} {row.unit:10} {row.target:10} {verdict:7} {row.note}"
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
    options = parser.parse_args()

    facts = machine()
    print(", ".join(f"{name} {value}" for name, value in facts.items()), end="\n\n")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="wasmrecords-bench-") as folder:
        for name, (job, size) in JOBS.items():
            if options.what in (name, "all"):
                bytes_ = int((size if options.size is None else options.size) * MB)
                rows += job(Bench(Path(folder), bytes_, options.rounds, Processes(Path(folder))))
    show(rows)
    if options.json:
        text = json.dumps({"machine": facts, "rows": [dataclasses.asdict(row) for row in rows]}, indent=2)
        options.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
