"""Which recipes engine.py runs on which records, and what they are compared with."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import shapes
from bench import PROGRAM, TYPED

import wasmrecords as wr
from wasmrecords._module import shipped

KERNEL = "the study's kernel"
_SCHEMA: Any = json.loads(TYPED.read_bytes())
_LONG = "2 KB strings"


@dataclasses.dataclass(frozen=True)
class Case:
    """A recipe on records of a shape, and whose speed it is compared with. ``mode`` chooses the kernel; with
    ``exact`` it runs in the engine's exact tier alone, which learns no shapes."""

    name: str
    shape: str
    program: str | None
    schema: Any = None
    against: str = ""
    bar: float | None = None
    mode: int | None = None
    exact: bool = False

    def config(self) -> dict[str, Any]:
        """As the module gets it."""
        tiers = {"tiers": "exact"} if self.exact else {}
        return {"jq": self.program, "schema": self.schema} | tiers

    def transform(self) -> wr.Transform:
        """As users have it, but for the tier, which is not for them to choose."""
        if self.exact:
            config = json.dumps(self.config()).encode()
            return wr.Transform(shipped("records"), config, limits=wr.Limits(), trusted=True)
        if self.program is None:
            return wr.validate(self.schema)
        return wr.jq(self.program, schema=self.schema)


def _whole(shape: str, against: str = "", bar: float | None = None, mode: int | None = None) -> Case:
    """The reference job on another shape."""
    return Case(shape, shape, PROGRAM, _SCHEMA, against, bar, mode)


def _exact(shape: str, against: str = "", bar: float | None = None) -> Case:
    """The same by the exact tier."""
    return dataclasses.replace(_whole(shape, against, bar), name=f"exact, {shape}", exact=True)


def _hostile(shape: str) -> list[Case]:
    """To learn in vain costs half of the exact tier's time at most."""
    return [_exact(shape), _whole(shape, f"exact, {shape}", 0.67)]


MADE = [
    _whole("reference", KERNEL, 1.0, 7),
    _whole("ASCII only", KERNEL, 0.95, 7),
    Case("narrow", "narrow", "{id, name}", shapes.SCHEMAS["narrow"], KERNEL, 0.95, 30),
    Case("wide", "wide", "{field_01, field_20, f45}", shapes.SCHEMAS["wide"], KERNEL, 1.0, 31),
    _whole("other order", "reference", 0.85),
    _whole("spaces", "reference", 0.85),
    _whole("unknown fields", "reference", 0.85),
    _whole("1 % bad", "reference", 0.85),
    _whole("10 % bad", "reference", 0.85),
    _whole(_LONG, "reference", 0.85),
    _whole("random order", "reference", 0.35),
    Case("schema only", "reference", None, _SCHEMA, "reference", 1.1),
    Case(".", "reference", ".", None, "schema only"),
    Case("del(.tags)", "reference", "del(.tags)", None, "schema only", 0.8),
    Case(". + {seen: true}", "reference", ". + {seen: true}", None, "schema only", 0.8),
    Case(".tags[]", "reference", ".tags[]", None, "schema only", 0.8),
    Case("schema only, 2 KB", _LONG, None, _SCHEMA),
    Case("select, 2 KB", _LONG, 'select(.address.city == "Accra")', None, "schema only, 2 KB", 0.8),
    _exact("reference", "reference", 0.5),
    *_hostile("new shapes"),
    *_hostile("10,000 fields"),
    *_hostile("1 MB keys"),
    *_hostile("like values"),
]
"""On made records: shapes.py."""

# A file, the array in it whose items are the records (none: each line is one), a program.
_REAL = {
    "twitter.json": ("statuses", 'select(.lang == "ja") | {id, text, user: .user.screen_name}'),
    "citm_catalog.json": ("performances", "{id, eventId, start, venueCode}"),
    "github_events.json": ("", 'select(.type == "PushEvent") | {id, actor: .actor.login, repo: .repo.name}'),
    "amazon_cellphones.ndjson": (None, "{asin: .[0], brand: .[1], rating: .[5]}"),
}


def real(folder: Path) -> list[Case]:
    """Those of well-known files that are there: a program, the records as they are, a schema inferred from
    them."""
    found = []
    for file, (_, program) in _REAL.items():
        if folder.joinpath(file).exists():
            name, lines = file.partition(".")[0], _lines(folder, file).splitlines()
            schema = wr.infer_schema(map(json.loads, lines))
            found += [
                Case(f"{name}, program", file, program),
                Case(f"{name}, .", file, "."),
                Case(f"{name}, schema", file, None, schema),
            ]
    return found


def text(shape: str, size: int, folder: Path | None, reference: Path | None) -> bytes:
    """Records of a shape, or of a real file in ``folder``, again and again; made ones from ``reference``."""
    if shape in shapes.SHAPES:
        return shapes.make(shape, size, reference)
    lines = _lines(folder or Path(), shape)
    return lines * max(1, size // len(lines))


def _lines(folder: Path, file: str) -> bytes:
    content, key = folder.joinpath(file).read_bytes(), _REAL[file][0]
    if key is None:
        return content
    found = json.loads(content)
    return b"".join(
        json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        for record in (found[key] if key else found)
    )
