"""The peer of ``--schema typed.schema.json``: Python, in which msgspec decodes the same types natively.

    python benchmarks/peer_msgspec.py events.ndjson

Prints how many records agreed. It writes none of them: such a program would go on with the objects.
"""

from __future__ import annotations

import sys
from typing import Annotated

import msgspec

UInt32 = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
UInt8 = Annotated[int, msgspec.Meta(ge=0, le=255)]


class Geo(msgspec.Struct):
    """A place on earth."""

    lat: float
    lon: float


class Address(msgspec.Struct):
    """Where somebody lives."""

    street: str
    city: str
    zip: str
    geo: Geo


class Event(msgspec.Struct):
    """What a line of the input is."""

    id: UInt32
    name: str
    email: str
    age: UInt8
    active: bool
    score: float
    ts: str
    tags: list[str]
    address: Address
    note: str | None


def main() -> None:
    """Line by line, as a program with something to do for each record would."""
    decode = msgspec.json.Decoder(Event).decode
    count = 0
    with open(sys.argv[1], "rb") as lines:
        for line in lines:
            decode(line)
            count += 1
    print(count)


if __name__ == "__main__":
    main()
