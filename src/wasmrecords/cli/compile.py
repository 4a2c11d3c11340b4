"""``wasmrecords compile``: modules into the cache, so that the first run does not wait for the compiler."""

from __future__ import annotations

import time

import wasmrecords as wr

from ..authoring.warm import warm
from ._authors import guarded
from ._parser import Parser, UsageError
from ._task import limits_of
from ._terminal import Terminal, put


def main(arguments: list[str], terminal: Terminal) -> int:
    """Runs the command and returns its exit status: 0 all are in the cache, 2 not all."""
    parser = Parser("compile")
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--limit", action="append", default=[])
    options = parser.read(arguments)
    if not options.modules:
        raise UsageError("MODULE is missing, as in: wasmrecords compile redact.wasm", "compile")
    limits = limits_of(options)
    return guarded(terminal, lambda: _compile(options.modules, limits, terminal))


def _compile(modules: list[str], limits: wr.Limits, terminal: Terminal) -> int:
    status = 0
    for module in modules:
        started = time.perf_counter()
        try:
            done = warm(module, limits)
        except wr.WasmRecordsError as error:
            words = str(error)
            terminal.error(words if module in words else f"{module}: {words}")
            status = 2
            continue
        seconds = time.perf_counter() - started
        if done is None:
            what = f"compiled in {seconds:,.1f} s, and not kept: there is no cache, see wasmrecords cache"
            status = 2
        elif done:
            what = f"compiled in {seconds:,.1f} s, {done / wr.MiB:,.1f} MiB of code kept"
        else:
            what = "was in the cache"
        put(f"{module}: {what}\n")
    return status
