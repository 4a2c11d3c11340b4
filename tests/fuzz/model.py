"""JSON values as jq has them here, in a few lines of Python: what is read, how it is written, its order.

A value is ``None``, a bool, a :class:`Number`, a str, a list, or a dict in the order of its members.
"""

from __future__ import annotations

import functools
import math
import re
from random import Random
from typing import Any

_NUMBERS = """
0 -0 1 -1 2 3 7 10 100 -3 0.0 -0.0 0.5 1.0 1.50 -2.5 0.1 0.2 0.30 1e2 1E+2 -1e-2 1.5e3 1e400 -1e400 1e-400
9007199254740991 9007199254740992 9007199254740993 -9007199254740993 9007199254740992.0 9223372036854775807
9223372036854775808 -9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616
100000000000000000000 100000000000000000001 1e20 1000000000000000000000000000000
0.1000000000000000055511151231257827 3e0
2147483647 2147483648 -2147483648 4294967296 1.7976931348623157e308 5e-324
2.2250738585072014e-308 123456789.125
"""
NUMBERS = _NUMBERS.split()
TEXTS = [
    "",
    "a",
    "b",
    "ab",
    "A",
    "10",
    "9",
    "é",
    "ß",
    "😀",
    "e\u0301",
    "\x7f",
    "\x00",
    '\n\t"\\/',
    "\u2028",
    "\uffff",
    "a b",
]
NAMES = ["a", "b", "c", "A", "", "é", "\x00", "a.b", "10", "9", "😀"]  # fmt: skip
EXACT_DIGITS = 400


class Number:
    """A number and how it was written."""

    def __init__(self, text: str) -> None:
        self.text = text
        whole = not re.search("[.eE]", text) and len(text) <= EXACT_DIGITS and text != "-0"
        self.exact = int(text) if whole else None
        self.real = float(text)

    def __repr__(self) -> str:
        return self.text


def number(random: Random) -> Number:
    """Some number, in some notation."""
    kind = random.random()
    if kind < 0.55:
        return Number(random.choice(NUMBERS))
    if kind < 0.75:
        return Number(str(random.randrange(-20, 20)))
    if kind < 0.85:
        return Number(str(random.randrange(-(10 ** random.randrange(1, 40)), 10**40)))
    digits = repr(random.uniform(-100, 100) * 10.0 ** random.randrange(-5, 5))
    return Number(digits if kind < 0.95 else f"{digits}00" if "e" not in digits else digits)


def text(random: Random) -> str:
    """Some text, a few characters."""
    if random.random() < 0.7:
        return random.choice(TEXTS)
    return "".join(chr(random.choice((random.randrange(1, 0x300), 0x20AC, 0x1F600))) for _ in range(3))


def value(random: Random, depth: int = 3) -> Any:
    """Some value, at most ``depth`` levels deep."""
    kind = random.random()
    if depth and kind < 0.2:
        return [value(random, depth - 1) for _ in range(random.randrange(5))]
    if depth and kind < 0.42:
        return {random.choice(NAMES): value(random, depth - 1) for _ in range(random.randrange(5))}
    if kind < 0.7:
        return number(random)
    return text(random) if kind < 0.85 else random.choice((None, True, False))


# --- reading ----------------------------------------------------------------------------------------------


def source(value: Any, random: Random) -> str:
    """JSON that means the value, in one of many ways: white space, escapes, members that come twice."""

    def blank() -> str:
        return random.choice(("", "", "", " ", "\t", " \r "))

    def inner(value: Any) -> str:
        if isinstance(value, list):
            return "[" + f"{blank()},".join(blank() + inner(item) for item in value) + blank() + "]"
        if isinstance(value, dict):
            members = [(name, inner(item)) for name, item in value.items()]
            if members and random.random() < 0.1:
                # The last one counts, at the place of the first.
                members.insert(0, (members[0][0], random.choice(("1", "[]", '{"a":2}'))))
            pairs = [f"{blank()}{spelled(name, random)}{blank()}:{blank()}{item}" for name, item in members]
            return f"{{{','.join(pairs)}{blank()}}}"
        return spelled(value, random) if isinstance(value, str) else written(value)

    return inner(value)


