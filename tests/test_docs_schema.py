"""Every example of docs/json-schema.md, in the sandbox.

An example is a row of a table. A table with the columns ``code | schema | record | path | message`` has
records and what is said about them; one with ``schema | path | message`` has schemas that are refused; one
with ``code | schema | record | message`` is for formats that refuse.
"""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import pytest
from pages import ROOT, prose

import wasmrecords as wr

PAGE = ROOT / "docs" / "json-schema.md"
RECORDS = ("code", "schema", "record", "path", "message")
REFUSALS = ("schema", "path", "message")
WITH_FORMATS = ("code", "schema", "record", "message")


def cells(line: str) -> tuple[str, ...]:
    """The cells of a row, without the marks of code."""
    return tuple(code(cell.strip()) for cell in line.strip().strip("|").split("|"))


def code(cell: str) -> str:
    """What stands between backticks. Two of them let the text have single ones, and a space beside them."""
    double = re.fullmatch(r"``(.*?) ?``", cell)
    single = re.fullmatch(r"`([^`]*)`", cell)
    return double[1] if double else single[1] if single else cell


def rows(header: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The rows of all tables with these columns."""
    found: list[tuple[str, ...]] = []
    columns: tuple[str, ...] = ()
    for line in prose(PAGE).splitlines():
        if not line.startswith("|"):
            columns = ()
        elif not columns:
            columns = cells(line)
        elif columns == header and set(line) - set("|- "):
            found.append(cells(line))
    return found


EXAMPLES, REFUSED, FORMATS = rows(RECORDS), rows(REFUSALS), rows(WITH_FORMATS)


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 60
    assert len(REFUSED) >= 12
    assert len(FORMATS) >= 20
    assert {len(row) for row in EXAMPLES} == {len(RECORDS)}
    assert {len(row) for row in REFUSED} == {len(REFUSALS)}


@pytest.mark.parametrize("row", EXAMPLES, ids=[" on ".join(row[1:3]) for row in EXAMPLES])
def test_example(records_wasm: object, row: tuple[str, ...]) -> None:
    expected, schema, record, path, message = row
    with wr.validate(schema) as transform:
        batch = transform.run(record.encode())
    assert batch.counts.read == 1
    if expected == "kept":
        assert batch.failures == ()
        assert json.loads(batch.output, parse_float=str) == json.loads(record, parse_float=str)
        assert (path, message) == ("", "")
        return
    (failure,) = batch.failures
    assert (failure.code, failure.path, failure.message) == (expected, path, message)
    # The place in the schema is one that is there.
    assert failure.schema_path is not None
    assert failure.schema_path.startswith("#")
    place: Any = json.loads(schema)
    for step in failure.schema_path.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        place = place[int(name)] if isinstance(place, list) else place[name]


@pytest.mark.parametrize("row", FORMATS, ids=[" on ".join(row[1:3]) for row in FORMATS])
def test_format(records_wasm: object, row: tuple[str, ...]) -> None:
    expected, schema, record, message = row
    with wr.validate(schema, assert_format=True) as transform:
        found = [(failure.code, failure.message) for failure in transform.run(record.encode()).failures]
    assert found == ([] if expected == "kept" else [(expected, message)])
    with wr.validate(schema) as transform:
        assert transform.run(record.encode()).counts.kept == 1


@pytest.mark.parametrize("row", REFUSED, ids=[row[0] for row in REFUSED])
def test_refusal(records_wasm: object, row: tuple[str, ...]) -> None:
    schema, path, message = row
    with pytest.raises(wr.RecipeError) as caught:
        wr.validate(schema)
    assert (caught.value.kind, caught.value.path) == ("schema", path)
    assert message in str(caught.value)
    assert caught.value.column is not None
    assert str(caught.value).splitlines()[-1].strip() == "^"


@functools.cache
def keywords(name: str) -> frozenset[str]:
    """The codes that errors.md has for records that break a schema."""
    text = (ROOT / "docs" / name).read_text("utf-8")
    section = text.split("### The record breaks the schema")[1].split("\n#")[0]
    table = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return frozenset(word for cell in table for word in re.findall(r"`(\w+)`", cell))


def test_each_code_has_an_example() -> None:
    shown = {row[0] for row in EXAMPLES + FORMATS} - {"kept"}
    listed = keywords("errors.md")
    assert len(listed) > 25
    assert shown == listed


def level(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(depth - 1):
        schema = {"not": schema}
    return schema


def test_depths_are_as_the_page_says(records_wasm: object) -> None:
    text = PAGE.read_text("utf-8")
    assert "nested 128 levels" in text
    wr.validate(level(128)).close()
    with pytest.raises(wr.NestingLimit):
        wr.validate(level(129))
    assert "at most 1,000" in text
    assert wr.Limits().nesting == 128
    with pytest.raises(ValueError, match="nesting"):
        wr.Limits(nesting=1001)
    tree = '{"type": "array", "items": {"$ref": "#"}}'
    record = b"[" * 1000 + b"]" * 1000
    with wr.validate(tree, limits=wr.Limits(nesting=1000)) as transform:
        batch = transform.run(record + b"\n[[]]\n")
    assert batch.output.endswith(b"[[]]\n")
    assert {f.code for f in batch.failures} <= {"stack"}
