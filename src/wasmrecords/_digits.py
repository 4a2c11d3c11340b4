"""Numbers of JSON that Python reads otherwise than they are written."""

from __future__ import annotations


def integer(digits: str) -> int | float:
    """What JSON's digits say, of any length."""
    try:
        return int(digits)
    except ValueError:  # over 4,300 digits, Python's own limit: infinite, as 1e400 is
        return float(digits)
