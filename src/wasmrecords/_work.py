"""What became of some records, while they are worked on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ._outcome import Batch, Counts, Failure

_NONE = Counts()


@dataclass(slots=True)
class FurtherOutput:
    """What went to one output beyond the main one: its text, the number of the record for each output record,
    if asked for, and how many these are."""

    output: list[bytes] = field(default_factory=list)
    lineage: list[int] = field(default_factory=list)
    written: int = 0


@dataclass(slots=True)
class Work:
    """What became of some records.

    output    kept records' output. A part may be the guest's own memory: it is good until the next piece
    failures  in the order of the records
    log       what the guest logged
    lineage   the number of the record for each output record, if asked for
    read      records in all; ``dropped`` are without output, ``written`` counts output records
    consumed  bytes of input that they took
    rest      what was given and not consumed
    fuel      units that were used, None where it is not counted
    poured    bytes of output that were written already
    further   the outputs beyond the main one to which something went, by name
    """

    output: list[bytes | memoryview] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    log: list[bytes] = field(default_factory=list)
    lineage: list[int] = field(default_factory=list)
    read: int = 0
    dropped: int = 0
    written: int = 0
    consumed: int = 0
    rest: bytes | bytearray = b""
    fuel: int | None = None
    poured: int = 0
    further: dict[str, FurtherOutput] = field(default_factory=dict)

    def add(self, more: Work) -> None:
        """What became of further records."""
        self.output += more.output
        self.failures += more.failures
        self.log += more.log
        self.lineage += more.lineage
        self.read += more.read
        self.dropped += more.dropped
        self.written += more.written
        self.consumed += more.consumed
        for name, part in more.further.items():
            self.add_further(name, part.output, part.lineage, part.written)
        self.spend(more.fuel)

    def add_further(self, name: str, output: list[bytes], lineage: list[int], written: int) -> None:
        """What went to an output beyond the main one."""
        part = self.further.setdefault(name, FurtherOutput())
        part.output += output
        part.lineage += lineage
        part.written += written

    def keep(self) -> None:
        """Copies output that is the guest's own memory, before the guest works again."""
        self.output = [bytes(part) for part in self.output]

    @property
    def counts(self) -> Counts:
        """The counts of these records."""
        return self.on_top_of(_NONE)

    def on_top_of(self, counts: Counts) -> Counts:
        """The counts of these records on top of earlier ones."""
        read, kept, dropped, failed, written = counts
        more = len(self.failures)
        return Counts(
            read + self.read,
            kept + self.read - self.dropped - more,
            dropped + self.dropped,
            failed + more,
            written + self.written,
        )

    def add_whole(self, more: Work) -> None:
        """As :meth:`add`. Texts that were spooled are read back into memory: the caller holds everything
        anyway."""
        for at, failure in enumerate(more.failures):
            if failure.spooled is not None:
                with failure.spooled as file:
                    more.failures[at] = replace(failure, input=file.read(), spooled=None)
        self.add(more)

    def spend(self, fuel: int | None) -> None:
        """Counts fuel that a call used, whatever came of it."""
        if fuel is not None:
            self.fuel = (self.fuel or 0) + fuel

    def batch(self, separator: bytes, names: tuple[str, ...]) -> Batch:
        """The public form; ``separator`` stands between the outputs of two calls of a guest, ``names`` are of
        its outputs beyond the main one."""
        output, log = separator.join(self.output), b"".join(self.log)
        outputs = {name: separator.join(self.further.get(name, FurtherOutput()).output) for name in names}
        return Batch(output, self.counts, tuple(self.failures), log, self.fuel, outputs)
