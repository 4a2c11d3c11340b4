"""Records through a recipe whose module counts the roads that they take, and tells at the end."""

from __future__ import annotations

import dataclasses
import json
import time
from collections import Counter
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ._errors import GuestError
from ._explanation import Engine, Explanation, Leaving, Stage
from ._outcome import Counts
from ._work import Work

if TYPE_CHECKING:
    from ._source import Input, Source
    from ._stretch import Write
    from ._transform import Transform


class Explainer:
    """Counts what a transform does, with instances of its own. The output is dropped.

    It stands in for the transform in a run: ``sha256``, ``capabilities`` and ``locks`` are the transform's.
    Raises :class:`ValueError` for a module that is not a recipe.
    """

    outputs: tuple[str, ...] = ()  # a recipe has none beyond the main one

    def __init__(self, transform: Transform) -> None:
        recipe = transform._recipe
        if recipe is None:
            raise ValueError(
                f"the module {transform.name} is code and runs as it is: explain is for recipes, which two "
                "engines can run"
            )
        self.sha256, self.capabilities, self.locks = transform.sha256, transform.capabilities, transform.locks
        self._program = (recipe.program or "").encode()
        self._twin = twin = transform._with_recipe(recipe.explaining())
        # One instance sees all records, and tells at the end of the input, as one with a state does.
        twin._stateful = True
        if twin.isolation == "fresh":
            twin.isolation = "shared"
        self._counts, self._codes = Counts(), Counter[str]()
        self._roads, self._reasons, self._shapes = Counter[str](), Counter[str](), 0
        self._bytes_in, self._seconds = 0, 0.0
        self.run(())
        self._counted = False

    def run(self, source: Source, *, input: Input = "ndjson") -> None:
        """Counts all of a source."""
        for work in self._lend(source, input=input):
            for failure in work.failures:
                if failure.spooled is not None:
                    failure.spooled.close()

    def _lend(
        self,
        source: Source,
        *,
        input: Input = "auto",
        name: str | None = None,
        write: Write | None = None,
        flush_every: int | None = None,
    ) -> Iterator[Work]:
        """As ``Transform._lend``, without output."""
        self._counted = True
        works = self._twin._lend(source, input=input, name=name)
        work = self._next(works)
        while (following := self._next(works)) is not None:
            if work is not None:
                yield self._count(work)
            work = following
        if work is not None:
            # The last is what the module tells in place of a last record.
            self._hear(b"".join(work.output))

    def _next(self, works: Iterator[Work]) -> Work | None:
        started = time.perf_counter()
        try:
            return next(works, None)
        finally:
            self._seconds += time.perf_counter() - started

    def _count(self, work: Work) -> Work:
        self._codes.update(failure.code for failure in work.failures)
        self._counts = self._counts.plus(work.counts)
        self._bytes_in += work.consumed
        return dataclasses.replace(work, output=[], log=[], lineage=[])

    def explanation(self) -> Explanation:
        """What is known by now, at the end of a source."""
        if not self._counted:
            return self._known
        return dataclasses.replace(
            self._known,
            counts=self._counts,
            codes=dict(self._codes),
            learned=self._roads["learned"],
            exact=self._roads["exact"],
            general=self._roads["general"],
            unknown=max(0, self._counts.read - self._roads.total()),
            reasons=dict(self._reasons.most_common()),
            shapes=self._shapes,
            bytes_in=self._bytes_in,
            seconds=self._seconds,
        )

    def close(self) -> None:
        """Frees the instances; those of the transform stay."""
        self._twin._close_idle()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _hear(self, text: bytes) -> None:
        try:
            self._read(json.loads(text))
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            # The words of a guest: a process may be in other hands by now.
            raise GuestError(f"the module's explanation cannot be read: {error!r}", code="reply") from None

    def _read(self, told: dict[str, Any]) -> None:
        self._roads.update({str(road): int(count) for road, count in told["records"].items()})
        self._reasons.update({str(reason): int(count) for reason, count in told["reasons"].items()})
        self._shapes = max(self._shapes, int(told["shapes"]))
        program, schema = told["program"], told["schema"]
        leaves = program and program["leaves"]
        keywords = tuple(
            Leaving(str(item["token"]), str(item["hint"]), path=str(item["path"])) for item in schema or ()
        )
        self._known = Explanation(
            program=None if program is None else _engine(not leaves),
            schema=None if schema is None else _engine(not keywords),
            stages=tuple(self._stage(stage) for stage in program["stages"]) if program else (),
            program_leaves=(
                Leaving(str(leaves["token"]), str(leaves["hint"]), offset=int(leaves["offset"]))
                if leaves
                else None
            ),
            schema_leaves=keywords,
            doubts=tuple(map(str, program["doubts"])) if program else (),
        )

    def _stage(self, stage: dict[str, Any]) -> Stage:
        start, end = int(stage["start"]), int(stage["end"])
        text = self._program[start:end].decode("utf-8", "replace")
        return Stage(_engine(stage["fast"] is True), text, start)


def _engine(fast: bool) -> Engine:
    return "fast" if fast else "general"
