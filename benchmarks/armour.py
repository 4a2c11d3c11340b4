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
from collections.abc import Callable
from pathlib import Path

import wasmtime
from measure import BATCH, batches

import wasmrecords as wr
from wasmrecords import _engine, _native, _reply
from wasmrecords._guard import read_module
from wasmrecords._module import load_module, shipped
from wasmrecords._wasi import Shim

PROGRAM = "select(.score >= 50) | {id, name, score}"
_BARE = ("epoch_interruption", "cranelift_nan_canonicalization")


class Trusting:
    """A host that believes all that its guest says."""

    def __init__(self, engine: wasmtime.Engine, module: wasmtime.Module) -> None:
        self._store = wasmtime.Store(engine)
        self._store.set_epoch_deadline(1 << 40)
        self._shim = Shim(self._store, ("log", "random"), bytes(32), 0)
        linker = wasmtime.Linker(engine)
        self._shim.link(linker, read_module(shipped("records"), bodies=False))
        self._guest = guest = _native.NativeGuest(self._store, linker.instantiate(self._store, module))
        limits = {"nesting": 128, "record": 8 * wr.MiB, "output": 16 * wr.MiB, "log": 0}
        config_ = {"jq": PROGRAM, "schema": None}
        head = {"abi": 1, "input": "ndjson", "output": "ndjson", "lineage": False}
        text = json.dumps(head | {"limits": limits, "config": config_}).encode()
        place = guest.call("wr_arena", len(text))
        guest.memory[place : place + len(text)] = text
        self._block = guest.call("wr_open", len(text))
        self._arena = guest.call("wr_arena", 2 * BATCH)

    def run(self, batch: bytes) -> bytes:
        """The output."""
        guest = self._guest
        guest.memory[self._arena : self._arena + len(batch)] = batch
        guest.call("wr_batch", len(batch), 1)
        outputs = _reply.BLOCK.unpack_from(guest.memory, self._block)[8]
        start, length, _ = _reply.OUTPUT.unpack_from(guest.memory, outputs)
        return bytes(guest.memory[start : start + length])


def bare() -> Trusting:
    """Compiles the module without what the armour has compiled into it: this takes a while."""
    config = wasmtime.Config()
    for name, value in _engine.settings(False).items():
        setattr(config, name, False if name in _BARE else value)
    engine = wasmtime.Engine(config)
    return Trusting(engine, wasmtime.Module(engine, shipped("records")))


def measure(path: Path, rounds: int) -> dict[str, float]:
    """See above."""
    transform = wr.jq(PROGRAM)
    compiled = load_module(shipped("records"), wr.Limits(), trusted=True).module
    ways: dict[str, Callable[[bytes], bytes]] = {
        "on": lambda batch: transform.run(batch).output,
        "calls": Trusting(_engine.engine(), compiled).run,
        "bare": bare().run,
    }
    times: dict[str, list[int]] = {name: [] for name in ways}
    given = batches(path.read_bytes())
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
