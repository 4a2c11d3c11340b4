"""What the armour costs: batches of 256 KiB through the shipped module, armoured and bare, in turn.

    python benchmarks/armour.py events.ndjson

on      as users run it: deadlines, held signals, limits, a reply that is checked and copied
calls   the same compiled code, called as if it could be trusted: nothing is checked, nothing is looked after
bare    code that was compiled without deadlines and with any NaN, called in the same way

Prints one JSON object: milliseconds of the thread's processor time for each batch, in the median, and the per
cent that ``host`` (on over calls), ``code`` (calls over bare) and ``all`` (on over bare) add.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import wasmtime

import wasmrecords as wr
from wasmrecords import _engine, _native, _reply
from wasmrecords._guard import read_module
from wasmrecords._module import shipped
from wasmrecords._wasi import Shim

PROGRAM = "select(.score >= 50) | {id, name, score}"
BATCH = 256 * 1024
_BARE = ("epoch_interruption", "cranelift_nan_canonicalization")


class Trusting:
    """A host that believes all that its guest says. ``settings`` are the engine's."""

    def __init__(self, settings: dict[str, object]) -> None:
        config = wasmtime.Config()
        for name, value in settings.items():
            setattr(config, name, value)
        engine = wasmtime.Engine(config)
        self._store = wasmtime.Store(engine)
        if settings["epoch_interruption"]:
            self._store.set_epoch_deadline(1 << 40)
        self._shim = Shim(self._store, ("log", "random"), bytes(32), 0)
        linker = wasmtime.Linker(engine)
        self._shim.link(linker, read_module(shipped("records"), bodies=False))
        module = wasmtime.Module(engine, shipped("records"))
        self._guest = guest = _native.NativeGuest(self._store, linker.instantiate(self._store, module))
        limits = {"nesting": 128, "record": 8 * wr.MiB, "output": 16 * wr.MiB, "log": 0}
        config_ = {"jq": PROGRAM, "schema": None}
        head = {"abi": 1, "input": "ndjson", "output": "ndjson", "lineage": False}
        text = json.dumps(head | {"limits": limits, "config": config_}).encode()
        guest.write(guest.call("wr_arena", len(text)), text)
        self._block = guest.call("wr_open", len(text))
        self._arena = guest.call("wr_arena", 2 * BATCH)

    def run(self, batch: bytes) -> bytes:
        """The output."""
        guest = self._guest
        guest.write(self._arena, batch)
        guest.call("wr_batch", len(batch), 1)
        outputs = _reply._BLOCK.unpack(guest.read(self._block, _reply._BLOCK.size))[8]
        return guest.read(*_reply._OUTPUT.unpack(guest.read(outputs, _reply._OUTPUT.size))[:2])


def batches(path: Path) -> Iterator[bytes]:
    """The file, whole lines at a time."""
    waiting: list[bytes] = []
    size = 0
    with path.open("rb") as lines:
        for line in lines:
            waiting.append(line)
            size += len(line)
            if size >= BATCH:
                yield b"".join(waiting)
                waiting, size = [], 0


def measure(path: Path, rounds: int) -> dict[str, float]:
    """See above."""
    ours = _engine.settings(False)
    transform = wr.jq(PROGRAM)
    ways: dict[str, Callable[[bytes], bytes]] = {
        "on": lambda batch: transform.run(batch).output,
        "calls": Trusting(ours).run,
        "bare": Trusting(ours | dict.fromkeys(_BARE, False)).run,
    }
    times: dict[str, list[int]] = {name: [] for name in ways}
    given = list(batches(path))
    for _ in range(rounds):
        for batch in given:
            outputs = set()
            for name, run in ways.items():
                start = time.thread_time_ns()
                output = run(batch)
                times[name].append(time.thread_time_ns() - start)
                outputs.add(output)
            if len(outputs) > 1:
                raise SystemExit("the outputs differ")
    found = {name: statistics.median(taken) / 1e6 for name, taken in times.items()}
    return found | {
        "host": 100 * (found["on"] / found["calls"] - 1),
        "code": 100 * (found["calls"] / found["bare"] - 1),
        "all": 100 * (found["on"] / found["bare"] - 1),
    }


def main() -> None:
    """The command line in the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("input", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(json.dumps(measure(options.input, options.rounds)))


if __name__ == "__main__":
    main()
