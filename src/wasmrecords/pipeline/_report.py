"""What a run did, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .._outcome import Counts
from .._text import as_text


class Written(NamedTuple):
    """What went to one output beyond the main one.

    records  how many
    bytes    that they have where they are
    place    where that is, None if they were dropped
    """

    records: int = 0
    bytes: int = 0
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did, or has done so far.

    counts         :class:`Counts` over all sources
    seconds        time on the wall
    cpu_seconds    processor time of this process, start-up of the run included
    bytes_in       bytes read from all sources
    bytes_out      bytes of output, dead letters not included
    bytes_total    size of all sources, None if one is a pipe
    sources        their names, in the order of the run
    codes          how many records failed with which code, in order of appearance; those of a module that
                   has over 1,000 codes are counted as ``more`` from then on
    first_failure  where and why the first record failed, as one sentence
    dead_letters   where the dead letters went, None if there are none; of a run that gave up, where they are
    fuel           units of guest work, None unless ``Limits.fuel`` is set
    sha256         of the module that ran, in hex
    capabilities   what it got beyond its records
    locks          that the module's process was under, with ``isolation="process"``
    version        of wasmrecords
    finished       whether all sources were read to their ends
    outputs        :class:`Written` for each output beyond the main one, by its name
    """

    counts: Counts = field(default_factory=Counts)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    bytes_in: int = 0
    bytes_out: int = 0
    bytes_total: int | None = None
    sources: tuple[str, ...] = ()
    codes: dict[str, int] = field(default_factory=dict)
    first_failure: str | None = None
    dead_letters: str | None = None
    fuel: int | None = None
    sha256: str = ""
    capabilities: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    finished: bool = False
    outputs: dict[str, Written] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """The version of wasmrecords. Looked up only when it is asked for: that takes 13 ms."""
        from .. import __version__

        version: str = __version__
        return version

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON knows it; this is what ``--report`` writes."""
        return {
            "finished": self.finished,
            "counts": self.counts._asdict(),
            "seconds": round(self.seconds, 6),
            "cpu_seconds": round(self.cpu_seconds, 6),
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "sources": [as_text(name) for name in self.sources],
            "outputs": {
                name: written._replace(place=_named(written.place))._asdict()
                for name, written in self.outputs.items()
            },
            "codes": dict(self.codes),
            "first_failure": self.first_failure,
            "dead_letters": _named(self.dead_letters),
            "fuel": self.fuel,
            "sha256": self.sha256,
            "capabilities": list(self.capabilities),
            "locks": list(self.locks),
            "wasmrecords": self.version,
        }


def _named(place: str | None) -> str | None:
    return None if place is None else as_text(place)
