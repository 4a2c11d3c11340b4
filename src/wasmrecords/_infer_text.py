"""Formats of JSON Schema, as seen in strings.

Narrower than the formats themselves, never wider: what is called a date here passes as one everywhere.
"""

from __future__ import annotations

import datetime
import re

_LABEL = r"(?![A-Za-z0-9-]{64})[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_DATE = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
_TIME = (
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_URI_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})"
_WORD = r"[A-Za-z0-9_+-]+"

_FORMATS = {
    "date": re.compile(_DATE),
    "date-time": re.compile(f"{_DATE}T{_TIME}"),
    "uuid": re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    "ipv4": re.compile(rf"{_BYTE}(?:\.{_BYTE}){{3}}"),
    "email": re.compile(rf"(?=[^@]{{1,64}}@){_WORD}(?:\.{_WORD})*@(?=.{{1,253}}$)(?=.*\.){_HOST}"),
    "uri": re.compile(
        rf"[A-Za-z][A-Za-z0-9+.-]*://{_HOST}(?::[0-9]{{1,5}})?"
        rf"(?:/{_URI_CHARACTER}*)?(?:\?(?:{_URI_CHARACTER}|\?)*)?(?:#(?:{_URI_CHARACTER}|\?)*)?"
    ),
}
_LONGEST = 2000  # characters: a longer text has no format, which bounds the search


def is_of(text: str, name: str) -> bool:
    """Whether a text is of this format."""
    found = _FORMATS[name].fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return False
    if name in ("date", "date-time"):
        try:
            datetime.date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            return False
    return True


def format_of(text: str) -> str | None:
    """The format that a text has; no text has two of them."""
    return next((name for name in _FORMATS if is_of(text, name)), None)


_ID = re.compile(
    r"-?[0-9]+|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{8,}"
    r"|[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?(?:T[0-9:.Z+-]*)?"
)


def is_id(name: str) -> bool:
    """Whether a property's name is a number, a UUID, a hash or a date: made by data, not by people."""
    return _ID.fullmatch(name) is not None
