"""How fast a module is, and how much of the time is its own."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._cache import folder
from .._capabilities import WANTS
from .._fault import Fault, error_of
from .._instance import Instance, OpenOptions
from .._limits import KiB, Limits, MiB
from .._manifest import Manifest
from .._module import LoadedModule, load_module
from .._recipe import read_module_file
from .._stream import open_reader, works
from .._worker import Worker

_ROUNDS = 5
_FIRST = (1, 1 * KiB, 16 * KiB, 256 * KiB)
"""Bytes of input, at least, of the rounds that say how fast a module is, as long as each is over soon."""
_SOON = 0.1
"""Seconds."""
_MOST = 256 * MiB
_KEPT = 50  # results of other modules and inputs in one file


class Refused(Exception):
    """The module does not open with this config; the text says why."""


@dataclass(frozen=True, slots=True)
class Result:
    """The best of some rounds over the same input.

    bytes, records    of the input, in one round
    failed            of the records
    seconds           of one round
    guest_seconds     of these, in the module
    memory            bytes of the module's linear memory at the end
    """

    bytes: int
    records: int
    failed: int
    seconds: float
    guest_seconds: float
    memory: int

    def as_dict(self) -> dict[str, Any]:
        """The same as a dict of JSON values, with what follows from it."""
        return dataclasses.asdict(self) | {
            "megabytes_per_second": self.rate,
            "records_per_second": self.records / self.seconds,
            "microseconds_per_record": 1e6 * self.seconds / max(1, self.records),
            "host_share": 1 - self.guest_seconds / self.seconds,
        }

    @property
    def rate(self) -> float:
        """Millions of bytes of input a second."""
        return self.bytes / 1e6 / self.seconds


class _Timed(Instance):
    """An instance that knows how long its module worked."""

    worked = 0.0

    def _call(self, export: str, *arguments: int) -> int:
        started = time.perf_counter()
        try:
            return super()._call(export, *arguments)
        finally:
            self.worked += time.perf_counter() - started


def _enough(data: bytes, least: float) -> bytes:
    """Records over and over until they are so many bytes."""
    return data * max(1, round(least / len(data)))


def measure(
    module: Path,
    data: bytes,
    limits: Limits,
    *,
    config: bytes = b"null",
    transform: str | None = None,
    function: str | None = None,
    seconds: float = 3.0,
) -> Result:
    """The best of five rounds of some records, which are repeated until all of them take about so many
    seconds; nothing is written. ``data`` is NDJSON.

    Raises :class:`Refused`, :class:`ValueError` for no records, and what :func:`wasmrecords.load` and a run
    raise.
    """

    def chosen(manifest: Manifest) -> Manifest:
        return manifest.of_functions() if function is not None else manifest.of_transform(transform)

    if not data.strip():
        raise ValueError("the input has no records")
    if not data.endswith(b"\n"):
        data += b"\n"
    loaded = load_module(read_module_file(module, limits.module), limits, allow=WANTS, select=chosen)
    what = OpenOptions(transform=transform, function=function)
    # The first rounds warm up, and say how much is enough: thousands of slow records would take hours.
    for least in _FIRST:
        first = _round(loaded, _enough(data, least), limits, config, what)
        if first.seconds > _SOON:
            break
    data = _enough(data, min(_MOST, 1e6 * first.rate * seconds / (_ROUNDS + 1)))
    results = (_round(loaded, data, limits, config, what) for _ in range(_ROUNDS))
    return min(results, key=lambda result: result.seconds / result.bytes)


def _round(loaded: LoadedModule, data: bytes, limits: Limits, config: bytes, what: OpenOptions) -> Result:
    guests: list[_Timed] = []
    reader, encoding, _ = open_reader(io.BytesIO(data), "ndjson", limits)

    def take() -> Instance:
        guest = _opened(loaded, config, what, limits)
        guest.worked = 0.0  # opening is no work on records
        guests.append(guest)
        return guest

    stateful = loaded.manifest.stateful
    outputs = loaded.manifest.outputs[1:]
    worker = Worker(
        take,
        lambda guest: None,
        encoding,
        limits,
        fresh=False,
        trusted=False,
        stateful=stateful,
        outputs=outputs,
    )
    records = failed = 0
    started = time.perf_counter()
    for work in works(reader, worker, encoding, limits, None):
        records += work.read
        failed += len({failure.record for failure in work.failures})
    if stateful:
        worker.finish()
    seconds = time.perf_counter() - started
    memory = guests[-1].size
    worked = sum(guest.worked for guest in guests)
    worker.close()
    for guest in guests:
        guest.close()
    return Result(len(data), records, failed, seconds, worked, memory)


def _opened(loaded: LoadedModule, config: bytes, options: OpenOptions, limits: Limits) -> _Timed:
    try:
        guest = _Timed(loaded, config, options, limits)
    except Fault as fault:
        raise error_of(fault, limits) from None
    if guest.refusal is not None:
        row = guest.refusal
        guest.close()
        raise Refused(f"the module refuses to open: {row.message} [{row.code}] at {row.path}")
    return guest


class History:
    """The last result of each module and input, in a file of the project's or the user's."""

    def __init__(self, place: Path | None) -> None:
        self._path = place

    @classmethod
    def of(cls, target: Path | None) -> History:
        """That of a project, whose cargo makes things in ``target``; None: that beside the cache."""
        place = folder() if target is None else target
        return cls(None if place is None else place / "wasmrecords-bench.json")

    def swap(self, key: str, result: Result) -> float | None:
        """Keeps the rate of a result and gives the one before it, None if there is none. A file that cannot
        be read or written only costs the comparison."""
        if self._path is None:
            return None
        known: dict[str, Any] = {}
        try:
            said = json.loads(self._path.read_text("utf-8"))
            known = said if isinstance(said, dict) else {}
        except (OSError, ValueError):
            pass
        before = known.pop(key, None)
        known[key] = result.rate
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(dict(list(known.items())[-_KEPT:]), indent=1), "utf-8")
        except OSError:
            return None
        return float(before) if isinstance(before, (int, float)) and before > 0 else None


def key(module: Path, what: str | None, config: bytes, data: bytes) -> str:
    """What has to be the same for two results to be compared: all but the module's bytes. ``what`` is the
    name of a transform or function."""
    said = [str(module.resolve()), what, config.decode("utf-8", "replace")]
    return hashlib.sha256(json.dumps(said).encode() + data).hexdigest()[:32]
