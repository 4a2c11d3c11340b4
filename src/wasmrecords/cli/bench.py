"""``wasmrecords bench``: how fast a module is, and how much of the time is its own."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import wasmrecords as wr

from ..authoring import bench, cases
from ..authoring.project import build
from ._authors import guarded, nearby, project_here
from ._parser import Parser, UsageError
from ._recipe import config_text
from ._terminal import GREEN, PLAIN, RED, Terminal, colours, put

SAME = 0.05  # a share within which two rates are the same


def main(arguments: list[str], terminal: Terminal) -> int:
    """Runs the command and returns its exit status: 0 measured, 2 not."""
    parser = Parser("bench")
    parser.add_argument("names", nargs="*", metavar="MODULE|INPUT")
    parser.add_argument("-m", dest="module", metavar="MODULE")
    parser.add_argument("--config")
    parser.add_argument("--transform")
    parser.add_argument("--function")
    parser.add_argument("--seconds", default="3")
    parser.add_argument("--limit", action="append", default=[])
    parser.add_argument("--json", action="store_true")
    options = parser.read(arguments)
    if options.transform is not None and options.function is not None:
        raise UsageError("--transform and --function cannot go together: one of them is measured", "bench")
    return guarded(terminal, lambda: _Bench(options, terminal).run())


class _Bench:
    """One run of the command."""

    def __init__(self, options: argparse.Namespace, terminal: Terminal) -> None:
        self._options, self._terminal = options, terminal

    def run(self) -> int:
        """The exit status."""
        try:
            limits = wr.Limits.parse(self._options.limit)
            module, target, data = self._what()
            config = config_text(self._options.config) or b"null"
            json.loads(config)
            seconds = _seconds(self._options.seconds)
        except ValueError as error:
            raise UsageError(str(error), "bench") from None
        transform, function = self._options.transform, self._options.function
        try:
            result = bench.measure(
                module,
                data,
                limits,
                config=config,
                transform=transform,
                function=function,
                seconds=seconds,
            )
        except ValueError as error:
            raise UsageError(str(error), "bench") from None
        except (bench.Refused, wr.WasmRecordsError) as error:
            self._terminal.error(str(error))
            return 2
        before = bench.History.of(target).swap(bench.key(module, function or transform, config, data), result)
        self._show(nearby(module), result, before)
        return 0

    def _what(self) -> tuple[Path, Path | None, bytes]:
        """The module, its project's target folder, and the records."""
        names = list(self._options.names)
        if self._options.module is not None:
            names.insert(0, self._options.module)
        if self._options.module is not None or (names and names[0].endswith(".wasm")):
            if len(names) != 2:
                raise ValueError(
                    "MODULE and INPUT are needed, as in: wasmrecords bench redact.wasm people.ndjson"
                )
            return Path(names[0]), None, Path(names[1]).read_bytes()
        if len(names) > 1:
            raise ValueError("one INPUT at a time")
        project, tools = project_here(self._terminal)
        if names:
            data = Path(names[0]).read_bytes()
        else:
            data = b"".join(_lines(case.file("input").read_bytes()) for case in self._cases(project.root))
        return build(project, tools).path, project.target, data

    def _cases(self, root: Path) -> list[cases.Case]:
        """The cases that are measured; from now on the options say of which function or transform."""
        options = self._options
        found = cases.find(root / cases.FOLDER)
        of = cases.OfOne.chosen(found, options.function, options.transform)
        options.function, options.transform = of.function, of.transform
        return of.cases

    def _show(self, module: str, result: bench.Result, before: float | None) -> None:
        said = result.as_dict()
        ratio = None if before is None else result.rate / before
        if self._options.json:
            text = json.dumps({"module": module} | said | {"against_previous": ratio}, indent=2)
        else:
            size = f"{result.bytes / 1e6:,.0f} MB"
            rows = [
                ("records", f"{result.records:,} in {size}, {result.failed:,} of them failed"),
                ("speed", f"{result.rate:,.0f} MB/s, {said['records_per_second']:,.0f} records/s"),
                (
                    "time",
                    f"{said['microseconds_per_record']:,.2f} µs a record, {result.seconds:,.2f} s in all",
                ),
                (
                    "of it",
                    f"{1 - said['host_share']:.0%} in the module, {said['host_share']:.0%} in the host",
                ),
                ("memory", f"{result.memory / wr.MiB:,.1f} MiB"),
                ("before", self._against(ratio)),
            ]
            text = "\n".join([module, *(f"  {name:<9}{value}" for name, value in rows)])
        put(f"{text}\n")

    def _against(self, ratio: float | None) -> str:
        if ratio is None:
            return "not measured with this input yet: from now on it is compared"
        if abs(ratio - 1) < SAME:
            return f"the same speed ({ratio:.2f}x)"
        words = f"{ratio:.2f}x the speed of the last time"
        return f"{GREEN if ratio > 1 else RED}{words}{PLAIN}" if colours(1) else words


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 3600:
        raise ValueError(f"--seconds: expected a number over 0, of at most 3600, found {text!r}")
    return seconds


def _lines(data: bytes) -> bytes:
    return data if data.endswith(b"\n") else data + b"\n"