_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def spelled(text: str, random: Random) -> str:
    """A JSON string, with escapes where they must be and some more."""

    def character(c: str) -> str:
        if c == "/" and random.random() < 0.5:
            return "\\/"
        if c in _SHORT and random.random() < 0.7:
            return _SHORT[c]
        if c in _SHORT or c < " " or random.random() < 0.1:
            units = c.encode("utf-16-be")
            form = random.choice(("%04x", "%04X"))
            return "".join(
                f"\\u{form % int.from_bytes(units[at : at + 2], 'big')}" for at in range(0, len(units), 2)
            )
        return c

    return f'"{"".join(map(character, text))}"'


# --- writing ----------------------------------------------------------------------------------------------


def written(value: Any) -> str:
    """The value as it must be written, to the byte."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case Number():
            return value.text
        case str():
            return f'"{"".join(map(_escaped, value))}"'
        case list():
            return f"[{','.join(map(written, value))}]"
        case _:
            return f"{{{','.join(f'{written(name)}:{written(item)}' for name, item in value.items())}}}"


def _escaped(c: str) -> str:
    return _SHORT.get(c) or (f"\\u{ord(c):04x}" if c < " " or c == "\x7f" else c)


# --- order ------------------------------------------------------------------------------------------------


def compare(left: Any, right: Any) -> int:
    """Less than 0, 0, or more, as ``left`` comes before ``right``, is equal, or comes behind."""
    ranks = rank(left), rank(right)
    if ranks[0] != ranks[1]:
        return _sign(*ranks)
    match left:
        case Number():
            # Python compares an integer with a float by value, which is what is wanted.
            sides = (side.real if side.exact is None else side.exact for side in (left, right))
            return _sign(*sides)
        case str():
            return _sign(left, right)  # by code points
        case list():
            different = (order for pair in zip(left, right, strict=False) if (order := compare(*pair)))
            return next(different, _sign(len(left), len(right)))
        case dict():
            names = sorted(left), sorted(right)
            return compare(*names) or compare([left[n] for n in names[0]], [right[n] for n in names[1]])
        case _:
            return 0


def rank(value: Any) -> int:
    kinds = [value is None, value is False, value is True, isinstance(value, Number), isinstance(value, str)]
    return kinds.index(True) if True in kinds else 5 if isinstance(value, list) else 6


def _sign(left: Any, right: Any) -> int:
    return (left > right) - (left < right)


in_order = functools.cmp_to_key(compare)


# --- arithmetic -------------------------------------------------------------------------------------------


def computed(operation: str, left: Number, right: Number) -> int | float | None:
    """What ``+ - * / %`` yield: exact for whole numbers. None for an error."""
    a, b = left.exact, right.exact
    both = a is not None and b is not None
    if operation in "+-*":
        x, y = (a, b) if both else (left.real, right.real)
        return {"+": x + y, "-": x - y, "*": x * y}[operation]  # type: ignore[operator]
    if operation == "/":
        if right.real == 0:
            return None
        whole = both and abs(a) < 2**63 and abs(b) < 2**63 and a % b == 0  # type: ignore[operator,arg-type]
        return a // b if whole else left.real / right.real  # type: ignore[operator]
    return _remainder(left, right)


def _remainder(left: Number, right: Number) -> int | None:
    """Fractions are cut off first; the sign is that of the left side."""
    if left.exact is not None and right.exact is not None:
        a, b = left.exact, right.exact
    else:
        a, b = _saturated(left.real), _saturated(right.real)
    if b == 0:
        return None
    return int(math.copysign(1, left.real if left.exact is None else a)) * (abs(a) % abs(b))


def _saturated(real: float) -> int:
    return (
        max(-(2**63), min(2**63 - 1, int(real)))
        if math.isfinite(real)
        else 2**63 - 1
        if real > 0
        else -(2**63)
    )
