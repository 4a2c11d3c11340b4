"""What a guest may use. Every limit is finite; the defaults suit records of some hundred bytes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ._text import clean_repr, closest

KiB = 1024
MiB = 1024 * KiB
GiB = 1024 * MiB

_UNITS = {"": 1, "b": 1, "k": KiB, "kb": KiB, "kib": KiB, "m": MiB, "mb": MiB, "mib": MiB}
_UNITS |= {"g": GiB, "gb": GiB, "gib": GiB}

LARGEST_MODULE = 256 * MiB
"""Bytes of a module at the most, whatever ``Limits.module`` is."""

# The smallest and the largest value that means something, per limit. A 32-bit guest has at most 4 GiB.
_RANGES: dict[str, tuple[float, float]] = {
    "memory": (1 * MiB, 4 * GiB - 64 * KiB),
    "time": (0.01, 3600.0),
    "output": (1 * KiB, 2 * GiB),
    "log": (0, 16 * MiB),
    "record": (1, 2 * GiB),
    "nesting": (1, 1_000),
    "module": (1 * KiB, LARGEST_MODULE),
    "compile": (0.1, 3600.0),
    "compile_memory": (256 * MiB, 64 * GiB),
    "fuel": (1, 2**63 - 1),
    "faults": (1, 10**9),
    "table": (1, 1_000_000),
}
_SECONDS = ("time", "compile")

_PLAIN = ("nesting", "fuel", "faults", "table")
"""Counts, not bytes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one transform; a breach ends the record in hand with the limit's name as its code.

    memory   bytes of linear memory that the guest may have
    time     seconds of guest work on one batch
    output   bytes that one record may become; a batch holds no more either
    log      bytes of ``debug`` and log text that one batch may leave
    record   bytes of one record's text
    nesting  levels of arrays and objects within one record
    module   bytes of the ``.wasm`` file
    compile  seconds of processor time for compiling a module that is not ours, and
    compile_memory
             bytes of memory that the compiler's process may have for it
    fuel     units of guest work on one batch, about one for each instruction; None: it is not counted.
             Unlike ``time`` it is the same on each machine
    faults   records in a row that the module may trap, loop or lie on: with one more it is stopped
    table    elements in the guest's table: functions that it calls by number

    Raises :class:`ValueError` for a value that is out of range, :class:`TypeError` for no number.
    """

    memory: int = 64 * MiB
    time: float = 1.0
    output: int = 16 * MiB
    log: int = 64 * KiB
    record: int = 8 * MiB
    nesting: int = 128
    module: int = 16 * MiB
    compile: float = 30.0
    compile_memory: int = 2 * GiB
    fuel: int | None = None
    faults: int = 50
    table: int = 100_000

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if name == "fuel" and value is None:
                continue
            whole = name not in _SECONDS
            if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
                kind = "an integer" if whole else "a number of seconds"
                raise TypeError(f"limit {name}: expected {kind}, found {type(value).__name__}")
            if not low <= value <= high:  # false for NaN, too
                # Python writes no integer of over 4,300 digits.
                short = isinstance(value, float) or abs(value) < 10**100
                found = repr(value) if short else "a number of more than 100 digits"
                raise ValueError(
                    f"limit {name}: expected {_show(name, low)} to {_show(name, high)}, found {found}"
                )

    @classmethod
    def parse(cls, settings: Iterable[str]) -> Limits:
        """Limits from ``NAME=VALUE`` texts, as ``time=0.5`` or ``memory=32M``.

        Raises :class:`ValueError` that names the setting and the nearest known name, :class:`TypeError` for
        what are no texts.
        """
        if isinstance(settings, (str, bytes)) or not isinstance(settings, Iterable):
            found = type(settings).__name__
            raise TypeError(f"settings: expected texts, as ['time=0.5', 'memory=32M'], found {found}")
        values: dict[str, float] = {}
        for setting in settings:
            if not isinstance(setting, str):
                raise TypeError(f"settings: expected a text, as 'time=0.5', found {type(setting).__name__}")
            name, equals, text = setting.partition("=")
            name = name.strip()
            if not equals:
                raise ValueError(f"limit {_cut(setting)}: expected NAME=VALUE, as time=0.5 or memory=32M")
            if name not in _RANGES:
                raise ValueError(f"limit {_cut(name)} is not known{_nearest(name)}")
            values[name] = _number(name, text.strip())
        return cls(**values)  # type: ignore[arg-type]

    def as_dict(self) -> dict[str, float | None]:
        """The limits by name."""
        return dataclasses.asdict(self)


def require_limits(limits: object) -> None:
    """Raises :class:`TypeError` for what are no limits."""
    if not isinstance(limits, Limits):
        raise TypeError(f"limits: expected wasmrecords.Limits, found {type(limits).__name__}")


def _cut(text: str) -> str:
    return clean_repr(text, 60)


def _nearest(name: str) -> str:
    near = closest(name, _RANGES)
    known = ", ".join(_RANGES)
    return f"; did you mean {near!r}?" if near else f"; known limits: {known}"


def _number(name: str, text: str) -> float:
    if name in _SECONDS:
        match = re.fullmatch(
            r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?) *(ms|s|)", text, re.ASCII | re.IGNORECASE
        )
        if match:
            return float(match[1]) * (0.001 if match[2].lower() == "ms" else 1.0)
        raise ValueError(f"limit {name}: expected seconds, as 0.5 or 500ms, found {_cut(text)}")
    match = re.fullmatch(r"([+-]?\d+) *([a-z]*)", text, re.ASCII | re.IGNORECASE)
    units = _UNITS if name not in _PLAIN else {"": 1}
    if match and match[2].lower() in units and len(match[1]) <= 30:
        return int(match[1]) * units[match[2].lower()]
    form = "a whole number" if name in _PLAIN else "bytes, as 1048576, 512K or 64M"
    raise ValueError(f"limit {name}: expected {form}, found {_cut(text)}")


def _show(name: str, value: float) -> str:
    if name in _SECONDS:
        return f"{value:g} s"
    if name in _PLAIN:
        return f"{value:,}"
    return show_bytes(int(value))


def show_bytes(value: int) -> str:
    """A size as people write it: ``64 MiB``, ``1,000 bytes``."""
    for unit, size in (("GiB", GiB), ("MiB", MiB), ("KiB", KiB)):
        if value >= size and value % size == 0:
            return f"{value // size:,} {unit}"
    return f"{value:,} byte{'' if value == 1 else 's'}"
