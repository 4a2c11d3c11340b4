"""All that a run writes to, and how it is left when the run ends, well or not."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .._errors import SourceError
from .._outcome import Counts
from .._text import shown
from ._dead_letters import DeadLetters
from ._report import Written
from ._sink import FileSink, StreamSink, path_sink, require_binary, sink


class Done(NamedTuple):
    """How much of every output belongs to finished batches. Replaced as a whole after each batch, so that no
    interrupt finds half of a change."""

    counts: Counts = Counts()
    output_size: int = 0
    letters_size: int = 0
    further: Mapping[str, Written] = MappingProxyType({})
    codes: Mapping[str, int] = MappingProxyType({})
    first: str | None = None


class Outputs:
    """All that a run writes to."""

    def __init__(
        self,
        output: FileSink | StreamSink,
        errors: FileSink | StreamSink,
        report: FileSink | StreamSink | None,
        stderr: StreamSink,
        further: Mapping[str, FileSink | StreamSink],
        *,
        errors_are_default: bool,
    ) -> None:
        self.further = further
        self.output, self.errors, self.report, self.stderr = output, errors, report, stderr
        self.errors_are_default = errors_are_default
        self.letters = DeadLetters(errors, opened=False)

    @classmethod
    def choose(
        cls, output: Any, errors: Any, report: Any, stderr: Any, further: Mapping[str, Any] | None = None
    ) -> Outputs:
        """The sinks that the arguments of :func:`run` name; ``further`` are for outputs beyond the main one.
        Nothing is made or opened yet."""
        main = sink("-" if output is None else output, "output")
        if stderr is not None:
            if not hasattr(stderr, "write"):
                raise TypeError(f"stderr: expected a binary file, found {type(stderr).__name__}")
            require_binary(stderr, "stderr")
        human = StreamSink("standard error", fd=2, stream=stderr)
        letters: FileSink | StreamSink = human
        if errors is not None:
            letters = sink(errors, "errors")
        elif isinstance(main, FileSink):
            try:
                letters = path_sink(f"{main.name}.errors.ndjson", chosen=False)
            except SourceError as error:  # whoever named the output did not choose this one
                raise SourceError(f"{error}; errors (--errors) names another file for dead letters") from None
        about = None if report is None else sink(report, "report")
        others = {name: sink(place, f"output {name}") for name, place in (further or {}).items()}
        return cls(main, letters, about, human, others, errors_are_default=errors is None)

    @property
    def written(self) -> list[tuple[str, FileSink | StreamSink]]:
        """Where records that are kept go, with what each is for."""
        further = ((f"output {name}", each) for name, each in self.further.items())
        return [("output", self.output), *further]

    @property
    def named(self) -> list[tuple[str, FileSink | StreamSink]]:
        """The sinks with what each is for; standard error by default is nobody's file."""
        sinks = self.written
        if self.errors is not self.stderr:
            sinks.append(("dead-letter file", self.errors))
        if self.report is not None:
            sinks.append(("report", self.report))
        return sinks

    @property
    def files(self) -> list[str]:
        """The names of outputs that appear whole or not at all."""
        return [each.name for each in (self.output, *self.further.values()) if isinstance(each, FileSink)]

    @property
    def untouched(self) -> list[str]:
        """The names of output files that were not replaced."""
        named = (each for _, each in self.written)
        return [each.name for each in named if isinstance(each, FileSink) and not each.placed]

    def open(self) -> None:
        """Makes what is always made; a default dead-letter file waits for its first letter."""
        self.output.open()
        for each in self.further.values():
            each.open()
        if not self.errors_are_default:
            self.errors.open()
            self.letters.opened = True
        if self.report is not None:
            self.report.open()

    def finish(self) -> None:
        """Puts the files in their places: the output last, so that where it is, its dead letters are too."""
        if self.letters.opened and self.errors is not self.stderr:
            self.letters.finish()
        elif (
            self.errors_are_default and isinstance(self.errors, FileSink) and self.errors.identity is not None
        ):
            self.errors.remove()  # of an earlier run: it would speak of records that no longer fail
        for each in self.further.values():
            each.finish()
        self.output.finish()

    def abandon(self, done: Done) -> list[str]:
        """Cuts the files to what is ``done``, closes them, and says in words where they are."""
        kept = []
        output = self.output.abandon(done.output_size)
        if output is not None:
            kept.append(f"their output so far is in {shown(output)}")
        for name, each in self.further.items():
            part = each.abandon(done.further[name].bytes if name in done.further else 0)
            if part is not None:
                kept.append(f"the output {name} so far is in {shown(part)}")
        if self.errors is self.stderr:
            return kept
        if isinstance(self.output, StreamSink) and done.letters_size:
            self.errors.cut(done.letters_size)
            try:
                self.letters.finish()  # the other records were delivered: the letters stand, too
            except (SourceError, BrokenPipeError) as error:
                kept.append(str(error))
            return kept
        letters = self.errors.abandon(done.letters_size)
        if letters is not None:
            kept.append(f"their dead letters are in {shown(letters)}")
        return kept

    def withdraw_report(self) -> None:
        """What is not in its place is taken back."""
        if self.report is not None:
            self.report.abandon(0)
