"""How kept records stand in the output: one a line, or as the items of one JSON array."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .._transform import Transform
    from ._sink import Sink

OUTPUT_FORMATS = ("ndjson", "json", "pretty")


class Writer(Protocol):
    """Writes what batches emit, compact JSON lines, in some format."""

    def write(self, lines: bytes | memoryview) -> None:
        """The output of one batch; it may be gone afterwards."""

    def finish(self) -> None:
        """What stands behind the last batch."""


class Lines:
    """NDJSON: the lines as they are. ``straight`` writes some as well, None where a sink might keep them."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.straight = sink.write if sink.plain else None

    def write(self, lines: bytes | memoryview) -> None:
        if lines:
            self._sink.write(lines)

    def finish(self) -> None:
        return


class Array:
    """One JSON array with an item a line, valid also when it is empty.

    A compact JSON value holds no line feed, so the line feeds are the places between the items.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._begun = False

    def write(self, lines: bytes | memoryview) -> None:
        if lines:
            self._sink.write(b",\n" if self._begun else b"[\n")
            self._begun = True
            self._sink.write(self._items(bytes(lines)))

    def _items(self, lines: bytes) -> bytes:
        return lines[:-1].replace(b"\n", b",\n")

    def finish(self) -> None:
        self._sink.write(b"\n]\n" if self._begun else b"[]\n")


class PrettyArray(Array):
    """The same, indented by two spaces, by a second pass through a sandbox."""

    def __init__(self, sink: Sink) -> None:
        super().__init__(sink)
        from .._recipe import pretty  # wasmtime comes with it

        self._pretty: Transform = pretty()

    def _items(self, lines: bytes) -> bytes:
        batch = self._pretty.run(lines)
        if not batch.counts.failed:
            return batch.output
        # A value may be too deep or too large for this pass: it was kept, so it is written, if not indented.
        items = []
        for line in lines[:-1].split(b"\n"):
            alone = self._pretty.run(line)
            items.append(b"  " + line if alone.counts.failed else alone.output)
        return b",\n".join(items)


def writer(output_format: str, sink: Sink) -> Writer:
    """The writer that a name of :data:`OUTPUT_FORMATS` stands for."""
    kinds: dict[str, Callable[[Sink], Writer]] = {"ndjson": Lines, "json": Array, "pretty": PrettyArray}
    return kinds[output_format](sink)
