"""Runs one case in this process, which then must still be able to work, and says as JSON what happened.

``python -m hostile.child Load/empty``, or without a name: see :func:`serve`.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from guests import guest

import wasmrecords as wr
from hostile.case import Case, Stage, ending
from hostile.catalogue import cases


def good() -> str:
    """A good module and a recipe, in the process in which something bad happened."""
    with wr.load(guest()) as transform:
        batch = transform.run(b"a1\nd2\nf3\n")
        if (batch.output, batch.counts) != (b"a1\n", wr.Counts(3, 1, 1, 1, 1)):
            return f"the good module gave {batch}"
    with wr.jq("select(.n > 1) | {n}", schema={"properties": {"n": {"type": "integer"}}}) as transform:
        batch = transform.run(b'{"n": 1}\n{"n": 2, "m": 0}\n{"n": "x"}\n')
        if (batch.output, batch.counts) != (b'{"n":2}\n', wr.Counts(3, 1, 1, 1, 1)):
            return f"the recipe gave {batch}"
    return "fine"


def footprint() -> dict[str, int]:
    """What this process holds, in KiB and pieces. Empty where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        files = len(list(Path("/proc/self/fd").iterdir()))
        children = sum(len(path.read_text().split()) for path in Path("/proc/self/task").glob("*/children"))
    except OSError:
        return {}
    status = dict(line.split(":", 1) for line in lines)
    return {
        "resident": int(status["VmRSS"].split()[0]),
        "virtual": int(status["VmSize"].split()[0]),
        "files": files,
        "children": children,
        "threads": threading.active_count(),
    }


def growth(before: dict[str, int]) -> dict[str, int]:
    """What is left of the attack, after a moment for threads that are about to end."""
    end = time.monotonic() + 3
    while True:
        gc.collect()
        grown = {name: value - before[name] for name, value in footprint().items()}
        left = any(grown.get(name, 0) > 0 for name in ("files", "children", "threads"))
        if not left or time.monotonic() > end:
            return grown
        time.sleep(0.05)


def run(case: Case) -> dict[str, Any]:
    """The case at each of its levels; what it leaves behind is measured from the first time to the last."""
    levels = case.levels if len(case.levels) > 1 or case.once else case.levels * 2
    said: dict[str, Any] = {"ends": {}, "seconds": 0.0, "messages": [], "good": [], "grown": {}}
    before: dict[str, int] = {}
    for level in levels:
        with tempfile.TemporaryDirectory() as folder:
            stage = Stage(level, Path(folder))
            started = time.monotonic()
            ended = ending(case.act, stage)
            said["seconds"] = max(said["seconds"], time.monotonic() - started)
        said["ends"].setdefault(level, []).append(ended)
        said["messages"] += stage.messages
        said["good"].append(good())
        if before:
            said["grown"] = growth(before)
        else:
            gc.collect()
            before = footprint()
    return said


def main(name: str) -> None:
    group, _, title = name.partition("/")
    (case,) = [case for case in cases(group) if case.name == title]
    try:
        said = run(case)
    except Exception:  # noqa: BLE001 no typed end: the parent shows it
        said = {"problem": traceback.format_exc()}
    # Whatever a case writes to standard output, this is its last line.
    sys.stdout.write("\n" + json.dumps(said) + "\n")
    sys.stdout.flush()


NEEDED = ("wasmtime", "orjson", "wasmrecords._recipe", "wasmrecords._transform", "wasmrecords._engine")


def serve() -> None:
    """Takes lines with a folder and a case, tabs between. Each case runs in a process of its own, in which
    nothing was done before but that what is ours is imported; what it says is in the folder's ``out`` and
    ``err``. Answers with the exit status, negative for a signal."""
    for name in NEEDED:
        importlib.import_module(name)
    for line in sys.stdin:
        folder, name = line.rstrip("\n").split("\t")
        process = os.fork()
        if not process:
            for descriptor, path in enumerate((os.devnull, f"{folder}/out", f"{folder}/err")):
                file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
                os.dup2(file, descriptor)
                os.close(file)
            return main(name)  # and ends as any process does
        _, status = os.waitpid(process, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
    return None


if __name__ == "__main__":
    main(sys.argv[1]) if len(sys.argv) > 1 else serve()
