"""The made records of generate.py in other shapes: what a fast engine must take as well.

    python benchmarks/shapes.py spaces --bytes 8000000 spaces.ndjson

Always the same ones for the same arguments. Every shape holds the same events, except ``narrow`` and
``wide``, which have other fields, and the broken records of ``1 % bad`` and ``10 % bad``.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import generate
from generate import Record, text_of

SEED = 20
LOREM = "sed ut perspiciatis unde omnis iste natus error sit voluptatem accusantium doloremque laudantium "
TYPES: dict[str, Any] = {
    "i": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1},
    "s": {"type": "string"},
    "f": {"type": "number"},
    "b": {"type": "boolean"},
}
Shape = Callable[[Iterator[Record], random.Random], Iterable[str]]


def _ordered(record: Record, order: Callable[[list[str]], list[str]]) -> Record:
    """With its keys, and those of the address, in another order."""
    address = record["address"]
    inner = {key: address[key] for key in order(list(address))}
    return {key: inner if key == "address" else record[key] for key in order(list(record))}


def reference(records: Iterator[Record], _choose: random.Random) -> Iterable[str]:
    """As they come."""
    return map(text_of, records)


def ascii_only(records: Iterator[Record], choose: random.Random) -> Iterable[str]:
    """No byte above 127 and no escape."""
    for record in records:
        words = choose.choices(generate.WORDS, k=choose.randrange(12))
        address = record["address"] | {"street": f"{choose.randrange(300)} Mill Lane", "city": "Dublin"}
        plain = {"name": f"Grace Bauer {choose.randrange(1000)}", "address": address, "note": " ".join(words)}
        yield text_of(record | plain)


def narrow(records: Iterator[Record], choose: random.Random) -> Iterable[str]:
    """Some 40 bytes: a number and a name."""
    for record in records:
        for _ in range(8):
            yield text_of({"id": choose.randrange(2 ** choose.randrange(8, 33)), "name": record["name"]})


# A string, then by turns a number that is not whole, a flag, a string, a whole number: 60 fields.
WIDE = {f"field_{at:02}" if at % 3 else f"f{at}": "isfb"[at % 4] if at % 5 else "s" for at in range(60)}


def wide(records: Iterator[Record], choose: random.Random) -> Iterable[str]:
    """60 fields, none of them nested."""
    make: dict[str, Callable[[Record], Any]] = {
        "i": lambda _: choose.randrange(10 ** choose.randint(1, 9)),
        "s": lambda record: choose.choice((record["name"], record["email"], record["address"]["city"])),
        "f": lambda _: round(choose.uniform(-100, 100), choose.choice((1, 2, 4))),
        "b": lambda _: choose.random() < 0.5,
    }
    for record in records:
        yield text_of({name: make[kind](record) for name, kind in WIDE.items()})


def other_order(records: Iterator[Record], _choose: random.Random) -> Iterable[str]:
    """Every record has its keys in the same order, which is not the schema's."""
    return (text_of(_ordered(record, lambda keys: keys[1::2] + keys[::2])) for record in records)


def random_order(records: Iterator[Record], choose: random.Random) -> Iterable[str]:
    """Every record has an order of its own."""
    return (text_of(_ordered(record, lambda keys: choose.sample(keys, len(keys)))) for record in records)


def spaces(records: Iterator[Record], _choose: random.Random) -> Iterable[str]:
    """A space behind each comma and colon, as Python writes JSON."""
    return (json.dumps(record, ensure_ascii=False) for record in records)


def unknown_fields(records: Iterator[Record], choose: random.Random) -> Iterable[str]:
    """Three fields more, which the schema does not name: a text, a number, a nested object."""
    for record in records:
        fields = list(record.items())
        fields.insert(7, ("trace", {"spans": [1, choose.randrange(100), {"parent": None}], "sampled": True}))
        fields.insert(4, ("serial", choose.randrange(10**6)))
        fields.insert(2, ("channel", choose.choice(("web", "app", "call centre"))))
        yield text_of(dict(fields))


def bad(share: float) -> Shape:
    """That share is no JSON, lacks a field, or has a value of the wrong type or out of range."""

    def shape(records: Iterator[Record], choose: random.Random) -> Iterable[str]:
        for record in records:
            yield choose.choice(generate.BREAKS)(record) if choose.random() < share else text_of(record)

    return shape


def long_strings(records: Iterator[Record], choose: random.Random) -> Iterable[str]:
    """A note of 1,500 to 2,500 bytes."""
    for record in records:
        yield text_of(record | {"note": (LOREM * 26)[: choose.randint(1500, 2500)]})


def new_shapes(records: Iterator[Record], choose: random.Random) -> Iterable[str]:
    """Every record has a field of its own name: nothing that was learned comes again."""
    for number, record in enumerate(records):
        fields = list(record.items())
        fields.insert(
            choose.randrange(11), (f"k{number:07}", choose.choice((1, "two", None, [3.5], {"x": {}})))
        )
        yield text_of(dict(fields))


def many_fields(records: Iterator[Record], choose: random.Random) -> Iterable[str]:
    """10,000 fields that the schema does not name."""
    for record in records:
        yield text_of(record | {f"m{choose.randrange(10**6)}_{at}": at for at in range(10_000)})


def long_keys(records: Iterator[Record], choose: random.Random) -> Iterable[str]:
    """A key of 1 MB, each time another one."""
    for record in records:
        yield text_of({LOREM * 11_000 + str(choose.random()): 1} | record)


def like_values(records: Iterator[Record], choose: random.Random) -> Iterable[str]:
    """Texts and keys that look like what stands between values."""
    traps = ['","score":', '":"', "}\n{", ',"id":7', "\\", '\\",\\"', "null", "]", '{"geo":{"lat":']
    for record in records:
        trap = {
            "name": choose.choice(traps) * choose.randrange(1, 4),
            "note": "".join(choose.sample(traps, 4)),
        }
        yield text_of(record | trap | {choose.choice(traps): choose.choice(traps)})


SHAPES: dict[str, Shape] = {
    "reference": reference,
    "ASCII only": ascii_only,
    "narrow": narrow,
    "wide": wide,
    "other order": other_order,
    "random order": random_order,
    "spaces": spaces,
    "unknown fields": unknown_fields,
    "1 % bad": bad(0.01),
    "10 % bad": bad(0.1),
    "2 KB strings": long_strings,
    "new shapes": new_shapes,
    "10,000 fields": many_fields,
    "1 MB keys": long_keys,
    "like values": like_values,
}
"""Each shape by the name that the tables give it."""

SCHEMAS: dict[str, Any] = {
    "narrow": {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": TYPES["i"], "name": TYPES["s"]},
    },
    "wide": {
        "type": "object",
        "required": list(WIDE),
        "properties": {name: TYPES[kind] for name, kind in WIDE.items()},
    },
}
"""What the records of a shape agree with, where it is not typed.schema.json."""


def make(name: str, size: int, source: Path | None = None) -> bytes:
    """Whole lines, up to ``size`` bytes and one line; the records come from ``source`` if it is given."""
    choose = random.Random(SEED)
    lines = iter(source.read_bytes().splitlines()) if source else generate.records(0.0, 1)
    text = bytearray()
    for line in SHAPES[name]((json.loads(line) for line in lines), choose):
        text += line.encode() + b"\n"
        if len(text) >= size:
            break
    return bytes(text)


def main() -> None:
    """The command line in the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("--bytes", type=int, default=8_000_000, metavar="N", help="how many (%(default)s)")
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    options.output.write_bytes(make(options.shape, options.bytes))


if __name__ == "__main__":
    main()
