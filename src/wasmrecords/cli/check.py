"""``wasmrecords check``: does a module, of any language, keep to the ABI?"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import wasmrecords as wr

from ..authoring import conformance
from ..authoring.conformance import Check
from ._authors import built, guarded
from ._parser import Parser, UsageError
from ._recipe import config_text
from ._task import limits_of
from ._terminal import GREEN, PLAIN, RED, YELLOW, Terminal, colours, printable, put

COLOURS = {"ok": GREEN, "failed": RED, "warning": YELLOW}
NAME = 12  # columns


def main(arguments: list[str], terminal: Terminal) -> int:
    """Runs the command and returns its exit status: 0 nothing is wrong, 1 something, 2 not tried."""
    parser = Parser("check")
    parser.add_argument("module", nargs="?", metavar="MODULE")
    parser.add_argument("-m", dest="named", metavar="MODULE")
    for option in ("--config", "--transform", "--function", "--records"):
        parser.add_argument(option)
    parser.add_argument("--limit", action="append", default=[])
    parser.add_argument("--json", action="store_true")
    options = parser.read(arguments)
    if options.named is not None and options.module is not None:
        raise UsageError("one MODULE at a time", "check")
    options.module = options.module or options.named
    if options.transform is not None and options.function is not None:
        raise UsageError("--transform and --function cannot go together: one of them is checked", "check")
    return guarded(terminal, lambda: _check(options, terminal))


def _check(options: argparse.Namespace, terminal: Terminal) -> int:
    limits = limits_of(options)
    module = built(terminal).path if options.module is None else Path(options.module)
    lines = b"" if options.records is None else Path(options.records).read_bytes()[: conformance.MOST_LINES]
    try:
        kit = conformance.kit(
            module,
            limits,
            config=config_text(options.config),
            transform=options.transform,
            function=options.function,
            lines=lines,
        )
    except (wr.ModuleError, wr.RecipeError) as error:
        terminal.error(str(error))
        return 2
    found: list[Check] = []
    for check in kit.run():
        found.append(check)
        if not options.json:
            _say(_line(check))
    counts = {status: sum(check.status == status for check in found) for status in conformance.STATUSES}
    if options.json:
        checks = [{"name": c.name, "status": c.status, "message": c.message} for c in found]
        _say(json.dumps({"module": str(module), "checks": checks, "counts": counts}, indent=2))
    else:
        _say(", ".join(f"{count} {status}" for status, count in counts.items() if count))
    return 1 if counts["failed"] else 0


def _line(check: Check) -> str:
    status: str = check.status
    padding = " " * (len("not applicable") - len(status))
    if colours(1) and status in COLOURS:
        status = f"{COLOURS[status]}{status}{PLAIN}"
    return f"{status}{padding}  {check.name:<{NAME}}{printable(check.message)}"


def _say(text: str) -> None:
    put(f"{text}\n")
