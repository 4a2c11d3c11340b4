"""Whole processes, from file to file, against native tools for the same job."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import typed
from bench import DEMO, HERE, PROGRAM, TYPED, Bench, agreement
from measure import MB, Command, Cost, Row, ratio, typical
from peers import PEERS

PROGRAMS = {
    "jq": PROGRAM,
    "identity": ".",
    "project": "{id, name, email, age, score, ts}",
    "choose": "select(.score >= 50 and .active == true and .age < 60)",
}
WRITTEN = "wasmrecords, in Rust"
JQ_RATIO, SCHEMA_RATIO = 1.2, 0.8


def speed(bench: Bench) -> list[Row]:
    """Recipes of ours against jq and, for a schema alone, msgspec."""
    source, out = bench.data(), bench.folder
    ours: dict[str, Callable[[], Cost]] = {
        **{
            name: bench.command("--jq", program, source=source, output=f"{name}.ndjson")
            for name, program in PROGRAMS.items()
        },
        "schema": bench.command("--schema", TYPED, source=source),
        "both": bench.command("--schema", DEMO, "--jq", PROGRAM, source=source, output="both.ndjson"),
    }
    peers: dict[str, Callable[[], Cost]] = {}
    if jq := shutil.which("jq"):
        for name, program in PROGRAMS.items():
            line: Command = [jq, "-c", program, source]
            peers[f"native {name}"] = _native(bench, line, out / f"native {name}.ndjson")
    if find_spec("msgspec"):
        line = [sys.executable, HERE / "peers.py", "types", source, out / "count"]
        peers["msgspec"] = _native(bench, line)
    ours["jq"]()  # the first run of all compiles
    costs = bench.processes.interleaved(peers | ours, bench.rounds)

    rows = [Row(f"{name}: speed", _rate(bench, costs[name]), "MB/CPU-s") for name in (*peers, *ours)]
    for job, program in PROGRAMS.items():
        name = f"--jq '{program}' against native jq -c"
        if jq:
            value = ratio(costs[f"native {job}"], costs[job])
            same = agreement(out / f"{job}.ndjson", out / f"native {job}.ndjson")
            rows.append(Row.at_least(name, value, "x", JQ_RATIO, same))
        else:
            rows.append(Row.missing(name, "there is no jq command on this machine"))
    name = "--schema against msgspec"
    if "msgspec" in peers:
        value = ratio(costs["msgspec"], costs["schema"])
        rows.append(Row.at_least(name, value, "x", SCHEMA_RATIO))
    else:
        rows.append(Row.missing(name, "msgspec is not installed"))
    return rows


def peers(bench: Bench) -> list[Row]:
    """Schema and program, and the same as a function of one's own, against everybody else."""
    source, out = bench.repeated(bench.size), bench.folder
    ours = bench.command("--schema", TYPED, "--jq", PROGRAM, source=source, output="ours.ndjson")
    ours()  # the first run of all compiles
    here = [peer for peer in PEERS if not peer.missing()]
    commands = {"wasmrecords": ours}
    ways = "a Rust function over the recipe, whole processes"
    try:
        module: Path | None = typed.module()
    except subprocess.CalledProcessError:
        module = None
    if module is not None:
        further = ("-m", module, "--transform", "typed")
        commands[WRITTEN] = bench.command(*further, source=source, output="written.ndjson")
        commands[WRITTEN]()
    for peer in here:
        output = out / f"{peer.name}.ndjson"
        line = peer.line(source, output)
        commands[peer.name] = _native(bench, line, output if peer.command == "jq" else None)
    costs = bench.processes.interleaved(commands, bench.rounds)

    rows = []
    for name, cost in costs.items():
        note = f"peak {max(one.memory for one in cost) / MB:.0f} MB"
        rows.append(Row(f"{name}: the whole job", _rate(bench, cost), "MB/CPU-s", note=note))
    if module is None:
        rows.append(Row.missing(ways, "it could not be built"))
    else:
        same = agreement(out / "ours.ndjson", out / "written.ndjson")
        rows.append(Row(ways, ratio(costs["wasmrecords"], costs[WRITTEN]), "x", note=same))
    for peer in PEERS:
        name = f"the whole job against {peer.name}"
        if why := peer.missing():
            rows.append(Row.missing(name, why))
            continue
        value = ratio(costs[peer.name], costs["wasmrecords"])
        same = agreement(out / "ours.ndjson", out / f"{peer.name}.ndjson")
        row = Row.at_least(name, value, "x", peer.bar, same) if peer.bar else Row(name, value, "x", note=same)
        rows.append(row)
    return rows


def _native(bench: Bench, line: Command, output: Path | None = None) -> Callable[[], Cost]:
    return lambda: bench.processes.cost(line, output)


def _rate(bench: Bench, costs: list[Cost]) -> float:
    return bench.size / MB / typical(costs)
