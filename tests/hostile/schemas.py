"""Schemas that are made to stall, crash or read what they should not."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import wasmrecords as wr
from hostile.case import ANY, LIMITS, Act, Case, Stage

Schema = Any
BRIEF = wr.Limits(time=0.5)


def schema(
    name: str,
    tried: str,
    made: Callable[[], Schema],
    ends: str = "RecipeError (schema)",
    data: bytes = b"1",
    limits: wr.Limits = LIMITS,
) -> Case:
    """A schema, and a record if it is accepted."""

    def act(stage: Stage) -> str:
        with wr.validate(made(), limits=limits, isolation=stage.isolation) as transform:
            return stage.fates([data], transform.run(data))

    return Case(name, tried, ends, act, ANY)


def schema_file(make: Callable[[Stage, str], None]) -> Act:
    def act(stage: Stage) -> str:
        path = str(stage.folder / "schema.json")
        make(stage, path)
        with wr.validate(path, limits=LIMITS):
            return "accepted"

    return act


def document(
    name: str, tried: str, reference: str, make: Callable[[str, str], Any] = lambda inside, outside: None
) -> Case:
    """A reference from a schema in a folder, beside which a file lies that is none of its business."""

    def act(stage: Stage) -> str:
        outside, inside = str(stage.folder / "secret.json"), str(stage.folder / "schemas")
        os.mkdir(inside)
        Path(outside).write_text('{"type": "string"}')
        make(inside, outside)
        with wr.validate({"$ref": reference}, schema_dir=inside, limits=LIMITS):
            return "accepted"

    return Case(f"document: {name}", tried, "RecipeError (schema)", act, ANY)


CASES = [
    schema(
        "reference to itself",
        "A `$ref` that leads to itself",
        lambda: {"$ref": "#"},
        "RecipeError (schema) | $ref | nesting | time | stack",
    ),
    schema(
        "references in a ring",
        "Three `$ref` in a ring",
        lambda: {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        "RecipeError (schema) | $ref | stack | time",
    ),
    schema(
        "dynamic ring",
        "A `$dynamicRef` that leads to itself",
        lambda: {"$dynamicAnchor": "a", "$dynamicRef": "#a"},
        "RecipeError (schema) | stack | time",
    ),
    schema(
        "remote reference",
        "A `$ref` to a server",
        lambda: {"$ref": "http://169.254.169.254/latest/meta-data"},
    ),
    schema("reference to a file", "A `$ref` to `/etc/passwd`", lambda: {"$ref": "file:///etc/passwd"}),
    schema(
        "relative reference",
        "A `$ref` to a file beside it",
        lambda: {"$id": "file:///etc/", "$ref": "passwd"},
    ),
    schema(
        "remote language",
        "A `$schema` on a server",
        lambda: {"$schema": "http://169.254.169.254/", "type": "string"},
    ),
    schema(
        "reference to nothing",
        "A `$ref` to a place that does not exist",
        lambda: {"$ref": "#/$defs/" + "x" * 5_000},
    ),
    schema(
        "catastrophic schema pattern",
        "A `pattern` with exponentially many ways",
        lambda: {"pattern": "^(a|a)*$"},
        "pattern | time",
        b'"' + b"a" * 60 + b'!"',
    ),
    schema(
        "counting pattern",
        "A `pattern` that counts to a billion",
        lambda: {"pattern": "((a{1000}){1000}){1000}"},
        "RecipeError (schema)",
        b'"a"',
        wr.Limits(time=5),
    ),
    schema("broken pattern", "A `pattern` that is none", lambda: {"pattern": "(((("}),
    schema(
        "deep schema",
        "A schema of 100,000 levels",
        lambda: '{"not":' * 100_000 + "true" + "}" * 100_000,
        "NestingLimit | RecipeError (schema)",
    ),
    schema(
        "deep Python",
        "A schema of 5,000 dicts within each other",
        lambda: functools.reduce(lambda a, _: {"not": a}, range(5_000), {}),
        "NestingLimit | RecipeError (schema)",
    ),
    schema(
        "wide schema",
        "50,000 alternatives",
        lambda: {"anyOf": [{"const": n} for n in range(1, 50_000)]},
        "kept | time | TimeLimit | MemoryLimit",
        limits=BRIEF,
    ),
    schema(
        "exponential alternatives",
        "Alternatives that lead to all of the last ones, thirty times",
        lambda: {
            "$ref": "#/$defs/a30",
            "$defs": {"a0": {"type": "string"}}
            | {f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n - 1}"}] * 2} for n in range(1, 31)},
        },
        "time | anyOf | TimeLimit | RecipeError (schema)",
        limits=BRIEF,
    ),
    schema(
        "unique items",
        "`uniqueItems` over 200,000 items",
        lambda: {"uniqueItems": True},
        "kept | time",
        b"[%s]" % b",".join(b"%d" % n for n in range(200_000)),
    ),
    schema("divisor of nothing", "`multipleOf` 0", lambda: {"multipleOf": 0}),
    schema(
        "tiny divisor",
        "`multipleOf` 1e-308, of 1e308",
        lambda: {"multipleOf": 1e-308},
        "kept | multipleOf | RecipeError (schema)",
        b"1e308",
    ),
    schema(
        "huge length",
        "A length of 10^400",
        lambda: '{"minLength": 1' + "0" * 400 + "}",
        "minLength | RecipeError (schema)",
        b'"a"',
    ),
    schema(
        "schema that steers", "A keyword whose value is escape sequences", lambda: {"type": "\x1b[2J\u202e\n"}
    ),
    schema("no schema", "A schema that is a number", lambda: 3, "TypeError | RecipeError (schema)"),
    Case(
        "endless schema",
        "A schema file that is /dev/zero",
        "RecipeError (schema)",
        schema_file(lambda stage, path: os.symlink("/dev/zero", path)),
        ANY,
    ),
    Case(
        "schema is a folder",
        "A schema file that is a folder",
        "RecipeError (schema)",
        schema_file(lambda stage, path: os.mkdir(path)),
        ANY,
    ),
    Case(
        "schema links to itself",
        "A schema file that is a link to itself",
        "RecipeError (schema)",
        schema_file(lambda stage, path: os.symlink(path, path)),
        ANY,
    ),
    document("up", "A `$ref` to `../secret.json`", "../secret.json"),
    document("absolute", "A `$ref` to `/etc/passwd`, with a folder", "/etc/passwd"),
    document(
        "link",
        "A document is a link to a file outside",
        "link.json",
        lambda inside, outside: os.symlink(outside, f"{inside}/link.json"),
    ),
    document(
        "linked folder",
        "A folder of documents is a link to one outside",
        "up/secret.json",
        lambda inside, outside: os.symlink(os.path.dirname(outside), f"{inside}/up"),
    ),
    document(
        "pipe",
        "A document is a pipe that nobody writes to",
        "pipe.json",
        lambda inside, outside: os.mkfifo(f"{inside}/pipe.json"),
    ),
    document(
        "named by another",
        "A URL that a link to a file outside has as its `$id`",
        "http://example.com/id",
        lambda inside, outside: (
            Path(outside).write_text('{"$id": "http://example.com/id"}'),
            os.symlink(outside, f"{inside}/link.json"),
        ),
    ),
]
