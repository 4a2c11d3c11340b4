"""What others do natively, each as one would write it with that tool: file to file, on one core.

    python benchmarks/peers.py duckdb events.ndjson out.ndjson

The job is to keep what has a score of 50 and more, and of that id, name and score. DuckDB, polars and msgspec
check the types that typed.schema.json has, the rest check that it is JSON, as far as they do.
``types`` checks the types and writes how many records agree.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

from measure import Command

PROGRAM = "select(.score >= 50) | {id, name, score}"
_GATHERED = 64 * 1024


def _event_type() -> Any:
    import msgspec

    uint8, uint32 = (Annotated[int, msgspec.Meta(ge=0, le=2**bits - 1)] for bits in (8, 32))
    geo = msgspec.defstruct("Geo", [("lat", float), ("lon", float)])
    address = msgspec.defstruct("Address", [("street", str), ("city", str), ("zip", str), ("geo", geo)])
    fields: list[tuple[str, Any]] = [
        ("id", uint32),
        ("name", str),
        ("email", str),
        ("age", uint8),
        ("active", bool),
        ("score", float),
        ("ts", str),
        ("tags", list[str]),
        ("address", address),
        ("note", str | None),
    ]
    return msgspec.defstruct("Event", fields)


def types(source: Path, output: Path) -> None:
    """msgspec as a checker, line by line, as a program with something to do for each record would."""
    import msgspec

    decode = msgspec.json.Decoder(_event_type()).decode
    count = 0
    with source.open("rb") as lines:
        for line in lines:
            decode(line)
            count += 1
    output.write_text(f"{count}\n")


def msgspec_typed(source: Path, output: Path) -> None:
    """msgspec, its objects of the declared types."""
    import msgspec

    decode = msgspec.json.Decoder(_event_type()).decode
    made = msgspec.defstruct("Made", [("id", int), ("name", str), ("score", float)])
    encode, gathered = msgspec.json.Encoder().encode_into, bytearray()
    with source.open("rb") as lines, output.open("wb") as out:
        for line in lines:
            event = decode(line)
            if event.score >= 50:
                encode(made(event.id, event.name, event.score), gathered, -1)
                gathered += b"\n"
                if len(gathered) > _GATHERED:
                    out.write(gathered)
                    gathered.clear()
        out.write(gathered)


def orjson_loop(source: Path, output: Path) -> None:
    """orjson, its dicts."""
    import orjson

    loads, dumps, newline = orjson.loads, orjson.dumps, orjson.OPT_APPEND_NEWLINE
    with source.open("rb") as lines, output.open("wb") as out:
        write = out.write
        for line in lines:
            event = loads(line)
            if event["score"] >= 50:
                made = {"id": event["id"], "name": event["name"], "score": event["score"]}
                write(dumps(made, option=newline))


def json_loop(source: Path, output: Path) -> None:
    """What comes with Python."""
    import json

    loads, encode = json.loads, json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    with source.open("rb") as lines, output.open("w", encoding="utf-8") as out:
        for line in lines:
            event = loads(line)
            if event["score"] >= 50:
                out.write(encode({key: event[key] for key in ("id", "name", "score")}) + "\n")


def pysimdjson(source: Path, output: Path) -> None:
    """simdjson, which makes Python objects only of what is asked for; orjson writes."""
    import orjson
    import simdjson

    parse, dumps, newline = simdjson.Parser().parse, orjson.dumps, orjson.OPT_APPEND_NEWLINE
    with source.open("rb") as lines, output.open("wb") as out:
        for line in lines:
            event = parse(line)
            if (score := event["score"]) >= 50:
                out.write(dumps({"id": event["id"], "name": event["name"], "score": score}, option=newline))
            del event  # the parser refuses to go on while it is held


def polars(source: Path, output: Path) -> None:
    """polars, lazily and in pieces."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    import polars as pl

    geo = pl.Struct({"lat": pl.Float64, "lon": pl.Float64})
    address = {"street": pl.String, "city": pl.String, "zip": pl.String, "geo": geo}
    schema = {
        "id": pl.UInt32,
        "name": pl.String,
        "email": pl.String,
        "age": pl.UInt8,
        "active": pl.Boolean,
        "score": pl.Float64,
        "ts": pl.String,
        "tags": pl.List(pl.String),
        "address": pl.Struct(address),
        "note": pl.String,
    }
    events = pl.scan_ndjson(source, schema=schema)
    events.filter(pl.col("score") >= 50).select("id", "name", "score").sink_ndjson(output)


def duckdb(source: Path, output: Path) -> None:
    """DuckDB, from file to file in one statement."""
    import duckdb

    columns = {
        "id": "UINTEGER",
        "name": "VARCHAR",
        "email": "VARCHAR",
        "age": "UTINYINT",
        "active": "BOOLEAN",
        "score": "DOUBLE",
        "ts": "VARCHAR",
        "tags": "VARCHAR[]",
        "address": "STRUCT(street VARCHAR, city VARCHAR, zip VARCHAR, geo STRUCT(lat DOUBLE, lon DOUBLE))",
        "note": "VARCHAR",
    }
    declared = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    lines = f"read_json('{source}', format='newline_delimited', columns={{{declared}}})"
    chosen = f"SELECT id, name, score FROM {lines} WHERE score >= 50"  # noqa: S608 our own paths
    duckdb.connect(config={"threads": 1}).execute(f"COPY ({chosen}) TO '{output}' (FORMAT json)")


SCRIPTS: dict[str, Callable[[Path, Path], None]] = {
    "types": types,
    "duckdb": duckdb,
    "polars": polars,
    "msgspec": msgspec_typed,
    "orjson": orjson_loop,
    "pysimdjson": pysimdjson,
    "json": json_loop,
}
"""What this file runs."""


@dataclass(frozen=True)
class Peer:
    """Somebody who does the job. ``bar``: how many times as fast we are to be."""

    name: str
    bar: float | None
    packages: tuple[str, ...]
    command: str = ""

    def missing(self) -> str:
        """What this machine lacks, if anything."""
        if self.command:
            return "" if shutil.which(self.command) else f"there is no {self.command} command on this machine"
        for package in self.packages:
            if not find_spec(package):
                return f"{package} is not installed"
        return ""

    def line(self, source: Path, output: Path) -> Command:
        """The command. jq writes to its standard output."""
        if self.command == "jq":
            return ["jq", "-c", PROGRAM, source]
        if self.command == "node":
            return ["node", Path(__file__).with_name("peer_node.js"), source, output]
        return [sys.executable, __file__, self.name, source, output]


PEERS = [
    Peer("duckdb", 3.5, ("duckdb",)),
    Peer("polars", 5, ("polars",)),
    Peer("msgspec", 5, ("msgspec",)),
    Peer("orjson", 6, ("orjson",)),
    Peer("pysimdjson", None, ("simdjson", "orjson")),
    Peer("json", None, ()),
    Peer("node", 12, (), "node"),
    Peer("jq", 20, (), "jq"),
]
"""All who are compared on the whole job."""


def main() -> None:
    """The command line in the module's docstring."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("who", choices=SCRIPTS)
    parser.add_argument("input", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    SCRIPTS[options.who](options.input, options.output)


if __name__ == "__main__":
    main()
