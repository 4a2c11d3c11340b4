"""Capabilities: what a module may be given beyond its records, wanted and granted by name.

A manifest says what a module wants: ``log``, ``clock``, ``random``. Whoever runs the module grants it, and
there also chooses which clock: ``clock`` follows the records, ``clock=real`` is the machine's.
"""

from __future__ import annotations

from collections.abc import Iterable

from ._errors import ModuleError
from ._text import clean_repr, closest

WANTS = ("log", "clock", "random")
"""What a manifest may want. As grants these are all that a module can be given, with the clock of records."""
GRANTS = ("log", "clock", "clock=real", "random")
"""What may be granted."""


def parse_allow(allow: Iterable[str]) -> tuple[str, ...]:
    """The grants in ``allow``: names, or texts of several with commas between, as ``--allow`` has them. A
    single text is such a list as well. In the order of :data:`GRANTS`, each once.

    Raises :class:`ValueError` that names the nearest known one, :class:`TypeError` for what is no text.
    """
    if not isinstance(allow, Iterable):
        raise TypeError(f"allow: expected names of capabilities, found {type(allow).__name__}")
    found = set()
    for text in [allow] if isinstance(allow, str) else allow:
        if not isinstance(text, str):
            raise TypeError(f"allow: expected names of capabilities, found {type(text).__name__}")
        for word in text.split(","):
            name = word.strip()
            if name not in GRANTS:
                raise ValueError(f"allow: unknown capability {clean_repr(name)}{_nearest(name)}")
            found.add(name)
    if {"clock", "clock=real"} <= found:
        raise ValueError("allow: clock and clock=real cannot go together: grant one of them")
    return tuple(name for name in GRANTS if name in found)


def gets(wanted: Iterable[str], allowed: Iterable[str]) -> tuple[str, ...]:
    """The grants that a module uses: those of ``allowed`` that it wants. The others change nothing."""
    names = set(wanted)
    return tuple(grant for grant in allowed if _name(grant) in names)


def require(wanted: Iterable[str], allowed: Iterable[str]) -> tuple[str, ...]:
    """The same, for a module that was granted all that it wants. Raises :class:`ModuleError`."""
    given = {_name(grant) for grant in allowed}
    missing = [name for name in dict.fromkeys(wanted) if name not in given]
    for name in missing:
        if name not in WANTS:
            raise ModuleError(
                f"the module wants {name} (capabilities in its manifest), which no module gets"
                f"{_nearest(name, WANTS)}"
            )
    if missing:
        raise ModuleError(
            f"the module wants {' and '.join(missing)} (capabilities in its manifest) and was not granted "
            f"{'it' if len(missing) == 1 else 'them'}: allow={missing} in Python or "
            f"--allow {','.join(missing)} would"
        )
    return gets(wanted, allowed)


def _name(grant: str) -> str:
    return grant.partition("=")[0]


def _nearest(name: str, known: tuple[str, ...] = GRANTS) -> str:
    near = closest(name.lower(), known)
    return f"; did you mean {near}?" if near else f"; known are {', '.join(known)}"
