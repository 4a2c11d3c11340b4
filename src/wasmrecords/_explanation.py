"""What is known of how a recipe runs, and of the roads that records took: data, made by :mod:`_explain`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal

from ._outcome import Counts

Engine = Literal["fast", "general"]


@dataclass(frozen=True, slots=True)
class Leaving:
    """What in a recipe the fast engine does not know.

    token   the word of the program, or the schema's keyword
    hint    how to write it otherwise, or why that cannot be done
    offset  in a program: the byte at which the token stands, from 0; None in a schema
    path    in a schema: a JSON Pointer to the keyword, as ``"#/properties/age/not"``; None in a program
    """

    token: str
    hint: str
    offset: int | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands between two pipes of a program.

    engine  ``"fast"`` or ``"general"``: which would run it if it were the whole program
    text    as it is written
    offset  the byte at which it begins, from 0
    """

    engine: Engine
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Which engine runs a recipe, and which road records took.

    program         ``"fast"``, or ``"general"`` if anything in the program leaves the fast subset: one engine
                    runs all of it; None if there is no program
    schema          the same of the schema
    stages          tuple of :class:`Stage`
    program_leaves  the first token that leaves, a :class:`Leaving`; None if none does
    schema_leaves   the keywords that leave: tuple of :class:`Leaving`
    doubts          what is legal jq and rarely meant, in a sentence each

    Without data what follows is None, empty or 0.

    counts          :class:`Counts`
    codes           how many records failed with which code
    learned         how many records the fast engine did by shapes that it had learned from others
    exact           how many it did byte by byte
    general         how many it left to the general engine
    unknown         how many came to no engine, as what is no JSON in a stream of values or over a limit, or
                    were lost with an instance that ended in the midst of them
    reasons         why how many were left to the general engine
    shapes          how many shapes were learned
    bytes_in        bytes of the records and of what stands between them
    seconds         time on the wall, in the pass that counts, with nothing written
    """

    program: Engine | None = None
    schema: Engine | None = None
    stages: tuple[Stage, ...] = ()
    program_leaves: Leaving | None = None
    schema_leaves: tuple[Leaving, ...] = ()
    doubts: tuple[str, ...] = ()
    counts: Counts | None = None
    codes: dict[str, int] = field(default_factory=dict)
    learned: int = 0
    exact: int = 0
    general: int = 0
    unknown: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    shapes: int = 0
    bytes_in: int = 0
    seconds: float = 0.0

    @property
    def engine(self) -> Engine:
        """``"fast"`` if records can take the fast road: neither program nor schema leaves the fast subset."""
        return "general" if "general" in (self.program, self.schema) else "fast"

    @property
    def rate(self) -> float:
        """Millions of bytes a second; 0 without data."""
        return self.bytes_in / 1e6 / max(self.seconds, 1e-9)

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON knows it; this is what ``wasmrecords explain --json`` prints."""
        values = {"engine": self.engine, **dataclasses.asdict(self)}
        values["counts"] = None if self.counts is None else self.counts._asdict()
        return values | {"seconds": round(self.seconds, 6), "rate": round(self.rate, 1)}
