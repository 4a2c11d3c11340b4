"""Text from outside, made fit to be printed: on a terminal, in a log, in an error."""

from __future__ import annotations

import re
from collections.abc import Iterable


def shown(text: str) -> str:
    """The text with escapes for all that does not print: control characters, newlines, stray surrogates."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def clean_text(text: str, longest: int = 1024) -> str:
    """What a guest said, as :func:`shown` shows it and at most ``longest`` characters of it."""
    # Cut first: a guest may say megabytes, and an escape is at least as long as what it stands for.
    clean = shown(text[: longest + 1])
    return clean if len(clean) <= longest else f"{clean[: longest - 1]}…"


def clean_repr(value: object, longest: int = 80) -> str:
    """A value as Python writes it, as :func:`shown` shows that and at most ``longest`` characters of it."""
    return clean_text(repr(value), longest)


def file_name(name: str) -> str:
    """A name of a file as text: each byte that is not UTF-8 becomes U+FFFD."""
    return re.sub("[\ud800-\udfff]", "\ufffd", name)


def as_text(name: str) -> str:
    """The same with an escape for each byte that is not UTF-8, as JSON can have it."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a wrong one may be meant to be, None if none is near."""
    import difflib  # here: most runs have no wrong word, and it takes a while

    names = list(known)
    alike = [name for name in names if name.casefold() == word.casefold()]
    return next(iter(alike or difflib.get_close_matches(word, names, n=1)), None)
