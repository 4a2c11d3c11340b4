"""What a module may say of itself, and what it may not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wasmrecords as wr
from wasmrecords._manifest import Manifest, read_manifest


def manifest(**members: Any) -> Manifest:
    return read_manifest(json.dumps({"abi": 1, **members}).encode(), 100)


def test_what_is_not_said_has_a_default() -> None:
    assert manifest() == Manifest()
    assert manifest(unknown=1, name=None, input=None) == Manifest()


def test_all_of_it() -> None:
    found = manifest(
        name="redact",
        version="1.2.3",
        description="takes names out",
        input=["ndjson", "json"],
        output=["ndjson"],
        outputs=["main", "rest"],
        config_schema={"type": "object"},
        input_schema=True,
        output_schema={},
        capabilities=["clock"],
        stateful=True,
        sdk="wasmrecords 0.1.0",
    )
    assert found == Manifest(
        "redact",
        "1.2.3",
        "takes names out",
        ("ndjson", "json"),
        ("ndjson",),
        ("main", "rest"),
        {"type": "object"},
        True,
        {},
        ("clock",),
        True,
        "wasmrecords 0.1.0",
    )


def test_texts_are_cleaned_and_cut() -> None:
    found = manifest(name="\x1b[31mred\n", description="x" * 10_000)
    assert found.name == "\\x1b[31mred\\n"
    assert found.description is not None
    assert len(found.description) == 500


DEEP = {"a": 1}
for _ in range(200):
    DEEP = {"a": DEEP}


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"abi": 2}, "abi: expected 1, found 2: this version runs modules of ABI version 1 only"),
        ({"abi": None}, "abi: expected 1, found nothing"),
        ({"abi": True}, "abi: expected 1, found true"),
        ({"abi": "1"}, 'abi: expected 1, found "1"'),
        ({"name": 1}, "name: expected a string, found a number"),
        ({"version": []}, "version: expected a string, found an array"),
        ({"input": "ndjson"}, "input: expected an array of words, found a string"),
        ({"input": []}, "input: expected 1 to 64 words, found 0"),
        ({"output": ["a"] * 65}, "output: expected 1 to 64 words, found 65"),
        ({"outputs": [1]}, "outputs: expected words, found a number"),
        ({"outputs": ["a", "a"]}, "outputs: expected different names"),
        ({"outputs": [{}]}, "outputs: expected words, found an object"),
        ({"capabilities": ["a b"]}, "capabilities: expected a word of A-Z a-z 0-9 _ . : -, found 'a b'"),
        ({"capabilities": ["\x1b"]}, "capabilities: expected a word of A-Z a-z 0-9 _ . : -, found '\\x1b'"),
        ({"stateful": "yes"}, "stateful: expected true or false, found a string"),
        ({"config_schema": "x"}, "config_schema: expected a JSON Schema"),
        ({"input_schema": DEEP}, "input_schema: expected at most 128 levels"),
    ],
)
def test_wrong_members(members: dict[str, Any], message: str) -> None:
    with pytest.raises(wr.ModuleError) as caught:
        manifest(**members)
    assert f"the manifest: {message}" in str(caught.value)
    assert caught.value.offset == 100


@pytest.mark.parametrize(
    ("content", "message", "offset"),
    [
        (b"", "not JSON", 100),
        (b"[1]", "expected an object, found an array", 100),
        (b'{"abi": 1,}', "not JSON", 110),
        (b'{"name": "\xc3\xa4", x}', "not JSON", 115),
        (b'{"abi": 1, "name": "\xff"}', "expected UTF-8", 120),
        (b"[" * 100_000, "nested too deep", 100),
        (b'{"abi": ' + b"1" * 5000 + b"}", "numbers too long", 100),
        (b" " * (1024 * 1024 + 1), "at most 1 MiB", 100),
        (b"\x00asm", "not JSON", 100),
    ],
)
def test_no_manifest_at_all(content: bytes, message: str, offset: int) -> None:
    with pytest.raises(wr.ModuleError, match=message) as caught:
        read_manifest(content, 100)
    assert caught.value.offset == offset


def told(content: bytes) -> Manifest | None:
    try:
        return read_manifest(content)
    except wr.ModuleError:
        return None


@given(st.binary(max_size=200))
def test_any_bytes_are_a_manifest_or_an_error(content: bytes) -> None:
    assert told(content) is None or b"abi" in content


TEXTS = st.text(max_size=5)
VALUES = st.none() | st.booleans() | st.integers() | TEXTS | st.lists(TEXTS, max_size=3)


@given(st.dictionaries(st.sampled_from(list(Manifest.__dataclass_fields__)), VALUES))
def test_any_members_are_a_manifest_or_an_error(members: dict[str, Any]) -> None:
    found = told(json.dumps({"abi": 1, **members}).encode())
    if found is not None:
        assert found.name.isprintable()
        assert found.stateful in (True, False)
        assert all(word.isascii() for word in found.input + found.output + found.outputs)
