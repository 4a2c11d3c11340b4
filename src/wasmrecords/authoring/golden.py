"""The golden vectors of docs/abi.md, as the kit tries them; a test holds them against the page."""

from __future__ import annotations

from typing import NamedTuple

from .._framing import Encoding
from .._reply import Reply

IDENTITY = b'{"a":1}\n{"b":[2,"x"]}\n'
"""What a module that keeps objects as they are gives back as it is."""


class Seen(NamedTuple):
    """What a reply says: counts, bytes consumed, state, output, and of the first failure start, length,
    offset, code and path."""

    finished: int
    dropped: int
    failed: int
    consumed: int
    state: int
    output: bytes
    failure: tuple[int, int, int, str, str] | None = None


class Vector(NamedTuple):
    """A batch, and what has to be seen of it."""

    encoding: Encoding
    data: bytes
    last: bool
    state: int
    expected: Seen


VECTORS = (
    Vector("ndjson", b'{"a":1}\n\n{}\r\nx', False, 0, Seen(2, 0, 0, 13, 0, b'{"a":1}\n{}\n')),
    Vector("ndjson", b"x", True, 0, Seen(1, 0, 1, 1, 0, b"", (0, 1, 0, "json", "$"))),
    Vector("json", b'[{"a":1}, {"b"', False, 0, Seen(1, 0, 0, 10, 3, b'{"a":1}\n')),
    Vector("json", b'{"b":2},]', True, 3, Seen(2, 0, 1, 9, 0, b'{"b":2}\n', (8, 1, 8, "json", "$"))),
)


def seen(reply: Reply) -> Seen:
    """The same of a reply."""
    failure = None
    if reply.rows:
        row = reply.rows[0]
        failure = (row.start, row.end - row.start, row.offset, row.code, row.path)
    return Seen(
        reply.finished, reply.dropped, reply.failed, reply.consumed, reply.state, bytes(reply.output), failure
    )
