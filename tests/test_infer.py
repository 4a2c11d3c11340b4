"""Schemas from records: all records match, and the schema says what a reader would say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wasmrecords as wr
from wasmrecords._infer import DEEPEST, MOST_NAMES, MOST_SHAPES, Budget, Shape
from wasmrecords._infer_schema import DETAILS, schema_of
from wasmrecords._infer_text import format_of

# --- what matches -------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBER = st.one_of(
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**70), 2**70),
    st.sampled_from([-0.0, 2**53 + 1, 2**63, 2**64 - 1, -(2**63), 10**30, 5e-324, 1.7976931348623157e308]),
)
LEAF = st.one_of(st.none(), st.booleans(), NUMBER, TEXT, st.sampled_from(["2024-02-29", "a@b.de", "", "x"]))
NAME = st.one_of(st.sampled_from(["a", "b", "c", "\0", "$ref", "123456", "1", "2"]), TEXT)
VALUE = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAME, inner, max_size=5)
        | st.lists(inner, min_size=2, max_size=2)
    ),
    max_leaves=12,
)
# Numbers that Python would not write: huge, tiny, and whole ones with a point that a float cannot hold.
DIGITS = st.sampled_from(
    ["1e400", "-1e400", "1e-400", "-1e-400", "0.0", "-0", "9007199254740993.0", "900719925474099.3e1",
     "18014398509481985e0", "-9007199254740993.0", "1" * 5000, "0." + "0" * 400 + "1", "1E5",
     "12345678901234567890.5",
     "100000000000000000001", "1.00000000000000000000001"]
)  # fmt: skip


def check(lines: list[str], detail: Any, closed: bool) -> dict[str, Any]:
    """Infers a schema, and holds all lines against it."""
    data = "".join(f"{line}\n" for line in lines).encode()
    shape = Shape(Budget())
    from wasmrecords._infer_lines import values_of

    for value in values_of(data):
        shape.add(value)
    schema = schema_of(shape, detail, closed=closed)
    with wr.validate(json.dumps(schema), assert_format=True) as transform:
        batch = transform.run(data)
    assert not batch.failures, (schema, batch.failures)
    assert batch.counts.kept == len(lines)
    return schema


@settings(max_examples=150)
@given(st.lists(VALUE, max_size=12), st.sampled_from(DETAILS), st.booleans())
def test_any_records_match(records_wasm: Path, records: list[Any], detail: str, closed: bool) -> None:
    check([json.dumps(record) for record in records], detail, closed)


@settings(max_examples=100)
@given(st.lists(DIGITS | NUMBER.map(json.dumps), min_size=1, max_size=5), st.booleans())
def test_any_numbers_match(records_wasm: Path, numbers: list[str], as_row: bool) -> None:
    check([f"[{', '.join(numbers)}]"] * 2 if as_row else numbers, "all", False)


@settings(max_examples=60)
@given(st.lists(VALUE, min_size=1, max_size=4), st.lists(VALUE, min_size=1, max_size=4))
def test_merged_is_as_added(records_wasm: Path, left: list[Any], right: list[Any]) -> None:
    """What two places have seen is merged where names turn out to be data."""
    one, two = Shape(Budget()), Shape(Budget())
    for value in left:
        one.add(value)
    for value in right:
        two.add(value)
    one.merge(two)
    schema = schema_of(one, "all", closed=True)
    with wr.validate(json.dumps(schema), assert_format=True) as transform:
        data = "".join(f"{json.dumps(value)}\n" for value in left + right).encode()
        assert not transform.run(data).failures, schema
    assert one.seen == len(left) + len(right)


@pytest.mark.parametrize("detail", DETAILS)
def test_real_files_match_their_schemas(records_wasm: Path, shared_data: Path, detail: Any) -> None:
    for path in sorted(shared_data.glob("*.*json")):
        schema = wr.infer_schema(path, detail=detail, closed=True)
        with wr.validate(schema, assert_format=True) as transform, path.open("rb") as file:
            batches = list(transform.stream(file))
        assert sum(batch.counts.kept for batch in batches) > 0
        assert not any(batch.failures for batch in batches), path


# --- what it says ---------------------------------------------------------------------------------------

PEOPLE = [
    {
        "id": number,
        "name": f"Person {number}" if number % 10 else None,
        "level": ("gold", "silver")[number % 2],
        "score": number / 8,
        "mail": f"p{number}@example.com",
        "since": f"2024-01-{number % 28 + 1:02}",
        "tags": ["a"] * (number % 3),
    }
    | ({"note": "x" * number} if number < 10 else {})
    for number in range(40)
]


def test_people(records_wasm: Path) -> None:
    assert wr.infer_schema(PEOPLE) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "inferred from 40 records",
        "type": "object",
        "properties": {
            "id": {"type": "integer", "minimum": 0, "maximum": 39},
            "name": {"$comment": "null in 4", "type": ["string", "null"]},
            "level": {"type": "string", "enum": ["gold", "silver"]},
            "score": {"type": "number", "minimum": 0.0, "maximum": 4.875},
            "mail": {"type": "string", "format": "email"},
            "since": {"type": "string", "format": "date"},
            "tags": {"type": "array", "items": {"type": "string", "enum": ["a"]}},
            "note": {"$comment": "in 10 of 40", "type": "string"},
        },
        "required": ["id", "name", "level", "score", "mail", "since", "tags"],
    }


def inferred(*records: Any, detail: Any = "values", closed: bool = False) -> dict[str, Any]:
    shape = Shape(Budget())
    for record in records:
        shape.add(record)
    schema = schema_of(shape, detail, closed=closed)
    assert list(schema)[:2] == ["$schema", "$comment"]
    return dict(list(schema.items())[2:])


def test_detail_and_closed() -> None:
    records = [{"a": n, "b": "xy"[n % 2] * 3, "c": [1, 2]} for n in range(30)]
    types = inferred(*records, detail="types")["properties"]
    assert types == {
        "a": {"type": "integer"},
        "b": {"type": "string"},
        "c": {"type": "array", "items": {"type": "integer"}},
    }
    full = inferred(*records[:5], detail="all", closed=True)
    assert full["additionalProperties"] is False
    assert full["properties"]["b"] == {"type": "string", "minLength": 3, "maxLength": 3}
    assert full["properties"]["c"]["minItems"] == 2


@pytest.mark.parametrize(
    ("records", "schema"),
    [
        ([], {}),
        ([1, 2.5], {"type": "number", "minimum": 1, "maximum": 2.5}),
        ([7], {"type": "integer"}),
        ([1, "x", None, True, [], {}], {"type": ["object", "array", "string", "integer", "boolean", "null"]}),
        ([{}, {}], {"type": "object"}),
        ([[], []], {"type": "array"}),
        ([float("inf"), 1], {"type": "number", "minimum": 1}),
        ([10**400, -(10**400)], {"type": "integer"}),
        (["a"] * 19, {"type": "string"}),
        (["a", "b"] * 10 + [None], {"type": ["string", "null"], "enum": ["a", "b", None]}),
        ([f"{n % 17}" for n in range(400)], {"type": "string"}),
        (["a", "b", 1] * 10, {"type": ["string", "integer"], "minimum": 1, "maximum": 1}),
        (["x" * 65] * 100, {"type": "string"}),
        (["2024-01-01", "2024-01-02"], {"type": "string", "format": "date"}),
        (["2024-01-01", "soon"], {"type": "string"}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_small(records: list[Any], schema: dict[str, Any]) -> None:
    assert inferred(*records) == schema


def test_rows() -> None:
    """Arrays of one length whose columns differ are rows; others are lists."""
    rows = inferred(["a", 1], ["b", 2])
    assert rows["prefixItems"] == [{"type": "string"}, {"type": "integer", "minimum": 1, "maximum": 2}]
    assert (rows["minItems"], rows["maxItems"]) == (2, 2)
    assert inferred(["a", 1], ["b"])["items"]["type"] == ["string", "integer"]
    assert inferred([1, 2], [3.5, 4])["items"] == {"type": "number", "minimum": 1, "maximum": 4}


def test_names_that_are_data() -> None:
    ids = inferred({str(10**6 + n): {"n": n} for n in range(3)})
    assert "properties" not in ids
    assert ids["additionalProperties"]["properties"] == {"n": {"type": "integer", "minimum": 0, "maximum": 2}}
    plugins = inferred({f"plugin{chr(97 + n)}": {"version": "1", "size": n} for n in range(26)})
    assert plugins["additionalProperties"]["required"] == ["version", "size"]
    sparse = inferred(*({"kind": "x", f"user-{n}": n} for n in range(100)))
    assert list(sparse["properties"]) == ["kind", *(f"user-{n}" for n in range(100))]
    sparse = inferred(*({f"user-{n}": n} for n in range(100)))
    assert sparse["additionalProperties"] == {"type": "integer", "minimum": 0, "maximum": 99}
    wide = inferred(*({f"column{n}": n for n in range(200)} for _ in range(3)))
    assert len(wide["required"]) == 200
    assert "additionalProperties" not in wide


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2024-02-29", "date"), ("2023-02-29", None), ("0000-01-01", None),
        ("2024-02-29T23:59:59Z", "date-time"), ("2024-02-29T23:59:59.123+02:00", "date-time"),
        ("2024-02-29 23:59:59", None),
        ("2024-02-29T24:00:00Z", None),
        ("a.b+c@example.com", "email"),
        ("a@b", None), ("a@xx--y.com", None), ("a..b@example.com", None), ("10.0.0.255", "ipv4"),
        ("10.0.0.256", None), ("10.0.0.01", None), ("https://example.com/a?b=c#d", "uri"), ("https://", None),
        ("https://example.com:x/", None), ("http://example.com/a b", None), ("http://example.com/%zz", None),
        ("123e4567-e89b-12d3-a456-426614174000", "uuid"), ("", None), ("2024-01-01\n", None),
        ("https://example.com/" + "a" * 3000, None),
    ],
)  # fmt: skip
def test_formats(text: str, name: str | None) -> None:
    assert format_of(text) == name


# --- bounds ---------------------------------------------------------------------------------------------


def test_many_names_share_a_place(records_wasm: Path) -> None:
    names = [f"name {n}" for n in range(MOST_NAMES + 500)]
    schema = check([json.dumps({name: n for n, name in enumerate(names)})], "values", True)
    assert "properties" not in schema
    assert schema["additionalProperties"]["maximum"] == len(names) - 1
    lines = [json.dumps(dict.fromkeys(names, n)) for n in range(2)]
    assert len(check(lines, "values", True)["properties"]) == MOST_NAMES


def test_places_are_bounded(records_wasm: Path) -> None:
    budget = Budget()
    shape = Shape(budget)
    tree: Any = {}
    for width in (40, 40, 40):
        tree = {f"n{n}": tree for n in range(width)}
    for _ in range(2):
        shape.add(tree)
    assert -MOST_SHAPES <= budget.shapes <= 0
    with wr.validate(schema_of(shape, "all", closed=True)) as transform:
        assert transform.run(json.dumps(tree).encode()).counts.kept == 1
    long = Shape(Budget())
    long.add({"x" * 3_000_000: 1, "y" * 3_000_000: 2, "z": 3})
    assert {len(name) for name in long.fields or {}} == {3_000_000, 1}


def test_depth_is_bounded(records_wasm: Path) -> None:
    for opening, closing in (("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")):
        levels = 128 // len(opening.replace('"a":', ""))
        schema = check([opening * levels + "1" + closing * levels] * 2, "all", True)
        depth = json.dumps(schema).count("{")
        assert 60 <= depth <= DEEPEST + 2
