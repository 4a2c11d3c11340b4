"""Functions of a module called from Python: one call, and many at once, beside orjson on the same data.

    python benchmarks/functions.py --rounds 5

The module is the example in rust-wasm/examples/functions, built here. Prints one JSON object: microseconds
of one call in the median, by the clock on the wall; millions of calls of ``map`` in a second of processor
time; and the same for orjson, which writes and reads the arguments of each call, and of all of them at once.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

import wasmrecords as wr

ROOT = Path(__file__).parent.parent


def module() -> Path:
    """The example, as its author would build it."""
    build = [sys.executable, str(ROOT / "build_backend" / "toolchain.py"), "cargo", "build", "--quiet"]
    options = ["--locked", "--profile", "author", "--package", "functions"]
    subprocess.run([*build, *options], cwd=ROOT / "rust-wasm", check=True)
    return ROOT / "rust-wasm" / "target" / "wasm32-wasip1" / "author" / "functions.wasm"


def one(call: Callable[..., Any], *arguments: Any, count: int = 20_000) -> float:
    """Microseconds of one call, in the median."""
    clock, found = time.perf_counter_ns, []
    for _ in range(count):
        start = clock()
        call(*arguments)
        found.append(clock() - start)
    return statistics.median(found[count // 10 :]) / 1000


def rounds(math: wr.Functions, number: int, size: int) -> Iterator[dict[str, float]]:
    """Each measured once in each round, so that a slow minute meets all of them."""
    pairs = [(n, n + 1) for n in range(size)]
    texts = [(f"{n}", 2) for n in range(size)]

    def rate(work: Callable[[], Any]) -> float:
        start = time.process_time()
        work()
        return size / 1e6 / (time.process_time() - start)

    def through_json(value: Any) -> Any:
        return orjson.loads(orjson.dumps(value))

    for _ in range(number):
        yield {
            "one": one(math.multiply, 6, 7),
            "one_text": one(math.repeated, "abc", 3),
            "one_orjson": one(through_json, (6, 7)),
            "map": rate(lambda: list(math.multiply.map(pairs))),
            "map_text": rate(lambda: list(math.repeated.map(texts))),
            "each_orjson": rate(lambda: list(map(through_json, pairs))),
            "all_orjson": rate(lambda: through_json(pairs)),
        }


def main() -> None:
    """The command line in the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    options = parser.parse_args()
    with wr.functions(module()) as math:
        if math.multiply(6, 7) != 42 or list(math.multiply.map([(6, 7), (8, 9)])) != [42, 72]:
            raise SystemExit("the module cannot multiply")
        found = list(rounds(math, options.rounds, options.pairs))
    print(json.dumps({name: statistics.median(each[name] for each in found) for name in found[0]}))


if __name__ == "__main__":
    main()
