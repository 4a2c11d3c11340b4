"""What of the fast engine the tests use: ``pytest --tiers all|exact|general|compare``.

``compare`` runs each recipe in both engines, on the same bytes, and wants the same outcome. It does so
wherever a test calls ``run``, ``stream`` or a pipeline with a source that can be read twice.
"""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wasmrecords import Batch, Counts, Failure, Transform, WasmRecordsError, _recipe_text
from wasmrecords._work import Work

MODES = ["all", "exact", "general", "compare"]

LAUNCHED = Path(__file__).parent / "launched"
"""Where the commands that tests start find these tiers."""

_run, _lend, _close = Transform.run, Transform._lend, Transform.close
_twins: weakref.WeakKeyDictionary[Transform, Transform] = weakref.WeakKeyDictionary()


def set_tiers(mode: str) -> None:
    """For all recipes that are made from now on in this process."""
    if mode != "compare":
        _recipe_text.TIERS = mode
        return
    Transform.run, Transform._lend, Transform.close = _compared_run, _compared_lend, _close_both  # type: ignore[method-assign, assignment]


def twin_of(transform: Transform, tiers: str) -> Transform:
    """The same recipe with other tiers. Its instances are its own, the module's code is shared: it is not to
    be closed."""
    assert transform._recipe is not None
    return transform._with_recipe(transform._recipe.with_tiers(tiers))


def plain(failures: Any) -> list[Failure]:
    """What is to be compared of failures: all but open files."""
    return [replace(failure, spooled=None) for failure in failures]


def _general(transform: Transform) -> Transform | None:
    """The twin in the general engine; None where no other outcome would be wrong: for modules, for recipes
    that take the time or work that is measured, or look at a clock of the machine."""
    recipe, limits = transform._recipe, transform.limits
    if recipe is None or recipe._explains or limits.fuel is not None or transform._closed:
        return None
    if "clock=real" in transform.capabilities:
        return None
    if transform not in _twins:
        _twins[transform] = twin_of(transform, "general")
    return _twins[transform]


def _compared_run(self: Transform, data: Any, *, raise_on_failure: bool = False, **given: Any) -> Batch:
    if isinstance(data, (bytearray, memoryview)):
        data = bytes(data)
    twin = _general(self) if isinstance(data, bytes) else None
    if twin is None:
        return _run(self, data, raise_on_failure=raise_on_failure, **given)
    try:
        batch = _run(self, data, **given)
    except WasmRecordsError as error:
        with pytest.raises(type(error)) as raised:
            _run(twin, data, **given)
        if str(raised.value) != str(error):
            pytest.fail(f"the general engine raised {raised.value}, and the fast one {error}")
        raise
    _same(self, batch, _run(twin, data, **given), data)
    if raise_on_failure:
        _run(self, data, raise_on_failure=True, **given)
    return batch


def _same(transform: Transform, fast: Batch, general: Batch, data: bytes) -> None:
    found = [(b.output, b.counts, plain(b.failures), b.log) for b in (fast, general)]
    assert transform._recipe is not None
    assert found[0] == found[1], (transform._recipe.config, data[:1000])


class _Sum:
    """What a source came to."""

    def __init__(self) -> None:
        self.output, self.counts, self.log = hashlib.sha256(), Counts(), b""
        self.failures: list[Failure] = []

    def add(self, work: Work) -> None:
        for part in work.output:
            self.output.update(part)
        self.counts = work.on_top_of(self.counts)
        self.failures += plain(work.failures)
        self.log += b"".join(work.log)

    def all(self) -> tuple[Any, ...]:
        return self.output.hexdigest(), self.counts, self.failures, self.log


def _compared_lend(self: Transform, source: Any, write: Any = None, **given: Any) -> Iterator[Work]:
    twin = _general(self)
    file = getattr(source, "reads_from", source)
    again: Any = None
    if twin is None:
        pass
    elif hasattr(file, "seekable"):
        again = file if file.seekable() else None
        # A pipeline has looked at the first bytes.
        start = file.tell() - len(getattr(source, "_ahead", b"")) if again else 0
    elif isinstance(source, (list, tuple)):
        again = source
    elif isinstance(source, Iterator):
        again = []
        source = _kept(source, again)
    found = _Sum()

    def both(part: Any) -> None:
        found.output.update(part)
        write(part)

    for work in _lend(self, source, write=write and both, **given):
        if again is not None:
            found.add(work)
        yield work
    if twin is None or again is None:
        return
    if again is file and hasattr(file, "seekable"):
        end = file.tell()
        file.seek(start)
    wanted = _Sum()
    for work in _lend(twin, again, **given):
        wanted.add(work)
        for failure in work.failures:
            if failure.spooled is not None:
                failure.spooled.close()
    if again is file and hasattr(file, "seekable"):
        file.seek(end)
    assert self._recipe is not None
    assert found.all() == wanted.all(), (self._recipe.config, found.all(), wanted.all())


def _kept(source: Iterator[Any], pieces: list[bytes]) -> Iterator[Any]:
    for piece in source:
        pieces.append(bytes(piece))
        yield piece


def _close_both(self: Transform) -> None:
    twin = _twins.pop(self, None)
    if twin is not None:
        for instance in [instance for idle in twin._idle.values() for instance in idle]:
            instance.close()
        twin._idle = {}
    _close(self)
