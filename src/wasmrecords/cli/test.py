"""``wasmrecords test``: the cases of a project, run through the sandbox."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import wasmrecords as wr

from ..authoring import cases
from ..authoring.project import build
from ._authors import guarded, nearby, project_here
from ._parser import Parser, UsageError
from ._task import limits_of
from ._terminal import GREEN, PLAIN, RED, Terminal, colours, printable, put

MOST_LINES = 200  # of one case's differences


def main(arguments: list[str], terminal: Terminal) -> int:
    """Runs the command and returns its exit status: 0 all is as expected, 1 not, 2 nothing could be tried."""
    parser = Parser("test")
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("-m", "--module")
    parser.add_argument("--folder")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--limit", action="append", default=[])
    parser.add_argument("--allow", action="append", default=[], metavar="NAMES")
    options = parser.read(arguments)
    limits = limits_of(options)
    return guarded(terminal, lambda: _Tests(options, limits, terminal).run())


class _Tests:
    """One run of the command."""

    def __init__(self, options: argparse.Namespace, limits: wr.Limits, terminal: Terminal) -> None:
        self._options, self._limits, self._terminal = options, limits, terminal
        self._coloured = colours(1)
        self._wrong = 0
        self._changed: list[Path] = []

    def run(self) -> int:
        """The exit status."""
        options = self._options
        try:
            folder, module = self._places()
            chosen = cases.find(folder, options.cases)
            with cases.CaseRunner(module, self._limits, options.allow) as runner:
                for case in chosen:
                    self._one(runner, case)
        except cases.BadCase as error:
            self._terminal.error(str(error))
            return 2
        except ValueError as error:  # of what --allow names
            raise UsageError(f"--{error}", "test") from None
        count = len(chosen)
        words = f"{count} case{'' if count == 1 else 's'}: "
        if options.update:
            words += f"{len(self._changed)} file{'' if len(self._changed) == 1 else 's'} changed"
        else:
            words += "all as expected" if not self._wrong else f"{self._wrong} not as expected"
        if self._wrong and options.update:
            words += f", {self._wrong} could not be run"
        self._say(words)
        return 1 if self._wrong else 0

    def _places(self) -> tuple[Path, Path]:
        options = self._options
        if options.module is not None:
            return Path(options.folder or cases.FOLDER), Path(options.module)
        project, tools = project_here(self._terminal)
        folder = Path(options.folder) if options.folder else Path(nearby(project.root / cases.FOLDER))
        cases.find(folder, options.cases)  # before minutes go into a build
        return folder, build(project, tools).path

    def _one(self, runner: cases.CaseRunner, case: cases.Case) -> None:
        try:
            found = runner.run(case)
        except wr.WasmRecordsError as error:
            self._wrong += 1
            self._say(f"{self._paint('FAILED', RED)} {case.name}: {error}")
            return
        if self._options.update:
            changed = cases.update(case, found)
            self._changed += changed
            for path in changed:
                self._say(f"{'wrote' if path.exists() else 'removed'} {path}")
            return
        differences = list(islice(cases.differences(case, found), MOST_LINES + 1))
        if not differences:
            self._say(f"{self._paint('ok', GREEN)} {case.name}")
            return
        self._wrong += 1
        self._say(f"{self._paint('FAILED', RED)} {case.name}")
        self._show(differences[:MOST_LINES])
        if len(differences) > MOST_LINES:
            self._say(f"    and more: these are the first {MOST_LINES} lines")
        if not case.file("expected").exists():
            self._say(f"    {case.file('expected')} is not there: wasmrecords test --update writes it")

    def _show(self, lines: Iterable[str]) -> None:
        for line in lines:
            colour = {"-": RED, "+": GREEN}.get(line[:1], "")
            self._say(f"    {self._paint(printable(line), colour) if colour else printable(line)}")

    def _paint(self, text: str, colour: str) -> str:
        return f"{colour}{text}{PLAIN}" if self._coloured else text

    def _say(self, text: str) -> None:
        put(f"{text}\n")
