"""Makes NDJSON records as a product's event log has them, always the same ones for the same arguments.

    python benchmarks/generate.py --records 200000 --broken 0.001 events.ndjson
    python benchmarks/generate.py --bytes 64000000 events.ndjson

A record has ten fields: text with and without escapes and non-ASCII, numbers whole and not, a
nested object, an array, a null. Every sound one agrees with demo.schema.json; broken ones are no JSON,
lack a field, or have a value of the wrong type or out of range.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FIRST_NAMES = ["Aiko", "Amara", "Ben", "Chloé", "Dmitri", "Elif", "Grace", "Jürgen", "Kwame", "Søren"]
LAST_NAMES = ["Adeyemi", "Bauer", "Castillo", "Dupont", "García", "Ito", "Kowalski", "O'Neill", "Şahin"]
OTHER_SCRIPTS = ["Мария Соколова", "佐藤健", "이서연", "Ελένη Παππά", "ليلى حداد", "रोहन मेहता"]
CITIES = ["Accra", "Bogotá", "Chennai", "Dublin", "Göteborg", "Hà Nội", "İzmir", "Kyōto", "Łódź"]
STREETS = ["Harbour Road", "Rue des Lilas", "Lindenallee", "Calle Mayor", "Mill Lane", "Östra gatan"]
TAGS = ["beta", "churned", "eu", "free", "imported", "mobile", "new", "paid", "trial", "vip"]
WORDS = ["again", "asked", "call", "came", "email", "fine", "for", "late", "order", "parcel", "refund", "was"]
MAIL_HOSTS = ["example.com", "example.net", "mail.example.org"]
START = datetime(2025, 1, 1, tzinfo=UTC)
YEAR = 365 * 24 * 3600

Record = dict[str, Any]


def sound_record(number: int, choose: random.Random) -> Record:
    """One record that agrees with the schema."""
    first, last = choose.choice(FIRST_NAMES), choose.choice(LAST_NAMES)
    name = choose.choice(OTHER_SCRIPTS) if choose.random() < 0.1 else f"{first} {last}"
    moment = START + timedelta(seconds=choose.randrange(YEAR), milliseconds=choose.randrange(1000))
    return {
        "id": number,
        "name": name,
        "email": f"user{choose.randrange(1_000_000)}@{choose.choice(MAIL_HOSTS)}",
        "age": choose.randrange(16, 100),
        "active": choose.random() < 0.75,
        "score": round(choose.uniform(0, 100), choose.choice((1, 2, 4))),
        "ts": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "tags": choose.sample(TAGS, choose.randrange(4)),
        "address": {
            "street": f"{choose.randrange(1, 300)} {choose.choice(STREETS)}",
            "city": choose.choice(CITIES),
            "zip": f"{choose.randrange(100_000):05}",
            "geo": {"lat": round(choose.uniform(-90, 90), 6), "lon": round(choose.uniform(-180, 180), 6)},
        },
        "note": note(choose),
    }


def note(choose: random.Random) -> str | None:
    """Nothing, plain words, or words that need escapes."""
    kind = choose.random()
    if kind < 0.25:
        return None
    words = " ".join(choose.choices(WORDS, k=choose.randrange(3, 14)))
    return (
        words if kind < 0.8 else f'"{words}"\n\tC:\\notes\\{choose.randrange(100)}.txt \N{WHITE SMILING FACE}'
    )


def text_of(record: Record) -> str:
    """The record as compact JSON."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def with_value(field: str, value: object) -> Callable[[Record], str]:
    """A break that gives a field another value."""
    return lambda record: text_of(record | {field: value})


# Each takes a sound record and gives the text of a broken one.
BREAKS: list[Callable[[Record], str]] = [
    lambda record: text_of(record)[: len(text_of(record)) // 2],
    lambda record: text_of(record).replace('"age":', '"age"', 1),
    lambda record: text_of(record)[:-1] + ",}",
    lambda record: text_of(record).replace("true", "True").replace("false", "False"),
    lambda record: text_of({key: value for key, value in record.items() if key != "email"}),
    with_value("age", "forty"),
    with_value("age", -1),
    with_value("score", 250.5),
    with_value("active", None),
    with_value("tags", ["vip", 7]),
    with_value("address", {"street": "nowhere"}),
]


def records(broken: float, seed: int) -> Iterator[bytes]:
    """Lines without end, of which the share ``broken`` is broken."""
    choose = random.Random(seed)
    number = 0
    while True:
        number += 1
        record = sound_record(number, choose)
        text = choose.choice(BREAKS)(record) if choose.random() < broken else text_of(record)
        yield text.encode() + b"\n"


def main() -> None:
    """The command line in the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--records", type=int, default=200_000, metavar="N", help="how many (%(default)s)")
    size.add_argument("--bytes", type=int, metavar="N", help="as many as fill N bytes")
    parser.add_argument("--broken", type=float, default=0.0, metavar="SHARE", help="0 to 1 (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="other records (%(default)s)")
    parser.add_argument("output", type=Path)
    options = parser.parse_args()

    written = count = 0
    with options.output.open("wb") as output:
        for line in records(options.broken, options.seed):
            if written >= options.bytes if options.bytes is not None else count >= options.records:
                break
            output.write(line)
            written += len(line)
            count += 1
    print(f"{options.output}: {count:,} records, {written:,} bytes")


if __name__ == "__main__":
    main()
