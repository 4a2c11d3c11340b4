"""The guest alone on the whole job, written in Rust as functions of typed records, beside the recipe.

    python benchmarks/typed.py events.ndjson --rounds 15

The module is the example in rust-wasm/examples/events, built here. All run in turn, in batches of 256 KiB;
their outputs are compared value by value. Prints one JSON object, with MB of input in a second of the guest's
processor time for each, and the ratios of these in the median of the rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from in_process import PROGRAM, SCHEMA, Inside
from measure import MB, batches

import wasmrecords as wr

ROOT = Path(__file__).parent.parent
OURS = ("typed", "few", "serde")


def module() -> Path:
    """The example, as its author would build it."""
    build = [sys.executable, str(ROOT / "build_backend" / "toolchain.py"), "cargo", "build", "--quiet"]
    subprocess.run(
        [*build, "--locked", "--profile", "author", "--package", "events"], cwd=ROOT / "rust-wasm", check=True
    )
    return ROOT / "rust-wasm" / "target" / "wasm32-wasip1" / "author" / "events.wasm"


def measured(given: list[bytes], rounds: int) -> dict[str, float]:
    """See the module's docstring."""
    inside, size = Inside(time.thread_time_ns), sum(map(len, given)) / MB
    path = module()
    transforms = {name: wr.load(path, transform=name) for name in OURS}
    transforms["recipe"] = wr.jq(PROGRAM, schema=SCHEMA)
    speeds: dict[str, list[float]] = {name: [] for name in transforms}
    kept: dict[str, list[object]] = {}
    for number in range(rounds + 1):
        for name, transform in transforms.items():
            inside.spent, output = 0, b""
            for batch in given:
                output += transform.run(batch, input="ndjson").output
            if number:
                speeds[name].append(size * 1e9 / inside.spent)
            else:
                kept[name] = [json.loads(line) for line in output.splitlines()]
    if any(found != kept["recipe"] for found in kept.values()):
        raise SystemExit("the outputs differ")
    found = {name: statistics.median(all_of_them) for name, all_of_them in speeds.items()}
    for name, other in (("typed", "recipe"), ("few", "recipe"), ("typed", "serde"), ("few", "serde")):
        ratios = [one / two for one, two in zip(speeds[name], speeds[other], strict=True)]
        found[f"{name} over {other}"] = statistics.median(ratios)
    return found


def main() -> None:
    """The command line in the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("input", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print(json.dumps(measured(batches(options.input.read_bytes()), options.rounds)))


if __name__ == "__main__":
    main()
