"""What became of records: counts, failures, and the batch that holds both with the output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import BinaryIO, NamedTuple


class Counts(NamedTuple):
    """How many records were kept, dropped and failed. ``read == kept + dropped + failed``, always.

    ``written`` counts output records: a kept record writes one or more. A stateful module keeps a record that
    it takes in, and may write it as part of a later one. A record that goes only to outputs beyond the main
    one is dropped, and is not counted in ``written``.
    """

    read: int = 0
    kept: int = 0
    dropped: int = 0
    failed: int = 0
    written: int = 0

    def plus(self, other: Counts) -> Counts:
        """The sums of both."""
        read, kept, dropped, failed, written = other
        return Counts(
            self.read + read,
            self.kept + kept,
            self.dropped + dropped,
            self.failed + failed,
            self.written + written,
        )


@dataclass(frozen=True, slots=True)
class Reason:
    """One of several things that are wrong with a record, in the words of :class:`Failure`."""

    offset: int
    code: str
    path: str
    schema_path: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one record failed, and the record itself.

    record       number of the record in its source, from 1
    line         line on which the record begins, from 1
    offset       byte offset in the source of what is at fault, from 0
    code         stable name of the reason: ``json``, ``type``, ``jq``, ``time`` ...: see docs/errors.md
    path         JSON path of what is at fault, ``$`` for the whole record
    message      one sentence: what was expected and what was found
    input        the record's text, whole
    spooled      an open file with the text instead, when the record is over ``Limits.record``
                 and came from a stream; ``input`` is then empty
    schema_path  JSON Pointer to the keyword in the schema, as ``#/properties/age/minimum``, with the document
                 in front of the ``#`` if it is another one; None where no schema was broken
    errors       tuple of :class:`Reason`: all that is wrong, the first thing included, if there are more and
                 ``all_errors`` asks for them; else empty
    """

    record: int
    line: int
    offset: int
    code: str
    path: str
    message: str
    input: bytes
    spooled: BinaryIO | None = None
    schema_path: str | None = None
    errors: tuple[Reason, ...] = ()

    def __str__(self) -> str:
        path = "" if self.path == "$" else f" at {self.path}"
        place = f"record {self.record} (line {self.line}, byte {self.offset}){path}"
        return f"{place}: {self.message} [{self.code}]"


@dataclass(frozen=True, slots=True, init=False)
class Batch:
    """The outcome of some records.

    output    kept records' output: one compact JSON value a line, each line ends with ``\\n``
    counts    :class:`Counts`
    failures  tuple of :class:`Failure`, in the order of the records
    log       what ``debug`` and the guest's log wrote, as it came from the guest: untrusted text
    fuel      units of work that it took, failed attempts included; None unless ``Limits.fuel`` is set
    outputs   what went to each output beyond the main one, by its name, in the form of ``output``; empty for
              a module with one output
    """

    output: bytes
    counts: Counts
    failures: tuple[Failure, ...] = ()
    log: bytes = b""
    fuel: int | None = None
    outputs: Mapping[str, bytes] = field(default_factory=dict, hash=False)

    def __init__(
        self,
        output: bytes,
        counts: Counts,
        failures: tuple[Failure, ...] = (),
        log: bytes = b"",
        fuel: int | None = None,
        outputs: Mapping[str, bytes] | None = None,
    ) -> None:
        # As a dataclass does it, in half of its time: a call with one record takes some microseconds in all.
        for_output, for_counts, for_failures, for_log, for_fuel, for_outputs = _setters
        for_output(self, output)
        for_counts(self, counts)
        for_failures(self, failures)
        for_log(self, log)
        for_fuel(self, fuel)
        for_outputs(self, {} if outputs is None else outputs)


_setters = tuple(getattr(Batch, each.name).__set__ for each in fields(Batch))
