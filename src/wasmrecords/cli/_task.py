"""What the commands that read records share: how they end, and what is said then."""

from __future__ import annotations

import argparse
import gc
import os
import signal
from typing import NoReturn

import wasmrecords as wr

from ._parser import UsageError
from ._terminal import YELLOW, Terminal, printable_lines, rate

SHOWN = 20  # codes, the most frequent ones


class _Terminated(KeyboardInterrupt):
    """SIGTERM: ends like an interrupt, with its own exit status."""


def limits_of(options: argparse.Namespace) -> wr.Limits:
    """What ``--limit`` sets. Raises :class:`UsageError`."""
    try:
        return wr.Limits.parse(options.limit)
    except ValueError as error:
        raise UsageError(str(error), options.command) from error


class Task:
    """Records from inputs to an output, and what is said about it."""

    def __init__(self, options: argparse.Namespace, terminal: Terminal) -> None:
        self.options, self.terminal = options, terminal
        self.last: wr.Report | None = None  # none: nothing has begun, so nothing is written

    def execute(self) -> int:
        """The exit status; every end that a user or a guest can bring about is said in words."""
        signal.signal(signal.SIGTERM, _terminate)
        try:
            return self.work()
        except KeyboardInterrupt as interrupt:
            by_signal = isinstance(interrupt, _Terminated)
            self._explain("terminated" if by_signal else "interrupted", interrupt)
            self._summary(self.last)
            return 143 if by_signal else 130
        except BrokenPipeError:
            self.terminal.erase()
            return 1 if self.last is not None and self.last.counts.failed else 0
        except (wr.ModuleError, wr.RecipeError) as error:
            self._explain(f"{self.file_of(error)}{error}", error)
            return 2 if self.last is None or not self.last.counts.read else self._unfinished()
        except wr.RecordError as error:
            self._explain(f"a record failed and --fail-fast is on: {error}", error)
            return self._unfinished()
        except wr.WasmRecordsError as error:
            self._explain(f"{error}{self.hint(error)}", error)
            return 2 if self.last is None else self._unfinished()

    def work(self) -> int:
        """Does it and returns the exit status. Whatever it raises is said by :meth:`execute`."""
        raise NotImplementedError

    def done(self, report: wr.Report) -> int:
        """Says how it ended; the exit status."""
        self._summary(report)
        return 1 if report.counts.failed else 0

    def file_of(self, error: Exception) -> str:
        """The file in which a recipe is wrong and ``: ``, if the error does not name it itself."""
        return ""

    def hint(self, error: Exception) -> str:
        """What may have been meant."""
        return ""

    def inputs(self) -> list[str]:
        """What is read, by name. Who has forgotten to name it is told what is waited for."""
        inputs = self.options.inputs or ["-"]
        if "-" in inputs and os.isatty(0) and not self.options.quiet:
            self.terminal.say("wasmrecords: reads records from the terminal; Ctrl-D ends them")
        return inputs

    def started(self) -> None:
        """The start is over: garbage is collected from now on, but not what the start has made."""
        gc.freeze()
        gc.enable()

    def progress(self, report: wr.Report) -> None:
        """Keeps the report and shows it."""
        self.last = report
        if not self.options.quiet:
            self.terminal.show(report)

    def _explain(self, text: str, error: BaseException) -> None:
        notes = getattr(error, "__notes__", [])
        self.terminal.error("\n".join(["; ".join([text, *notes[:1]]), *notes[1:]]))

    def _unfinished(self) -> int:
        self._summary(self.last)
        return 3

    def _summary(self, report: wr.Report | None) -> None:
        if report is None or self.options.quiet:
            return
        counts = report.counts
        failed = f"failed {counts.failed:,}"
        if counts.failed:
            failed = self.terminal.coloured(failed, YELLOW)
        self.terminal.say(
            f"read {counts.read:,}  kept {counts.kept:,}  dropped {counts.dropped:,}  {failed}"
            f"   {report.seconds:,.2f} s  {rate(report)} MB/s"
        )
        for name, (records, _, place) in report.outputs.items():
            many = f"{records:,} {'record' if records == 1 else 'records'}"
            if place is None and records:
                self.terminal.say(f"output {name}: {many} went nowhere; --output-to {name}=FILE writes them")
            elif place is not None:
                self.terminal.say(
                    f"output {name}: {many}{f' in {printable_lines(place)}' if report.finished else ''}"
                )
        if counts.failed:
            codes = sorted(report.codes.items(), key=lambda item: -item[1])
            listed = ", ".join(f"{code} {count:,}" for code, count in codes[:SHOWN])
            if others := codes[SHOWN:]:
                listed += f", {len(others):,} other codes {sum(count for _, count in others):,}"
            letters = report.dead_letters if report.finished else None
            where = "" if letters is None else f"; dead letters in {printable_lines(letters)}"
            self.terminal.say(f"failed {counts.failed:,}: {listed}; first: {report.first_failure}{where}")


def _terminate(_signal: int, _frame: object) -> NoReturn:
    raise _Terminated
